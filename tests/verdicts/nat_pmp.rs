//! NAT-PMP and PCP: granted, unanswered, refused; none of it ever makes a requirement fail.

use crate::support::packet::Packet;
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, dns, icmp};

const GATEWAY: &str = "192.168.7.1";
const PORT: u16 = 50_000;

fn to_gateway(wire: &[u8]) -> Packet {
    Packet::udp((CLIENT, PORT), (GATEWAY, 5351), wire)
}

fn from_gateway(wire: &[u8]) -> Packet {
    Packet::udp((GATEWAY, 5351), (CLIENT, PORT), wire)
}

/// The request for the public address.
const ADDRESS: [u8; 2] = [0, 0];

/// The request to map a TCP port.
fn map(port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    vec![0, 2, 0, 0, high, low, high, low, 0, 0, 0x1c, 0x20]
}

fn mapped(port: u16, result: u8) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    vec![
        0, 0x82, 0, result, 0, 0, 3, 0xe8, high, low, high, low, 0, 0, 0x1c, 0x20,
    ]
}

fn address(epoch: u16) -> Vec<u8> {
    let [high, low] = epoch.to_be_bytes();
    vec![0, 0x80, 0, 0, 0, 0, high, low, 198, 51, 100, 7]
}

/// A message of PCP's MAP with this opcode and result.
fn pcp(opcode: u8, result: u8) -> Vec<u8> {
    let mut wire = vec![2, opcode, 0, result, 0, 0, 0x1c, 0x20, 0, 0, 3, 0xe8];
    wire.extend([0; 12]);
    wire.extend([7; 12]);
    wire.extend([6, 0, 0, 0, 0x0e, 0x69]);
    wire.extend([0; 18]);
    wire
}

/// Something else was sent to the client, so a response would show.
fn heard() -> Trace {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(4000, &dns::query(1, "example.org", dns::A)));
    trace.at(
        0.02,
        dns::answer(
            4000,
            &dns::addresses(1, "example.org", dns::A, &["192.0.2.1"]),
        ),
    );
    trace
}

#[test]
fn a_response_with_result_0_is_a_success_of_both_protocols() {
    for (request, response) in [
        (ADDRESS.to_vec(), address(1000)),
        (map(3689), mapped(3689, 0)),
        (pcp(1, 0), pcp(0x81, 0)),
    ] {
        let mut trace = heard();
        trace.at(1.0, to_gateway(&request));
        trace.at(1.01, from_gateway(&response));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer");
        assert_eq!(
            (flow.app.to_string(), flow.requirement.clone()),
            ("nat-pmp".into(), None)
        );
        assert_eq!(flow.by_port.as_deref(), Some("nat-pmp"));
    }
}

#[test]
fn silence_is_a_stall_after_five_seconds_and_no_requirement_fails() {
    let mut trace = heard();
    for at in [1.0, 1.25, 1.75, 2.75, 4.75] {
        trace.at(at, to_gateway(&ADDRESS));
    }
    trace.until(5.99);
    assert_eq!(verdict(&trace.flow()), "pending transfer");
    trace.until(6.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled transfer nat-pmp-unanswered unknown"
    );
    let requirements = trace.summary().requirements;
    assert!(
        requirements
            .iter()
            .all(|row| row.status.to_string() == "not-seen")
    );
}

