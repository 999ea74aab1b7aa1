//! The worst that can be sent costs bounded work, counted in allocations, bytes kept and records visited, not in time.
//!
//! One test for the worst case of each parser, one for a flood of flows, and one for the reports of such a flood. Each names
//! the bound that holds it. Those of QUIC stand with its other tests (`tests/verdicts/quic/hostile.rs`), as it takes keys to make
//! them; NTP and NAT-PMP read one datagram of a fixed form.
#![expect(clippy::unwrap_used, reason = "a test asserts by panicking")]

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use allocation_counter::{AllocationInfo, measure};
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::catalogue::{Catalogue, Profile};
use windfall::decode::Decoder;
use windfall::monitor::{Limits, Monitor};
use windfall::pipeline::replay::{Request, replay};
use windfall::protocol::dns::{DnsTcp, MAX_BUFFERED, MAX_HINTS, MAX_QUESTIONS, MAX_RECORDS, parse};
use windfall::protocol::http::{HttpSession, MAX_HEAD};
use windfall::protocol::mdns;
use windfall::protocol::socks::SocksSession;
use windfall::protocol::tls::{MAX_MESSAGE, TlsSession};
use windfall::report::listed::Listed;
use windfall::report::{self, Format};
use windfall::side::Side;
use windfall::verdict::assemble::Options;
use windfall::verdict::outcome::Status;
use windfall::verdict::summary::Summary;
use windfall::words::made::Made;

/// Allocations for a name that is read: its presentation form, lower-cased, in a box of its size.
const A_NAME: u64 = 3;

/// Allocations for a buffer that doubles up to 16 KiB.
const A_BUFFER: u64 = 16;

/// A DNS header with these counts of questions and records of the answer section.
fn dns_header(questions: u16, answers: u16) -> Vec<u8> {
    let mut wire = vec![0, 7, 0x81, 0x80];
    wire.extend(questions.to_be_bytes());
    wire.extend(answers.to_be_bytes());
    wire.extend([0; 4]);
    wire
}

/// A pointer to a place in the message (RFC 1035 section 4.1.4).
fn pointer(to: usize) -> [u8; 2] {
    (0xc000 | u16::try_from(to).unwrap()).to_be_bytes()
}

#[test]
fn dns_questions_that_all_follow_a_long_chain_of_pointers() {
    // A question whose name is a root label at byte 12; then, in place of its type, 250 pointers each to the one before.
    let mut wire = dns_header(u16::MAX, 0);
    wire.extend([0, 0, 1, 0, 1]);
    // The second question's name is the first link; the others point to the last.
    let mut last = 12;
    for _ in 0..250 {
        let at = wire.len();
        wire.extend(pointer(last));
        wire.extend([0, 1, 0, 1]);
        last = at;
    }
    while wire.len() < 0xfff0 {
        wire.extend(pointer(last));
        wire.extend([0, 1, 0, 1]);
    }
    let mut kept = 0;
    let cost = measure(|| {
        let message = parse(&wire).unwrap();
        assert!(message.cut && message.question.is_some());
        kept = 1 + message.further_questions.len();
    });
    assert_eq!(kept, MAX_QUESTIONS);
    assert!(cost.count_total < A_NAME * 64 + A_BUFFER, "{cost:?}");
}

#[test]
fn dns_pointers_that_never_arrive() {
    // Pointers to themselves, forwards, and back and forth.
    for (first, second) in [(12, 12), (14, 12), (12, 14), (0x3fff, 12)] {
        let mut wire = dns_header(1, 0);
        wire.extend(pointer(first));
        wire.extend(pointer(second));
        wire.extend([0, 1, 0, 1]);
        let cost = measure(|| assert!(parse(&wire).is_err()));
        assert_eq!(cost.count_total, 0, "{first} {second}");
    }
}

