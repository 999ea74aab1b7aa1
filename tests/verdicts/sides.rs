//! Both sides of a gateway: where a connection broke, and when that cannot be told.

use std::net::IpAddr;

use windfall::verdict::outcome::Where;
use windfall::verdict::summary::{Flow, Summary};

use crate::support::dns::{self, A};
use crate::support::session::{is_ignored, is_reset, succeeds, to};
use crate::support::tcp::{ACK, From, RST, Tcp};
use crate::support::trace::{Trace, requirement};
use crate::support::{CLIENT, HOST, SERVER, icmp};

/// The gateway's address on the other side, and what it adds to the client's ports.
const OUTSIDE: &str = "198.51.100.7";
const SHIFT: u16 = 10_000;

const OTHER_HOST: &str = "itunes.apple.com";
const OTHER_SERVER: &str = "203.0.113.77";
const PUBLIC_RESOLVER: &str = "9.9.9.9";

type Packet = crate::support::packet::Packet;

/// Where a packet is seen.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Both,
    Inside,
    Outside,
}

fn inside_if(only: bool) -> Seen {
    if only { Seen::Inside } else { Seen::Both }
}

fn outside_if(only: bool) -> Seen {
    if only { Seen::Outside } else { Seen::Both }
}

/// As the packet is on the other side of a gateway that translates addresses and ports.
fn translated(mut packet: Packet) -> Packet {
    let client: IpAddr = CLIENT.parse().unwrap();
    let outside = OUTSIDE.parse().unwrap();
    let mut shift = |from: usize| {
        let port = &mut packet.transport[from..from + 2];
        let number = u16::from_be_bytes(port.try_into().unwrap());
        port.copy_from_slice(&number.wrapping_add(SHIFT).to_be_bytes());
    };
    if packet.src == client {
        shift(0);
        packet.src = outside;
        packet.src_mac = [2, 0, 0, 0, 9, 7];
        packet.ttl -= 1;
    } else if packet.dst == client {
        shift(2);
        packet.dst = outside;
        packet.ttl += 1;
    }
    packet.on_interface(1)
}

/// What a client's side shows, with the other side beside it.
fn gateway(inside: &Trace, seen: impl Fn(f64, &Packet) -> Seen) -> Trace {
    through(inside, translated, seen)
}

fn through(
    inside: &Trace,
    translated: fn(Packet) -> Packet,
    seen: impl Fn(f64, &Packet) -> Seen,
) -> Trace {
    inside.each(|at, packet| {
        let seen = seen(at, &packet);
        let outward = packet.ttl == 64;
        let (first, second) = (at, at + 0.0002);
        let (inside, outside) = if outward {
            (first, second)
        } else {
            (second, first)
        };
        let far = (outside, translated(packet.clone()));
        let both = [(Seen::Outside, (inside, packet)), (Seen::Inside, far)];
        let shown = both.into_iter().filter(move |(hidden, _)| *hidden != seen);
        shown.map(|(_, packet)| packet).collect::<Vec<_>>()
    })
}

fn ports(packet: &Packet) -> (u16, u16) {
    let port = |at: usize| u16::from_be_bytes([packet.transport[at], packet.transport[at + 1]]);
    (port(0), port(2))
}

fn is_of(packet: &Packet, client_port: u16) -> bool {
    ports(packet).0 == client_port || ports(packet).1 == client_port
}

fn is_of_server(packet: &Packet) -> bool {
    packet.dst == CLIENT.parse::<IpAddr>().unwrap()
}

/// Another connection, before and after, that proves that both sides are captured.
fn with_others(trace: &mut Trace) {
    for (seconds, port) in [(0.0, 51_000), (40.0, 51_001)] {
        succeeds(trace, seconds, &mut to(port, OTHER_SERVER, 443), OTHER_HOST);
    }
}

const PORT: u16 = 50_001;

fn failing(summary: &Summary) -> &Flow {
    let mut flows = summary.flows.iter();
    let flow = flows.find(|flow| flow.client.ip.to_string() == CLIENT && flow.client.port == PORT);
    flow.unwrap()
}

fn broke(summary: &Summary) -> Option<Where> {
    failing(summary).whereabouts
}

