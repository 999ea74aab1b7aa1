//! Floods: memory stays bounded, the summary says which bound was hit, and a required host keeps its verdict.

use windfall::monitor::Limits;

use crate::support::packet::Packet;
use crate::support::session::{is_ignored, is_reset, resolves, succeeds};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{CLIENT, CLIENT_MAC, HOST, RESOLVER, SERVER, dns, tls};

/// Packets of a flood.
const FLOOD: u16 = 3000;

fn small(limits: Limits) -> Trace {
    let mut trace = Trace::new();
    trace.limits = limits;
    trace
}

/// Limits of a size that a flood overruns a dozen times.
fn limits() -> Limits {
    Limits {
        flows: 200,
        lookups: 200,
        names: 200,
        hosts: 200,
        ..Limits::default()
    }
}

/// Address number `n` of a /16.
fn spoofed(n: u16) -> String {
    let [high, low] = n.to_be_bytes();
    format!("10.9.{high}.{low}")
}

/// A second's worth of SYNs from addresses that nobody has.
fn syn_flood(trace: &mut Trace, seconds: f64, server: &str) {
    for n in 0..FLOOD {
        let mut tcp = Tcp::between((&spoofed(n), 1024 + n), (server, 443));
        let at = seconds + f64::from(n) / f64::from(FLOOD);
        trace.at(at, tcp.syn().from_mac([2, 0, 0, 0, 9, 9]));
    }
}

/// A second's worth of questions for names that nobody has, each answered.
fn name_flood(trace: &mut Trace, seconds: f64, suffix: &str) {
    for n in 0..FLOOD {
        let at = seconds + f64::from(n) / f64::from(FLOOD);
        let client = spoofed(n);
        let name = format!("n{n}.{suffix}");
        let query = dns::query(n, &name, dns::A);
        let answer = dns::addresses(n, &name, dns::A, &["192.0.2.77"]);
        trace.at(at, Packet::udp((&client, 5300), (RESOLVER, 53), &query));
        trace.at(at, Packet::udp((RESOLVER, 53), (&client, 5300), &answer));
    }
}

/// The verdict on the usual device's flow to the usual host.
fn kept_verdict(trace: &Trace) -> String {
    let summary = trace.summary();
    let flow = summary.flows.iter().find(|flow| {
        flow.requirement.as_deref() == Some(HOST) && flow.client.ip.to_string() == CLIENT
    });
    verdict(flow.unwrap())
}

fn hit(trace: &Trace, limit: &str) -> u64 {
    let limits = trace.summary().summary.limits_hit;
    limits.get(limit).copied().unwrap_or(0)
}

#[test]
fn a_table_full_of_flows_gives_up_flows_and_says_so() {
    let mut trace = small(limits());
    syn_flood(&mut trace, 0.0, SERVER);
    let [flows, _, _, hosts] = trace.kept();
    assert!(flows <= 200 && hosts <= 200);
    assert_eq!(hit(&trace, "flows"), u64::from(FLOOD) - 200);
    assert!(hit(&trace, "hosts") > 0);
    assert_eq!(hit(&trace, "required-flows"), 0);
}

#[test]
fn a_book_full_of_questions_gives_up_questions_and_says_so() {
    let mut trace = small(limits());
    name_flood(&mut trace, 0.0, "example.org");
    let [_, lookups, names, hosts] = trace.kept();
    assert!(lookups <= 200 && names <= 200 && hosts <= 200);
    for limit in ["lookups", "names", "hosts"] {
        assert!(hit(&trace, limit) > 0, "{limit}");
    }
}

#[test]
fn nothing_is_said_of_bounds_that_were_not_hit() {
    let mut trace = Trace::new();
    name_flood(&mut trace, 0.0, "example.org");
    syn_flood(&mut trace, 1.0, SERVER);
    assert!(trace.summary().summary.limits_hit.is_empty());
}

#[test]
fn a_required_flow_that_was_reset_before_a_syn_flood_keeps_its_verdict() {
    let mut trace = small(limits());
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    syn_flood(&mut trace, 1.0, "198.51.100.1");
    assert!(kept_verdict(&trace).starts_with("reset handshake reset-after-client-hello"));
}