#[test]
fn sixty_five_thousand_dns_records_in_each_section() {
    let mut wire = dns_header(1, u16::MAX);
    wire.extend([1, b'a', 0, 0, 1, 0, 1]);
    // The smallest record: the root, type and class, TTL, no data.
    while wire.len() < 0xfff0 {
        wire.extend([0, 0, 99, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    let mut kept = 0;
    let cost = measure(|| {
        let message = parse(&wire).unwrap();
        assert!(message.cut);
        kept = message.records.len();
    });
    assert_eq!(kept, MAX_RECORDS);
    assert!(cost.count_total < A_NAME * 520 + A_BUFFER, "{cost:?}");
}

#[test]
fn sixty_five_thousand_bonjour_records_whose_names_are_each_a_chain_of_pointers() {
    // In data that nobody reads, labels that each go on with a pointer to the one before.
    let mut wire = dns_header(0, u16::MAX);
    let mut last = wire.len();
    wire.push(0);
    wire.extend([0, 99, 0, 1, 0, 0, 0, 60]);
    let links = 126;
    wire.extend(u16::try_from(links * 4).unwrap().to_be_bytes());
    for _ in 0..links {
        let at = wire.len();
        wire.extend([1, b'a']);
        wire.extend(pointer(last));
        last = at;
    }
    // Pointers to the last of them, as owners and as data.
    while wire.len() < 0xfff0 {
        wire.extend(pointer(last));
        wire.extend([0, 12, 0, 1, 0, 0, 0, 60, 0, 2]);
        wire.extend(pointer(last));
    }
    let mut longest = 0;
    let mut kept = 0;
    let cost = measure(|| {
        let message = mdns::parse(&wire).unwrap();
        assert!(message.cut);
        kept = message.records.len();
        let owners = message.records.iter().map(|record| &record.owner);
        longest = owners.map(|name| name.labels().count()).max().unwrap();
    });
    assert_eq!((kept, longest), (MAX_RECORDS, links));
    // Two names a record, each of 255 bytes; a buffer grows to that and is cut to it.
    let most = u64::try_from(MAX_RECORDS).unwrap() * 2 * (A_NAME + 1);
    assert!(cost.count_total < most + A_BUFFER, "{cost:?}");
    assert!(cost.bytes_max < 1 << 20, "{cost:?}");
}

#[test]
fn a_dns_answer_that_hints_at_thousands_of_addresses() {
    let mut wire = dns_header(1, 1);
    wire.extend([1, b'a', 0, 0, 65, 0, 1]);
    let hints: Vec<u8> = (0..16_000u32).flat_map(u32::to_be_bytes).collect();
    wire.extend(pointer(12));
    wire.extend([0, 65, 0, 1, 0, 0, 0, 60]);
    wire.extend(u16::try_from(hints.len() + 7).unwrap().to_be_bytes());
    wire.extend([0, 1, 0, 0, 4]);
    wire.extend(u16::try_from(hints.len()).unwrap().to_be_bytes());
    wire.extend(hints);
    let answer = parse(&wire).unwrap().answer();
    // Each is compared with those kept, and becomes an entry of the name book.
    assert_eq!(answer.hints.len(), MAX_HINTS);
}

#[test]
fn a_long_dns_message_over_tcp_one_byte_a_segment() {
    let mut stream = DnsTcp::new();
    let mut wire = vec![0xff, 0xff];
    wire.extend(dns_header(0, 0));
    wire.resize(2 + 0xffff, 0);
    let (mut messages, mut most) = (0, 0);
    let cost = measure(|| {
        for byte in &wire {
            stream.feed(&[*byte], |_| messages += 1);
            most = most.max(stream.buffered());
        }
    });
    assert_eq!((messages, most), (1, MAX_BUFFERED));
    assert!(cost.count_total <= A_BUFFER, "{cost:?}");
}

/// A handshake message in records of at most 16 KiB.
fn records(kind: u8, body: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut message = vec![kind, high, middle, low];
    message.extend(body);
    let mut wire = Vec::new();
    for content in message.chunks(16_384) {
        wire.extend([22, 3, 3]);
        wire.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        wire.extend(content);
    }
    wire
}

/// What it costs to feed these bytes one at a time, and the most that waited; `feed` says how many wait now.
fn one_byte_a_segment(
    bytes: &[u8],
    mut feed: impl FnMut(&[u8]) -> usize,
) -> (AllocationInfo, usize) {
    let mut most = 0;
    let cost = measure(|| {
        for byte in bytes {
            most = most.max(feed(std::slice::from_ref(byte)));
        }
    });
    (cost, most)
}

#[test]
fn a_client_hello_without_end_one_byte_a_segment() {
    let wire = records(1, &vec![0; 1 << 20]);
    let mut session = TlsSession::new();
    let (cost, most) = one_byte_a_segment(&wire, |byte| {
        session.feed(Side::Client, Seen::default(), byte);
        session.buffered()
    });
    assert_eq!(most, MAX_MESSAGE);
    assert!(session.facts().seldom.hello_unreadable.is_some());
    assert_eq!(session.buffered(), 0);
    assert!(cost.count_total <= A_BUFFER, "{cost:?}");
}

#[test]
fn an_http_head_without_end_one_byte_a_segment() {
    let endless = [&b"GET / HTTP/1.1\r\n"[..], &b"a: b\r\n".repeat(4000)].concat();
    let mut session = HttpSession::new();
    let (cost, most) = one_byte_a_segment(&endless, |byte| {
        session.feed(Side::Client, Seen::default(), byte);
        session.buffered()
    });
    assert_eq!(most, MAX_HEAD);
    assert!(session.settled() && session.facts().not_http.is_some());
    assert_eq!(session.buffered(), 0);
    assert!(cost.count_total <= A_BUFFER, "{cost:?}");
}

#[test]
fn socks_requests_without_end_one_byte_a_segment() {
    // Names of a user (version 4) and of a host (4a) that never end; an offer (5), and then nothing that is a request.
    let user: (&[u8], u8) = (&[4, 1, 0, 80, 203, 0, 113, 9], b'a');
    let host: (&[u8], u8) = (&[4, 1, 0, 80, 0, 0, 0, 1, 0], b'a');
    let offer: (&[u8], u8) = (&[5, 255], 0);
    for (start, filling) in [user, host, offer] {
        let endless = [start, &vec![filling; 1 << 16]].concat();
        let mut session = SocksSession::new();
        let (cost, most) = one_byte_a_segment(&endless, |byte| {
            session.feed(Side::Client, Seen::default(), byte);
            session.buffered()
        });
        // The longest message: two strings of 255 bytes with their lengths.
        assert!(most > 0 && most <= 1024, "{most}");
        assert!(cost.count_total <= A_BUFFER, "{cost:?}");
        assert!(session.tunnel().is_none());
    }
}

/// A `ServerHello` of TLS 1.2, then a Certificate message of these certificates.
fn chain(certificates: &[&[u8]]) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend([9; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let mut list = Vec::new();
    for der in certificates {
        let [.., high, middle, low] = u32::try_from(der.len()).unwrap().to_be_bytes();
        list.extend([high, middle, low]);
        list.extend(*der);
    }
    let [.., high, middle, low] = u32::try_from(list.len()).unwrap().to_be_bytes();
    let body = [&[high, middle, low], &list[..]].concat();
    [records(2, &hello), records(11, &body)].concat()
}

#[test]
fn certificate_chains_with_thousands_of_certificates() {
    let leaf: &[u8] = include_bytes!("support/certificates/genuine-leaf.der");
    let cost_of = |certificates: &[&[u8]]| {
        let wire = chain(certificates);
        let mut session = TlsSession::new();
        let cost = measure(|| session.feed(Side::Server, Seen::default(), &wire));
        assert_eq!(session.buffered(), 0);
        (session.facts().certificate.clone(), cost)
    };
    let (_, single) = cost_of(&[leaf]);
    let (facts, many) = cost_of(&vec![leaf; 5000]);
    let facts = facts.unwrap();
    assert!((2..=10).contains(&facts.chain_length) && !facts.complete);
    assert!(
        many.count_total <= 10 * single.count_total + A_BUFFER,
        "{many:?}"
    );
    let (facts, empty) = cost_of(&[&[leaf][..], &vec![&[][..]; 5000]].concat());
    let facts = facts.unwrap();
    assert!(facts.chain_length == 1 && !facts.complete);
    assert!(
        empty.count_total <= single.count_total + A_BUFFER,
        "{empty:?}"
    );
}

fn ethernet(number: u32, bytes: &[u8]) -> Frame<'_> {
    Frame {
        seen: Seen {
            at: Timestamp::from_nanos(i64::from(number) * 1000),
            frame: FrameId::new(0, number.into()),
        },
        interface: InterfaceId(0),
        link: LinkType(1),
        bytes,
        original_len: u32::try_from(bytes.len()).unwrap(),
        process: None,
    }
}

/// An Ethernet frame with an IPv4 packet from one of 2^16 addresses.
fn packet(host: u16, id: u16, fragment: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    frame.extend(id.to_be_bytes());
    frame.extend(fragment.to_be_bytes());
    frame.extend([64, protocol, 0, 0, 10, 9]);
    frame.extend(host.to_be_bytes());
    frame.extend([203, 0, 113, 10]);
    frame.extend(payload);
    frame
}

#[test]
fn fragments_that_never_complete() {
    let mut decoder = Decoder::new();
    let cost = measure(|| {
        for number in 0..100_000u32 {
            let [_, high, low, last] = number.to_be_bytes();
            let id = u16::from_be_bytes([low, last]);
            let bytes = packet(high.into(), id, 0x2000, 17, &[0x5a; 1400]);
            assert!(decoder.decode(&ethernet(number, &bytes)).is_ok());
        }
    });
    let counts = decoder.fragments();
    assert_eq!((counts.fragments, counts.waiting), (100_000, 128));
    assert_eq!(counts.evicted, 100_000 - 128);
    // 128 datagrams of one fragment, and little around them.
    assert!(cost.bytes_max < 128 * 2 * 1400 + (64 << 10), "{cost:?}");
}

#[test]
fn one_datagram_of_ever_more_fragments() {
    let mut decoder = Decoder::new();
    let cost = measure(|| {
        for place in 0..8000u16 {
            // Every second one of eight bytes, so that none touches another.
            let bytes = packet(1, 7, 0x2000 | (place * 2 % 0x1ff0), 17, &[0x5a; 8]);
            _ = decoder.decode(&ethernet(place.into(), &bytes));
        }
    });
    assert_eq!(decoder.fragments().waiting, 0);
    assert!(cost.bytes_max < 64 << 10, "{cost:?}");
}

/// The segments of one connection's client: SYN, acknowledgment, the first byte of a hello.
fn one_byte_hello(host: u16, port: u16) -> [Vec<u8>; 2] {
    [(2, 100u32, &[][..]), (16, 101, &[22])].map(|(flags, seq, payload): (u8, u32, &[u8])| {
        let mut segment = port.to_be_bytes().to_vec();
        segment.extend(443u16.to_be_bytes());
        segment.extend(seq.to_be_bytes());
        segment.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        segment.extend(payload);
        packet(host, 0, 0x4000, 6, &segment)
    })
}

#[test]
fn a_hundred_thousand_flows_each_with_one_byte_of_a_hello() {
    const FLOWS: u32 = 100_000;
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    let kept = measure(|| {
        for number in 0..FLOWS {
            let [_, _, high, low] = number.to_be_bytes();
            let port = if number >> 16 == 0 { 50_000 } else { 50_001 };
            for bytes in one_byte_hello(u16::from_be_bytes([high, low]), port) {
                monitor.packet(&ethernet(number + 1, &bytes));
            }
        }
    });
    // The frames themselves are two allocations each pair; tables double.
    assert!(kept.count_current < i64::from(FLOWS) * 6, "{kept:?}");
    assert!(kept.bytes_max < u64::from(FLOWS) * 2048, "{kept:?}");
    let mut flows = 0;
    let judged = measure(|| {
        let options = Options::new(&catalogue);
        flows = monitor.summary(Vec::new(), &options).flows.len();
    });
    assert_eq!(flows, FLOWS as usize);
    assert!(judged.count_total < u64::from(FLOWS) * 60, "{judged:?}");
}

/// So many devices, each of which tried so many ports of one required host in vain.
fn scanned(devices: u32, ports: u16) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/syn-dropped.pcap");
    let mut summary = replay(&Request::new(&[capture], &catalogue), |_, _| {}).summary;
    let failing = |status| status == Status::Failing;
    let mut rows = std::mem::take(&mut summary.requirements).into_iter();
    let row = rows.find(|row| failing(row.status)).unwrap();
    let mut flows = std::mem::take(&mut summary.flows).into_iter();
    let flow = flows.find(|flow| flow.cause == row.cause).unwrap();
    for number in 0..devices {
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number));
        let mut row = row.clone();
        row.ports = vec!["1-65535/tcp".to_owned()];
        row.client.as_mut().unwrap().addresses = vec![address];
        row.flows.clear();
        for port in 1..=ports {
            let mut flow = flow.clone();
            (flow.client.ip, flow.server.port) = (address, port);
            flow.id = format!("1:{number}/{port}");
            row.flows.push(flow.id.clone());
            summary.flows.push(flow);
        }
        summary.requirements.push(row);
    }
    summary
}

