//! Which addresses are one device, and which frames are one packet: verdicts.md section 1.

use windfall::verdict::summary::Requirement;

use crate::support::packet::Packet;
use crate::support::session::{is_reset, resolves, succeeds, to};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{CLIENT, CLIENT_MAC, HOST, SERVER, dns, tls};

const CLIENT_V6: &str = "fd07::20";
const SERVER_V6: &str = "2001:db8::10";

/// The rows of the usual host that somebody tried.
fn rows(trace: &Trace) -> Vec<Requirement> {
    let mut rows = trace.summary().requirements;
    rows.retain(|row| row.pattern == HOST && row.client.is_some());
    rows
}

/// The same packets, from the client's IPv6 address, with this MAC address.
fn v6(trace: &mut Trace, seconds: f64, mac: [u8; 6], answered: bool) {
    let mut tcp = Tcp::between((CLIENT_V6, 50_001), (SERVER_V6, 443));
    trace.at(seconds, tcp.syn().from_mac(mac));
    trace.at(seconds + 1.0, tcp.syn_again().from_mac(mac));
    trace.at(seconds + 3.0, tcp.syn_again().from_mac(mac));
    if answered {
        trace.at(seconds + 3.1, tcp.rst(From::Server));
    }
}

/// The usual device is told both addresses, fails over IPv6 and succeeds over IPv4.
fn falls_back(mac: [u8; 6]) -> Trace {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER_V6]);
    resolves(&mut trace, 0.0, 5302, HOST, &[SERVER]);
    v6(&mut trace, 0.1, mac, false);
    succeeds(&mut trace, 5.0, &mut Tcp::new(50_002), HOST);
    trace.until(30.0);
    trace
}

#[test]
fn addresses_of_both_families_behind_one_mac_are_one_device_that_fell_back() {
    let rows = rows(&falls_back(CLIENT_MAC));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].status.to_string(), "degraded");
    let text = rows[0].explanation.as_deref().unwrap();
    assert!(text.starts_with("IPv6 fails, falls back to IPv4"), "{text}");
    let client = rows[0].client.clone().unwrap();
    assert_eq!(client.mac.as_deref(), Some("02:00:00:00:07:20"));
    let addresses: Vec<String> = client.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, [CLIENT, CLIENT_V6]);
}

#[test]
fn an_ipv6_flow_is_named_by_what_its_device_asked_over_ipv4() {
    let summary = falls_back(CLIENT_MAC).summary();
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.client.ip.is_ipv6())
        .unwrap();
    assert_eq!(flow.name.as_ref().unwrap().source.to_string(), "dns");
}

#[test]
fn addresses_behind_different_macs_are_two_devices() {
    let rows = rows(&falls_back([2, 0, 0, 0, 9, 9]));
    let mut words: Vec<String> = rows.iter().map(|row| row.status.to_string()).collect();
    words.sort();
    assert_eq!(
        words,
        ["ok", "unjudged"],
        "the other device was never sent anything"
    );
}

#[test]
fn a_mac_with_several_ipv4_addresses_is_a_router_and_no_device() {
    let router = [2, 0, 0, 0, 9, 1];
    let mut trace = Trace::new();
    for (client, port) in [("10.1.0.1", 50_001), ("10.1.0.2", 50_002)] {
        let mut tcp = Tcp::between((client, port), (SERVER, 443));
        trace.at(0.0, tcp.syn().from_mac(router));
        trace.at(0.02, tcp.syn_ack());
        trace.at(0.021, tcp.ack(From::Client).from_mac(router));
        let hello = tcp.data(From::Client, &tls::client_hello(HOST));
        trace.at(0.03, hello.from_mac(router));
        trace.at(0.05, tcp.rst(From::Server));
    }
    let rows = rows(&trace);
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .all(|row| row.client.as_ref().unwrap().mac.is_none())
    );
}

/// The packets of a connection that the server resets, each captured on both sides of the gateway.
fn twins(inside: fn(Packet) -> Packet, outside: fn(Packet) -> Packet) -> Trace {
    let (mut once, mut tcp) = (Trace::new(), Tcp::new(50_001));
    let packets = [
        (0.0, tcp.syn()),
        (0.02, tcp.syn_ack()),
        (0.021, tcp.ack(From::Client)),
        (0.03, tcp.data(From::Client, &tls::client_hello(HOST))),
        (0.05, tcp.rst(From::Server)),
    ];
    for (seconds, packet) in packets {
        let to_server = packet.dst.to_string() == SERVER;
        let (first, second) = if to_server {
            (inside, outside)
        } else {
            (outside, inside)
        };
        once.at(seconds, first(packet.clone()));
        once.at(seconds + 0.0002, second(packet));
    }
    once
}

#[test]
fn one_connection_captured_on_two_interfaces_is_one_attempt_on_the_clients_side() {
    let trace = twins(|packet| packet, |packet| packet.on_interface(1));
    let summary = trace.summary();
    let row = requirement(&summary, HOST);
    assert_eq!((row.attempts.reset, row.flows.len()), (1, 1));
    assert_eq!(summary.summary.outcome["reset"], 1);
    let own: Vec<_> = summary
        .flows
        .iter()
        .filter(|flow| flow.requirement.is_some())
        .collect();
    assert_eq!(own.len(), 1);
    // The SYN came in on the client's side first.
    assert_eq!(
        own[0].first,
        summary.flows.iter().map(|flow| flow.first).min().unwrap()
    );
}

