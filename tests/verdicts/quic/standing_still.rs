//! Handshakes that the server began and nobody ended.

use super::{answered, finished, hello};
use crate::support::HOST;
use crate::support::opening::says;
use crate::support::quic::{PING, Quic};
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};

#[test]
fn a_handshake_that_is_tried_again_in_vain_is_a_stall() {
    let (mut trace, mut quic) = answered();
    trace.at(0.03, finished(&mut quic));
    for seconds in [1.0, 3.0, 7.0] {
        let packet = quic.handshake(From::Client, 60);
        trace.at(seconds, quic.datagram(From::Client, &[packet]));
    }
    trace.until(10.1);
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "stalled handshake handshake-stalled unknown"
    );
    assert!(
        says(&flow, "stood still for 10.1 s"),
        "{:?}",
        flow.explanation
    );
}

#[test]
fn before_the_timer_nothing_is_said() {
    let (mut trace, mut quic) = answered();
    for seconds in [1.0, 3.0, 7.0] {
        let packet = quic.handshake(From::Server, 60);
        trace.at(seconds, quic.datagram(From::Server, &[packet]));
    }
    trace.at(0.03, finished(&mut quic));
    trace.until(9.0);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}

#[test]
fn ends_that_both_fall_silent_may_have_closed() {
    // A close in a Handshake packet looks like any other.
    let (mut trace, mut quic) = answered();
    let packet = quic.handshake(From::Client, 40);
    trace.at(0.03, quic.datagram(From::Client, &[packet]));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
    let _ = finished(&mut quic);
}

#[test]
fn a_retry_that_leads_nowhere_is_a_stall() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let retry = quic.retry(b"token");
    trace.at(0.02, quic.datagram(From::Server, &[retry]));
    for seconds in [0.03, 1.0, 3.0, 7.0] {
        trace.at(seconds, hello(&mut quic, HOST));
    }
    trace.until(12.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake handshake-stalled unknown"
    );
}

#[test]
fn a_connection_joined_midway_is_not_judged() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    quic.answered = true;
    let packet = quic.handshake(From::Client, 60);
    trace.at(0.0, quic.datagram(From::Client, &[packet]));
    let packet = quic.one_rtt(From::Server, 600);
    trace.at(0.02, quic.datagram(From::Server, &[packet]));
    let packet = quic.initial_of(From::Server, &PING, 0);
    trace.at(0.03, quic.datagram(From::Server, &[packet]));
    trace.until(60.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged handshake");
    assert!(flow.midstream);
}
