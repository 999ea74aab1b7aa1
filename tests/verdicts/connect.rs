//! Stage `connect`: verdicts.md 3.2.

use crate::support::icmp;
use crate::support::opening::{frame_that, says, send, succeeded_on};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, RST, SYN, Tcp};
use crate::support::tls;
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, CLIENT_MAC, HOST, RESOLVER, SERVER, dns};

/// Names the server for the device, and shows that the capture sees traffic toward it.
fn resolved(trace: &mut Trace) {
    trace.at(0.0, dns::ask(5300, &dns::query(1, HOST, dns::A)));
    trace.at(
        0.01,
        dns::answer(5300, &dns::addresses(1, HOST, dns::A, &[SERVER])),
    );
}

#[test]
fn syns_that_nobody_answers_are_a_stall_named_by_the_dns_question_before() {
    let mut trace = Trace::new();
    resolved(&mut trace);
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again());
    trace.until(10.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled connect syn-unanswered unknown");
    assert_eq!(flow.name.unwrap().host, HOST);
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
    assert_eq!(flow.client.ip.to_string(), CLIENT);
    assert_ne!(flow.server.ip.to_string(), RESOLVER);
}

#[test]
fn a_syn_answered_after_its_third_try_is_no_stall() {
    let mut trace = Trace::new();
    resolved(&mut trace);
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again());
    trace.at(3.2, tcp.syn_ack());
    trace.at(3.2001, tcp.ack(From::Client));
    trace.at(3.21, tcp.data(From::Client, &tls::client_hello(HOST)));
    trace.at(
        3.25,
        tcp.data(
            From::Server,
            &[tls::server_hello_13(), tls::application(2000)].concat(),
        ),
    );
    trace.at(
        3.26,
        tcp.data(
            From::Client,
            &[tls::application(60), tls::application(300)].concat(),
        ),
    );
    trace.at(3.31, tcp.data(From::Server, &tls::application(500)));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}

/// Two SYNs of a client that other traffic reaches.
fn two_syns() -> (Trace, Tcp) {
    let mut trace = Trace::new();
    resolved(&mut trace);
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    (trace, tcp)
}

#[test]
fn unanswered_syns_are_pending_until_the_syn_timer_and_stalled_from_then_on() {
    let (mut trace, _) = two_syns();
    assert_eq!(
        verdict(&trace.clone().until(3.099).flow()),
        "pending connect"
    );
    assert_eq!(
        verdict(&trace.until(3.1).flow()),
        "stalled connect syn-unanswered unknown"
    );
}

#[test]
fn one_syn_that_is_never_repeated_was_let_go_by_the_client() {
    let mut trace = Trace::new();
    resolved(&mut trace);
    trace.at(0.1, Tcp::new(50_000).syn()).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect");
}

