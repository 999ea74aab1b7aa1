//! Records made by hand: what no recording shows.

use super::super::testing::{message, record as record_of};
use super::*;

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

/// What a recorded client sends first, as a handshake message.
fn hello() -> Vec<u8> {
    let record = recording("tls13-full").segments()[0].bytes;
    record[5..].to_vec()
}

/// A conversation in TLS 1.3 up to the end of the server's flight, in frames 1 and 2.
fn after_the_flight() -> (TlsSession, u64) {
    let mut session = TlsSession::new();
    for (number, segment) in recording("tls13-full").segments()[..2].iter().enumerate() {
        session.feed(segment.side, frame(number + 1), segment.bytes);
    }
    let told = recording("tls13-full").segments()[0].bytes.len();
    (session, u64::try_from(told).unwrap())
}

fn data(length: usize) -> Vec<u8> {
    record_of(record::APPLICATION_DATA, &vec![0; length])
}

#[test]
fn a_hello_may_span_records_and_segments() {
    let hello = hello();
    let (first, second) = hello.split_at(100);
    let wire = [record_of(22, first), record_of(22, second)].concat();
    let mut session = TlsSession::new();
    for (number, piece) in wire.chunks(60).enumerate() {
        session.feed(CLIENT, frame(number), piece);
    }
    let facts = session.facts();
    let read = facts.client_hello.as_ref().unwrap();
    assert_eq!(usize::try_from(read.length).unwrap(), hello.len());
    assert_eq!(
        usize::try_from(read.segments).unwrap(),
        wire.len().div_ceil(60)
    );
    assert_eq!(read.first, frame(0));
    assert_eq!(read.complete, frame(wire.len().div_ceil(60) - 1));
    assert_eq!(facts.hello_started, Some(frame(0)));
    assert_eq!(session.buffered(), 0);
}

#[test]
fn of_a_hello_that_the_capture_cut_the_name_is_kept() {
    let wire = record_of(22, &hello());
    let mut names = 0;
    for cut in 6..wire.len() {
        let mut session = TlsSession::new();
        session.feed(CLIENT, frame(1), &wire[..cut]);
        session.gap(CLIENT);
        let facts = session.facts();
        assert_eq!(facts.client_hello, None);
        assert_eq!(facts.seldom.hello_cut, Some(frame(1)), "cut at {cut}");
        assert!(
            facts
                .sni()
                .is_none_or(|name| *name == "gs.apple.com".into())
        );
        names += usize::from(facts.sni().is_some());
    }
    assert!(names > 100, "the name was read from {names} cut hellos");
}

#[test]
fn a_hello_beyond_the_bound_or_without_sense_is_unreadable() {
    let mut long = hello()[4..].to_vec();
    long.resize(MAX_MESSAGE + 1, 0);
    let nonsense = vec![0xff; 80];
    for (body, name) in [(long, Some("gs.apple.com".into())), (nonsense, None)] {
        let mut session = TlsSession::new();
        for piece in message(handshake::CLIENT_HELLO, &body).chunks(16_000) {
            session.feed(CLIENT, frame(1), &record_of(22, piece));
            assert!(session.buffered() <= MAX_MESSAGE);
        }
        assert_eq!(session.facts().seldom.hello_unreadable, Some(frame(1)));
        assert_eq!(session.facts().client_hello, None);
        assert_eq!(session.facts().sni(), name.as_ref());
        assert_eq!(session.buffered(), 0);
    }
}

#[test]
fn an_outer_encrypted_hello_is_marked() {
    let mut body = hello()[4..].to_vec();
    let extension = [0xfe, 0x0d, 0, 2, 0, 0];
    // The list of extensions is the last part of the body; its length stands before it.
    let at = 34 + 1 + usize::from(body[34]);
    let at = at + 2 + usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
    let at = at + 1 + usize::from(body[at]);
    let length = u16::from_be_bytes([body[at], body[at + 1]]) + 6;
    body[at..at + 2].copy_from_slice(&length.to_be_bytes());
    body.extend(extension);
    let mut session = TlsSession::new();
    session.feed(CLIENT, frame(1), &record_of(22, &message(1, &body)));
    let hello = session.facts().client_hello.as_ref().unwrap();
    assert!(hello.ech);
    assert_eq!(hello.sni, Some("gs.apple.com".into()));
}

#[test]
fn bytes_that_are_no_tls_tell_who_sent_them() {
    for (side, other) in [(CLIENT, SERVER), (SERVER, CLIENT)] {
        let mut session = TlsSession::new();
        session.feed(other, frame(1), &data(50));
        session.feed(side, frame(2), b"HTTP/1.1 400 Bad Request\r\n\r\n");
        assert_eq!(session.facts().seldom.not_tls, Some(frame(2)));
        assert_eq!(session.facts().seldom.not_tls_from, Some(side));
        assert!(session.settled());
    }
}

#[test]
fn one_short_record_and_then_nothing_is_an_alert_of_the_client() {
    let (mut session, _) = after_the_flight();
    session.feed(
        CLIENT,
        frame(3),
        &record_of(record::CHANGE_CIPHER_SPEC, &[1]),
    );
    session.feed(CLIENT, frame(3), &data(19));
    // The server says goodbye, or has more to say that it sent before.
    for length in [19, 40] {
        session.feed(SERVER, frame(4), &data(length));
        let facts = session.facts();
        assert_eq!(facts.seldom.client_short_record, Some(frame(3)));
        assert_eq!(facts.client_application_records, 1);
        assert_eq!(number(facts.server_flight), Some(2));
        assert_eq!(facts.finished, None);
    }
}

