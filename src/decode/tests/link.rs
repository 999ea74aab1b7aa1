//! Every link layer that carries IP. Layouts: tcpdump.org/linktypes.html, and the standard that each test names.

use super::build::{
    ALICE, BOB, ETHERNET, Facts, NO_FACTS, RAW, alice_to_bob, assert_benign, carries, error,
    ethernet, frame, hello_v4, hello_v6, ipv4, tcp,
};
use crate::capture::frame::LinkType;
use crate::decode::{DecodeError, Decoder, Header, TransportView};

const PPP: [u16; 2] = [9, 50];
const PPP_ETHER: u16 = 51;
const PPP_WITH_DIR: u16 = 204;
const SLL: u16 = 113;
const SLL2: u16 = 276;
const NFLOG: u16 = 239;

#[test]
fn ethernet_with_both_versions_of_ip() {
    for (ether_type, packet) in [(0x0800, hello_v4()), (0x86dd, hello_v6())] {
        let facts = carries(ETHERNET, &ethernet(ether_type, &[]), &packet);
        assert_eq!(facts, alice_to_bob(&[]));
    }
}

#[test]
fn padding_behind_a_short_packet_is_no_payload() {
    let mut bytes = ethernet(0x0800, &ipv4(6, &tcp(&[], b"")));
    bytes.resize(60, 0xaa);
    let mut decoder = Decoder::new();
    let TransportView::Tcp(segment) = decoder.decode(&frame(ETHERNET, &bytes)).unwrap().transport
    else {
        panic!("TCP");
    };
    assert_eq!((segment.payload, segment.wire_len), (&b""[..], 0));
    // An IEEE 802.3 trailer (a switch's tag, a checksum) behind one that is whole.
    let facts = carries(
        ETHERNET,
        &ethernet(0x0800, &[]),
        &[hello_v4(), vec![0; 4]].concat(),
    );
    assert_eq!(facts, alice_to_bob(&[]));
}

#[test]
fn vlan_tags_keep_their_identifiers_outermost_first() {
    // IEEE 802.1Q 9.6: priority and drop bit above the 12 bits of the identifier.
    let tag = |control: u16, next: u16| [control.to_be_bytes(), next.to_be_bytes()].concat();
    let one = ethernet(0x8100, &tag(0xe007, 0x86dd));
    assert_eq!(carries(ETHERNET, &one, &hello_v6()), alice_to_bob(&[7]));
    // QinQ: IEEE 802.1ad's number, and the one from before it.
    for outer in [0x88a8, 0x9100, 0x8100] {
        let two = ethernet(outer, &[tag(100, 0x8100), tag(7, 0x0800)].concat());
        assert_eq!(
            carries(ETHERNET, &two, &hello_v4()),
            alice_to_bob(&[100, 7])
        );
    }
    let many = |count: usize| {
        let tags: Vec<u8> = (1..count).flat_map(|_| tag(3, 0x8100)).collect();
        ethernet(0x8100, &[tags, tag(3, 0x0800)].concat())
    };
    assert_eq!(
        carries(ETHERNET, &many(8), &hello_v4()),
        alice_to_bob(&[3, 3])
    );
    let forged = [many(9), hello_v4()].concat();
    assert_eq!(error(ETHERNET, &forged), DecodeError::TooManyLinkHeaders);
}

#[test]
fn ieee_802_3_lengths_with_snap() {
    // IEEE 802.2, RFC 1042; and IEEE 802.1H's bridge tunnel.
    for organisation in [[0, 0, 0], [0, 0, 0xf8]] {
        let snap = [&[0xaa, 0xaa, 3][..], &organisation, &[8, 0]].concat();
        let length = u16::try_from(snap.len() + hello_v4().len()).unwrap();
        for length in [length, 0] {
            let facts = carries(ETHERNET, &ethernet(length, &snap), &hello_v4());
            assert_eq!(facts, alice_to_bob(&[]));
        }
    }
}