#[test]
fn a_required_flow_that_nobody_answers_survives_a_syn_flood_at_its_own_server() {
    for begins in [0.5, 1.5] {
        let mut trace = small(limits());
        resolves(&mut trace, begins - 0.1, 5301, HOST, &[SERVER]);
        is_ignored(&mut trace, begins, &mut Tcp::new(50_001));
        for seconds in [1.0, 2.0, 3.0, 8.0] {
            syn_flood(&mut trace, seconds, SERVER);
        }
        let words = kept_verdict(&trace);
        assert_eq!(
            words, "stalled connect syn-unanswered unknown",
            "begun at {begins} s"
        );
    }
}

#[test]
fn a_required_flow_that_begins_during_a_flood_keeps_its_verdict_without_dns() {
    let mut trace = small(limits());
    syn_flood(&mut trace, 1.0, "198.51.100.1");
    is_reset(&mut trace, 1.5, &mut Tcp::new(50_001), HOST);
    assert!(kept_verdict(&trace).starts_with("reset handshake reset-after-client-hello"));
}

#[test]
fn a_flood_of_random_names_leaves_a_required_name_known() {
    for begins in [0.5, 1.5] {
        let mut trace = small(limits());
        resolves(&mut trace, begins - 0.1, 5301, HOST, &[SERVER]);
        is_ignored(&mut trace, begins, &mut Tcp::new(50_001));
        for seconds in [1.0, 2.0, 100.0] {
            // By the last one the required answer's TTL of a minute is over.
            name_flood(&mut trace, seconds, "example.org");
        }
        let words = kept_verdict(&trace);
        assert_eq!(
            words, "stalled connect syn-unanswered unknown",
            "begun at {begins} s"
        );
    }
}

#[test]
fn a_required_question_without_an_answer_survives_a_flood_of_names() {
    let mut trace = small(limits());
    resolves(&mut trace, 0.0, 5301, "example.org", &["192.0.2.1"]);
    trace.at(0.1, dns::ask(5302, &dns::query(2, HOST, dns::A)));
    name_flood(&mut trace, 1.0, "example.org");
    trace.until(20.0);
    let row = requirement(&trace.summary(), HOST);
    assert_eq!(row.cause.unwrap().to_string(), "dns-unanswered");
}

#[test]
fn a_flood_of_names_below_a_required_one_stays_bounded_too() {
    let mut trace = small(limits());
    name_flood(&mut trace, 0.0, "itunes.apple.com");
    let [_, lookups, names, hosts] = trace.kept();
    assert!(lookups <= 200 && names <= 200 && hosts <= 200);
}

#[test]
fn a_flood_of_addresses_does_not_take_a_device_apart_nor_hide_a_new_one() {
    for begins in [0.0, 5.5] {
        let mut trace = small(limits());
        resolves(&mut trace, begins, 5301, HOST, &["2001:db8::10"]);
        let mut v6 = Tcp::between(("fd07::20", 50_001), ("2001:db8::10", 443));
        trace.at(begins + 0.1, v6.syn().from_mac(CLIENT_MAC));
        trace.at(begins + 0.1005, v6.syn_ack());
        let hello = v6.data(From::Client, &tls::client_hello(HOST));
        trace.at(begins + 0.101, hello.from_mac(CLIENT_MAC));
        trace.at(begins + 0.3, v6.rst(From::Server));
        // Answered, so that the addresses of the flood count as much as the device's own.
        name_flood(&mut trace, 4.0, "example.org");
        name_flood(&mut trace, 5.0, "example.net");
        let client = requirement(&trace.summary(), HOST).client.unwrap();
        assert_eq!(client.addresses.len(), 2, "{client:?}");
    }
}

