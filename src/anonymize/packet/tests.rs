//! Payload is cut whatever headers claim.

use super::*;
use crate::anonymize::Key;
use crate::catalogue::{Catalogue, Profile};

/// What is left of an Ethernet frame with an IPv4 packet of this protocol and content.
fn left(protocol: u8, content: &[u8]) -> Vec<u8> {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let to = Anonymizer::new(&Key::of_bytes(&[5; 16]).unwrap(), &catalogue);
    let mut payloads = Payloads::new(&to);
    let length = u16::try_from(20 + content.len()).unwrap().to_be_bytes();
    let mut packet = vec![
        0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0,
    ];
    packet.extend([192, 168, 7, 20, 203, 0, 113, 9]);
    packet.extend(content);
    let mut turning = Turning {
        to: &to,
        payloads: &mut payloads,
        packet: &mut packet,
    };
    let kept = turning.network().unwrap();
    packet.truncate(kept);
    packet.split_off(20)
}

fn tcp(words: u8, rest: &[u8]) -> Vec<u8> {
    let mut segment = vec![
        0x80,
        1,
        1,
        187,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        2,
        words << 4,
        0x18,
        1,
        0,
        0,
        0,
        0,
        0,
    ];
    segment.extend(rest);
    segment
}

#[test]
fn payload_is_cut_whatever_the_header_claims() {
    for protocol in [1, 6, 17, 41, 47, 58, 132] {
        for words in 0..16 {
            let text = [
                &[0; 20][..],
                b"jan was here, and here, jan was here, and here, jan",
            ]
            .concat();
            for content in [tcp(words, &text), text] {
                let left = left(protocol, &content);
                let told = left.windows(3).any(|bytes| bytes == b"jan");
                assert!(!told, "protocol {protocol}, {words} words: {left:?}");
            }
        }
    }
}

#[test]
fn options_that_name_addresses_are_blank_and_the_others_stay() {
    // Segment size, then Multipath TCP's ADD_ADDR, then two no-operations.
    let options = [2, 4, 5, 180, 30, 8, 0x34, 1, 192, 168, 7, 21, 1, 1, 1, 0];
    let kept = left(6, &tcp(9, &options)).split_off(20);
    assert_eq!(kept, [2, 4, 5, 180, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
}

#[test]
fn what_is_no_ip_is_left_out() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let to = Anonymizer::new(&Key::of_bytes(&[5; 16]).unwrap(), &catalogue);
    let mut payloads = Payloads::new(&to);
    let mut arp = [0u8; 28];
    let mut turning = Turning {
        to: &to,
        payloads: &mut payloads,
        packet: &mut arp,
    };
    assert_eq!(turning.network(), None);
}