#[test]
fn mpls_labels_down_to_the_bottom_of_the_stack() {
    // RFC 3032 2.1: label, class, bottom of stack (bit 8), TTL.
    let facts = carries(
        ETHERNET,
        &ethernet(0x8847, &[0, 1, 0x00, 64, 0, 2, 0x01, 64]),
        &hello_v6(),
    );
    assert_eq!(facts, alice_to_bob(&[]));
    // A pseudowire begins with a control word (RFC 4385), whose first nibble is 0.
    assert_benign(
        ETHERNET,
        &ethernet(0x8847, &[0, 1, 1, 64, 0, 0, 0, 0]),
        DecodeError::NotIp,
    );
    let endless = ethernet(0x8847, &[0; 64]);
    assert_eq!(error(ETHERNET, &endless), DecodeError::TooManyLinkHeaders);
}

/// RFC 2516 4: version and type 1, code, session, length of what follows.
fn pppoe(code: u8, behind: usize) -> Vec<u8> {
    let [a, b] = u16::try_from(behind).unwrap().to_be_bytes();
    vec![0x11, code, 0, 1, a, b]
}

#[test]
fn pppoe_with_and_without_ethernet() {
    for (protocol, packet) in [(0x0021u16, hello_v4()), (0x0057, hello_v6())] {
        let header = [pppoe(0, 2 + packet.len()), protocol.to_be_bytes().to_vec()].concat();
        let facts = carries(ETHERNET, &ethernet(0x8864, &header), &packet);
        assert_eq!(facts, alice_to_bob(&[]));
        assert_eq!(carries(PPP_ETHER, &header, &packet), NO_FACTS);
        let tagged = ethernet(0x8100, &[&[0, 7, 0x88, 0x64][..], &header].concat());
        assert_eq!(carries(ETHERNET, &tagged, &packet), alice_to_bob(&[7]));
    }
    // Discovery, LCP, and a code that the session stage does not have.
    let lcp = [pppoe(0, 6), vec![0xc0, 0x21, 9, 0, 0, 4]].concat();
    for bytes in [
        ethernet(0x8863, &pppoe(0x09, 0)),
        ethernet(0x8864, &lcp),
        ethernet(0x8864, &pppoe(0xa7, 0)),
    ] {
        assert_benign(ETHERNET, &bytes, DecodeError::NotIp);
    }
}

#[test]
fn ppp_framed_bare_and_compressed() {
    // RFC 1662 3.1; RFC 1661 6.5 (one-byte protocol) and 6.6 (no address and control).
    for link in PPP {
        for header in [
            &[0xff, 3, 0, 0x21][..],
            &[0, 0x21],
            &[0x21],
            &[0xff, 3, 0x21],
        ] {
            assert_eq!(carries(link, header, &hello_v4()), NO_FACTS);
        }
        assert_eq!(carries(link, &[0xff, 3, 0, 0x57], &hello_v6()), NO_FACTS);
        // Cisco's HDLC under the same number.
        assert_eq!(carries(link, &[0x0f, 0, 8, 0], &hello_v4()), NO_FACTS);
        assert_benign(link, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4], DecodeError::NotIp);
    }
    for direction in [0, 1] {
        let header = [direction, 0xff, 3, 0, 0x21];
        assert_eq!(carries(PPP_WITH_DIR, &header, &hello_v4()), NO_FACTS);
    }
}

