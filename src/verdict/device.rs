//! Devices: which addresses are one client.
//!
//! Input: addresses with their source MACs. Output: one [`DeviceId`] an address. Addresses behind one MAC are one
//! device, unless that MAC carries more than one IPv4 address: then it is a router's, and each address stands alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use foldhash::HashMap;

use super::summary::Client;
use crate::capture::frame::Seen;
use crate::decode::MacAddr;
use crate::flow::hosts::{HostBook, heard_bit};
use crate::flow::key::PlaceInfo;

/// A device: its MAC where one device owns it, else its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceId {
    /// All addresses behind this MAC.
    Mac(MacAddr),
    /// One address.
    Address(IpAddr),
}

/// Which address belongs to which device.
#[derive(Debug, Default)]
pub struct Devices {
    by_address: HashMap<IpAddr, DeviceId>,
    addresses: HashMap<MacAddr, BTreeSet<IpAddr>>,
    heard: HashMap<IpAddr, u64>,
}

impl Devices {
    /// Groups the addresses of several books.
    #[must_use]
    pub fn build<'a>(books: impl IntoIterator<Item = &'a HostBook>) -> Self {
        let mut macs: BTreeMap<IpAddr, (Seen, MacAddr)> = BTreeMap::new();
        let mut heard: HashMap<IpAddr, u64> = HashMap::default();
        for (addr, facts) in books.into_iter().flat_map(HostBook::iter) {
            *heard.entry(addr).or_default() |= facts.heard;
            if let Some(mac) = facts.mac {
                let known = macs.entry(addr).or_insert(mac);
                *known = mac.min(*known);
            }
        }
        let mut addresses: HashMap<MacAddr, BTreeSet<IpAddr>> = HashMap::default();
        for (&addr, &(_, mac)) in &macs {
            addresses.entry(mac).or_default().insert(addr);
        }
        addresses.retain(|_, addrs| addrs.iter().filter(|addr| is_own_v4(**addr)).count() <= 1);
        let by_address = macs
            .into_iter()
            .filter(|(_, (_, mac))| addresses.contains_key(mac))
            .map(|(addr, (_, mac))| (addr, DeviceId::Mac(mac)))
            .collect();
        Self {
            by_address,
            addresses,
            heard,
        }
    }

    /// The device that an address belongs to.
    #[must_use]
    pub fn of(&self, addr: IpAddr) -> DeviceId {
        self.by_address
            .get(&addr)
            .copied()
            .unwrap_or(DeviceId::Address(addr))
    }

    /// All addresses of the device that `addr` belongs to.
    #[must_use]
    pub fn addresses_of(&self, addr: IpAddr) -> Vec<IpAddr> {
        match self.of(addr) {
            DeviceId::Mac(mac) => self
                .addresses
                .get(&mac)
                .map(|set| set.iter().copied().collect())
                .unwrap_or_default(),
            DeviceId::Address(addr) => vec![addr],
        }
    }

    /// The device that `addr` belongs to is known by its MAC, and has no IPv4 address.
    #[must_use]
    pub fn is_only_ipv6(&self, addr: IpAddr) -> bool {
        matches!(self.of(addr), DeviceId::Mac(_))
            && self.addresses_of(addr).iter().all(IpAddr::is_ipv6)
    }

    /// Some packet sent to this device was captured, anywhere.
    #[must_use]
    pub fn heard(&self, addr: IpAddr) -> bool {
        self.heard_bits(addr) != 0
    }

    /// Some packet sent to this device was captured where this place's are.
    #[must_use]
    pub fn heard_at(&self, addr: IpAddr, place: PlaceInfo) -> bool {
        self.heard_bits(addr) & heard_bit(place) != 0
    }

    fn heard_bits(&self, addr: IpAddr) -> u64 {
        self.addresses_of(addr)
            .iter()
            .filter_map(|addr| self.heard.get(addr))
            .fold(0, |all, bits| all | bits)
    }

    /// The device as a report names it.
    #[must_use]
    pub fn client(&self, device: DeviceId) -> Client {
        match device {
            DeviceId::Mac(mac) => Client {
                // An IPv4 address sorts before an IPv6 one.
                addresses: self
                    .addresses
                    .get(&mac)
                    .into_iter()
                    .flatten()
                    .copied()
                    .collect(),
                mac: Some(mac.to_string()),
            },
            DeviceId::Address(addr) => Client {
                addresses: vec![addr],
                mac: None,
            },
        }
    }
}

/// An IPv4 address that a device owns: not the one it has while it asks for one, nor a link-local spare.
fn is_own_v4(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_link_local(),
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn book(rows: &[(&str, u8)]) -> HostBook {
        let mut book = HostBook::new(100);
        for (from, mac) in rows {
            book.packet(
                (addr(from), Some(MacAddr([2, 0, 0, 0, 0, *mac]))),
                addr("203.0.113.1"),
                PlaceInfo::default(),
                Seen::default(),
            );
        }
        book
    }

    #[test]
    fn an_ipv4_and_an_ipv6_address_behind_one_mac_are_one_device() {
        let devices = Devices::build([&book(&[
            ("192.168.7.20", 1),
            ("fd00:7::20", 1),
            ("192.168.7.21", 2),
        ])]);
        assert_eq!(
            devices.of(addr("192.168.7.20")),
            devices.of(addr("fd00:7::20"))
        );
        assert_ne!(
            devices.of(addr("192.168.7.20")),
            devices.of(addr("192.168.7.21"))
        );
    }

    #[test]
    fn a_mac_with_two_ipv4_addresses_is_a_router() {
        let devices = Devices::build([&book(&[("10.0.0.1", 1), ("10.0.0.2", 1), ("fd00::1", 1)])]);
        assert_ne!(devices.of(addr("10.0.0.1")), devices.of(addr("10.0.0.2")));
        assert_ne!(devices.of(addr("10.0.0.1")), devices.of(addr("fd00::1")));
    }
}
