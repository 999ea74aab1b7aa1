//! QUIC beside TCP: who wins the race, and what it means when QUIC never works.

use windfall::verdict::outcome::Status;
use windfall::verdict::summary::Summary;

use super::{BOTH, answered, hello, is_ignored, works};
use crate::support::quic::{Quic, close};
use crate::support::session::{resolves, succeeds, to};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{HOST, SERVER, icmp};

const PATTERN: &str = "itunes.apple.com";

fn verdicts(summary: &Summary) -> Vec<String> {
    summary
        .flows
        .iter()
        .map(|flow| format!("{} {}", flow.transport, verdict(flow)))
        .collect()
}

/// Initials at these times, TCP from `tcp` on, and half a minute after that.
fn raced(initials: &[f64], tcp: f64) -> Summary {
    let mut trace = Trace::new();
    is_ignored(&mut trace, 0.0, &mut Quic::new(50_000), BOTH, initials);
    succeeds(&mut trace, tcp, &mut Tcp::new(50_001), BOTH);
    trace.until(30.0);
    trace.summary()
}

#[test]
fn initials_repeated_for_two_seconds_are_a_broken_path() {
    let summary = raced(&[0.0, 1.0, 3.0], 3.5);
    assert_eq!(
        verdicts(&summary),
        [
            "udp stalled handshake quic-unanswered unknown",
            "tcp succeeded transfer"
        ]
    );
    let row = requirement(&summary, PATTERN);
    assert_eq!(row.status, Status::Degraded);
    let why = row.explanation.unwrap();
    assert!(
        why.contains("443/udp fails, falls back to 443/tcp"),
        "{why}"
    );
}

#[test]
fn one_flight_that_tcp_outran_was_let_go() {
    let summary = raced(&[0.0], 0.2);
    assert_eq!(
        verdicts(&summary),
        ["udp abandoned connect superseded", "tcp succeeded transfer"]
    );
    assert_eq!(requirement(&summary, PATTERN).status, Status::Ok);
}

#[test]
fn initials_repeated_within_the_race_were_let_go_too() {
    let summary = raced(&[0.0, 0.3, 0.9], 0.25);
    assert!(
        verdicts(&summary)[0].starts_with("udp abandoned"),
        "{:?}",
        verdicts(&summary)
    );
    assert_eq!(requirement(&summary, PATTERN).status, Status::Ok);
}

#[test]
fn tcp_that_connects_too_late_won_no_race() {
    let summary = raced(&[0.0, 1.0], 4.0);
    assert_eq!(
        verdicts(&summary)[0],
        "udp stalled handshake quic-unanswered unknown"
    );
}

#[test]
fn tcp_for_another_name_won_no_race() {
    let mut trace = Trace::new();
    is_ignored(&mut trace, 0.0, &mut Quic::new(50_000), BOTH, &[0.0, 1.0]);
    succeeds(&mut trace, 0.2, &mut Tcp::new(50_001), HOST);
    trace.until(30.0);
    assert_eq!(
        verdicts(&trace.summary())[0],
        "udp stalled handshake quic-unanswered unknown"
    );
}

#[test]
fn quic_that_wins_leaves_tcp_behind() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5300, BOTH, &[SERVER]);
    works(&mut trace, 1.0, &mut Quic::new(50_000), BOTH);
    // Opened beside it, and closed without a word.
    let mut tcp = to(50_001, SERVER, 443);
    trace.connect(1.03, &mut tcp);
    trace.at(1.2, tcp.fin(From::Client));
    trace.until(30.0);
    let summary = trace.summary();
    assert_eq!(
        verdicts(&summary),
        [
            "udp succeeded transfer",
            "tcp abandoned transfer superseded"
        ]
    );
    assert_eq!(requirement(&summary, PATTERN).status, Status::Ok);
}

#[test]
fn quic_that_was_answered_and_let_go_for_tcp_is_no_fault() {
    let (mut trace, mut quic) = answered();
    succeeds(&mut trace, 0.01, &mut Tcp::new(50_001), HOST);
    let packet = quic.initial(From::Client, &close(0, ""));
    trace.at(0.2, quic.datagram(From::Client, &[packet]));
    trace.until(30.0);
    assert!(verdicts(&trace.summary())[0].starts_with("udp abandoned"));
}

#[test]
fn quic_that_icmp_forbids_is_a_broken_path() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    let first = hello(&mut quic, BOTH);
    trace.at(0.0, first.clone());
    trace.at(0.001, icmp::error("192.168.7.1", 3, 13, 0, &first));
    succeeds(&mut trace, 0.1, &mut Tcp::new(50_001), BOTH);
    let row = requirement(&trace.summary(), PATTERN);
    assert_eq!(row.status, Status::Degraded);
}

#[test]
fn quic_that_fails_alone_is_failing() {
    let mut trace = Trace::new();
    super::is_heard(&mut trace, 0.0);
    is_ignored(
        &mut trace,
        0.0,
        &mut Quic::new(50_000),
        BOTH,
        &[0.0, 1.0, 3.0],
    );
    trace.until(30.0);
    assert_eq!(
        requirement(&trace.summary(), PATTERN).status,
        Status::Failing
    );
}