#[test]
fn linux_cooked_capture() {
    // LINKTYPE_LINUX_SLL: packet type, ARPHRD_ type, address length, address in 8 bytes, protocol.
    let cooked = |hardware: u16, length: u8, protocol: u16| {
        let [a, b] = hardware.to_be_bytes();
        let head = [0, 0, a, b, 0, length];
        [&head[..], &ALICE, &[0, 0], &protocol.to_be_bytes()].concat()
    };
    let from_alice = Facts {
        src_mac: Some(ALICE),
        ..NO_FACTS
    };
    assert_eq!(carries(SLL, &cooked(1, 6, 0x0800), &hello_v4()), from_alice);
    assert_eq!(
        carries(SLL, &cooked(65_534, 0, 0x86dd), &hello_v6()),
        NO_FACTS
    );
    let tagged = [cooked(1, 6, 0x8100), vec![0, 7, 8, 0]].concat();
    let facts = carries(SLL, &tagged, &hello_v4());
    assert_eq!(facts.vlans, [7]);
    let llc = [cooked(1, 6, 0x0004), vec![0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    assert_eq!(carries(SLL, &llc, &hello_v4()), from_alice);
    for header in [
        cooked(824, 0, 0),
        cooked(1, 6, 0x0001),
        cooked(1, 6, 0x0806),
    ] {
        assert_benign(SLL, &header, DecodeError::NotIp);
    }
}

#[test]
fn linux_cooked_capture_2_tells_the_interface() {
    // LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD_ type, packet type, address length, address.
    let cooked = |index: u8, protocol: u16| {
        let [a, b] = protocol.to_be_bytes();
        let head = [a, b, 0, 0, 0, 0, 0, index, 0, 1, 0, 6];
        [&head[..], &ALICE, &[0, 0]].concat()
    };
    for index in [2, 3] {
        let facts = carries(SLL2, &cooked(index, 0x0800), &hello_v4());
        let expected = Facts {
            src_mac: Some(ALICE),
            if_index: u32::from(index),
            ..NO_FACTS
        };
        assert_eq!(facts, expected);
    }
}

/// One attribute in the byte order of a little-endian or big-endian machine, not padded.
fn attribute(little: bool, kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let head = if little {
        [length.to_le_bytes(), [kind, 0]]
    } else {
        [length.to_be_bytes(), [0, kind]]
    };
    [head.concat(), value.to_vec()].concat()
}

#[test]
fn linux_netfilter_log_in_both_byte_orders() {
    // LINKTYPE_NFLOG: family, version, resource; then attributes (linux/netfilter/nfnetlink_log.h).
    for little in [true, false] {
        let packet = hello_v4();
        let header = [
            vec![2, 0, 0, 30],
            attribute(little, 1, &[8, 0, 1, 0]),
            // A prefix of 5 bytes, padded to 8.
            [attribute(little, 10, b"drop\0"), vec![0; 3]].concat(),
            attribute(little, 5, &[0, 0, 0, 9]),
            attribute(little, 4, &[0, 0, 0, 3]),
            attribute(little, 8, &[&[0, 6, 0, 0][..], &ALICE, &[0, 0]].concat()),
            attribute(little, 9, &packet)[..4].to_vec(),
        ]
        .concat();
        let expected = Facts {
            src_mac: Some(ALICE),
            if_index: 3,
            ..NO_FACTS
        };
        assert_eq!(carries(NFLOG, &header, &packet), expected);
    }
    // ARP that a rule logged; a log entry without a packet; another version of the header.
    let arp = [
        vec![2, 0, 0, 30],
        attribute(true, 1, &[8, 6, 1, 0]),
        attribute(true, 9, &[0; 28]),
    ]
    .concat();
    for bytes in [&arp[..], &[2, 0, 0, 30], &[2, 1, 0, 30]] {
        assert_benign(NFLOG, bytes, DecodeError::NotIp);
    }
    let bad = [vec![2, 0, 0, 30], vec![3, 0, 9, 0]].concat();
    assert_eq!(error(NFLOG, &bad), DecodeError::BadNflogLength);
}

#[test]
fn raw_ip_under_all_its_numbers() {
    for (link, packet) in [
        (RAW, hello_v4()),
        (RAW, hello_v6()),
        (12, hello_v4()),
        (14, hello_v6()),
        (228, hello_v4()),
        (229, hello_v6()),
    ] {
        assert_eq!(carries(link, &[], &packet), NO_FACTS);
    }
}

#[test]
fn bsd_loopback_in_both_byte_orders() {
    for link in [0, 108] {
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            assert_eq!(carries(link, &order(2), &hello_v4()), NO_FACTS);
            for family in [10, 24, 28, 30] {
                assert_eq!(carries(link, &order(family), &hello_v6()), NO_FACTS);
            }
            assert_benign(link, &order(7), DecodeError::NotIp);
        }
    }
}

#[test]
fn apple_packet_metadata_wraps_other_link_types() {
    // LINKTYPE_PKTAP, little-endian: length, type of record, link type; interface and process up to 108 bytes.
    let metadata = |length: u32, kind: u32, link: u32| {
        let mut bytes: Vec<u8> = [length, kind, link].map(u32::to_le_bytes).concat();
        bytes.resize(108, 0);
        bytes
    };
    for link in [258, 149] {
        let wired = [metadata(108, 1, 1), ethernet(0x0800, &[])].concat();
        assert_eq!(carries(link, &wired, &hello_v4()), alice_to_bob(&[]));
        assert_eq!(carries(link, &metadata(108, 1, 12), &hello_v6()), NO_FACTS);
        let tunnel = [metadata(108, 1, 0), vec![30, 0, 0, 0]].concat();
        assert_eq!(carries(link, &tunnel, &hello_v6()), NO_FACTS);
        for bad in [
            metadata(11, 1, 1),
            metadata(108, 2, 1),
            metadata(108, 1, 1 << 16),
        ] {
            assert_eq!(error(link, &bad), DecodeError::BadPktapHeader);
        }
        // Wrapped once, not over and over.
        let within = [metadata(108, 1, 258), metadata(108, 1, 1)].concat();
        let named = DecodeError::UnsupportedLinkType(LinkType(258));
        assert_eq!(error(link, &within), named);
    }
}

#[test]
fn frames_without_ip_are_healthy() {
    // ARP, LLDP, EAPOL; spanning tree, and Cisco's discovery over LLC.
    for ether_type in [0x0806, 0x88cc, 0x888e] {
        assert_benign(
            ETHERNET,
            &ethernet(ether_type, &[0; 46]),
            DecodeError::NotIp,
        );
    }
    for llc in [&[0x42, 0x42, 3][..], &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]] {
        let length = u16::try_from(llc.len()).unwrap();
        assert_benign(ETHERNET, &ethernet(length, llc), DecodeError::NotIp);
    }
}

