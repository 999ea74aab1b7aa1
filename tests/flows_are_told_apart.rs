//! Which packets make one conversation, which make two, and which are only seen twice.
#![expect(clippy::unwrap_used, reason = "a test asserts by panicking")]

use std::net::Ipv4Addr;

use etherparse::{PacketBuilder, TcpHeader, VlanId};
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::catalogue::{Catalogue, Profile};
use windfall::flow::Flow;
use windfall::monitor::{Limits, Monitor};

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 20);
const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);

/// A segment and where it is captured.
#[derive(Clone, Copy)]
struct Segment {
    from: (Ipv4Addr, u16),
    to: (Ipv4Addr, u16),
    flags: &'static str,
    seq: u32,
    ack: u32,
    payload: &'static [u8],
    window: u16,
    ip_id: u16,
    vlan: Option<u16>,
    interface: u16,
}

/// From the client, unless turned round.
fn client(flags: &'static str, seq: u32, ack: u32) -> Segment {
    Segment {
        from: (CLIENT, 50_000),
        to: (SERVER, 443),
        flags,
        seq,
        ack,
        payload: b"",
        window: 500,
        ip_id: 0,
        vlan: None,
        interface: 0,
    }
}

fn server(flags: &'static str, seq: u32, ack: u32) -> Segment {
    let segment = client(flags, seq, ack);
    Segment {
        from: segment.to,
        to: segment.from,
        ..segment
    }
}

impl Segment {
    fn bytes(self) -> Vec<u8> {
        let mut tcp = TcpHeader::new(self.from.1, self.to.1, self.seq, self.window);
        tcp.acknowledgment_number = self.ack;
        tcp.syn = self.flags.contains('S');
        tcp.ack = self.flags.contains('A');
        tcp.fin = self.flags.contains('F');
        tcp.rst = self.flags.contains('R');
        tcp.psh = self.flags.contains('P');
        let mut ip = etherparse::Ipv4Header::new(
            0,
            64,
            etherparse::IpNumber::TCP,
            self.from.0.octets(),
            self.to.0.octets(),
        )
        .unwrap();
        ip.identification = self.ip_id;
        let ip = etherparse::IpHeaders::Ipv4(ip, etherparse::Ipv4Extensions::default());
        let link = PacketBuilder::ethernet2([2; 6], [4; 6]);
        let packet = match self.vlan {
            Some(vlan) => link.single_vlan(VlanId::try_new(vlan).unwrap()).ip(ip),
            None => link.ip(ip),
        };
        let mut bytes = Vec::new();
        packet
            .tcp_header(tcp)
            .write(&mut bytes, self.payload)
            .unwrap();
        bytes
    }
}

fn frame(micros: i64, number: u64, link: u16, bytes: &[u8]) -> Frame<'_> {
    Frame {
        seen: Seen {
            at: Timestamp::from_nanos(micros * 1000),
            frame: FrameId::new(0, number),
        },
        interface: InterfaceId(0),
        link: LinkType(link),
        process: None,
        bytes,
        original_len: u32::try_from(bytes.len()).unwrap(),
    }
}

/// Hands segments to a monitor, each with its time in microseconds.
fn feed(monitor: &mut Monitor<'_>, trace: impl IntoIterator<Item = (i64, Segment)>) {
    for ((micros, segment), number) in trace.into_iter().zip(1..) {
        let bytes = segment.bytes();
        monitor.packet(&Frame {
            interface: InterfaceId(segment.interface),
            ..frame(micros, number, 1, &bytes)
        });
    }
}

/// Frames that were copies.
fn copies(monitor: &Monitor<'_>) -> u64 {
    let inputs = monitor.capture_counters().iter();
    inputs.map(|input| input.duplicates).sum()
}

/// The conversations that a trace makes, and how many frames were copies.
fn flows(trace: &[(i64, Segment)]) -> (Vec<Flow>, u64) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    feed(&mut monitor, trace.iter().copied());
    let copies = copies(&monitor);
    let observed = monitor.observed();
    let conversations = observed.conversations.iter();
    (
        conversations
            .map(|(conversation, _)| conversation.flow.clone())
            .collect(),
        copies,
    )
}

const MILLISECOND: i64 = 1000;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;