#[test]
fn syns_of_a_client_that_nothing_is_ever_seen_to_reach_prove_nothing() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again()).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn a_client_that_acknowledges_or_speaks_was_answered_out_of_sight() {
    let (mut trace, mut tcp) = two_syns();
    tcp.server_next += 1;
    trace.at(1.2, tcp.ack(From::Client)).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
    trace.at(1.21, tcp.data(From::Client, &tls::client_hello(HOST)));
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn an_icmp_error_does_not_end_an_attempt_that_goes_on_answered_out_of_sight() {
    let (mut trace, mut tcp) = two_syns();
    let error = icmp::error("198.51.100.1", 3, 1, 0, &tcp.syn_again()).ttl(250);
    tcp.server_next += 1;
    trace.at(1.15, error).at(1.2, tcp.ack(From::Client));
    assert_eq!(
        verdict(&trace.until(60.0).flow()),
        "unjudged connect capture-one-sided"
    );
}

const CLIENT_V6: &str = "fd07::20";
const SERVER_V6: &str = "2001:db8::10";

/// Both address families are resolved, and one SYN goes out over IPv6.
fn happy_eyeballs() -> (Trace, Tcp) {
    let mut trace = Trace::new();
    resolved(&mut trace);
    trace.at(0.0, dns::ask(5301, &dns::query(2, HOST, dns::AAAA)));
    let answer = dns::addresses(2, HOST, dns::AAAA, &[SERVER_V6]);
    trace.at(0.011, dns::answer(5301, &answer));
    let mut v6 = Tcp::between((CLIENT_V6, 50_006), (SERVER_V6, 443));
    trace.at(0.02, v6.syn().from_mac(CLIENT_MAC));
    (trace, v6)
}

/// The verdict on the flow from this client port.
fn of_port(trace: &Trace, port: u16) -> String {
    let flows = trace.summary().flows;
    verdict(flows.iter().find(|flow| flow.client.port == port).unwrap())
}

#[test]
fn a_lone_ipv6_syn_that_lost_the_race_against_ipv4_was_abandoned() {
    let (mut trace, _) = happy_eyeballs();
    let mut v4 = Tcp::new(50_004);
    trace.connect(0.27, &mut v4);
    trace.until(60.0);
    assert_eq!(of_port(&trace, 50_006), "abandoned connect superseded");
}

#[test]
fn ipv6_syns_that_go_on_unanswered_while_ipv4_is_used_are_a_stall() {
    let (mut trace, v6) = happy_eyeballs();
    trace.at(1.02, v6.syn_again().from_mac(CLIENT_MAC));
    trace.at(3.02, v6.syn_again().from_mac(CLIENT_MAC));
    let mut v4 = Tcp::new(50_004);
    trace.connect(0.27, &mut v4);
    trace.until(60.0);
    assert_eq!(
        of_port(&trace, 50_006),
        "stalled connect syn-unanswered unknown"
    );
}

#[test]
fn a_syn_without_a_parallel_attempt_within_two_seconds_lost_no_race() {
    let (mut trace, _) = happy_eyeballs();
    let mut v4 = Tcp::new(50_004);
    trace.connect(2.3, &mut v4);
    trace.until(60.0);
    assert_eq!(of_port(&trace, 50_006), "unjudged connect");
}

#[test]
fn a_connection_that_was_opened_and_never_used_while_another_won_was_abandoned() {
    let (mut trace, mut v6) = happy_eyeballs();
    trace.at(0.2, v6.syn_ack());
    trace.at(0.2001, v6.ack(From::Client).from_mac(CLIENT_MAC));
    trace.at(0.3, v6.fin(From::Client).from_mac(CLIENT_MAC));
    let mut v4 = Tcp::new(50_004);
    trace.connect(0.1, &mut v4);
    assert_eq!(of_port(&trace, 50_006), "unjudged transfer");
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.13, &mut v4, From::Client, &hello);
    assert_eq!(of_port(&trace, 50_006), "abandoned transfer superseded");
}

/// A SYN-ACK that arrives here and is not acknowledged.
fn half_open() -> (Trace, Tcp) {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    trace.at(0.0, tcp.syn());
    trace.at(0.02, tcp.syn_ack());
    (trace, tcp)
}

#[test]
fn a_syn_ack_sent_again_and_never_acknowledged_does_not_reach_the_client() {
    let (mut trace, tcp) = half_open();
    trace.at(1.02, tcp.syn_ack_again());
    assert_eq!(verdict(&trace.clone().until(3.0).flow()), "pending connect");
    let flow = trace.until(3.02).flow();
    assert_eq!(verdict(&flow), "stalled connect syn-ack-lost unknown");
    assert_eq!(frame_that(&flow, "SYN-ACK, not acknowledged"), Some(2));
}

#[test]
fn a_syn_ack_acknowledged_after_its_repetition_is_no_stall() {
    let (mut trace, tcp) = half_open();
    trace.at(1.02, tcp.syn_ack_again());
    trace.at(3.02, tcp.syn_ack_again());
    trace.at(3.03, tcp.ack(From::Client)).until(4.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_syn_ack_seen_once_or_answered_by_the_clients_rst_is_no_stall() {
    let (mut trace, tcp) = half_open();
    assert_eq!(
        verdict(&trace.clone().until(60.0).flow()),
        "unjudged connect"
    );
    trace.at(0.021, tcp.rst(From::Client)).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect");
}

#[test]
fn a_rst_that_acknowledges_the_syn_refuses_the_connection_even_where_numbers_wrap() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    tcp.client_next = u32::MAX;
    trace.at(0.0, tcp.syn());
    trace.at(0.02, tcp.raw(From::Server, RST | ACK, 0, 0, &[]));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "reset connect connection-refused server");
    assert_eq!(frame_that(&flow, "SYN"), Some(1));
    assert_eq!(frame_that(&flow, "RST, TTL 56"), Some(2));
}

#[test]
fn a_rst_that_does_not_acknowledge_the_syn_is_no_answer_to_it() {
    let (mut trace, tcp) = two_syns();
    trace.at(0.12, tcp.raw(From::Server, RST | ACK, 0, 77, &[]));
    trace.at(0.13, tcp.raw(From::Server, RST, 0, 0, &[]));
    trace.until(10.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled connect syn-unanswered unknown"
    );
}

