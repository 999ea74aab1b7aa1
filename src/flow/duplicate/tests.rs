use std::net::IpAddr;

use super::*;
use crate::decode::{IcmpView, QuotedPacket, TcpFlags, TcpView, UdpView, Vlans};
use crate::flow::key::{PlaceInfo, Places};

fn packet(ip_id: Option<u16>, transport: TransportView<'_>) -> PacketView<'_> {
    PacketView {
        src_mac: None,
        dst_mac: None,
        vlans: Vlans::default(),
        if_index: 0,
        process: None,
        src: IpAddr::from([192, 168, 7, 20]),
        dst: IpAddr::from([17, 0, 0, 1]),
        ttl: 64,
        ip_id,
        transport,
    }
}

fn segment(seq: u32, options: &[u8]) -> TransportView<'_> {
    TransportView::Tcp(TcpView {
        src_port: 50_000,
        dst_port: 443,
        seq,
        ack: 1,
        flags: TcpFlags(TcpFlags::ACK),
        window: 500,
        options,
        payload: b"hello",
        wire_len: 5,
    })
}

fn datagram(payload: &[u8]) -> TransportView<'_> {
    TransportView::Udp(UdpView {
        src_port: 5353,
        dst_port: 53,
        payload,
        wire_len: 64,
    })
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_nanos(1_700_000_000_000_000_000 + micros * 1000)
}

#[test]
fn a_copy_within_a_millisecond_is_recognised_however_many_there_are() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    let original = packet(Some(7), segment(1, &[]));
    assert!(!filter.is_copy(&original, here, None, at(0)));
    for micros in [0, 20, 900, 1000] {
        assert!(
            filter.is_copy(&original, here, None, at(micros)),
            "{micros}"
        );
    }
    // The millisecond runs from the original, so a slow repetition does not keep itself hidden.
    assert!(!filter.is_copy(&original, here, None, at(1001)));
}

#[test]
fn a_retransmission_is_no_copy() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    assert!(!filter.is_copy(&packet(Some(7), segment(1, &[])), here, None, at(0)));
    let other_id = packet(Some(8), segment(1, &[]));
    assert!(!filter.is_copy(&other_id, here, None, at(200)));
    // IPv6 has no identification, but the timestamps option moves on (kind 8: value 1, then 2).
    let stamps = [
        [8, 10, 0, 0, 0, 1, 0, 0, 0, 0],
        [8, 10, 0, 0, 0, 2, 0, 0, 0, 0],
    ];
    for stamp in &stamps {
        assert!(!filter.is_copy(&packet(None, segment(1, stamp)), here, None, at(300)));
    }
    assert!(filter.is_copy(&packet(None, segment(1, &stamps[1])), here, None, at(310)));
}

#[test]
fn the_same_packet_at_another_place_is_no_copy() {
    let (mut filter, mut places) = (DuplicateFilter::default(), Places::default());
    let mut vlans = Vlans::default();
    vlans.push(7);
    let plain = PlaceInfo::default();
    let tagged = PlaceInfo { vlans, ..plain };
    let other_interface = PlaceInfo {
        interface: crate::capture::frame::InterfaceId(1),
        ..plain
    };
    let other_index = PlaceInfo {
        if_index: 3,
        ..plain
    };
    let original = packet(Some(7), segment(1, &[]));
    for info in [plain, tagged, other_interface, other_index] {
        let place = places.intern(info);
        assert!(!filter.is_copy(&original, place, None, at(0)), "{info:?}");
        assert!(filter.is_copy(&original, place, None, at(10)), "{info:?}");
    }
}

#[test]
fn datagrams_of_one_length_are_told_apart_by_their_first_bytes() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    assert!(!filter.is_copy(&packet(None, datagram(&[1; 64])), here, None, at(0)));
    assert!(!filter.is_copy(&packet(None, datagram(&[2; 64])), here, None, at(1)));
    assert!(filter.is_copy(&packet(None, datagram(&[1; 64])), here, None, at(2)));
}

#[test]
fn packets_in_between_do_not_hide_a_copy() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    let missed = (0..10_000u32)
        .filter(|&n| {
            // One packet each 10 µs, and its copy 500 µs later: 50 others in between.
            let micros = i64::from(n) * 10;
            assert!(!filter.is_copy(&packet(None, segment(n, &[])), here, None, at(micros)));
            let Some(earlier) = n.checked_sub(50) else {
                return false;
            };
            let copy = packet(None, segment(earlier, &[]));
            !filter.is_copy(&copy, here, None, at(micros + 1))
        })
        .count();
    assert!(missed <= 2, "{missed} of 10,000 copies went unnoticed");
}

#[test]
fn the_copies_that_are_noticed_are_the_same_in_every_run() {
    let here = Place::default();
    // More packets in one moment than there are fingerprints, and a copy of each.
    let noticed = |conversation: Option<u64>| -> Vec<u32> {
        let mut filter = DuplicateFilter::default();
        let mut copies = (0..12_000u32).map(|n| n % 6000).filter(|&n| {
            let packet = packet(None, segment(n.wrapping_mul(1448), &[]));
            filter.is_copy(&packet, here, conversation, at(0))
        });
        copies.by_ref().collect()
    };
    // The key of the hash differs from filter to filter, and with it what stands for a conversation.
    let first = noticed(None);
    assert_eq!(first, noticed(None));
    assert_eq!(first, noticed(Some(5)));
    assert_eq!(first, noticed(Some(6)));
    assert!((1..6000).contains(&first.len()), "{}", first.len());
}

fn unreachable(quoted_seq: Option<u32>) -> TransportView<'static> {
    TransportView::Icmp(IcmpView {
        v6: true,
        kind: 1,
        code: 4,
        mtu: None,
        quoted: quoted_seq.map(|seq| QuotedPacket {
            src: IpAddr::from([192, 168, 7, 20]),
            dst: IpAddr::from([17, 0, 0, 1]),
            protocol: 6,
            src_port: 50_000,
            dst_port: 443,
            seq: Some(seq),
        }),
    })
}

#[test]
fn an_icmp_error_is_known_by_what_it_quotes() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    assert!(!filter.is_copy(&packet(None, unreachable(Some(1))), here, None, at(0)));
    assert!(!filter.is_copy(&packet(None, unreachable(Some(2))), here, None, at(1)));
    assert!(filter.is_copy(&packet(None, unreachable(Some(1))), here, None, at(2)));
}

#[test]
fn what_has_no_numbers_to_compare_is_never_a_copy() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    for transport in [
        TransportView::Other(50),
        TransportView::Fragment,
        unreachable(None),
    ] {
        for _ in 0..2 {
            assert!(!filter.is_copy(&packet(Some(1), transport), here, None, at(0)));
        }
    }
}

#[test]
fn a_conversation_that_is_hashed_already_stands_for_both_ends() {
    let (mut filter, here) = (DuplicateFilter::default(), Place::default());
    let original = packet(Some(7), segment(1, &[]));
    assert!(!filter.is_copy(&original, here, Some(5), at(0)));
    assert!(!filter.is_copy(&original, here, Some(6), at(1)));
    assert!(!filter.is_copy(&packet(Some(7), segment(2, &[])), here, Some(5), at(2)));
    assert!(filter.is_copy(&original, here, Some(5), at(3)));
    assert!(filter.is_copy(&original, here, Some(6), at(4)));
}
