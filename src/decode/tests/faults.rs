//! Lengths that cannot be, each counted under its own reason; and bytes of any kind, which must never end the program.

use proptest::prelude::*;

use super::build::{RAW, cut_frame, error, frame, hello_v4, ipv4, ipv6, tcp, udp_with_length};
use crate::capture::frame::LinkType;
use crate::decode::{DecodeError, Decoder, ErrorClass, supports};

#[test]
fn bad_lengths_are_told_by_reason() {
    let patched = |at: usize, byte: u8| {
        let mut packet = hello_v4();
        packet[at] = byte;
        packet
    };
    for (packet, reason) in [
        (patched(0, 0x44), "bad-ipv4-header-length"),
        (patched(3, 19), "bad-ipv4-total-length"),
        (patched(32, 0x40), "bad-tcp-data-offset"),
        (patched(32, 0xf0), "bad-tcp-data-offset"),
        (ipv4(17, &udp_with_length(7, b"hello")), "bad-udp-length"),
        (ipv6(17, &udp_with_length(99, b"hello")), "bad-udp-length"),
        (patched(0, 0x55), "bad-ip-version"),
        (ipv4(6, &tcp(&[], b"")[..19]), "truncated-tcp-header"),
        (ipv4(17, &[0; 7]), "truncated-udp-header"),
        (ipv4(1, &[0; 3]), "truncated-icmp-header"),
        (ipv6(58, &[0; 3]), "truncated-icmpv6-header"),
        (ipv6(60, &[6]), "truncated-ip-extension"),
        (ipv4(47, &[0; 3]), "truncated-gre-header"),
    ] {
        let error = error(RAW, &packet);
        assert_eq!(error.reason(), reason);
        assert_eq!(error.class(), ErrorClass::Malformed);
    }
}

#[test]
fn a_total_length_beyond_the_frame_counts_as_a_cut() {
    // Some tools that cut frames forget to keep the original length: what is missing was not captured.
    let packet = ipv4(6, &tcp(&[], b"hello"));
    let mut decoder = Decoder::new();
    let view = decoder.decode(&frame(RAW, &packet[..42])).unwrap();
    let crate::decode::TransportView::Tcp(segment) = view.transport else {
        panic!("{:?}", view.transport);
    };
    assert_eq!((segment.payload, segment.wire_len), (&b"he"[..], 5));
}

/// A link type that is read.
fn link() -> impl Strategy<Value = u16> {
    let known: Vec<u16> = (0..300).filter(|&link| supports(LinkType(link))).collect();
    prop::sample::select(known)
}

/// Bytes as headers have them: small numbers and protocol numbers are likely.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let likely = prop::sample::select(vec![
        0x00, 0x01, 0x02, 0x04, 0x06, 0x08, 0x11, 0x21, 0x29, 0x2c, 0x2f, 0x33, 0x3a, 0x3c, 0x45,
        0x60, 0x81, 0x86, 0x88, 0xaa, 0xdd, 0xff,
    ]);
    prop::collection::vec(prop_oneof![4 => likely, 1 => any::<u8>()], 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_under_any_link_type_end_the_program(
        frames in prop::collection::vec((link(), bytes(), 0usize..3000), 1..8),
        any_link in any::<u16>(),
    ) {
        // One decoder, so that fragments meet.
        let mut decoder = Decoder::new();
        for (link, bytes, original_len) in &frames {
            let _outcome = decoder.decode(&cut_frame(*link, bytes, *original_len)).map(|_| ());
            let outcome = decoder.decode(&frame(any_link, bytes)).map(|_| ());
            if !supports(LinkType(any_link)) {
                prop_assert_eq!(outcome, Err(DecodeError::UnsupportedLinkType(LinkType(any_link))));
            }
        }
    }
}