#[test]
fn a_syn_tried_again_after_a_refusal_and_then_accepted_succeeds() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    trace.at(0.0, tcp.syn());
    let isn = tcp.client_next;
    trace.at(0.02, tcp.raw(From::Server, RST | ACK, 0, isn, &[]));
    trace.at(0.5, tcp.syn_again());
    trace.at(0.52, tcp.syn_ack());
    trace.at(0.5201, tcp.ack(From::Client));
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.53, &mut tcp, From::Client, &hello);
    assert_eq!(
        verdict(&trace.clone().until(0.6).flow()),
        "pending handshake"
    );
    trace.at(0.6, tcp.rst(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-after-client-hello server"
    );
}

#[test]
fn a_new_syn_with_another_number_on_the_same_ports_is_another_attempt() {
    let mut trace = Trace::new();
    let (mut first, mut second) = (Tcp::new(50_000), Tcp::new(50_000));
    second.client_next = 99_000;
    trace.at(0.0, first.syn());
    let refusal = first.raw(From::Server, RST | ACK, 0, first.client_next, &[]);
    trace.at(0.02, refusal);
    trace.connect(1.0, &mut second);
    let flows = trace.summary().flows;
    let verdicts: Vec<String> = flows.iter().map(verdict).collect();
    assert_eq!(
        verdicts,
        [
            "reset connect connection-refused server",
            "unjudged transfer"
        ]
    );
}

/// An ICMP error about the SYN of an otherwise unanswered attempt.
fn refused_by(error: impl Fn(&Packet) -> Packet) -> (Trace, Tcp) {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    let syn = tcp.syn();
    let answer = error(&syn);
    trace.at(0.0, syn);
    trace.at(0.01, answer);
    (trace, tcp)
}

#[test]
fn an_icmp_prohibition_names_who_sent_it_and_that_an_administrator_forbids_it() {
    for code in [9, 10, 13] {
        let (trace, _) = refused_by(|syn| icmp::error("198.51.100.1", 3, code, 0, syn).ttl(250));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed connect icmp-unreachable middlebox");
        assert!(says(&flow, "198.51.100.1"));
        assert!(says(&flow, "administratively prohibited"));
        let icmp = flow.icmp.unwrap();
        assert_eq!((icmp.kind, icmp.code), (3, code));
    }
}

#[test]
fn an_icmp_error_of_the_gateway_or_of_the_server_itself_says_so() {
    let (trace, _) = refused_by(|syn| icmp::error("192.168.7.1", 3, 1, 0, syn));
    assert_eq!(
        verdict(&trace.flow()),
        "failed connect icmp-unreachable local-network"
    );
    let (trace, _) = refused_by(|syn| icmp::error(SERVER, 3, 3, 0, syn).ttl(56));
    assert_eq!(
        verdict(&trace.flow()),
        "failed connect icmp-unreachable server"
    );
}

#[test]
fn icmpv6_errors_and_spent_hop_limits_count_too() {
    for (kind, code, words) in [
        (1, 1, "administratively prohibited"),
        (1, 0, "no route"),
        (3, 0, "time exceeded"),
    ] {
        let mut tcp = Tcp::between((CLIENT_V6, 50_006), (SERVER_V6, 443));
        let mut trace = Trace::new();
        let syn = tcp.syn();
        let error = icmp::error("2001:db8:1::1", kind, code, 0, &syn).ttl(60);
        trace.at(0.0, syn);
        trace.at(0.01, error);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed connect icmp-unreachable middlebox");
        assert!(says(&flow, words), "{:?}", flow.explanation);
    }
}

#[test]
fn an_icmp_error_that_quotes_a_number_never_sent_is_not_about_this_flow() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    trace.at(0.0, tcp.syn());
    let forged = tcp.raw(From::Client, SYN, 7_777_777, 0, &[]);
    trace.at(0.01, icmp::error("198.51.100.1", 3, 13, 0, &forged));
    assert_eq!(verdict(&trace.until(0.5).flow()), "pending connect");
}

#[test]
fn a_soft_icmp_error_on_a_flow_that_then_succeeds_is_a_note() {
    let mut tcp = Tcp::new(50_000);
    let syn = tcp.clone().syn();
    tcp.client_window = 65_000;
    let (mut trace, _) = succeeded_on(tcp);
    trace.at(0.005, icmp::error("198.51.100.1", 3, 1, 0, &syn).ttl(250));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(frame_that(&flow, "did not stop the flow"), Some(2));
}
