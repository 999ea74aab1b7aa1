//! Success: 1-RTT of the server after the client's, in a connection whose server had answered.

use super::{answer, answered, finished, flight, hello, is_heard, works};
use crate::support::quic::Quic;
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, SERVER, icmp};

#[test]
fn a_connection_that_is_used_both_ways_has_succeeded() {
    let mut trace = Trace::new();
    works(&mut trace, 0.0, &mut Quic::new(50_000), HOST);
    trace.until(300.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
}

#[test]
fn data_of_the_server_before_the_clients_finished_is_no_success() {
    let (mut trace, quic) = answered();
    trace.at(0.021, answer(&quic));
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}

#[test]
fn the_clients_request_alone_is_no_success() {
    let (mut trace, mut quic) = answered();
    trace.at(0.03, finished(&mut quic));
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    trace.at(0.05, answer(&quic));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_server_hello_that_the_snap_length_cut_is_no_obstacle() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    trace.at(0.02, flight(&mut quic).snapped(100));
    let handshake = quic.handshake(From::Server, 900);
    trace.at(0.021, quic.datagram(From::Server, &[handshake]));
    trace.at(0.03, finished(&mut quic));
    trace.at(0.05, answer(&quic));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn what_comes_after_a_stall_has_recovered() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    for seconds in [0.0, 1.0, 3.0] {
        trace.at(seconds, hello(&mut quic, HOST));
    }
    trace.at(7.0, hello(&mut quic, HOST));
    trace.at(7.02, flight(&mut quic));
    trace.at(7.03, finished(&mut quic));
    trace.at(7.05, answer(&quic));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}

#[test]
fn an_icmp_error_that_did_no_harm_is_a_note() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    let first = hello(&mut quic, HOST);
    trace.at(0.005, icmp::error(SERVER, 3, 3, 0, &first));
    works(&mut trace, 0.0, &mut quic, HOST);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(
        flow.evidence
            .iter()
            .any(|row| row.note.contains("port unreachable"))
    );
}

#[test]
fn a_second_connection_on_the_same_ports_is_judged_for_itself() {
    let mut trace = Trace::new();
    works(&mut trace, 0.0, &mut Quic::new(50_000), HOST);
    let mut second = Quic::new(50_000);
    second.made_up = vec![0xee; 8];
    for seconds in [10.0, 11.0, 13.0] {
        trace.at(seconds, hello(&mut second, HOST));
    }
    is_heard(&mut trace, 9.0);
    trace.until(20.0);
    let verdicts: Vec<String> = trace.summary().flows.iter().map(verdict).collect();
    assert_eq!(
        verdicts,
        [
            "succeeded transfer",
            "stalled handshake quic-unanswered unknown"
        ]
    );
}

#[test]
fn initials_that_are_acknowledged_late_begin_nothing_new() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    works(&mut trace, 0.0, &mut quic, HOST);
    // The client's acknowledgment, sent to the server's ID, and its first flight, seen again.
    trace.at(0.06, finished(&mut quic));
    quic.answered = false;
    trace.at(0.07, hello(&mut quic, HOST));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn the_copy_on_another_interface_is_a_twin() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    let packets = [
        (0.0, hello(&mut quic, HOST)),
        (0.02, flight(&mut quic)),
        (0.03, finished(&mut quic)),
        (0.05, answer(&quic)),
    ];
    for (seconds, packet) in packets {
        trace.at(seconds, packet.clone());
        trace.at(seconds + 0.0001, packet.ttl(55).on_interface(1));
    }
    let standings: Vec<String> = trace
        .summary()
        .flows
        .iter()
        .map(|flow| flow.standing.to_string())
        .collect();
    assert_eq!(standings, ["own", "twin"]);
}