#[test]
fn a_port_used_again_with_another_initial_number_is_another_flow() {
    let (flows, _) = flows(&[
        (0, client("S", 1000, 0)),
        (20 * MILLISECOND, server("SA", 5000, 1001)),
        (40 * MILLISECOND, client("A", 1001, 5001)),
        (50 * MILLISECOND, client("FA", 1001, 5001)),
        (70 * MILLISECOND, server("FA", 5001, 1002)),
        (SECOND, client("S", 900_000, 0)),
        (SECOND + 20 * MILLISECOND, server("SA", 77, 900_001)),
    ]);
    let [first, second] = &flows[..] else {
        panic!("two flows, not {}", flows.len());
    };
    assert_eq!((first.frames.client, first.frames.server), (3, 2));
    assert_eq!((second.frames.client, second.frames.server), (1, 1));
    assert_eq!(first.key, second.key);
}

#[test]
fn a_syn_sent_again_is_the_same_flow() {
    let (flows, copies) = flows(&[
        (0, client("S", 1000, 0)),
        (SECOND, client("S", 1000, 0)),
        (3 * SECOND, client("S", 1000, 0)),
    ]);
    assert_eq!((flows.len(), copies), (1, 0));
    let syn = flows[0].tcp.as_ref().unwrap().opening.syn.clone().unwrap();
    assert_eq!(syn.sightings.count, 3);
}

#[test]
fn a_syn_captured_after_its_own_answer_belongs_to_it() {
    let (flows, _) = flows(&[
        (0, server("SA", 5000, 1001)),
        (10, client("S", 1000, 0)),
        (20 * MILLISECOND, client("A", 1001, 5001)),
    ]);
    assert_eq!(flows.len(), 1);
    let opening = &flows[0].tcp.as_ref().unwrap().opening;
    assert!(opening.syn.is_some() && opening.established.is_some());
    assert!(!flows[0].midstream);
}

#[test]
fn a_frame_captured_twice_counts_once() {
    let hello = Segment {
        payload: b"hello",
        ip_id: 7,
        ..client("PA", 1001, 5001)
    };
    let (flows, copies) = flows(&[
        (0, client("S", 1000, 0)),
        (15, client("S", 1000, 0)),
        (20 * MILLISECOND, server("SA", 5000, 1001)),
        (40 * MILLISECOND, hello),
        (40 * MILLISECOND + 900, hello),
        // Sent again: after the millisecond, or under another identification.
        (40 * MILLISECOND + 1100, hello),
        (40 * MILLISECOND + 1200, Segment { ip_id: 8, ..hello }),
    ]);
    assert_eq!((flows.len(), copies), (1, 2));
    let tcp = flows[0].tcp.as_ref().unwrap();
    assert_eq!(tcp.opening.syn.as_ref().unwrap().sightings.count, 1);
    assert_eq!(tcp.half.client.retransmissions, 2);
    assert_eq!((flows[0].frames.client, flows[0].bytes.client), (4, 15));
}

#[test]
fn the_same_packets_on_another_vlan_or_interface_are_another_flow_and_no_copies() {
    let syn = client("S", 1000, 0);
    let (flows, copies) = flows(&[
        (0, syn),
        (
            5,
            Segment {
                vlan: Some(7),
                ..syn
            },
        ),
        (
            10,
            Segment {
                vlan: Some(8),
                ..syn
            },
        ),
        (
            15,
            Segment {
                interface: 1,
                ..syn
            },
        ),
    ]);
    assert_eq!((flows.len(), copies), (4, 0));
}

#[test]
fn interface_any_shows_a_forwarded_packet_twice() {
    const ETHERNET_BYTES: usize = 14;
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let packet = client("S", 1000, 0).bytes().split_off(ETHERNET_BYTES);
    let mut forwarded = packet.clone();
    forwarded[8] = 63; // One hop less.
    // Linux cooked capture, version 1: in on one interface and out on another.
    let cooked = |kind: u8, packet: &[u8]| {
        let head = [0, kind, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0];
        [&head[..], packet].concat()
    };
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    monitor.packet(&frame(0, 1, 113, &cooked(0, &packet)));
    monitor.packet(&frame(30, 2, 113, &cooked(4, &forwarded)));
    assert_eq!(copies(&monitor), 1);
    assert_eq!(monitor.observed().conversations.len(), 1);
    // Version 2 tells the interface: two places, whose flows the report knows as twins.
    let cooked = |index: u8, packet: &[u8]| {
        let head = [
            8, 0, 0, 0, 0, 0, 0, index, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0,
        ];
        [&head[..], packet].concat()
    };
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    monitor.packet(&frame(0, 1, 276, &cooked(2, &packet)));
    monitor.packet(&frame(30, 2, 276, &cooked(3, &forwarded)));
    assert_eq!(copies(&monitor), 0);
    assert_eq!(monitor.observed().conversations.len(), 2);
}

