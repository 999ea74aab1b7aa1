//! Flows whose name cannot be seen, NAT64, and addresses that many names share.

use windfall::verdict::summary::Finding;

use crate::support::opening::{connected, evidence, flight_13, greeted_on, open, send};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, RST, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, HOST, SERVER, dns, tls};

/// Unanswered SYNs to this address; nothing was asked.
fn nameless(server: &str) -> Trace {
    let mut trace = Trace::new();
    let client = if server.contains(':') {
        "fd07::20"
    } else {
        CLIENT
    };
    let mut tcp = Tcp::between((client, 50_000), (server, 443));
    trace.at(0.0, tcp.syn());
    trace.at(1.0, tcp.syn_again());
    // Something else reaches the client.
    let mut other = Tcp::between((client, 50_001), (server, 80));
    trace.connect(0.0, &mut other);
    trace.until(10.0);
    trace
}

#[test]
fn a_stalled_flow_to_apple_without_a_name_is_listed_with_its_verdict_and_counted() {
    for server in [
        "17.253.144.10",
        "2620:149:af0::10",
        "2403:300:a42::1",
        "2a01:b740:a42::1",
    ] {
        let summary = nameless(server).summary();
        let finding = &summary.findings[0];
        assert_eq!(finding.code, "apple-address-unnamed");
        assert!(finding.detail.contains("which hosts were meant is unknown"));
        assert!(finding.detail.contains("stalled (syn-unanswered)"));
        assert!(!finding.evidence.is_empty());
        let stalled = |flow: &&_| verdict(flow).starts_with("stalled");
        let flow = summary.flows.iter().find(stalled).unwrap();
        assert_eq!(flow.requirement, None);
        assert_eq!(summary.summary.outcome["stalled"], 1);
    }
}

#[test]
fn a_nameless_stall_elsewhere_is_not_said_to_be_apples() {
    for server in ["18.0.0.1", "203.0.113.77", "2001:db8::77"] {
        let findings = nameless(server).summary().findings;
        let apples = |finding: &Finding| finding.code == "apple-address-unnamed";
        assert!(!findings.iter().any(apples), "{server}");
    }
}

#[test]
fn a_reset_hello_without_sni_to_apple_is_listed_too() {
    let (mut trace, mut tcp) = open(Tcp::between((CLIENT, 50_000), ("17.253.144.10", 443)));
    let hello = tls::nameless_client_hello();
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    trace.at(0.035, tcp.rst(From::Server).ttl(63));
    let summary = trace.summary();
    let finding = &summary.findings[0];
    assert!(finding.detail.contains("reset (reset-after-client-hello)"));
}

#[test]
fn a_nat64_address_is_a_public_one_and_named_by_its_aaaa_answer() {
    let (client, server) = ("fd07::20", "64:ff9b::cb00:710a");
    let mut trace = Trace::new();
    let question = dns::query(1, HOST, dns::AAAA);
    let resolver = ("fd07::1", 53);
    trace.at(0.0, Packet::udp((client, 5300), resolver, &question));
    let answer = dns::addresses(1, HOST, dns::AAAA, &[server]);
    trace.at(0.01, Packet::udp(resolver, (client, 5300), &answer));
    let mut tcp = Tcp::between((client, 50_000), (server, 443));
    trace.at(0.1, tcp.syn());
    let rst = tcp.raw(From::Server, RST | ACK, 0, tcp.client_next, &[]);
    trace.at(0.101, rst.ttl(64));
    let summary = trace.summary();
    assert_eq!(
        verdict(&summary.flows[0]),
        "reset connect connection-refused local-network"
    );
    assert_eq!(summary.flows[0].requirement.as_deref(), Some(HOST));
    assert_eq!(summary.dns[0].outcome.to_string(), "succeeded");
}

#[test]
fn of_two_names_with_one_address_the_latest_asked_names_the_flow_and_the_other_is_shown() {
    let mut trace = Trace::new();
    for (n, name) in [(1, HOST), (2, "www.example.net"), (3, "albert.apple.com")] {
        let at = f64::from(n) * 0.1;
        trace.at(at, dns::ask(5300 + n, &dns::query(n, name, dns::A)));
        let answer = dns::addresses(n, name, dns::A, &[SERVER]);
        trace.at(at + 0.01, dns::answer(5300 + n, &answer));
    }
    let mut tcp = Tcp::new(50_000);
    trace.at(0.25, tcp.syn());
    trace.at(1.25, tcp.syn_again()).until(10.0);
    let flow = trace.flow();
    // The third was asked after the flow had begun.
    assert_eq!(flow.name.as_ref().unwrap().host, "www.example.net");
    assert_eq!(flow.requirement, None);
    let first = evidence(&flow)[0].1;
    assert!(
        first.contains("for www.example.net") && first.contains(HOST),
        "{first}"
    );
}

#[test]
fn a_name_that_the_flow_speaks_itself_goes_before_what_dns_gave() {
    let mut trace = Trace::new();
    trace.at(
        0.0,
        dns::ask(5300, &dns::query(1, "www.example.net", dns::A)),
    );
    let answer = dns::addresses(1, "www.example.net", dns::A, &[SERVER]);
    trace.at(0.01, dns::answer(5300, &answer));
    let mut tcp = Tcp::new(50_000);
    trace.connect(0.1, &mut tcp);
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.13, &mut tcp, From::Client, &hello);
    let flow = trace.flow();
    assert_eq!(flow.name.unwrap().host, HOST);
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
}

#[test]
fn a_hello_whose_name_is_hidden_keeps_the_outer_one_and_says_so() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::encrypted_client_hello("outer.example.net");
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    send(&mut trace, 0.05, &mut tcp, From::Server, &flight_13());
    let flow = trace.flow();
    assert_eq!(flow.name.unwrap().host, "outer.example.net");
    assert!(flow.tls.unwrap().ech);
    let (plain, _) = greeted_on(Tcp::new(50_000));
    assert!(!plain.flow().tls.unwrap().ech);
}