#[test]
fn one_connection_captured_in_two_vlans_is_one_attempt() {
    let trace = twins(|packet| packet.vlan(10), |packet| packet.vlan(20));
    let summary = trace.summary();
    assert_eq!(requirement(&summary, HOST).attempts.reset, 1);
    let own = summary
        .flows
        .iter()
        .find(|flow| flow.requirement.is_some())
        .unwrap();
    assert_eq!(own.vlan.as_deref(), Some(&[10][..]));
}

#[test]
fn the_same_ports_used_again_are_two_attempts_however_soon() {
    let mut trace = Trace::new();
    let (mut first, mut second) = (Tcp::new(50_001), Tcp::new(50_001));
    second.client_next = 9_000_000;
    is_reset(&mut trace, 0.0, &mut first, HOST);
    is_reset(&mut trace, 0.5, &mut second, HOST);
    assert_eq!(requirement(&trace.summary(), HOST).attempts.reset, 2);
}

#[test]
fn a_copy_within_a_millisecond_is_counted_and_otherwise_ignored() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    let hello = tls::client_hello(HOST);
    let syn = tcp.syn();
    trace.at(0.0, syn.clone()).at(0.0009, syn);
    let syn_ack = tcp.syn_ack();
    trace.at(0.02, syn_ack.clone()).at(0.0209, syn_ack);
    trace.at(0.022, tcp.ack(From::Client));
    let data = tcp.data(From::Client, &hello);
    trace.at(0.03, data.clone()).at(0.0305, data);
    let flow = trace.flow();
    assert_eq!((flow.frames.client, flow.frames.server), (3, 1));
    assert_eq!(
        (flow.retransmissions.client, flow.bytes.client),
        (0, hello.len() as u64)
    );
    assert_eq!(trace.duplicates(), 3);
}

#[test]
fn copies_of_a_lone_syn_do_not_make_it_repeated() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    let syn = Tcp::new(50_001).syn();
    trace.at(0.1, syn.clone()).at(0.1005, syn);
    trace.until(30.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect");
}

#[test]
fn the_same_segment_after_more_than_a_millisecond_is_a_retransmission() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    trace.connect(0.0, &mut tcp);
    let data = tcp.data(From::Client, &tls::client_hello(HOST));
    trace.at(0.03, data.clone()).at(0.0315, data);
    assert_eq!(trace.flow().retransmissions.client, 1);
    assert_eq!(trace.duplicates(), 0);
}

#[test]
fn a_question_captured_on_two_interfaces_was_sent_once() {
    let mut trace = Trace::new();
    let question = dns::ask(5301, &dns::query(1, HOST, dns::A));
    let answer = dns::answer(5301, &dns::addresses(1, HOST, dns::A, &[SERVER]));
    trace
        .at(0.0, question.clone())
        .at(0.0003, question.on_interface(1));
    trace
        .at(0.02, answer.clone().on_interface(1))
        .at(0.0203, answer);
    let summary = trace.summary();
    assert_eq!(summary.dns.len(), 1);
    assert_eq!(summary.dns[0].transmissions, 1);
}

#[test]
fn two_devices_have_a_row_each() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    let mut other = Tcp::between(("192.168.7.21", 50_001), (SERVER, 443));
    succeeds(&mut trace, 1.0, &mut other, HOST);
    let mut words: Vec<String> = rows(&trace)
        .iter()
        .map(|row| row.status.to_string())
        .collect();
    words.sort();
    assert_eq!(words, ["failing", "ok"]);
}

#[test]
fn a_second_address_over_the_same_family_is_no_second_device() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut to(50_001, "203.0.113.11", 443), HOST);
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_002), HOST);
    assert_eq!(rows(&trace).len(), 1);
}

#[test]
fn a_tap_with_an_interface_a_direction_does_not_make_a_refusal_a_stall() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_001);
    trace.at(0.0, dns::ask(5301, &dns::query(1, HOST, dns::A)));
    let answer = dns::addresses(1, HOST, dns::A, &[SERVER]);
    trace.at(0.01, dns::answer(5301, &answer).on_interface(1));
    trace.at(0.1, tcp.syn());
    for seconds in [0.12, 0.62, 1.12] {
        trace.at(seconds, tcp.rst(From::Server).on_interface(1));
        trace.at(seconds + 0.48, tcp.syn_again());
    }
    trace.until(30.0);
    let summary = trace.summary();
    let words: Vec<String> = summary.flows.iter().map(verdict).collect();
    assert!(
        words
            .iter()
            .all(|words| words == "unjudged connect capture-one-sided"),
        "{words:?}"
    );
}

#[test]
fn a_question_is_answered_whichever_interface_shows_the_answer() {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(5301, &dns::query(1, HOST, dns::A)));
    let answer = dns::addresses(1, HOST, dns::A, &[SERVER]);
    trace.at(0.01, dns::answer(5301, &answer).on_interface(1));
    trace.until(30.0);
    assert_eq!(trace.summary().dns[0].outcome.to_string(), "succeeded");
}

#[test]
fn a_ping_that_comes_back_shows_that_answers_would_be_seen() {
    let ignored = |pinged: bool| {
        let mut trace = Trace::new();
        if pinged {
            let reply = vec![0, 0, 0, 0, 0, 1, 0, 1];
            let (from, to) = ("192.168.7.1".parse().unwrap(), CLIENT.parse().unwrap());
            trace.at(0.0, Packet::new(from, to, 1, reply));
        }
        crate::support::session::is_ignored(&mut trace, 0.1, &mut Tcp::new(50_001));
        trace.until(30.0);
        verdict(&trace.flow())
    };
    assert_eq!(ignored(true), "stalled connect syn-unanswered unknown");
    assert_eq!(ignored(false), "unjudged connect capture-one-sided");
}
