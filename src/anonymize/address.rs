//! Addresses, prefix-preserving: two that share their first bits still share as many, and no more.
//!
//! Crypto-PAn's construction (Xu, Fan, Ammar, Moon 2002) over the PFX mode of `ipcrypt` (draft-denis-ipcrypt): bit *i* is
//! flipped by a keyed function of the bits before it. Rules look at what class an address has, so no bit is flipped on
//! the way to a special block: private stays private, public stays public, multicast and Apple's own networks stay as
//! they are. What that gives away are the leading bits that an address shares with such a block, and its class.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipcrypt_rs::IpcryptPfx;

use super::pseudonym::Key;
use crate::address_block::AddressBlock;

/// Blocks that map onto themselves, hosts within them are turned (RFC 6890, RFC 4193, RFC 4291).
const CLASSES: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "240.0.0.0/4",
    "fc00::/7",
    "fe80::/10",
];

/// Blocks that name nobody: loopback, multicast, broadcast, unspecified.
const KEPT: &[&str] = &[
    "0.0.0.0/32",
    "127.0.0.0/8",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "::/127",
    "ff00::/8",
];

/// Solicited-node multicast (RFC 4291 section 2.7.1): the last 24 bits are those of a unicast address.
const SOLICITED_NODE: &str = "ff02::1:ff00:0/104";

/// IPv4 addresses in IPv6 clothes: NAT64 (RFC 6052). Those mapped into IPv6 are IPv4 addresses to everyone here.
const NAT64: &str = "64:ff9b::/96";

/// The mapping of one key.
pub(super) struct Addresses {
    cipher: IpcryptPfx,
    classes: Vec<AddressBlock>,
    kept: Vec<AddressBlock>,
    solicited: Vec<AddressBlock>,
    nat64: Vec<AddressBlock>,
}