/// A connection whose SYN is never answered inside.
fn unanswered() -> Trace {
    let mut trace = Trace::new();
    with_others(&mut trace);
    is_ignored(&mut trace, 5.0, &mut Tcp::new(PORT));
    trace
}

#[test]
fn a_syn_that_never_leaves_is_dropped_in_the_gateway() {
    let trace = gateway(&unanswered(), |_, packet| inside_if(is_of(packet, PORT)));
    let summary = trace.summary();
    assert_eq!(broke(&summary), Some(Where::DroppedInGateway));
    let flow = failing(&summary);
    let why = flow.explanation.as_deref().unwrap();
    assert!(why.contains("never left"), "{why}");
    assert_eq!(flow.twin, None);
    let proof = flow.evidence.last().unwrap();
    assert!(proof.note.contains("what leaves is captured"), "{proof:?}");
}

#[test]
fn packets_are_counted_once_and_the_device_is_the_one_inside() {
    let trace = gateway(&unanswered(), |_, _| Seen::Both);
    let summary = trace.summary();
    assert_eq!(summary.summary.outcome["succeeded"], 2);
    assert_eq!(summary.summary.outcome["stalled"], 1);
    let row = requirement(&summary, OTHER_HOST);
    assert_eq!(row.attempts.succeeded, 2);
    let addresses = &row.client.as_ref().unwrap().addresses;
    assert_eq!(addresses, &[CLIENT.parse::<IpAddr>().unwrap()]);
    let devices: Vec<_> = summary
        .requirements
        .iter()
        .filter_map(|row| row.client.as_ref())
        .collect();
    assert!(devices.iter().all(|client| client.addresses == *addresses));
    let twin = failing(&summary).twin.as_ref().unwrap();
    assert_eq!(
        (twin.client.ip.to_string().as_str(), twin.client.port),
        (OUTSIDE, PORT + SHIFT)
    );
}

#[test]
fn a_syn_that_leaves_and_is_not_answered_is_lost_beyond() {
    let trace = gateway(&unanswered(), |_, _| Seen::Both);
    assert_eq!(broke(&trace.summary()), Some(Where::BeyondGateway));
}

#[test]
fn a_syn_ack_that_comes_back_and_is_not_forwarded() {
    let mut inside = Trace::new();
    with_others(&mut inside);
    let mut tcp = Tcp::new(PORT);
    is_ignored(&mut inside, 5.0, &mut tcp);
    for seconds in [5.02, 6.02, 8.02] {
        inside.at(
            seconds,
            if seconds < 6.0 {
                tcp.syn_ack()
            } else {
                tcp.syn_ack_again()
            },
        );
    }
    let trace = gateway(&inside, |_, packet| {
        outside_if(is_of(packet, PORT) && is_of_server(packet))
    });
    let summary = trace.summary();
    assert_eq!(broke(&summary), Some(Where::NotForwardedBack));
    let proof = failing(&summary).evidence.last().unwrap();
    assert!(proof.note.contains("never came here"), "{proof:?}");
}

#[test]
fn what_the_client_does_not_acknowledge_was_not_lost_beyond() {
    let mut unheard = Trace::new();
    with_others(&mut unheard);
    let mut tcp = Tcp::new(PORT);
    unheard.at(5.0, tcp.syn());
    unheard.at(5.02, tcp.syn_ack());
    for seconds in [6.02, 8.02, 12.02] {
        unheard.at(seconds, tcp.syn_ack_again());
    }
    let mut unread = Trace::new();
    with_others(&mut unread);
    let mut tcp = Tcp::new(PORT);
    let flight = [7; 1000];
    unread.connect(5.0, &mut tcp);
    unread.at(5.03, tcp.data(From::Client, &[6; 100]));
    unread.at(5.05, tcp.data(From::Server, &flight));
    for seconds in [5.3, 6.0, 8.0, 12.0, 20.0] {
        unread.at(seconds, tcp.again(From::Server, flight.len(), &flight));
    }
    for inside in [unheard, unread] {
        let summary = gateway(&inside, |_, _| Seen::Both).summary();
        let flow = failing(&summary);
        assert_eq!(flow.outcome.as_str(), "stalled", "{flow:?}");
        assert_eq!(broke(&summary), None, "{:?}", flow.cause);
    }
}

