//! IP options and extension headers, IP in IP, GRE, and packets longer than their length field can say.

use super::build::{
    BOB, ETHERNET, NO_FACTS, RAW, alice_to_bob, carries, cut_frame, error, ethernet, frame,
    hello_v4, hello_v6, ipv4, ipv6, tcp,
};
use crate::decode::{DecodeError, Decoder, TransportView};

/// What a raw IP packet's transport is.
fn transport_number(packet: &[u8]) -> u8 {
    match Decoder::new()
        .decode(&frame(RAW, packet))
        .unwrap()
        .transport
    {
        TransportView::Other(number) => number,
        other => panic!("{other:?}"),
    }
}

/// Payload length on the wire and as captured.
fn tcp_lengths(link: u16, bytes: &[u8], original_len: usize) -> (u32, usize) {
    let mut decoder = Decoder::new();
    let view = decoder
        .decode(&cut_frame(link, bytes, original_len))
        .unwrap();
    match view.transport {
        TransportView::Tcp(segment) => (segment.wire_len, segment.payload.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ipv4_options_are_passed_over() {
    let mut packet = ipv4(6, &[&[0x94, 4, 0, 0][..], &tcp(&[], b"hello")].concat());
    packet[0] = 0x46;
    assert_eq!(carries(RAW, &[], &packet), NO_FACTS);
}

#[test]
fn super_frames_are_as_long_as_the_wire_says() {
    // Segmentation offload: the length does not fit its field, which is 0 then.
    let mut packet = ipv4(6, &tcp(&[], b""));
    packet[2..4].fill(0);
    packet.resize(40 + 70_000, 7);
    assert_eq!(tcp_lengths(RAW, &packet, packet.len()), (70_000, 70_000));
    assert_eq!(tcp_lengths(RAW, &packet[..96], packet.len()), (70_000, 56));
    let mut packet = ipv6(6, &tcp(&[], b""));
    packet[4..6].fill(0);
    packet.resize(60 + 70_000, 7);
    let framed = ethernet(0x86dd, &packet);
    assert_eq!(
        tcp_lengths(ETHERNET, &framed, framed.len()),
        (70_000, 70_000)
    );
    // 64 KiB less a byte still fits.
    let packet = ipv4(6, &tcp(&[], &vec![7; 0xffff - 40]));
    assert_eq!(tcp_lengths(RAW, &packet, packet.len()), (65_495, 65_495));
}

/// An extension header of 8 or 16 bytes (RFC 8200 4.3 and following).
fn extension(next: u8, words: u8) -> Vec<u8> {
    let mut bytes = vec![next, words];
    bytes.resize(8 + usize::from(words) * 8, 0);
    bytes
}

#[test]
fn ipv6_extension_headers_of_every_kind_are_passed_over() {
    for kind in [0, 43, 60, 135, 139, 140] {
        for words in [0, 1] {
            let header = [ipv6(kind, &[]), extension(6, words)].concat();
            let mut packet = [header, tcp(&[], b"hello")].concat();
            let length = u16::try_from(packet.len() - 40).unwrap();
            packet[4..6].copy_from_slice(&length.to_be_bytes());
            assert_eq!(carries(RAW, &[], &packet), NO_FACTS);
        }
    }
    // Fragment header of a datagram in one piece (RFC 6946), with a reserved byte set.
    let atomic = [&[6, 0xff, 0, 0, 0, 0, 0, 9][..], &tcp(&[], b"hello")].concat();
    assert_eq!(carries(RAW, &[], &ipv6(44, &atomic)), NO_FACTS);
}

#[test]
fn authentication_headers_are_passed_over_under_both_versions() {
    // RFC 4302 2: the length counts 4-byte words, less 2.
    let authenticated = [vec![6, 4], vec![0; 22], tcp(&[], b"hello")].concat();
    assert_eq!(carries(RAW, &[], &ipv4(51, &authenticated)), NO_FACTS);
    assert_eq!(carries(RAW, &[], &ipv6(51, &authenticated)), NO_FACTS);
}

#[test]
fn extension_headers_are_bounded() {
    let chain = |count: usize| {
        let headers = (1..count).flat_map(|_| extension(60, 0));
        let payload: Vec<u8> = headers
            .chain(extension(6, 0))
            .chain(tcp(&[], b"hello"))
            .collect();
        ipv6(60, &payload)
    };
    assert_eq!(carries(RAW, &[], &chain(9)), NO_FACTS);
    assert_eq!(error(RAW, &chain(10)), DecodeError::TooManyExtensions);
}

#[test]
fn what_cannot_be_followed_keeps_its_number() {
    // ESP, no next header, OSPF, SCTP.
    for number in [50, 59, 89, 132] {
        assert_eq!(transport_number(&ipv4(number, &[0; 20])), number);
        assert_eq!(transport_number(&ipv6(number, &[0; 20])), number);
    }
    let hidden = [extension(50, 0), vec![0; 20]].concat();
    assert_eq!(transport_number(&ipv6(60, &hidden)), 50);
}

#[test]
fn ip_in_ip_of_every_pairing() {
    for inner in [hello_v4(), hello_v6()] {
        let number = if inner[0] >> 4 == 4 { 4 } else { 41 };
        assert_eq!(carries(RAW, &[], &ipv4(number, &inner)), NO_FACTS);
        assert_eq!(carries(RAW, &[], &ipv6(number, &inner)), NO_FACTS);
    }
    let three = ipv4(41, &ipv6(4, &ipv4(41, &hello_v6())));
    assert_eq!(carries(RAW, &[], &three), NO_FACTS);
    assert_eq!(error(RAW, &ipv4(4, &three)), DecodeError::TooManyTunnels);
}

#[test]
fn gre_with_any_of_its_fields() {
    // RFC 2784 2.1, RFC 2890 2: checksum, key and sequence number, 4 bytes each.
    for (flags, fields) in [(0x00, 0), (0x80, 4), (0x20, 4), (0x10, 4), (0xb0, 12)] {
        let header = [vec![flags, 0, 0x86, 0xdd], vec![0; fields]].concat();
        let tunnelled = [header, hello_v6()].concat();
        assert_eq!(carries(RAW, &[], &ipv4(47, &tunnelled)), NO_FACTS);
        assert_eq!(carries(RAW, &[], &ipv6(47, &tunnelled)), NO_FACTS);
    }
    // A whole Ethernet frame with a tag: the inner stations talk.
    let inner = ethernet(0x8100, &[&[0, 7, 8, 0][..], &hello_v4()].concat());
    let bridged = [&[0, 0, 0x65, 0x58][..], &inner].concat();
    assert_eq!(carries(RAW, &[], &ipv4(47, &bridged)), alice_to_bob(&[7]));
}

#[test]
fn gre_that_holds_no_ip_is_a_packet_of_its_own() {
    // PPTP (version 1), source routing, ARP, a bridged frame of LLDP.
    let lldp = [&[0, 0, 0x65, 0x58][..], &ethernet(0x88cc, &[0; 40])].concat();
    for tunnelled in [
        &[0x30, 0x01, 0x88, 0x0b, 0, 0, 0, 0][..],
        &[0x40, 0, 8, 0, 0, 0, 0, 0],
        &[0, 0, 8, 6, 0, 0, 0, 0],
        &lldp,
    ] {
        assert_eq!(transport_number(&ipv4(47, tunnelled)), 47);
    }
    // The outer stations stay.
    let mut outer = ethernet(0x0800, &ipv4(47, &lldp));
    outer[0] = 0xee;
    let mut decoder = Decoder::new();
    let view = decoder.decode(&frame(ETHERNET, &outer)).unwrap();
    assert_eq!(view.dst_mac.unwrap().0[1..], BOB[1..]);
    assert_eq!(view.dst_mac.unwrap().0[0], 0xee);
}