#[test]
fn a_close_of_the_server_is_no_data() {
    let (mut session, sent) = after_the_flight();
    session.feed(CLIENT, frame(3), &data(53));
    session.server_acknowledges(0);
    session.feed(SERVER, frame(4), &data(19));
    assert_eq!(session.facts().finished, None);
    session.feed(SERVER, frame(5), &data(18));
    assert_eq!(session.facts().finished, Some(frame(5)));
    assert!(sent > 0);
}

#[test]
fn what_the_server_acknowledges_is_never_taken_back() {
    let (mut session, _) = after_the_flight();
    session.feed(CLIENT, frame(3), &data(53));
    session.server_acknowledges(58);
    session.feed(SERVER, frame(4), &data(200));
    assert_eq!(session.facts().finished, None);
    session.server_acknowledges(0);
    session.feed(CLIENT, frame(5), &data(1000));
    session.server_acknowledges(1005 + 58);
    session.feed(SERVER, frame(6), &data(200));
    assert_eq!(session.facts().finished, Some(frame(6)));
}

#[test]
fn a_cut_finished_is_acknowledged_by_what_was_fed_of_it() {
    let (mut session, _) = after_the_flight();
    session.feed(CLIENT, frame(3), &data(53)[..20]);
    session.gap(CLIENT);
    session.server_acknowledges(58);
    session.feed(SERVER, frame(4), &data(200));
    assert_eq!(session.facts().finished, None);
    session.server_acknowledges(0);
    session.feed(SERVER, frame(5), &data(200));
    assert_eq!(session.facts().finished, Some(frame(5)));
}

#[test]
fn without_a_server_hello_data_both_ways_is_no_success() {
    let mut session = TlsSession::new();
    session.feed(CLIENT, frame(1), &data(53));
    session.feed(SERVER, frame(2), &data(200));
    assert_eq!(session.facts().finished, None);
    // With a hello, and the server's flight lost by the capture, it is.
    let mut session = TlsSession::new();
    session.feed(CLIENT, frame(1), &record_of(22, &hello()));
    session.gap(SERVER);
    session.feed(CLIENT, frame(2), &data(53));
    session.feed(SERVER, frame(3), &data(200));
    assert_eq!(session.facts().finished, Some(frame(3)));
}

#[test]
fn a_warning_is_no_failure() {
    let mut session = TlsSession::new();
    session.feed(CLIENT, frame(1), &record_of(22, &hello()));
    session.feed(SERVER, frame(2), &record_of(record::ALERT, &[1, 112]));
    assert_eq!(session.facts().seldom.alert, None);
    assert!(!session.settled());
    session.feed(SERVER, frame(3), &record_of(record::ALERT, &[2, 112]));
    let alert = session.facts().seldom.alert.as_ref().unwrap();
    assert_eq!(
        (alert.name().as_ref(), alert.seen),
        ("unrecognized_name", frame(3))
    );
}

#[test]
fn an_encrypted_alert_is_told_from_a_plain_one_by_its_length() {
    let mut session = TlsSession::new();
    session.feed(CLIENT, frame(1), &record_of(22, &hello()));
    session.feed(SERVER, frame(2), &record_of(record::ALERT, &[2; 26]));
    assert_eq!(session.facts().seldom.alert, None);
    assert_eq!(
        session.facts().seldom.encrypted_alert.server,
        Some(frame(2))
    );
}

#[test]
fn change_cipher_spec_both_ways_without_finished_is_no_success() {
    let segments = recording("tls12-full").segments();
    let mut session = replay(&segments[..2], |_, bytes| vec![bytes]);
    let change = record_of(record::CHANGE_CIPHER_SPEC, &[1]);
    session.feed(CLIENT, frame(3), &change);
    session.feed(CLIENT, frame(3), &record_of(22, &[0; 40]));
    session.feed(SERVER, frame(4), &change);
    assert_eq!(session.facts().change_cipher.server, Some(frame(4)));
    assert_eq!(session.facts().finished, None);
    session.feed(SERVER, frame(5), &record_of(22, &[0; 40]));
    assert_eq!(session.facts().finished, Some(frame(5)));
}

#[test]
fn hellos_after_a_lost_retry_are_no_finished() {
    let segments = recording("tls13-retry").segments();
    let mut session = replay(&segments[..1], |_, bytes| vec![bytes]);
    session.gap(SERVER);
    let (_retry, change) = segments[1].bytes.split_at(segments[1].bytes.len() - 6);
    session.feed(SERVER, frame(2), change);
    session.feed(CLIENT, frame(3), segments[2].bytes);
    session.feed(SERVER, frame(4), segments[3].bytes);
    let facts = session.facts();
    assert!(facts.change_cipher.client.is_some() && facts.change_cipher.server.is_some());
    assert_eq!(facts.finished, None);
    // Of the conversation's end, as much is seen as ever.
    session.feed(CLIENT, frame(5), segments[4].bytes);
    session.feed(SERVER, frame(6), segments[5].bytes);
    assert_eq!(session.facts().finished, Some(frame(6)));
}