/// What it costs to write a report that lists everything.
fn writing(summary: &Summary, format: Format) -> AllocationInfo {
    let options = report::Options {
        format,
        listed: Some(Listed::All),
        colour: false,
    };
    measure(|| report::write(summary, &options, &mut std::io::sink()).unwrap())
}

#[test]
fn a_report_costs_no_more_for_a_flow_however_many_ports_or_devices_there_are() {
    const TIMES: u16 = 8;
    let few = 500;
    for [small, large] in [
        [scanned(1, few), scanned(1, few * TIMES)],
        [scanned(few.into(), 1), scanned((few * TIMES).into(), 1)],
    ] {
        for format in [
            Format::Text,
            Format::Json,
            Format::Ndjson,
            Format::Csv,
            Format::Html,
        ] {
            let [little, much] = [&small, &large].map(|summary| writing(summary, format));
            let most = |cost: u64| cost * u64::from(TIMES) * 5 / 4 + (64 << 10);
            assert!(
                much.count_total <= most(little.count_total),
                "{format:?}: {little:?} {much:?}"
            );
            assert!(
                much.bytes_total <= most(little.bytes_total),
                "{format:?}: {little:?} {much:?}"
            );
        }
        // For the ports of all rows together each flow is looked at once: an iterator's upper bound is what it goes through.
        let made = Made::of(&large);
        let looked_at = |row| made.flows(row).size_hint().1.unwrap();
        let all: usize = large.requirements.iter().map(looked_at).sum();
        assert_eq!(all, large.flows.len());
        let ports: usize = large
            .requirements
            .iter()
            .map(|row| made.ports(row).split(',').count())
            .sum();
        assert_eq!(ports, large.flows.len());
    }
}
