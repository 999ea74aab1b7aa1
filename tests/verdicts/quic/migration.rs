//! Connections that go on from another address or port of the client.

use super::works;
use crate::support::opening::says;
use crate::support::packet::Packet;
use crate::support::quic::Quic;
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, HOST, SERVER};

/// A connection that works, and packets to and fro from another port at `seconds`.
fn rebound(quic: &mut Quic, port: u16, seconds: f64) -> Trace {
    let mut trace = Trace::new();
    works(&mut trace, 0.0, quic, HOST);
    let there = quic.one_rtt(From::Client, 200);
    let back = quic.one_rtt(From::Server, 200);
    trace.at(seconds, Packet::udp((CLIENT, port), (SERVER, 443), &there));
    trace.at(
        seconds + 0.02,
        Packet::udp((SERVER, 443), (CLIENT, port), &back),
    );
    trace
}

#[test]
fn a_port_that_a_nat_changed_is_tied_by_the_connection_id() {
    let summary = rebound(&mut Quic::new(50_000), 50_777, 40.0).summary();
    assert_eq!(verdict(&summary.flows[0]), "succeeded transfer");
    let flow = &summary.flows[1];
    assert_eq!(verdict(flow), "unjudged transfer");
    assert_eq!(flow.requirement.as_deref(), Some("gs.apple.com"));
    assert!(
        says(flow, "192.168.7.20:50000 began goes on from here"),
        "{:?}",
        flow.explanation
    );
    assert_eq!(flow.evidence[0].frame, 1);
}

#[test]
fn a_port_of_which_the_servers_packet_is_seen_first_is_tied_too() {
    for client_follows in [true, false] {
        // An ID that is too short to tie by, where the client's own packet must do it.
        let mut quic = Quic::new(50_000);
        if client_follows {
            quic.client_id = vec![1, 2, 3];
        }
        let mut trace = Trace::new();
        works(&mut trace, 0.0, &mut quic, HOST);
        let back = quic.one_rtt(From::Server, 200);
        trace.at(40.0, Packet::udp((SERVER, 443), (CLIENT, 50_777), &back));
        if client_follows {
            let there = quic.one_rtt(From::Client, 200);
            trace.at(40.1, Packet::udp((CLIENT, 50_777), (SERVER, 443), &there));
        }
        let flow = &trace.summary().flows[1];
        assert_eq!(verdict(flow), "unjudged transfer", "{client_follows}");
        assert_eq!(flow.requirement.as_deref(), Some("gs.apple.com"));
    }
}

#[test]
fn a_connection_that_opens_where_a_late_packet_of_the_server_came_is_read() {
    let mut trace = Trace::new();
    let late = Quic::new(50_000).one_rtt(From::Server, 200);
    trace.at(0.0, Packet::udp((SERVER, 443), (CLIENT, 50_000), &late));
    works(&mut trace, 0.5, &mut Quic::new(50_000), HOST);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn packets_without_the_fixed_bit_are_tied_too() {
    let mut quic = Quic::new(50_000);
    quic.greased = true;
    let summary = rebound(&mut quic, 50_777, 40.0).summary();
    assert_eq!(verdict(&summary.flows[1]), "unjudged transfer");
    assert_eq!(
        summary.flows[1].requirement.as_deref(),
        Some("gs.apple.com")
    );
}

#[test]
fn a_connection_that_was_long_silent_goes_on() {
    let summary = rebound(&mut Quic::new(50_000), 50_000, 200.0).summary();
    assert_eq!(verdict(&summary.flows[1]), "unjudged transfer");
    assert!(says(&summary.flows[1], "after a long silence"));
}

#[test]
fn an_id_that_is_too_short_ties_nothing() {
    let mut quic = Quic::new(50_000);
    quic.server_id = vec![1, 2, 3];
    let summary = rebound(&mut quic, 50_777, 40.0).summary();
    assert_eq!(summary.flows[1].requirement, None);
}

#[test]
fn another_id_or_another_server_ties_nothing() {
    let mut trace = Trace::new();
    let mut quic = Quic::new(50_000);
    works(&mut trace, 0.0, &mut quic, HOST);
    let there = quic.one_rtt(From::Client, 200);
    trace.at(
        9.0,
        Packet::udp((CLIENT, 50_777), ("203.0.113.99", 443), &there),
    );
    quic.server_id[0] ^= 1;
    let there = quic.one_rtt(From::Client, 200);
    trace.at(9.1, Packet::udp((CLIENT, 50_778), (SERVER, 443), &there));
    for flow in &trace.summary().flows[1..] {
        assert_eq!(verdict(flow), "unjudged connect capture-one-sided");
        assert_eq!(flow.requirement, None);
    }
}
