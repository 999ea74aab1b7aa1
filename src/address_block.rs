//! An address block: `192.0.2.0/24`, `2001:db8::/32`, or one address.
//!
//! Input: text of the catalogue or the command line. Output: [`AddressBlock::contains`]. An IPv4 address mapped into IPv6
//! (RFC 4291 section 2.5.5.2) counts as the IPv4 address it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Network and prefix length (RFC 4632 section 3.1, RFC 4291 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressBlock {
    network: u128,
    prefix_bits: u32,
    width_bits: u32,
}

/// The text is no address block; bits set below the prefix are refused too, rather than guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is not an address block like 192.0.2.0/24 or 2001:db8::/32 (no bit set below the prefix)")]
pub struct SlipOfThePen;

impl AddressBlock {
    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let (address, width_bits) = number(address.to_canonical());
        width_bits == self.width_bits && self.prefix_of(address) == self.prefix_of(self.network)
    }

    /// How many bits the address and the block's prefix share from the left: all of the prefix's for an address in it.
    /// `None` for an address of the other family.
    #[must_use]
    pub fn shared_bits(self, address: IpAddr) -> Option<u32> {
        let (address, width_bits) = number(address.to_canonical());
        let differing = (address ^ self.network).leading_zeros();
        let shared = differing.saturating_sub(u128::BITS.saturating_sub(width_bits));
        (width_bits == self.width_bits).then_some(shared.min(self.prefix_bits))
    }

    /// Bits of the prefix.
    #[must_use]
    pub const fn prefix_bits(self) -> u32 {
        self.prefix_bits
    }

    fn host_bits(self) -> u32 {
        self.width_bits.saturating_sub(self.prefix_bits)
    }

    fn prefix_of(self, address: u128) -> u128 {
        address.unbounded_shr(self.host_bits())
    }
}

impl FromStr for AddressBlock {
    type Err = SlipOfThePen;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (network, width_bits) = number(address.parse().map_err(|_| SlipOfThePen)?);
        let prefix_bits = match prefix {
            Some(digits) => digits.parse().map_err(|_| SlipOfThePen)?,
            None => width_bits,
        };
        let block = Self {
            network,
            prefix_bits,
            width_bits,
        };
        let below = network.unbounded_shl(u128::BITS.saturating_sub(block.host_bits()));
        if prefix_bits <= width_bits && below == 0 {
            Ok(block)
        } else {
            Err(SlipOfThePen)
        }
    }
}

fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), Ipv4Addr::BITS),
        IpAddr::V6(address) => (address.to_bits(), Ipv6Addr::BITS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(block: &str, address: &str) -> bool {
        block
            .parse::<AddressBlock>()
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn the_largest_and_smallest_blocks() {
        assert!(holds("::/0", "2001:db8::1"));
        assert!(!holds("::/0", "192.0.2.1"));
        assert!(holds("0.0.0.0/0", "::ffff:192.0.2.1"));
        assert!(holds("192.0.2.1/32", "192.0.2.1"));
        assert!(holds("192.0.2.1", "192.0.2.1"));
        assert!(!holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("2001:db8::7", "2001:db8::7"));
    }

    #[test]
    fn bits_are_shared_from_the_left() {
        let shared = |block: &str, address: &str| {
            let block = block.parse::<AddressBlock>().unwrap();
            block.shared_bits(address.parse().unwrap())
        };
        assert_eq!(shared("10.0.0.0/8", "10.9.8.7"), Some(8));
        assert_eq!(shared("10.0.0.0/8", "11.0.0.0"), Some(7));
        assert_eq!(shared("10.0.0.0/8", "::ffff:11.0.0.0"), Some(7));
        assert_eq!(shared("10.0.0.0/8", "203.0.113.1"), Some(0));
        assert_eq!(shared("192.0.2.1/32", "192.0.2.1"), Some(32));
        assert_eq!(shared("fc00::/7", "fd00::1"), Some(7));
        assert_eq!(shared("fc00::/7", "192.0.2.1"), None);
    }

    #[test]
    fn slips_are_refused() {
        for text in [
            "",
            "17.0.0.0/33",
            "17.0.0.1/8",
            "17.0.0.0/-1",
            "x/8",
            "17.0.0.0/",
            "2620:149::/129",
        ] {
            assert_eq!(text.parse::<AddressBlock>(), Err(SlipOfThePen), "{text}");
        }
    }
}