#[test]
fn a_hello_that_never_leaves_is_dropped_in_the_gateway() {
    use crate::support::tls;
    let mut inside = Trace::new();
    with_others(&mut inside);
    let mut tcp = Tcp::new(PORT);
    inside.connect(5.0, &mut tcp);
    let hello = tls::client_hello(HOST);
    inside.at(5.03, tcp.data(From::Client, &hello));
    for seconds in [5.3, 6.0, 8.0, 12.0, 20.0] {
        inside.at(seconds, tcp.again(From::Client, hello.len(), &hello));
    }
    let trace = gateway(&inside, |at, packet| {
        inside_if(is_of(packet, PORT) && at > 5.025)
    });
    let summary = trace.summary();
    assert_eq!(failing(&summary).outcome.as_str(), "stalled");
    assert_eq!(broke(&summary), Some(Where::DroppedInGateway));
    // As it is when the hello leaves and is not answered.
    let beyond = gateway(&inside, |_, _| Seen::Both).summary();
    assert_eq!(broke(&beyond), Some(Where::BeyondGateway));
}

/// A connection that is reset after its hello.
fn reset() -> Trace {
    let mut trace = Trace::new();
    with_others(&mut trace);
    is_reset(&mut trace, 5.0, &mut Tcp::new(PORT), HOST);
    trace
}

#[test]
fn a_rst_that_only_the_inside_saw_is_the_gateways() {
    let inside = reset();
    let is_rst = |packet: &Packet| packet.transport[13] & 4 != 0;
    let trace = gateway(&inside, |_, packet| {
        inside_if(is_of(packet, PORT) && is_rst(packet))
    });
    assert_eq!(broke(&trace.summary()), Some(Where::RejectedByGateway));
    let beyond = gateway(&inside, |_, _| Seen::Both).summary();
    assert_eq!(broke(&beyond), Some(Where::BeyondGateway));
    assert_eq!(
        requirement(&beyond, HOST).whereabouts,
        Some(Where::BeyondGateway)
    );
}

#[test]
fn a_refusal_without_anything_leaving_is_the_gateways() {
    let mut refused = Trace::new();
    with_others(&mut refused);
    let mut tcp = Tcp::new(PORT);
    let syn = tcp.syn();
    refused.at(5.0, syn.clone());
    refused.at(5.0001, icmp::error("192.168.7.1", 3, 13, 0, &syn));
    let trace = gateway(&refused, |at, _| inside_if(at > 4.0 && at < 30.0));
    let summary = trace.summary();
    assert_eq!(
        failing(&summary).cause.unwrap().as_str(),
        "icmp-unreachable"
    );
    assert_eq!(broke(&summary), Some(Where::RejectedByGateway));
}

/// Nothing is told of these: what the capture does not show may have left.
#[test]
fn nothing_is_claimed_where_leaving_cannot_be_seen() {
    let hidden = |_: f64, packet: &Packet| inside_if(is_of(packet, PORT));
    let none = |trace: Trace, why: &str| {
        let summary = trace.summary();
        assert_eq!(failing(&summary).outcome.as_str(), "stalled", "{why}");
        assert_eq!(broke(&summary), None, "{why}");
    };
    none(gateway(&unanswered(), |_, _| Seen::Inside), "one side");
    let ended = gateway(&unanswered(), |at, packet| {
        if at > 6.0 {
            Seen::Inside
        } else {
            hidden(at, packet)
        }
    });
    none(ended, "the other side's capture ended");
    let late = gateway(&unanswered(), |at, packet| {
        if at < 6.0 {
            Seen::Inside
        } else {
            hidden(at, packet)
        }
    });
    none(late, "the other side's capture began later");
    let mut other_way = unanswered();
    succeeds(
        &mut other_way,
        10.0,
        &mut to(51_002, OTHER_SERVER, 443),
        OTHER_HOST,
    );
    let other_way = gateway(&other_way, |_, packet| {
        inside_if(is_of(packet, PORT) || is_of(packet, 51_002))
    });
    none(other_way, "something left by a way that is not captured");
    let mut hairpin = gateway(&unanswered(), hidden);
    let mut turned = Tcp::between((OUTSIDE, 40_000), ("192.168.7.30", 443));
    is_ignored(&mut hairpin, 5.0003, &mut turned);
    none(hairpin, "turned back to the same side");
    let mut proxy = gateway(&unanswered(), hidden);
    let mut own = Tcp::between((OUTSIDE, 40_001), (SERVER, 443));
    own.client_next = 77_000_000;
    let syn = own.syn().ttl(64).on_interface(1);
    for seconds in [5.1, 6.1, 8.1] {
        proxy.at(seconds, syn.clone());
    }
    none(proxy, "a proxy's own connection to the server");
    let renumbered = through(
        &unanswered(),
        |packet| {
            let mut packet = translated(packet);
            let outward = packet.src == OUTSIDE.parse::<IpAddr>().unwrap();
            packet.transport[if outward { 4 } else { 8 }] ^= 0x55;
            packet
        },
        hidden,
    );
    none(renumbered, "the gateway makes up sequence numbers");
}

