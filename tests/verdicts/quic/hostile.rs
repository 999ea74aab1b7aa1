//! Input that means harm stays within bounds, and each bound that bites is counted.

use windfall::capture::frame::{FrameId, Seen, Timestamp};
use windfall::monitor::Limits;
use windfall::protocol::quic::{
    Bound, MAX_CRYPTO_BYTES, MAX_KEY_IDS, MAX_OPENINGS, MAX_PIECES, QuicSession,
};
use windfall::side::Side;

use super::{TTL, hello, works};
use crate::support::quic::{Quic, close, crypto};
use crate::support::session::resolves;
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, SERVER};

const SEEN: Seen = Seen {
    at: Timestamp::MIN,
    frame: FrameId::new(0, 1),
};

#[test]
fn pieces_with_gaps_between_them_are_bounded() {
    let mut quic = Quic::new(50_000);
    let frames: Vec<u8> = (0..200).flat_map(|at| crypto(at * 2, b"x")).collect();
    let mut session = QuicSession::new();
    session.feed(
        Side::Client,
        SEEN,
        TTL,
        &quic.initial(From::Client, &frames),
    );
    assert_eq!(session.take_bitten(), [Bound::Crypto]);
    assert!(session.buffered() <= 2 * MAX_PIECES);
}

#[test]
fn bytes_are_bounded() {
    let mut quic = Quic::new(50_000);
    let mut session = QuicSession::new();
    // The whole stream but for its first byte, and more.
    for at in 0..20 {
        let frame = crypto(1 + at * 1000, &[7; 1000]);
        session.feed(Side::Client, SEEN, TTL, &quic.initial(From::Client, &frame));
    }
    assert_eq!(session.take_bitten(), [Bound::Crypto]);
    assert!(session.buffered() <= MAX_CRYPTO_BYTES);
    assert_eq!(session.facts().tls.client_hello, None);
}

#[test]
fn attempts_to_open_initials_are_bounded() {
    let mut session = QuicSession::new();
    let mut packet = Quic::new(50_000).initial(From::Client, &crypto(0, b"x"));
    packet[1199] ^= 1;
    for _ in 0..MAX_OPENINGS {
        session.feed(Side::Client, SEEN, TTL, &packet);
        assert_eq!(session.take_bitten(), []);
    }
    session.feed(Side::Client, SEEN, TTL, &packet);
    assert_eq!(session.take_bitten(), [Bound::Openings]);
    // A datagram full of them bites once.
    session.feed(Side::Client, SEEN, TTL, &vec![packet; 50].concat());
    assert_eq!(session.take_bitten(), [Bound::Openings]);
}

#[test]
fn connection_ids_that_give_keys_are_bounded() {
    let mut session = QuicSession::new();
    let mut bitten = Vec::new();
    for number in 0..=MAX_KEY_IDS {
        let mut quic = Quic::new(50_000);
        quic.made_up = vec![u8::try_from(number).unwrap(); 8];
        session.feed(
            Side::Client,
            SEEN,
            TTL,
            &quic.initial(From::Client, &crypto(0, b"x")),
        );
        bitten.push(session.take_bitten());
    }
    assert!(bitten[..MAX_KEY_IDS].iter().all(Vec::is_empty));
    assert_eq!(bitten[MAX_KEY_IDS], [Bound::ConnectionIds]);
    assert_eq!(session.first_id().unwrap().as_bytes(), [0; 8]);
}

#[test]
fn thousands_of_connection_ids_end_in_one_flow_that_still_works() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    works(&mut trace, 0.0, &mut quic, HOST);
    for number in 0..3000_u16 {
        let mut other = quic.clone();
        other.answered = false;
        other.made_up = [&[0xbb; 8][..], &number.to_be_bytes()].concat();
        // Beside the handshake, before it is complete.
        let packet = other.initial_of(From::Client, &crypto(0, b"noise"), 0);
        trace.at(
            0.001 + f64::from(number) * 1e-6,
            other.datagram(From::Client, &[packet]),
        );
    }
    let summary = trace.summary();
    assert_eq!(summary.flows.len(), 1);
    assert_eq!(verdict(&summary.flows[0]), "succeeded transfer");
    assert!(summary.summary.limits_hit["quic-initials"] > 2000);
    assert!(
        summary
            .summary
            .limits_hit
            .contains_key("quic-connection-ids")
    );
}

#[test]
fn the_largest_datagrams_are_read_and_broken_ones_survived() {
    let mut quic = Quic::new(50_000);
    let name = crate::support::quic::client_hello(HOST);
    let whole = quic.initial_of(From::Client, &crypto(0, &name), 65_000);
    let mut session = QuicSession::new();
    session.feed(Side::Client, SEEN, TTL, &whole);
    assert!(session.facts().tls.client_hello.is_some());
    for fill in [0x00, 0x40, 0x7f, 0xc0, 0xc3, 0xff] {
        for version in [0, 1, 0x6b33_43cf_u32, 0xff00_001d, 0xdead_beef] {
            let mut datagram = vec![fill; 65_535];
            datagram[1..5].copy_from_slice(&version.to_be_bytes());
            let mut session = QuicSession::new();
            for side in [Side::Client, Side::Server] {
                session.feed(side, SEEN, TTL, &datagram);
            }
            assert_eq!(session.buffered(), 0);
        }
    }
}

