//! Messages as Apple devices, Avahi and attackers make them.

use std::collections::HashSet;

use super::*;
use crate::protocol::dns::testing::{Builder, labels};
use crate::protocol::dns::{MAX_RECORDS, RecordData, RecordType};
use crate::transport::Transport;

/// Flags of a response from an authority: every response of mDNS (RFC 6762 section 18).
const RESPONSE: u16 = 0x8400;

/// Jan’s, with the apostrophe that Apple takes: U+2019.
const JAN: &str = "Jan\u{2019}s MacBook Pro";

/// A name of these labels, dots inside them and all.
fn wire(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.push(u8::try_from(part.len()).unwrap());
        bytes.extend(*part);
    }
    bytes.push(0);
    bytes
}

/// The name of a question for these labels.
fn name(parts: &[&[u8]]) -> Name {
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(wire(parts));
    message.extend([0, 12, 0, 1]);
    parse(&message).unwrap().question.unwrap().name
}

fn read(message: Builder) -> Message {
    parse(&message.bytes()).unwrap()
}

#[test]
fn an_instance_keeps_its_spelling_and_its_dots() {
    let jr = name(&[
        "Jan\u{2019}s Mac Jr.".as_bytes(),
        b"_AirPlay",
        b"_TCP",
        b"local",
    ]);
    let instance = jr.instance().unwrap();
    assert_eq!(instance.instance, "Jan\u{2019}s Mac Jr.".as_bytes());
    assert_eq!(
        (instance.application, instance.transport),
        (&b"_AirPlay"[..], Transport::Tcp)
    );
    assert_eq!(
        jr.service_type(),
        Some(name(&[b"_airplay", b"_tcp", b"local"]))
    );
    let dotless = name(&["Jan\u{2019}s Mac Jr".as_bytes(), b"", b"x"]);
    assert_eq!(dotless.instance(), None);
}

#[test]
fn names_are_equal_in_any_case_of_ascii_letters_and_of_no_others() {
    let spelt = name(&[b"TV", b"_airplay", b"_tcp", b"local"]);
    let other = name(&[b"tv", b"_AIRPLAY", b"_tcp", b"LOCAL"]);
    assert_eq!(spelt, other);
    assert_eq!(HashSet::from([spelt.clone(), other.clone()]).len(), 1);
    assert!(spelt.cmp(&other).is_eq());
    assert_ne!(name(&["\u{c9}a".as_bytes()]), name(&["\u{e9}a".as_bytes()]));
    // Labels, not dots, part a name; order is by letters, not by length.
    assert_ne!(name(&[b"a.b"]), name(&[b"a", b"b"]));
    assert!(name(&[b"Jan"]) < name(&[b"TV"]));
}

#[test]
fn types_subtypes_instances_and_other_names_are_told_apart() {
    let airplay = name(&[b"_airplay", b"_tcp", b"local"]);
    assert_eq!(
        (airplay.instance(), airplay.browsed()),
        (None, Some(airplay.clone()))
    );
    let subtype = name(&[b"_printer", b"_sub", b"_http", b"_tcp", b"local"]);
    assert_eq!(subtype.instance(), None);
    assert_eq!(
        subtype.browsed(),
        Some(name(&[b"_http", b"_tcp", b"local"]))
    );
    let proxy = name(&[b"70-35-60-63.1 Den", b"_sleep-proxy", b"_udp", b"local"]);
    assert_eq!(proxy.instance().unwrap().transport, Transport::Udp);
    for other in [
        &[&b"_services"[..], b"_dns-sd", b"_udp", b"local"][..],
        &[b"jans-mac", b"local"],
        &[b"20", b"7", b"168", b"192", b"in-addr", b"arpa"],
        &[b"TV", b"_airplay", b"_tcp"],
        &[b"_airplay", b"_tcp"],
        &[b"_tcp", b"local"],
        &[],
    ] {
        let other = name(other);
        assert_eq!(
            (other.instance(), other.browsed()),
            (None, None),
            "{other:?}"
        );
    }
}

#[test]
fn an_announcement_is_read_whole() {
    let service = wire(&[JAN.as_bytes(), b"_airplay", b"_tcp", b"local"]);
    let host = labels("Jans-MacBook-Pro.local");
    let srv = [&[0, 0, 0, 0, 0x1b, 0x58][..], &host].concat();
    let nsec = [&host[..], &[0, 4, 0x40, 0, 0, 8]].concat();
    let message = read(
        Builder::new(0, RESPONSE)
            .record(1, &labels("_airplay._tcp.local"), (12, 1, 4500), &service)
            .record(3, &service, (33, 0x8001, 120), &srv)
            .record(3, &service, (16, 0x8001, 4500), b"\x0amodel=Mac1\x00")
            .record(3, &host, (28, 0x8001, 120), &[0xfe; 16])
            .record(3, &host, (64_000, 0x8001, 120), b"whatever")
            .record(3, &host, (47, 0x8001, 120), &nsec)
            .record(3, &host, (1, 0x8001, 0), &[192, 168, 7, 20]),
    );
    assert!(message.response && message.is_standard() && !message.cut);
    assert!(!message.is_probe() && !message.has_known_answers());
    let flushed: Vec<bool> = message
        .records
        .iter()
        .map(|record| record.cache_flush)
        .collect();
    assert_eq!(flushed, [false, true, true, true, true, true, true]);
    let RecordData::Ptr(instance) = &message.records[0].data else {
        panic!("{:?}", message.records[0]);
    };
    assert_eq!(instance.instance().unwrap().instance, JAN.as_bytes());
    let RecordData::Srv { port, target, .. } = &message.records[1].data else {
        panic!("{:?}", message.records[1]);
    };
    assert_eq!(
        (*port, target.to_hostname()),
        (7000, "jans-macbook-pro.local".into())
    );
    assert_eq!(message.records[4].data, RecordData::Other(64_000));
    let RecordData::Nsec { types, .. } = &message.records[5].data else {
        panic!("{:?}", message.records[5]);
    };
    assert_eq!(types, &[RecordType::A, RecordType::AAAA]);
    assert_eq!((message.records[6].ttl, message.records[6].class), (0, 1));
}

