//! Fragments through the whole decoder. The table itself, with its bounds, is tested beside it.

use super::build::{ETHERNET, RAW, ethernet, frame, ipv4, ipv4_part, ipv6, tcp, udp};
use crate::capture::frame::InterfaceId;
use crate::decode::{DecodeError, Decoder, TransportView};

const MORE: u16 = 0x2000;

/// Decodes; the payload of the datagram, once it is complete.
fn payload(decoder: &mut Decoder, link: u16, bytes: &[u8]) -> Option<Vec<u8>> {
    match decoder.decode(&frame(link, bytes)).unwrap().transport {
        TransportView::Udp(udp) => Some(udp.payload.to_vec()),
        TransportView::Tcp(segment) => Some(segment.payload.to_vec()),
        TransportView::Fragment => None,
        other => panic!("{other:?}"),
    }
}

/// A datagram of 40 bytes of payload in three IPv4 fragments.
fn three() -> [Vec<u8>; 3] {
    let whole = udp(&[7; 40]);
    [
        ipv4_part(17, MORE, &whole[..16]),
        ipv4_part(17, MORE | 2, &whole[16..32]),
        ipv4_part(17, 4, &whole[32..]),
    ]
}

#[test]
fn ipv4_fragments_in_any_order_make_the_datagram() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let (mut decoder, parts) = (Decoder::new(), three());
        let [first, second, third] = order.map(|part| payload(&mut decoder, RAW, &parts[part]));
        assert_eq!((first, second), (None, None));
        assert_eq!(third, Some(vec![7; 40]));
        assert_eq!(decoder.fragments().reassembled, 1);
    }
}

#[test]
fn ipv6_fragments_may_name_another_header_later() {
    // RFC 8200 4.5: next header, reserved, offset with the M bit, identification.
    let whole = tcp(&[], &[7; 30]);
    let part = |next: u8, offset: u8, more: u8, bytes: &[u8]| {
        ipv6(
            44,
            &[&[next, 0, 0, offset | more, 0, 0, 0, 9][..], bytes].concat(),
        )
    };
    let mut decoder = Decoder::new();
    assert_eq!(
        payload(&mut decoder, RAW, &part(59, 24, 0, &whole[24..])),
        None
    );
    assert_eq!(
        payload(&mut decoder, RAW, &part(6, 0, 1, &whole[..24])),
        Some(vec![7; 30])
    );
    // Extension headers behind the fragment header belong to what is put together.
    let whole = [vec![6, 0, 0, 0, 0, 0, 0, 0], whole].concat();
    assert_eq!(
        payload(&mut decoder, RAW, &part(60, 0, 1, &whole[..8])),
        None
    );
    assert_eq!(
        payload(&mut decoder, RAW, &part(60, 8, 0, &whole[8..])),
        Some(vec![7; 30])
    );
}

#[test]
fn a_tunnels_fragments_are_put_together_before_the_tunnel_is_followed() {
    let inner = ipv4(17, &udp(b"hello"));
    let mut decoder = Decoder::new();
    assert_eq!(
        payload(&mut decoder, RAW, &ipv4_part(4, MORE, &inner[..24])),
        None
    );
    assert_eq!(
        payload(&mut decoder, RAW, &ipv4_part(4, 3, &inner[24..])),
        Some(b"hello".to_vec())
    );
}

#[test]
fn fragments_of_different_places_or_packets_are_not_mixed() {
    let parts = three();
    let tagged =
        |vlan: u8, packet: &[u8]| ethernet(0x8100, &[&[0, vlan, 8, 0][..], packet].concat());
    let mut decoder = Decoder::new();
    for part in &parts[..2] {
        payload(&mut decoder, ETHERNET, &tagged(1, part));
    }
    assert_eq!(payload(&mut decoder, ETHERNET, &tagged(2, &parts[2])), None);
    let mut other_id = parts[2].clone();
    other_id[5] = 0xff;
    assert_eq!(payload(&mut decoder, ETHERNET, &tagged(1, &other_id)), None);
    let bytes = tagged(1, &parts[2]);
    let mut elsewhere = frame(ETHERNET, &bytes);
    elsewhere.interface = InterfaceId(1);
    let view = decoder.decode(&elsewhere).unwrap();
    assert!(matches!(view.transport, TransportView::Fragment));
    assert_eq!(payload(&mut decoder, ETHERNET, &bytes), Some(vec![7; 40]));
    assert_eq!(decoder.fragments().waiting, 3);
}

#[test]
fn fragments_that_no_datagram_has_are_faults() {
    for (packet, reason) in [
        // Not the last, and 15 bytes long; empty.
        (
            ipv4_part(17, MORE, &[0; 15]),
            DecodeError::BadFragmentLength,
        ),
        (ipv4_part(17, 5, &[]), DecodeError::BadFragmentLength),
        // The ping of death: 8 × 8191 and 100 bytes more.
        (
            ipv4_part(1, 0x1fff, &[0; 100]),
            DecodeError::FragmentPastEnd,
        ),
    ] {
        let error = Decoder::new().decode(&frame(RAW, &packet)).map(|_| ());
        assert_eq!(error, Err(reason));
    }
}
