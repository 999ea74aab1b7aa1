//! Packets and frames, and the one packet that most tests wrap: "hello" from port 50000 to port 443.

use std::net::IpAddr;

use crate::capture::frame::{Frame, InterfaceId, LinkType, Seen};
use crate::decode::{
    DecodeError, Decoder, ErrorClass, MacAddr, PacketView, TcpFlags, TransportView,
};

pub(super) const ETHERNET: u16 = 1;
pub(super) const RAW: u16 = 101;

/// MAC addresses of the two stations.
pub(super) const ALICE: [u8; 6] = [0x02, 0, 0, 0, 0, 0xa1];
pub(super) const BOB: [u8; 6] = [0x02, 0, 0, 0, 0, 0xb2];

pub(super) fn frame(link: u16, bytes: &[u8]) -> Frame<'_> {
    cut_frame(link, bytes, bytes.len())
}

/// A frame that was `original_len` bytes long.
pub(super) fn cut_frame(link: u16, bytes: &[u8], original_len: usize) -> Frame<'_> {
    Frame {
        seen: Seen::default(),
        interface: InterfaceId(0),
        link: LinkType(link),
        process: None,
        bytes,
        original_len: u32::try_from(original_len).unwrap(),
    }
}

/// Why a frame yields no packet.
pub(super) fn error(link: u16, bytes: &[u8]) -> DecodeError {
    Decoder::new().decode(&frame(link, bytes)).unwrap_err()
}

/// RFC 9293 3.1: from 50000 to 443, sequence number 1000, acknowledging 2000, PSH and ACK, window 500.
pub(super) fn tcp(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let ports = [50_000u16.to_be_bytes(), 443u16.to_be_bytes()].concat();
    let numbers = [1000u32.to_be_bytes(), 2000u32.to_be_bytes()].concat();
    let rest = [words << 4, 0x18, 0x01, 0xf4, 0, 0, 0, 0];
    [&ports, &numbers, &rest[..], options, payload].concat()
}

/// RFC 768: from 5353 to 53.
pub(super) fn udp(payload: &[u8]) -> Vec<u8> {
    udp_with_length(u16::try_from(8 + payload.len()).unwrap(), payload)
}

pub(super) fn udp_with_length(length: u16, payload: &[u8]) -> Vec<u8> {
    let [a, b] = length.to_be_bytes();
    [&[0x14, 0xe9, 0, 53, a, b, 0, 0][..], payload].concat()
}

/// RFC 791 3.1: from 192.0.2.1 to 198.51.100.2, TTL 64, identification 0x1234.
pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(protocol, 0, payload)
}

/// As [`ipv4`], with these flags and fragment offset.
pub(super) fn ipv4_part(protocol: u8, flags_and_offset: u16, payload: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let [c, d] = flags_and_offset.to_be_bytes();
    let header = [0x45, 0, a, b, 0x12, 0x34, c, d, 64, protocol, 0, 0];
    [&header[..], &[192, 0, 2, 1], &[198, 51, 100, 2], payload].concat()
}

/// RFC 8200 3: from `2001:db8::1` to `2001:db8::2`, hop limit 64.
pub(super) fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, a, b, next_header, 64];
    for last in [1, 2] {
        packet.extend([
            0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last,
        ]);
    }
    packet.extend(payload);
    packet
}

/// The packet that most tests wrap, over IPv4 and over IPv6.
pub(super) fn hello_v4() -> Vec<u8> {
    ipv4(6, &tcp(&[], b"hello"))
}

pub(super) fn hello_v6() -> Vec<u8> {
    ipv6(6, &tcp(&[], b"hello"))
}

/// IEEE 802.3: from Alice to Bob.
pub(super) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&BOB[..], &ALICE, &ether_type.to_be_bytes(), payload].concat()
}

/// What the link layer told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) src_mac: Option<[u8; 6]>,
    pub(super) dst_mac: Option<[u8; 6]>,
    pub(super) vlans: Vec<u16>,
    pub(super) if_index: u32,
}

pub(super) const NO_FACTS: Facts = Facts {
    src_mac: None,
    dst_mac: None,
    vlans: Vec::new(),
    if_index: 0,
};

pub(super) fn alice_to_bob(vlans: &[u16]) -> Facts {
    Facts {
        src_mac: Some(ALICE),
        dst_mac: Some(BOB),
        vlans: vlans.to_vec(),
        if_index: 0,
    }
}

/// Asserts that the frame holds the "hello" packet, and that cut anywhere it yields as much of it as is left, or the
/// header that was cut.
pub(super) fn carries(link: u16, header: &[u8], packet: &[u8]) -> Facts {
    let bytes = [header, packet].concat();
    let mut decoder = Decoder::new();
    for captured in 0..bytes.len() {
        match decoder.decode(&cut_frame(link, &bytes[..captured], bytes.len())) {
            Ok(view) => assert_hello(&view, true),
            Err(DecodeError::Truncated(_)) => {}
            Err(error) => panic!("cut to {captured} bytes: {error}"),
        }
    }
    let view = decoder.decode(&frame(link, &bytes)).unwrap();
    assert_hello(&view, false);
    let bytes_of = |mac: MacAddr| mac.0;
    Facts {
        src_mac: view.src_mac.map(bytes_of),
        dst_mac: view.dst_mac.map(bytes_of),
        vlans: view.vlans.as_slice().to_vec(),
        if_index: view.if_index,
    }
}

fn assert_hello(view: &PacketView<'_>, cut: bool) {
    let ends: (IpAddr, IpAddr) = if view.src.is_ipv4() {
        ([192, 0, 2, 1].into(), [198, 51, 100, 2].into())
    } else {
        (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
        )
    };
    assert_eq!((view.src, view.dst, view.ttl), (ends.0, ends.1, 64));
    assert_eq!(view.ip_id, view.src.is_ipv4().then_some(0x1234));
    let TransportView::Tcp(segment) = view.transport else {
        panic!("{:?}", view.transport);
    };
    assert_eq!((segment.src_port, segment.dst_port), (50_000, 443));
    assert_eq!(
        (segment.seq, segment.ack, segment.window),
        (1000, 2000, 500)
    );
    assert_eq!(segment.flags, TcpFlags(TcpFlags::PSH | TcpFlags::ACK));
    assert_eq!(segment.wire_len, 5);
    if cut {
        assert!(b"hello".starts_with(segment.payload));
    } else {
        assert_eq!(segment.payload, b"hello");
    }
}

/// Asserts that these frames are healthy and hold nothing to judge.
pub(super) fn assert_benign(link: u16, bytes: &[u8], expected: DecodeError) {
    assert_eq!(error(link, bytes), expected);
    assert_eq!(expected.class(), ErrorClass::Benign);
}
