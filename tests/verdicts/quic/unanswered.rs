//! Initials that get no answer.

use windfall::verdict::summary::Flow;

use super::{finished, flight, hello, is_heard, is_ignored, works};
use crate::support::opening::{evidence, says};
use crate::support::quic::{Quic, crypto, large_client_hello};
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, SERVER, icmp};

/// Initials at these times, and other traffic that reaches the client.
fn ignored(times: &[f64]) -> Trace {
    let mut trace = Trace::new();
    is_heard(&mut trace, 0.0);
    is_ignored(&mut trace, 0.0, &mut Quic::new(50_000), HOST, times);
    trace
}

#[test]
fn initials_that_are_repeated_and_never_answered_are_a_stall() {
    let mut trace = ignored(&[0.0, 1.0, 3.0]);
    trace.until(5.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled handshake quic-unanswered unknown");
    assert!(
        says(&flow, "3 flights of QUIC Initials in 3.0 s"),
        "{:?}",
        flow.explanation
    );
    assert_eq!(
        evidence(&flow),
        [
            (3, "QUIC Initial, not answered"),
            (4, "QUIC Initial, not answered"),
            (5, "QUIC Initial, not answered")
        ]
    );
    assert_eq!(flow.requirement.as_deref(), Some("gs.apple.com"));
}

#[test]
fn before_the_timer_nothing_is_said() {
    let mut trace = ignored(&[0.0, 1.0, 3.0]);
    trace.until(4.9);
    assert_eq!(verdict(&trace.flow()), "pending connect");
}

#[test]
fn one_flight_that_is_never_repeated_proves_nothing() {
    let mut trace = Trace::new();
    is_heard(&mut trace, 0.0);
    let (whole, mut quic) = (large_client_hello(HOST, 2600), Quic::new(50_000));
    // Three datagrams, one flight.
    for (at, piece) in (0u32..).zip(whole.chunks(1100)) {
        let packet = quic.initial(From::Client, &crypto(at as usize * 1100, piece));
        trace.at(f64::from(at) * 1e-4, quic.datagram(From::Client, &[packet]));
    }
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect");
}

#[test]
fn where_nothing_to_the_client_is_captured_silence_proves_nothing() {
    let mut trace = Trace::new();
    is_ignored(
        &mut trace,
        0.0,
        &mut Quic::new(50_000),
        HOST,
        &[0.0, 1.0, 3.0],
    );
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn a_client_that_goes_on_was_answered_elsewhere() {
    let mut trace = Trace::new();
    is_heard(&mut trace, 0.0);
    let mut quic = Quic::new(50_000);
    trace.at(0.0, hello(&mut quic, HOST));
    let _not_captured = flight(&mut quic);
    trace.at(0.03, finished(&mut quic));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn an_icmp_error_is_an_answer() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    let first = hello(&mut quic, HOST);
    trace.at(0.0, first.clone());
    trace.at(0.001, icmp::error("192.168.7.1", 3, 13, 0, &first));
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "failed connect icmp-unreachable local-network"
    );
    assert!(says(&flow, "administratively prohibited"));
}

/// Initials of 1228 bytes with their headers that nobody answers, and an ICMP error that the first one got.
fn too_large_for(mtu: u32) -> Flow {
    let mut trace = ignored(&[1.0, 3.0]);
    let mut quic = Quic::new(50_000);
    let first = hello(&mut quic, HOST);
    trace.at(0.0, first.clone());
    trace.at(0.001, icmp::error(SERVER, 3, 4, mtu, &first));
    trace.until(6.0);
    trace.flow()
}

#[test]
fn initials_that_a_router_says_are_too_large_tell_of_the_mtu() {
    let flow = too_large_for(1220);
    assert_eq!(verdict(&flow), "stalled handshake path-mtu unknown");
    assert!(
        says(
            &flow,
            "packets of 1220 bytes by an ICMP error, the client's Initials have 1228, and QUIC cannot do with less"
        ),
        "{:?}",
        flow.explanation
    );
    let note = flow.evidence.last().unwrap();
    assert_eq!(note.frame, 4, "{:?}", note.note);
}

#[test]
fn packet_too_big_of_a_size_that_initials_do_not_have_tells_nothing() {
    // As of a probe for a larger MTU, or a router that has no number to give.
    for mtu in [1280, 0] {
        let flow = too_large_for(mtu);
        assert_eq!(verdict(&flow), "stalled handshake quic-unanswered unknown");
    }
}

#[test]
fn a_retry_that_no_client_heeds_is_no_answer() {
    let mut trace = ignored(&[0.0, 1.0, 3.0]);
    let mut quic = Quic::new(50_000);
    let mut retry = quic.retry(b"token");
    *retry.last_mut().unwrap() ^= 1;
    trace.at(0.02, quic.datagram(From::Server, &[retry]));
    trace.until(60.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled handshake quic-unanswered unknown");
    let note = flow.evidence.last().unwrap();
    assert!(note.note.contains("wrong integrity tag"), "{:?}", note.note);
}

#[test]
fn an_answer_to_the_last_flight_is_one() {
    let mut trace = ignored(&[0.0, 1.0]);
    let mut quic = Quic::new(50_000);
    works(&mut trace, 3.0, &mut quic, HOST);
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}
