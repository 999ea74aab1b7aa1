//! Apple's own networks, as data: what makes a flow without a name one to Apple all the same.
//!
//! Input: `data/networks.toml`. Output: [`Networks::contains`]. An IPv4 address counts in each of its spellings: plain,
//! mapped into IPv6 (RFC 4291 section 2.5.5.2) and behind NAT64's well-known prefix (RFC 6052 section 2.1).

use std::net::{IpAddr, Ipv4Addr};

use super::document::{Fields, Source};
use super::error::CatalogueError;
use crate::address_block::{AddressBlock, SlipOfThePen};

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
pub(super) struct Networks(Vec<AddressBlock>);

impl Networks {
    /// Reads the `[[network]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut blocks = Vec::new();
        for table in root.tables("network")? {
            let block = table.required_text("block")?;
            let parsed = block.value.parse();
            blocks.push(parsed.map_err(|slip: SlipOfThePen| {
                source.error(block.offset, Some("block"), slip.to_string())
            })?);
            table.required_text("owner")?;
            table.required_text("source")?;
            table.finish()?;
        }
        root.finish()?;
        Ok(Self(blocks))
    }

    /// The blocks.
    pub(super) fn blocks(&self) -> &[AddressBlock] {
        &self.0
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
        Networks(blocks.iter().map(|block| block.parse().unwrap()).collect())
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
}