/// What one side saw last may have been on its way to the other, or have come after that one's capture ended.
#[test]
fn nothing_is_claimed_of_what_the_other_side_may_have_missed() {
    let ended = |at: f64, _: &Packet| inside_if(at > 5.04);
    assert_eq!(broke(&gateway(&reset(), ended).summary()), None, "a RST");
    let mut inside = Trace::new();
    succeeds(
        &mut inside,
        0.0,
        &mut to(51_000, OTHER_SERVER, 443),
        OTHER_HOST,
    );
    let mut tcp = Tcp::new(PORT);
    is_ignored(&mut inside, 5.0, &mut tcp);
    inside.at(30.0, tcp.syn_ack());
    let late = gateway(&inside, |at, _| outside_if(at >= 30.0));
    assert_eq!(broke(&late.summary()), None, "a SYN-ACK");
}

/// The same by datagrams, which have no numbers.
#[test]
fn quic_is_told_by_its_datagrams() {
    use crate::support::quic::{Quic, client_hello, crypto};
    let mut inside = Trace::new();
    with_others(&mut inside);
    let mut quic = Quic::new(PORT);
    for seconds in [5.0, 5.3, 5.9, 7.1, 9.5, 14.3] {
        let hello = quic.initial(From::Client, &crypto(0, &client_hello(HOST)));
        inside.at(seconds, quic.datagram(From::Client, &[hello]));
    }
    let judged = |trace: Trace| {
        let summary = trace.summary();
        assert_eq!(failing(&summary).cause.unwrap().as_str(), "quic-unanswered");
        broke(&summary)
    };
    let none_leaves = |_: f64, packet: &Packet| inside_if(is_of(packet, PORT));
    let dropped = gateway(&inside, none_leaves);
    assert_eq!(judged(dropped), Some(Where::DroppedInGateway));
    let some_leave = |at: f64, packet: &Packet| inside_if(is_of(packet, PORT) && at > 6.0);
    let some = gateway(&inside, some_leave);
    assert_eq!(judged(some), Some(Where::DroppedInGateway));
    let beyond = gateway(&inside, |_, _| Seen::Both);
    assert_eq!(judged(beyond), Some(Where::BeyondGateway));
    let ended = gateway(&inside, |at, _| inside_if(at > 6.0));
    assert_eq!(judged(ended), None);
}

#[test]
fn without_translation_and_with_ports_kept_it_is_the_same() {
    let plain = |packet: Packet| {
        let ttl = if packet.ttl == 64 { 63 } else { 57 };
        packet.ttl(ttl).on_interface(1)
    };
    let hidden = |_: f64, packet: &Packet| inside_if(is_of(packet, PORT));
    let dropped = through(&unanswered(), plain, hidden).summary();
    assert_eq!(broke(&dropped), Some(Where::DroppedInGateway));
    let beyond = through(&unanswered(), plain, |_, _| Seen::Both).summary();
    assert_eq!(broke(&beyond), Some(Where::BeyondGateway));
}

/// Captured on all interfaces, a bridge shows a packet on its port and on itself: both are the client's side.
#[test]
fn a_copy_on_the_same_side_is_not_the_other_side() {
    let bridged = |trace: &Trace| {
        trace.each(|at, packet| {
            let copy = packet.clone().on_interface(2);
            let inside = packet.interface == 0;
            let copy = inside.then_some((at + 0.00005, copy));
            [(at, packet)].into_iter().chain(copy)
        })
    };
    let hidden = |_: f64, packet: &Packet| inside_if(is_of(packet, PORT));
    for (inside, wanted) in [
        (unanswered(), Where::DroppedInGateway),
        (refused(), Where::RejectedByGateway),
    ] {
        let summary = bridged(&gateway(&inside, hidden)).summary();
        assert_eq!(broke(&summary), Some(wanted));
        let beyond = bridged(&gateway(&inside, |_, _| Seen::Both)).summary();
        assert_eq!(broke(&beyond), Some(Where::BeyondGateway));
        let one_side = bridged(&inside).summary();
        assert_eq!(broke(&one_side), None);
    }
}

