//! Apple's own networks, as data: what makes a flow without a name one to Apple all the same.
//!
//! Input: `data/networks.toml`. Output: [`Networks::contains`]. An IPv4 address counts in each of its spellings: plain,
//! mapped into IPv6 (RFC 4291 section 2.5.5.2) and behind NAT64's well-known prefix (RFC 6052 section 2.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::document::{Fields, Source};
use super::error::CatalogueError;

/// An address block: network and prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    network: u128,
    prefix_bits: u32,
    width_bits: u32,
}

impl Block {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (network, width_bits) = number(address.parse().ok()?);
        let block = Self {
            network,
            prefix_bits: prefix.parse().ok()?,
            width_bits,
        };
        // Bits below the prefix are a slip of the pen: refuse them rather than guess.
        let below = network.unbounded_shl(u128::BITS.saturating_sub(block.host_bits()));
        (block.prefix_bits <= width_bits && below == 0).then_some(block)
    }

    fn host_bits(self) -> u32 {
        self.width_bits.saturating_sub(self.prefix_bits)
    }

    fn prefix_of(self, address: u128) -> u128 {
        address.unbounded_shr(self.host_bits())
    }

    fn contains(self, address: IpAddr) -> bool {
        let (address, width_bits) = number(address);
        width_bits == self.width_bits && self.prefix_of(address) == self.prefix_of(self.network)
    }
}

fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), Ipv4Addr::BITS),
        IpAddr::V6(address) => (address.to_bits(), Ipv6Addr::BITS),
    }
}

/// The IPv4 address inside a NAT64 address with the well-known prefix `64:ff9b::/96`.
fn behind_nat64(address: IpAddr) -> Option<IpAddr> {
    const PREFIX: u128 = 0x0064_ff9b << 96;
    let IpAddr::V6(address) = address else {
        return None;
    };
    let embedded = address.to_bits().checked_sub(PREFIX)?;
    Some(IpAddr::V4(Ipv4Addr::from_bits(
        u32::try_from(embedded).ok()?,
    )))
}

/// Address blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks(Vec<Block>);

impl Networks {
    /// Reads the `[[network]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut blocks = Vec::new();
        for table in root.tables("network")? {
            let block = table.required_text("block")?;
            let why = "is not an address block like 192.0.2.0/24 or 2001:db8::/32";
            blocks.push(
                Block::parse(block.value)
                    .ok_or_else(|| source.error(block.offset, Some("block"), why))?,
            );
            table.required_text("owner")?;
            table.required_text("source")?;
            table.finish()?;
        }
        root.finish()?;
        Ok(Self(blocks))
    }

    /// Whether the address is in one of the blocks.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        let address = behind_nat64(plain).unwrap_or(plain);
        self.0.iter().any(|block| block.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(blocks: &[&str]) -> Networks {
        Networks(
            blocks
                .iter()
                .map(|block| Block::parse(block).unwrap())
                .collect(),
        )
    }

    #[test]
    fn the_edges_of_a_block() {
        let apple = networks(&["17.0.0.0/8", "2620:149::/32"]);
        for inside in [
            "17.0.0.0",
            "17.255.255.255",
            "2620:149::1",
            "2620:149:ffff::",
        ] {
            assert!(apple.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "16.255.255.255",
            "18.0.0.0",
            "2620:148:ffff::1",
            "2620:14a::",
            "::17.0.0.1",
            "::1",
        ] {
            assert!(!apple.contains(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes() {
        let apple = networks(&["17.0.0.0/8"]);
        assert!(apple.contains("::ffff:17.1.2.3".parse().unwrap()));
        assert!(apple.contains("64:ff9b::17.1.2.3".parse().unwrap()));
        assert!(!apple.contains("64:ff9b::192.0.2.1".parse().unwrap()));
        assert!(!apple.contains("64:ff9b:1::17.1.2.3".parse().unwrap()));
    }

    #[test]
    fn the_largest_and_smallest_blocks() {
        assert!(networks(&["::/0"]).contains("2001:db8::1".parse().unwrap()));
        assert!(!networks(&["::/0"]).contains("192.0.2.1".parse().unwrap()));
        assert!(networks(&["192.0.2.1/32"]).contains("192.0.2.1".parse().unwrap()));
        assert!(!networks(&["192.0.2.1/32"]).contains("192.0.2.2".parse().unwrap()));
    }

    #[test]
    fn slips_are_refused() {
        for text in [
            "17.0.0.0",
            "17.0.0.0/33",
            "17.0.0.1/8",
            "x/8",
            "17.0.0.0/",
            "2620:149::/129",
        ] {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }
}