fn blocks(texts: &[&str]) -> Vec<AddressBlock> {
    // A slip of the pen in the tables above is found by a test.
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

impl Addresses {
    pub(super) fn new(key: &Key, apple: &[AddressBlock]) -> Self {
        let mut kept = blocks(KEPT);
        kept.extend_from_slice(apple);
        Self {
            cipher: IpcryptPfx::new(key.addresses()),
            classes: blocks(CLASSES),
            kept,
            solicited: blocks(&[SOLICITED_NODE]),
            nat64: blocks(&[NAT64]),
        }
    }

    /// The address that stands for this one.
    pub(super) fn map(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(_) => self.turned(address),
            IpAddr::V6(v6) => {
                if let Some(v4) = v6.to_ipv4_mapped() {
                    return IpAddr::V6(self.v4(v4).to_ipv6_mapped());
                }
                if self.nat64.iter().any(|block| block.contains(address)) {
                    let low = u128::from(self.v4(last_32(v6)).to_bits());
                    let high = v6.to_bits() >> 32 << 32;
                    return IpAddr::V6(Ipv6Addr::from_bits(high | low));
                }
                if self.solicited.iter().any(|block| block.contains(address)) {
                    return IpAddr::V6(self.flipped_v6(v6, 104));
                }
                self.turned(address)
            }
        }
    }

    fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        match self.turned(IpAddr::V4(address)) {
            IpAddr::V4(turned) => turned,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        }
    }

    fn turned(&self, address: IpAddr) -> IpAddr {
        if self.kept.iter().any(|block| block.contains(address)) {
            return address;
        }
        let special = self.classes.iter().chain(&self.kept);
        let special = special.chain(&self.nat64).chain(&self.solicited);
        // The bit that leads off a block's path is not flipped either, or another address would take its place.
        let fixed = special
            .filter_map(|block| {
                let shared = block.shared_bits(address)?;
                Some((shared + 1).min(block.prefix_bits()))
            })
            .max()
            .unwrap_or(0);
        match address {
            IpAddr::V4(v4) => {
                let IpAddr::V4(turned) = self.cipher.encrypt_ipaddr(address) else {
                    return IpAddr::V4(Ipv4Addr::UNSPECIFIED);
                };
                let flips = v4.to_bits() ^ turned.to_bits();
                let free = u32::MAX.unbounded_shr(fixed);
                IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() ^ (flips & free)))
            }
            IpAddr::V6(v6) => IpAddr::V6(self.flipped_v6(v6, fixed)),
        }
    }

    /// The address with all bits turned but the first.
    fn flipped_v6(&self, address: Ipv6Addr, fixed: u32) -> Ipv6Addr {
        let IpAddr::V6(turned) = self.cipher.encrypt_ipaddr(IpAddr::V6(address)) else {
            return Ipv6Addr::UNSPECIFIED;
        };
        let flips = address.to_bits() ^ turned.to_bits();
        let free = u128::MAX.unbounded_shr(fixed);
        Ipv6Addr::from_bits(address.to_bits() ^ (flips & free))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower 32 bits")]
const fn last_32(address: Ipv6Addr) -> Ipv4Addr {
    Ipv4Addr::from_bits(address.to_bits() as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::address::{is_public, is_sinkhole};

    fn addresses(seed: u8) -> Addresses {
        let apple = blocks(&["17.0.0.0/8", "2620:149::/32"]);
        Addresses::new(&Key::of_bytes(&[seed; 32]).unwrap(), &apple)
    }

    fn addr(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_tables_hold_no_slip_of_the_pen() {
        for table in [CLASSES, KEPT, &[SOLICITED_NODE, NAT64]] {
            assert_eq!(blocks(table).len(), table.len(), "{table:?}");
        }
    }

    #[test]
    fn what_names_nobody_stays() {
        let map = addresses(1);
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "224.0.0.251",
            "255.255.255.255",
            "17.253.144.10",
            "::",
            "::1",
            "ff02::fb",
            "2620:149:a44::7",
            "64:ff9b::17.1.2.3",
            "::ffff:17.1.2.3",
        ] {
            assert_eq!(map.map(addr(text)), addr(text));
        }
    }

    #[test]
    fn everybody_else_is_turned_within_the_class() {
        let map = addresses(1);
        for (text, block) in [
            ("10.1.2.3", "10.0.0.0/8"),
            ("172.20.1.2", "172.16.0.0/12"),
            ("192.168.7.20", "192.168.0.0/16"),
            ("100.64.3.4", "100.64.0.0/10"),
            ("169.254.9.8", "169.254.0.0/16"),
            ("fd12:3456:789a::20", "fc00::/7"),
            ("fe80::1c2b:3aff:fe4d:5e6f", "fe80::/10"),
            ("ff02::1:ff4d:5e6f", SOLICITED_NODE),
            ("64:ff9b::203.0.113.9", NAT64),
        ] {
            let turned = map.map(addr(text));
            assert_ne!(turned, addr(text));
            let block: AddressBlock = block.parse().unwrap();
            assert!(block.contains(turned), "{text} became {turned}");
        }
        let mapped = map.map(addr("::ffff:203.0.113.9"));
        assert_eq!(mapped.to_canonical(), map.map(addr("203.0.113.9")));
    }

    #[test]
    fn another_key_turns_otherwise_and_the_same_alike() {
        let address = addr("203.0.113.9");
        assert_eq!(addresses(1).map(address), addresses(1).map(address));
        assert_ne!(addresses(1).map(address), addresses(2).map(address));
    }

    fn shared(a: IpAddr, b: IpAddr) -> u32 {
        match (a, b) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => 0,
        }
    }

    fn any_v4() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<u32>(),
            any::<u16>().prop_map(|low| 0xc0a8_0000 | u32::from(low)),
            any::<u8>().prop_map(|low| 0xcb00_7100 | u32::from(low)),
            any::<u16>().prop_map(|low| 0x1100_0000 | u32::from(low)),
        ]
        .prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
    }

    fn any_v6() -> impl Strategy<Value = IpAddr> {
        let tops = [0x2001_0db8_u128, 0xfd00_0000, 0xfe80_0000, 0x2620_0149];
        (
            proptest::sample::select(tops.to_vec()),
            any::<u8>(),
            any::<u16>(),
        )
            .prop_map(|(top, net, host)| {
                let bits = top << 96 | u128::from(net) << 64 | u128::from(host);
                IpAddr::V6(Ipv6Addr::from_bits(bits))
            })
    }

    proptest! {
        #[test]
        fn prefixes_are_kept_exactly(
            seed in any::<u8>(),
            pair in prop_oneof![(any_v4(), any_v4()), (any_v6(), any_v6())],
        ) {
            let map = addresses(seed);
            let turned = (map.map(pair.0), map.map(pair.1));
            prop_assert_eq!(shared(turned.0, turned.1), shared(pair.0, pair.1));
        }

        #[test]
        fn rules_see_the_same_class(seed in any::<u8>(), a in prop_oneof![any_v4(), any_v6()]) {
            let turned = addresses(seed).map(a);
            prop_assert_eq!(is_public(turned), is_public(a));
            prop_assert_eq!(is_sinkhole(turned), is_sinkhole(a));
            prop_assert_eq!(turned.is_multicast(), a.is_multicast());
        }
    }
}