#[test]
fn a_byte_that_a_window_probe_carried_is_not_missing() {
    let said = |flags, seq, ack, payload| Segment {
        payload,
        ..client(flags, seq, ack)
    };
    let trace = [
        (0, client("S", 1000, 0)),
        (20, server("SA", 5000, 1001)),
        (40, client("A", 1001, 5001)),
        (50, said("PA", 1001, 5001, b"GET / HTTP/1.1\r\n")),
        (
            70,
            Segment {
                window: 0,
                ..server("A", 5001, 1017)
            },
        ),
        (5000, said("A", 1017, 5001, b"H")),
        (5020, server("A", 5001, 1018)),
        (
            5040,
            said("PA", 1018, 5001, b"ost: init.itunes.apple.com\r\n\r\n"),
        ),
        (5060, server("A", 5001, 1048)),
        // Silent for a minute: a byte of garbage at the last number.
        (65_000, said("A", 1047, 5001, b"\0")),
    ];
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    let ports = trace.map(|(millis, mut segment)| {
        for end in [&mut segment.from, &mut segment.to] {
            end.1 = if end.1 == 443 { 80 } else { end.1 };
        }
        (millis * MILLISECOND, segment)
    });
    feed(&mut monitor, ports);
    let observed = monitor.observed();
    let [(conversation, _)] = observed.conversations[..] else {
        panic!("{} flows", observed.conversations.len());
    };
    let (host, _) = windfall::verdict::subject::spoken_name(conversation).unwrap();
    assert_eq!(host.as_bytes(), b"init.itunes.apple.com");
    let sent = &conversation.flow.tcp.as_ref().unwrap().half.client;
    assert_eq!(sent.retransmissions, 0);
}

#[test]
fn joined_midstream_the_end_with_the_service_is_the_server() {
    let data = Segment {
        payload: b"data",
        ..server("PA", 5001, 1001)
    };
    let (flows, _) = flows(&[(0, data), (20 * MILLISECOND, client("A", 1001, 5005))]);
    assert_eq!(flows.len(), 1);
    assert!(flows[0].midstream && flows[0].both_ways());
    assert_eq!(flows[0].endpoint(windfall::side::Side::Client).0, CLIENT);
    assert_eq!(flows[0].bytes.server, 4);
}

#[test]
fn one_direction_alone_is_known_to_be_that() {
    let (flows, _) = flows(&[
        (0, client("S", 1000, 0)),
        (40 * MILLISECOND, client("A", 1001, 5001)),
        (41 * MILLISECOND, client("FA", 1001, 5001)),
    ]);
    assert_eq!(flows.len(), 1);
    assert!(!flows[0].both_ways() && !flows[0].midstream);
}

#[test]
fn a_connection_silent_for_hours_is_forgotten_and_one_silent_for_minutes_is_not() {
    let later = |silence| {
        let trace = [
            (0, client("A", 1001, 5001)),
            (silence, client("A", 1001, 5001)),
        ];
        flows(&trace).0.len()
    };
    assert_eq!(later(30 * 60 * SECOND), 1);
    assert_eq!(later(2 * HOUR + 5 * 60 * SECOND), 2);
}

#[test]
fn a_flood_of_unanswered_syns_does_not_push_out_who_was_answered() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let limits = Limits {
        flows: 500,
        ..Limits::default()
    };
    let mut monitor = Monitor::new(&catalogue, limits);
    let answered = (0..50u16).flat_map(|n| {
        let port = 40_000 + n;
        let (there, back) = (client("S", 1000, 0), server("SA", 5000, 1001));
        let at = i64::from(n) * MILLISECOND;
        [
            (
                at,
                Segment {
                    from: (CLIENT, port),
                    ..there
                },
            ),
            (
                at + 500,
                Segment {
                    to: (CLIENT, port),
                    ..back
                },
            ),
        ]
    });
    feed(&mut monitor, answered);
    let flood = (0..20_000u32).map(|n| {
        let from = (Ipv4Addr::from(0x0a00_0000 + n), 1024);
        (
            SECOND + i64::from(n) * 10,
            Segment {
                from,
                ..client("S", n, 0)
            },
        )
    });
    feed(&mut monitor, flood);
    let observed = monitor.observed();
    assert_eq!(observed.conversations.len(), 500);
    let kept = observed
        .conversations
        .iter()
        .filter(|(conversation, _)| conversation.flow.both_ways());
    assert_eq!(kept.count(), 50);
    assert_eq!(observed.limits_hit.get("flows"), Some(&(20_050 - 500)));
}
