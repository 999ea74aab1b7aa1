//! TCP, UDP, ICMP and `ICMPv6`.

use std::net::IpAddr;

use super::build::{
    RAW, cut_frame, frame, hello_v4, hello_v6, ipv4, ipv4_part, ipv6, tcp, udp, udp_with_length,
};
use crate::decode::{Decoder, IcmpView, TcpOption, TcpOptions, TransportView};

fn icmp(packet: &[u8]) -> IcmpView {
    match Decoder::new()
        .decode(&frame(RAW, packet))
        .unwrap()
        .transport
    {
        TransportView::Icmp(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn tcp_options_and_payload_are_told_apart() {
    let options = [2, 4, 5, 0xb4, 1, 3, 3, 7];
    let packet = ipv4(6, &tcp(&options, b"hello"));
    let mut decoder = Decoder::new();
    for (captured, options_kept, payload_kept) in [(53, 8, 5), (50, 8, 2), (44, 4, 0), (40, 0, 0)] {
        let view = decoder
            .decode(&cut_frame(RAW, &packet[..captured], packet.len()))
            .unwrap();
        let TransportView::Tcp(segment) = view.transport else {
            panic!("{:?}", view.transport);
        };
        assert_eq!(segment.options, &options[..options_kept]);
        assert_eq!(segment.payload, &b"hello"[..payload_kept]);
        assert_eq!(segment.wire_len, 5);
        let mss = TcpOptions::new(segment.options).next();
        assert_eq!(
            mss,
            (options_kept > 0).then_some(TcpOption::MaxSegmentSize(1460))
        );
    }
}

#[test]
fn udp_ends_where_its_length_says() {
    let mut decoder = Decoder::new();
    for (datagram, expected) in [
        (udp(b"hello"), &b"hello"[..]),
        // Shorter than the packet, and 0 for offloaded super-frames and jumbograms (RFC 2675 4).
        (udp_with_length(10, b"hello"), b"he"),
        (udp_with_length(8, b"hello"), b""),
        (udp_with_length(0, b"hello"), b"hello"),
    ] {
        for packet in [ipv4(17, &datagram), ipv6(17, &datagram)] {
            let view = decoder.decode(&frame(RAW, &packet)).unwrap();
            let TransportView::Udp(udp) = view.transport else {
                panic!("{:?}", view.transport);
            };
            assert_eq!((udp.src_port, udp.dst_port), (5353, 53));
            assert_eq!(udp.payload, expected);
            assert_eq!(udp.wire_len as usize, expected.len());
        }
    }
}

#[test]
fn icmp_errors_tell_the_packet_that_they_quote() {
    // RFC 792: type, code, checksum, a word, then the packet's header and at least 8 bytes behind it.
    let unreachable = [&[3, 13, 0, 0, 0, 0, 0, 0][..], &hello_v4()[..28]].concat();
    let message = icmp(&ipv4(1, &unreachable));
    assert_eq!((message.v6, message.kind, message.code), (false, 3, 13));
    let quoted = message.quoted.unwrap();
    assert_eq!(quoted.src, IpAddr::from([192, 0, 2, 1]));
    assert_eq!(quoted.dst, IpAddr::from([198, 51, 100, 2]));
    assert_eq!((quoted.protocol, quoted.seq), (6, Some(1000)));
    assert_eq!((quoted.src_port, quoted.dst_port), (50_000, 443));

    let time_exceeded = [&[3, 0, 0, 0, 0, 0, 0, 0][..], &hello_v6()].concat();
    let message = icmp(&ipv6(58, &time_exceeded));
    assert_eq!((message.v6, message.kind, message.code), (true, 3, 0));
    assert_eq!(message.quoted.unwrap().dst_port, 443);
    assert_eq!(message.mtu, None);
}

#[test]
fn a_quoted_header_with_a_wrong_length_is_still_understood() {
    let mut quoted = ipv4(17, &udp(b"hello"));
    quoted[2..4].copy_from_slice(&[0, 3]);
    let message = icmp(&ipv4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &quoted].concat()));
    let quoted = message.quoted.unwrap();
    assert_eq!(
        (quoted.protocol, quoted.dst_port, quoted.seq),
        (17, 53, None)
    );
}

#[test]
fn the_next_hop_mtu_is_told_where_the_error_has_one() {
    // RFC 1191 4: in the lower half of the word; older routers leave it 0.
    let needed = |mtu: [u8; 2]| [&[3, 4, 0, 0, 0, 0][..], &mtu, &hello_v4()].concat();
    assert_eq!(icmp(&ipv4(1, &needed([5, 0xdc]))).mtu, Some(1500));
    assert_eq!(icmp(&ipv4(1, &needed([0, 0]))).mtu, None);
    // RFC 4443 3.2: the whole word.
    let too_big = [&[2, 0, 0, 0, 0, 0, 5, 0][..], &hello_v6()].concat();
    assert_eq!(icmp(&ipv6(58, &too_big)).mtu, Some(1280));
    // Another code of the same type has none.
    let host = [&[3, 1, 0, 0, 0, 0, 5, 0xdc][..], &hello_v4()].concat();
    assert_eq!(icmp(&ipv4(1, &host)).mtu, None);
}

#[test]
fn a_quotation_that_names_no_ports_is_none() {
    let quoting =
        |quoted: &[u8]| icmp(&ipv4(1, &[&[11, 0, 0, 0, 0, 0, 0, 0][..], quoted].concat()));
    // Cut before the ports; a later fragment; not IP at all; and an echo, which quotes nothing.
    assert!(quoting(&hello_v4()[..22]).quoted.is_none());
    let later = ipv4_part(6, 0x0001, &tcp(&[], b"hello"));
    assert!(quoting(&later).quoted.is_none());
    assert!(quoting(&[0; 40]).quoted.is_none());
    let echo = [&[8, 0, 0, 0, 0, 1, 0, 1][..], &hello_v4()].concat();
    assert!(icmp(&ipv4(1, &echo)).quoted.is_none());
    let echo = [&[128, 0, 0, 0, 0, 1, 0, 1][..], &hello_v6()].concat();
    assert!(icmp(&ipv6(58, &echo)).quoted.is_none());
    // The first fragment has them; a protocol without ports needs none.
    let first = ipv4_part(6, 0x2000, &tcp(&[], b"hell"));
    assert_eq!(quoting(&first).quoted.unwrap().src_port, 50_000);
    assert_eq!(quoting(&ipv4(50, &[0; 8])).quoted.unwrap().protocol, 50);
}