#[test]
fn without_anything_sent_to_the_client_silence_says_nothing() {
    let mut trace = Trace::new();
    trace.at(1.0, to_gateway(&ADDRESS));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn a_response_after_the_timer_recovered() {
    let mut trace = heard();
    trace.at(1.0, to_gateway(&ADDRESS));
    trace.at(9.0, to_gateway(&ADDRESS));
    trace.at(9.01, from_gateway(&address(1000)));
    let flow = trace.flow();
    assert_eq!(
        (verdict(&flow).as_str(), flow.recovered),
        ("succeeded transfer", true)
    );
}

/// The network may deliver a packet twice, and a repetition may cross the answer.
#[test]
fn requests_that_come_again_right_after_their_answers_ask_nothing_new() {
    for (again, expected) in [
        (1.05, "succeeded transfer"),
        (3.0, "stalled transfer nat-pmp-unanswered unknown"),
    ] {
        let mut trace = heard();
        trace.at(1.0, to_gateway(&ADDRESS));
        trace.at(1.01, from_gateway(&address(1000)));
        trace.at(1.02, to_gateway(&map(3689)));
        trace.at(1.03, from_gateway(&mapped(3689, 0)));
        trace.at(again, to_gateway(&ADDRESS));
        trace.at(again + 0.002, to_gateway(&map(3689)));
        trace.until(60.0);
        assert_eq!(verdict(&trace.flow()), expected, "{again}");
    }
}

#[test]
fn another_opcode_or_port_answers_nothing() {
    for response in [
        address(1000),
        mapped(3690, 0),
        vec![0, 0x81, 0, 0, 0, 0, 3, 0xe8],
    ] {
        let mut trace = heard();
        trace.at(1.0, to_gateway(&map(3689)));
        trace.at(1.01, from_gateway(&response));
        trace.until(60.0);
        assert_eq!(
            verdict(&trace.flow()),
            "stalled transfer nat-pmp-unanswered unknown",
            "{response:x?}"
        );
    }
}

#[test]
fn a_refusal_fails_with_its_result() {
    for (request, response, said) in [
        (
            map(3689),
            mapped(3689, 2),
            "refused NAT-PMP mapping of TCP port 3689: result 2 (not authorized)",
        ),
        (map(3689), mapped(3689, 4), "result 4 (out of resources)"),
        (
            pcp(1, 0),
            pcp(0x81, 8),
            "refused PCP mapping of port 3689: result 8 (no resources)",
        ),
        (pcp(1, 0), pcp(0x81, 77), "result 77 (unknown)"),
    ] {
        let mut trace = heard();
        trace.at(1.0, to_gateway(&request));
        trace.at(1.01, from_gateway(&response));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed transfer nat-pmp-refused server");
        assert!(
            flow.explanation.as_ref().unwrap().contains(said),
            "{flow:#?}"
        );
    }
}

#[test]
fn a_refused_mapping_is_not_made_good_by_another_answer() {
    let mut trace = heard();
    trace.at(1.0, to_gateway(&map(3689)));
    trace.at(1.01, from_gateway(&mapped(3689, 4)));
    trace.at(2.0, to_gateway(&ADDRESS));
    trace.at(2.01, from_gateway(&address(1000)));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer nat-pmp-refused server"
    );
    trace.at(3.0, to_gateway(&map(3689)));
    trace.at(3.01, from_gateway(&mapped(3689, 0)));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_gateway_without_pcp_is_asked_again_by_nat_pmp() {
    let mut trace = heard();
    trace.at(1.0, to_gateway(&pcp(1, 0)));
    trace.at(1.01, from_gateway(&[0, 0x81, 0, 1, 0, 0, 3, 0xe8]));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer nat-pmp-refused server"
    );
    trace.at(1.02, to_gateway(&map(3689)));
    assert_eq!(verdict(&trace.flow()), "pending transfer");
    trace.at(1.03, from_gateway(&mapped(3689, 0)));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_closed_port_at_the_gateway_is_told_by_its_icmp_error() {
    let mut trace = heard();
    trace.at(1.0, to_gateway(&ADDRESS));
    trace.at(1.01, icmp::error(GATEWAY, 3, 3, 0, &to_gateway(&ADDRESS)));
    trace.until(60.0);
    assert_eq!(
        verdict(&trace.flow()),
        "failed connect icmp-unreachable server"
    );
}

#[test]
fn a_client_on_port_5350_is_the_client_whoever_is_seen_first() {
    let ask = Packet::udp((CLIENT, 5350), (GATEWAY, 5351), &ADDRESS);
    let reply = Packet::udp((GATEWAY, 5351), (CLIENT, 5350), &address(1000));
    for packets in [
        vec![ask.clone(), reply.clone()],
        vec![reply.clone(), ask, reply],
    ] {
        let mut trace = heard();
        for (at, packet) in [1.0, 2.0, 2.01].into_iter().zip(packets) {
            trace.at(at, packet);
        }
        let flow = trace.flow();
        assert_eq!(
            (flow.client.port, verdict(&flow)),
            (5350, "succeeded transfer".into())
        );
    }
}

#[test]
fn announcements_have_no_verdict_and_tell_of_a_gateway_that_started_anew() {
    let mut trace = Trace::new();
    let to_all = |wire: &[u8]| Packet::udp((GATEWAY, 5351), ("224.0.0.1", 5350), wire);
    trace.at(1.0, to_all(&address(5000)));
    trace.at(3.0, to_all(&address(5002)));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged transfer");
    assert_eq!(flow.by_port.as_deref(), Some("nat-pmp-announcement"));
    assert_eq!(flow.evidence.len(), 1);
    assert_eq!(
        flow.evidence[0].note,
        "announcement of the gateway, public address 198.51.100.7, started 5000 s ago"
    );
    trace.at(60.0, to_all(&address(0)));
    assert!(
        trace.flow().evidence[1]
            .note
            .contains("the gateway started anew")
    );
}

#[test]
fn a_search_by_ssdp_is_sent_to_a_group_and_nobody_has_to_answer() {
    let mut trace = heard();
    for at in [1.0, 2.0, 3.0] {
        let search = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n";
        trace.at(
            at,
            Packet::udp((CLIENT, PORT), ("239.255.255.250", 1900), search),
        );
    }
    trace.until(60.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged transfer");
    assert_eq!(
        (flow.by_port.as_deref(), flow.app.to_string()),
        (Some("ssdp"), "unknown".into())
    );
}