#[test]
fn every_cut_of_a_datagram_is_survived() {
    let mut quic = Quic::new(50_000);
    let initial = quic.initial_of(From::Client, &crypto(0, &[1; 30]), 0);
    let datagram = [
        initial,
        quic.handshake(From::Client, 20),
        quic.early_data(9),
        quic.one_rtt(From::Client, 9),
    ]
    .concat();
    for end in 0..datagram.len() {
        let mut session = QuicSession::new();
        session.feed(Side::Client, SEEN, TTL, &datagram[..end]);
    }
}

#[test]
fn a_flood_of_hellos_that_never_end_gives_way() {
    let mut trace = Trace::new();
    trace.limits = Limits {
        reassembly_bytes: 100_000,
        ..Limits::default()
    };
    // Each would wait with a kilobyte.
    for port in 10_000..10_300 {
        let mut quic = Quic::new(port);
        let piece = crypto(
            0,
            &crate::support::quic::large_client_hello("flood.example", 3000)[..1000],
        );
        let packet = quic.initial(From::Client, &piece);
        trace.at(
            f64::from(port - 10_000) * 1e-4,
            quic.datagram(From::Client, &[packet]),
        );
    }
    trace.at(1.0, hello(&mut Quic::new(50_000), HOST));
    let summary = trace.summary();
    assert!(summary.summary.limits_hit["reassembly-bytes"] > 200);
    let named = summary.flows.iter().any(|flow| flow.requirement.is_some());
    assert!(named, "a required host is still read");
}

/// A trace in which so many Initials may be tried in a second.
fn with_openings(quic_openings: usize) -> Trace {
    let mut trace = Trace::new();
    trace.limits = Limits {
        quic_openings,
        ..Limits::default()
    };
    trace
}

/// Connections of a hundred devices that begin within this second.
fn initials_of_a_hundred(trace: &mut Trace, second: f64) {
    for n in 0..100_u8 {
        let mut quic = Quic::between((&format!("10.9.8.{n}"), 5000), ("198.51.100.1", 443));
        quic.made_up = vec![n; 8];
        let initial = hello(&mut quic, "flood.example");
        trace.at(second + f64::from(n) / 250.0, initial);
    }
}

#[test]
fn a_flood_of_initials_costs_no_more_tries_than_a_second_has() {
    let mut trace = with_openings(40);
    initials_of_a_hundred(&mut trace, 0.0);
    initials_of_a_hundred(&mut trace, 1.0);
    let summary = trace.summary();
    // A quarter is kept for required hosts. The next second has as many; those that were read come first again.
    assert_eq!(summary.summary.limits_hit["quic-openings"], 2 * 70);
    let named = summary.flows.iter().filter(|flow| flow.name.is_some());
    assert_eq!((named.count(), summary.flows.len()), (30, 100));
}

#[test]
fn a_required_connection_is_read_in_the_middle_of_a_flood_of_initials() {
    let mut trace = with_openings(40);
    initials_of_a_hundred(&mut trace, 0.0);
    resolves(&mut trace, 0.2, 5301, HOST, &[SERVER]);
    works(&mut trace, 0.35, &mut Quic::new(50_000), HOST);
    let summary = trace.summary();
    let flow = summary.flows.iter().find(|flow| flow.requirement.is_some());
    assert_eq!(verdict(flow.unwrap()), "succeeded transfer");
    assert_eq!(
        flow.unwrap().name.as_ref().unwrap().source.to_string(),
        "quic-sni"
    );
}

#[test]
fn a_close_that_was_passed_over_is_not_taken_for_silence() {
    let outcome = |openings, answered: bool| {
        let mut trace = with_openings(openings);
        let mut quic = Quic::new(50_000);
        resolves(&mut trace, 0.0, 5301, "www.example.org", &[SERVER]);
        trace.at(0.1, hello(&mut quic, "www.example.org"));
        let (from, at) = if answered {
            (From::Server, 0.12)
        } else {
            (From::Client, 3.0)
        };
        for later in [0.0, 4.0] {
            let packet = quic.initial_of(from, &close(2, "refused"), 0);
            trace.at(at + later, quic.datagram(from, &[packet]));
        }
        trace.until(60.0);
        verdict(&trace.flow())
    };
    assert_eq!(outcome(100, true), "failed handshake quic-closed server");
    assert_eq!(outcome(0, true), "unjudged handshake");
    assert_eq!(outcome(0, false), "unjudged handshake");
}
