//! The same packets on other links.

use windfall::capture::frame::LinkType;

use crate::frames::Recorded;
use crate::promise::{Promise, Relation};

const NULL: LinkType = LinkType(0);
const RAW: LinkType = LinkType(101);
const LOOP: LinkType = LinkType(108);
const SLL: LinkType = LinkType(113);
const IPV4: LinkType = LinkType(228);
const IPV6: LinkType = LinkType(229);
const SLL2: LinkType = LinkType(276);

/// Address families of NULL and LOOP: IPv4, and IPv6 as macOS has it.
const AF_INET: u32 = 2;
const AF_INET6: u32 = 30;

/// Puts other bytes in place of the Ethernet header's first ones.
fn replace(frame: &mut Recorded, header: usize, by: &[u8], link: LinkType) {
    let grown = u32::try_from(by.len()).unwrap();
    frame.original_len = frame.original_len + grown - u32::try_from(header).unwrap();
    frame.bytes.splice(..header, by.iter().copied());
    frame.link = link;
}

#[test]
fn vlan_tags_change_nothing() {
    let relation = Relation {
        name: "VLAN tags: one, a priority tag, two, QinQ",
        promise: Promise::Same,
        left_out: &[],
    };
    let ways: [(&str, &[u8]); 4] = [
        ("VLAN 7", &[0x81, 0, 0, 7]),
        ("priority 5", &[0x81, 0, 0xa0, 0]),
        ("VLANs 9 and 7", &[0x81, 0, 0, 9, 0x81, 0, 0, 7]),
        ("QinQ", &[0x88, 0xa8, 0, 9, 0x81, 0, 0, 7]),
    ];
    relation.each_way(|original| {
        ways.map(|(what, tags)| {
            let frames = super::each(&original.frames, |frame| {
                if frame.is_ip() {
                    frame.bytes.splice(12..12, tags.iter().copied());
                    frame.original_len += u32::try_from(tags.len()).unwrap();
                }
            });
            (what.to_owned(), frames)
        })
    });
}

#[test]
fn a_cooked_capture_says_the_same() {
    let relation = Relation {
        name: "Linux cooked captures, SLL and SLL2",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.each_way(|original| {
        let sll = super::each(&original.frames, |frame| {
            if frame.is_ip() {
                // Packet type, ARPHRD_ETHER, address length, address, protocol.
                let address = frame.bytes[6..12].to_vec();
                let protocol = frame.bytes[12..14].to_vec();
                let header = [&[0, 0, 0, 1, 0, 6], &address[..], &[0, 0], &protocol].concat();
                replace(frame, 14, &header, SLL);
            }
        });
        let sll2 = super::each(&original.frames, |frame| {
            if frame.is_ip() {
                // Protocol, reserved, interface, ARPHRD_ETHER, packet type, address length, address.
                let protocol = frame.bytes[12..14].to_vec();
                let address = frame.bytes[6..12].to_vec();
                let middle = [0, 0, 0, 0, 0, 3, 0, 1, 0, 6];
                let header = [&protocol[..], &middle, &address, &[0, 0]].concat();
                replace(frame, 14, &header, SLL2);
            }
        });
        [("SLL".to_owned(), sll), ("SLL2".to_owned(), sll2)]
    });
}

/// Without MAC addresses, a device's addresses are told by what they ask for.
#[test]
fn links_without_addresses_make_no_fault_of_a_success() {
    let relation = Relation {
        name: "raw IP, its types by version, NULL, LOOP",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.each_way(|original| {
        let on = |link: &dyn Fn(bool) -> (Vec<u8>, LinkType)| {
            super::each(&original.frames, |frame| {
                if frame.is_ip() {
                    let (header, link) = link(frame.bytes[12] == 0x86);
                    replace(frame, 14, &header, link);
                }
            })
        };
        let family = |v6| if v6 { AF_INET6 } else { AF_INET };
        [
            ("raw", on(&|_| (Vec::new(), RAW))),
            (
                "by version",
                on(&|v6| (Vec::new(), if v6 { IPV6 } else { IPV4 })),
            ),
            ("NULL", on(&|v6| (family(v6).to_le_bytes().to_vec(), NULL))),
            ("LOOP", on(&|v6| (family(v6).to_be_bytes().to_vec(), LOOP))),
        ]
        .map(|(what, frames)| (what.to_owned(), frames))
    });
}