/// Connections whose ClientHello never becomes whole.
fn half_hellos(trace: &mut Trace, seconds: f64, count: u16) {
    let hello = tls::large_client_hello("www.example.org", 4000);
    for n in 0..count {
        let mut tcp = Tcp::between((&spoofed(n), 40_000), (SERVER, 443));
        let at = seconds + f64::from(n) / 1000.0;
        trace.connect(at, &mut tcp);
        trace.at(at + 0.03, tcp.data(From::Client, &hello[..1400]));
        trace.at(at + 0.05, tcp.ack(From::Server));
    }
}

#[test]
fn bytes_that_wait_are_bounded_over_all_flows() {
    let mut trace = small(Limits {
        reassembly_bytes: 64 << 10,
        ..Limits::default()
    });
    half_hellos(&mut trace, 0.0, 200);
    let hits = hit(&trace, "reassembly-bytes");
    assert!(
        (150..200).contains(&hits),
        "some 35 flows find room: {hits}"
    );
}

#[test]
fn a_flow_that_found_no_room_is_unjudged_rather_than_guessed() {
    let mut trace = small(Limits {
        reassembly_bytes: 0,
        ..Limits::default()
    });
    let mut tcp = Tcp::new(50_001);
    let hello = tls::large_client_hello("www.example.org", 4000);
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &hello[..1400]));
    trace.at(0.031, tcp.data(From::Client, &hello[1400..2800]));
    trace.at(0.05, tcp.data(From::Server, &tls::alert(true, 40)));
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_required_flow_finds_room_when_others_have_taken_theirs() {
    let mut trace = small(Limits {
        reassembly_bytes: 64 << 10,
        ..Limits::default()
    });
    half_hellos(&mut trace, 0.0, 200);
    resolves(&mut trace, 0.5, 5301, HOST, &["203.0.113.99"]);
    let mut tcp = crate::support::session::to(50_001, "203.0.113.99", 443);
    let hello = tls::large_client_hello(HOST, 4000);
    trace.connect(0.6, &mut tcp);
    for piece in hello.chunks(1400) {
        trace.at(0.63, tcp.data(From::Client, piece));
    }
    trace.at(0.7, tcp.rst(From::Server));
    assert!(kept_verdict(&trace).starts_with("reset handshake reset-after-client-hello"));
}

#[test]
fn bytes_behind_a_hole_are_bounded_in_each_flow() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    trace.connect(0.0, &mut tcp);
    let _lost = tcp.data(From::Client, &tls::client_hello(HOST));
    for n in 0..70 {
        let at = 0.03 + f64::from(n) / 1000.0;
        trace.at(at, tcp.data(From::Client, &[0xa5; 1400]));
    }
    assert!(hit(&trace, "stream-bytes") > 0);
}

#[test]
fn datagrams_that_wait_for_their_fragments_are_bounded() {
    let mut trace = Trace::new();
    for n in 0..200 {
        let piece = Packet::udp((&spoofed(n), 5300), (RESOLVER, 53), &[0; 96]);
        trace.at(f64::from(n) / 1000.0, piece.ip_id(n).first_fragment());
    }
    assert_eq!(hit(&trace, "fragments"), 200 - 128);
}

#[test]
fn places_of_capture_are_bounded() {
    let mut trace = Trace::new();
    for n in 0..4106 {
        let syn = Tcp::new(50_001).syn().on_interface(n);
        trace.at(f64::from(n) / 1000.0, syn);
    }
    assert_eq!(hit(&trace, "places"), 10);
}

#[test]
fn an_answer_with_hundreds_of_addresses_is_listed_in_part() {
    let addresses: Vec<String> = (0..400).map(spoofed).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, "www.example.org", &addresses);
    assert_eq!(trace.summary().dns[0].addresses.len(), 64);
}

#[test]
fn a_healthy_required_flow_in_the_middle_of_everything_succeeds() {
    let mut trace = small(limits());
    syn_flood(&mut trace, 0.0, SERVER);
    name_flood(&mut trace, 0.0, "example.org");
    resolves(&mut trace, 0.3, 5301, HOST, &[SERVER]);
    succeeds(&mut trace, 0.5, &mut Tcp::new(50_001), HOST);
    syn_flood(&mut trace, 1.0, SERVER);
    assert_eq!(kept_verdict(&trace), "succeeded transfer");
}