/// A connection that is refused at once.
fn refused() -> Trace {
    let mut trace = Trace::new();
    with_others(&mut trace);
    let mut tcp = Tcp::new(PORT);
    trace.at(5.0, tcp.syn());
    let next = tcp.next(From::Client);
    trace.at(5.02, tcp.raw(From::Server, RST | ACK, 0, next, &[]));
    trace
}

#[test]
fn what_the_client_ended_itself_has_no_side() {
    let mut inside = Trace::new();
    with_others(&mut inside);
    let mut tcp = Tcp::new(PORT);
    inside.connect(5.0, &mut tcp);
    inside.at(5.03, tcp.rst(From::Client));
    let summary = gateway(&inside, |_, _| Seen::Both).summary();
    assert_eq!(broke(&summary), None);
}

/// DNS questions to a public resolver: counted once, and told where their answers were lost.
#[test]
fn questions_pass_the_gateway_too() {
    let ask = |id: u16, name: &str| {
        Packet::udp(
            (CLIENT, PORT),
            (PUBLIC_RESOLVER, 53),
            &dns::query(id, name, A),
        )
    };
    let answer = |id: u16, name: &str| {
        let said = dns::addresses(id, name, A, &[SERVER]);
        Packet::udp((PUBLIC_RESOLVER, 53), (CLIENT, PORT), &said)
    };
    let mut inside = Trace::new();
    with_others(&mut inside);
    inside
        .at(1.0, ask(1, OTHER_HOST))
        .at(1.02, answer(1, OTHER_HOST));
    for seconds in [5.0, 6.0, 8.0] {
        inside.at(seconds, ask(2, HOST));
    }
    let unanswered = inside.clone();
    inside.at(5.02, answer(2, HOST));
    let is_lost = |at: f64, packet: &Packet| at > 4.0 && at < 30.0 && is_of_server(packet);
    let lost = gateway(&inside, |at, packet| outside_if(is_lost(at, packet)));
    let summary = lost.summary();
    let names: Vec<_> = summary.dns.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, [OTHER_HOST, HOST]);
    assert!(
        summary
            .dns
            .iter()
            .all(|row| row.client.to_string() == CLIENT)
    );
    assert_eq!(summary.dns[1].whereabouts, Some(Where::NotForwardedBack));
    let dropped = gateway(&unanswered, |at, _| inside_if(at > 4.0 && at < 30.0));
    let dropped = &dropped.summary().dns[1];
    assert_eq!(dropped.whereabouts, Some(Where::DroppedInGateway));
    let remedy = dropped.remedy.as_deref().unwrap();
    let rule =
        format!("Allow 53/udp from {CLIENT} to the resolver ({PUBLIC_RESOLVER}) in this gateway's");
    assert!(remedy.starts_with(&rule), "{remedy}");
    let beyond = gateway(&unanswered, |_, _| Seen::Both).summary();
    assert_eq!(beyond.dns.len(), 2);
    assert_eq!(beyond.dns[1].whereabouts, Some(Where::BeyondGateway));
    // The answer may have come when a side was not captured any more.
    let mut alone = Trace::new();
    succeeds(
        &mut alone,
        0.0,
        &mut to(51_000, OTHER_SERVER, 443),
        OTHER_HOST,
    );
    alone
        .at(5.0, ask(2, HOST))
        .at(5.04, answer(2, HOST))
        .until(30.0);
    let unseen = gateway(&alone, |at, _| outside_if(at > 5.02)).summary();
    assert_eq!(unseen.dns[0].outcome.as_str(), "stalled");
    assert_eq!(unseen.dns[0].whereabouts, None);
    let ended = gateway(&unanswered, |at, _| inside_if(at > 8.5)).summary();
    assert_eq!(ended.dns[1].whereabouts, None);
}