#[test]
fn an_unknown_link_type_is_named_and_the_other_interfaces_are_still_read() {
    let bytes = ethernet(0x0800, &hello_v4());
    let mut decoder = Decoder::new();
    for _ in 0..2 {
        let error = decoder.decode(&frame(147, &bytes)).unwrap_err();
        assert_eq!(error.to_string(), "unsupported-link-type 147");
        assert!(decoder.decode(&frame(ETHERNET, &bytes)).is_ok());
    }
}

#[test]
fn the_header_that_was_cut_is_named() {
    for (link, bytes, header) in [
        (ETHERNET, &BOB[..], Header::Ethernet),
        (ETHERNET, &ethernet(0x8100, &[0])[..], Header::Vlan),
        (ETHERNET, &ethernet(0x0040, &[0xaa]), Header::Llc),
        (ETHERNET, &ethernet(0x8864, &[0x11]), Header::Pppoe),
        (ETHERNET, &ethernet(0x8847, &[0]), Header::Mpls),
        (9, &[0xff], Header::Ppp),
        (SLL, &[0; 15], Header::Cooked),
        (SLL2, &[0; 19], Header::Cooked),
        (NFLOG, &[2, 0], Header::Nflog),
        (0, &[2, 0], Header::Loopback),
        (258, &[108, 0, 0, 0], Header::Pktap),
        (105, &[0x08, 0x02], Header::Wireless),
        (127, &[0, 0], Header::Radio),
        (RAW, &[], Header::Ip),
        (RAW, &[0x45], Header::Ipv4),
        (RAW, &[0x60], Header::Ipv6),
    ] {
        assert_eq!(error(link, bytes), DecodeError::Truncated(header));
    }
}