#[test]
fn what_a_question_means_is_told_by_its_other_sections() {
    let airplay = "_airplay._tcp.local";
    let plain =
        Builder::new(0, 0)
            .question(airplay, 12)
            .question_of_class("_raop._tcp.local", 12, 0x8001);
    let message = read(plain.clone());
    let unicast: Vec<bool> = message
        .questions()
        .map(|question| question.unicast)
        .collect();
    assert_eq!(unicast, [false, true]);
    assert!(!message.is_probe() && !message.has_known_answers());
    let instance = wire(&[b"TV", b"_airplay", b"_tcp", b"local"]);
    let record = |section| {
        plain
            .clone()
            .record(section, &labels(airplay), (12, 1, 4000), &instance)
    };
    assert!(read(record(1)).has_known_answers());
    assert!(read(record(2)).is_probe());
    assert!(read(Builder::new(0, 0x0200).question(airplay, 12)).has_known_answers());
    // Known answers that did not fit come without a question.
    let more = Builder::new(0, 0).record(1, &labels(airplay), (12, 1, 4000), &instance);
    assert_eq!(read(more).questions().count(), 0);
    assert!(!read(Builder::new(0, 0x2800).question(airplay, 12)).is_standard());
    assert!(!read(Builder::new(0, RESPONSE | 3)).is_standard());
}

#[test]
fn compressed_names_are_followed_backwards_and_never_in_circles() {
    // The instance's name ends in a pointer to the owner, the question's name before it.
    let message = read(
        Builder::new(0, RESPONSE)
            .question("_airplay._tcp.local", 12)
            .record(1, &[0xc0, 12], (12, 1, 120), b"\x02TV\xc0\x0c"),
    );
    let RecordData::Ptr(instance) = &message.records[0].data else {
        panic!("{message:?}");
    };
    assert_eq!(*instance, name(&[b"TV", b"_airplay", b"_tcp", b"local"]));
    // Into itself, forwards, and round: what came before is kept, and the message is said to be cut.
    let good = Builder::new(0, RESPONSE).record(1, &labels("a"), (1, 1, 120), &[1, 2, 3, 4]);
    let at = u8::try_from(good.clone().bytes().len()).unwrap();
    for owner in [
        vec![0xc0, at],
        vec![0xc0, at + 20],
        vec![1, b'x', 0xc0, at],
        vec![0xff, 0xff],
    ] {
        let message = read(good.clone().record(1, &owner, (1, 1, 120), &[1, 2, 3, 4]));
        assert_eq!((message.records.len(), message.cut), (1, true), "{owner:?}");
    }
}

#[test]
fn a_name_may_be_255_bytes_long_and_no_longer() {
    let label = [b'x'; 63];
    // Three of 64 bytes, one of 62, and the root.
    let longest = name(&[&label, &label, &label, &label[..61]]);
    assert_eq!(
        longest.labels().map(|label| label.len() + 1).sum::<usize>(),
        254
    );
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(wire(&[&label, &label, &label, &label[..62]]));
    message.extend([0, 12, 0, 1]);
    assert!(parse(&message).is_err());
}

#[test]
fn a_header_that_promises_65535_records_costs_no_more_than_what_is_there() {
    let mut promised = Builder::new(0, RESPONSE)
        .record(1, &[0], (16, 1, 120), &[])
        .bytes();
    promised[6..8].copy_from_slice(&[0xff, 0xff]);
    let message = parse(&promised).unwrap();
    assert_eq!((message.records.len(), message.cut), (1, true));
    let mut full = promised;
    while full.len() + 11 <= 9000 {
        full.extend([0, 0, 16, 0, 1, 0, 0, 0, 120, 0, 0]);
    }
    let message = parse(&full).unwrap();
    assert_eq!((message.records.len(), message.cut), (MAX_RECORDS, true));
}

#[test]
fn every_cut_of_a_message_is_read_as_far_as_it_goes() {
    let service = wire(&[JAN.as_bytes(), b"_raop", b"_tcp", b"local"]);
    let whole = Builder::new(0, RESPONSE)
        .record(1, &labels("_raop._tcp.local"), (12, 1, 120), &service)
        .record(1, &service, (16, 1, 120), b"\x04am=x\xff")
        .bytes();
    for end in 12..whole.len() {
        assert!(parse(&whole[..end]).unwrap().cut);
    }
    // The last string says 255 bytes and has none: the record is broken, the one before it stays.
    assert_eq!(parse(&whole).unwrap().records.len(), 1);
}
