//! Devices: which addresses are one client.
//!
//! Input: addresses with their source MACs. Output: one [`DeviceId`] an address. Addresses behind one MAC are one
//! device, unless that MAC carries more than one IPv4 address: then it is a router's, and each address stands alone.

use std::net::IpAddr;

use foldhash::HashMap;

use super::summary::{Client, label};
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
    /// By address, places in `known`.
    by_address: HashMap<IpAddr, usize>,
    known: Vec<Device>,
    by_mac: HashMap<MacAddr, usize>,
}

/// One device.
#[derive(Debug)]
struct Device {
    id: DeviceId,
    /// Sorted: an IPv4 address comes before an IPv6 one.
    addresses: Vec<IpAddr>,
    /// Where packets sent to it were captured.
    heard: u64,
}

impl Devices {
    /// Groups the addresses of several books.
    #[must_use]
    pub fn build<'a>(books: impl IntoIterator<Item = &'a HostBook>) -> Self {
        let mut hosts: HashMap<IpAddr, (Option<(Seen, MacAddr)>, u64)> = HashMap::default();
        for (addr, facts) in books.into_iter().flat_map(HostBook::iter) {
            let (mac, heard) = hosts.entry(addr).or_default();
            *heard |= facts.heard;
            // Of two the earlier; none comes before any.
            *mac = mac.iter().copied().chain(facts.mac).min();
        }
        let mut own_v4: HashMap<MacAddr, usize> = HashMap::default();
        for (addr, (mac, _)) in &hosts {
            if let Some((_, mac)) = mac {
                *own_v4.entry(*mac).or_default() += usize::from(is_own_v4(*addr));
            }
        }
        let mut devices = Self::default();
        for (addr, (mac, heard)) in hosts {
            let mac = mac.map(|(_, mac)| mac);
            let id = mac
                .filter(|mac| own_v4.get(mac).is_some_and(|count| *count <= 1))
                .map_or(DeviceId::Address(addr), DeviceId::Mac);
            devices.add(id, addr, heard);
        }
        for device in &mut devices.known {
            device.addresses.sort_unstable();
        }
        devices
    }

    fn add(&mut self, id: DeviceId, addr: IpAddr, heard: u64) {
        let next = self.known.len();
        let at = match id {
            DeviceId::Mac(mac) => *self.by_mac.entry(mac).or_insert(next),
            DeviceId::Address(_) => next,
        };
        if at == next {
            self.known.push(Device {
                id,
                addresses: Vec::new(),
                heard: 0,
            });
        }
        if let Some(device) = self.known.get_mut(at) {
            device.addresses.push(addr);
            device.heard |= heard;
        }
        self.by_address.insert(addr, at);
    }

    fn device(&self, addr: IpAddr) -> Option<&Device> {
        self.known.get(*self.by_address.get(&addr)?)
    }

    /// The device that an address belongs to.
    #[must_use]
    pub fn of(&self, addr: IpAddr) -> DeviceId {
        self.device(addr)
            .map_or(DeviceId::Address(addr), |device| device.id)
    }

    /// All addresses of the device that `addr` belongs to.
    #[must_use]
    pub fn addresses_of<'a>(&'a self, addr: &'a IpAddr) -> &'a [IpAddr] {
        self.device(*addr)
            .map_or(std::slice::from_ref(addr), |device| &device.addresses)
    }

    /// The device that `addr` belongs to is known by its MAC, and has no IPv4 address.
    #[must_use]
    pub fn is_only_ipv6(&self, addr: IpAddr) -> bool {
        self.device(addr).is_some_and(|device| {
            matches!(device.id, DeviceId::Mac(_)) && device.addresses.iter().all(IpAddr::is_ipv6)
        })
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
        self.device(addr).map_or(0, |device| device.heard)
    }

    /// By what rows refer to the device; see [`Client::device`].
    #[must_use]
    pub fn label(&self, device: DeviceId) -> String {
        match device {
            DeviceId::Mac(mac) => {
                let known = self.by_mac.get(&mac).and_then(|at| self.known.get(*at));
                let addresses = known.map(|known| known.addresses.as_slice());
                label(addresses.unwrap_or_default(), Some(&mac))
            }
            DeviceId::Address(addr) => label(&[addr], None::<&MacAddr>),
        }
    }

    /// The device as a report names it.
    #[must_use]
    pub fn client(&self, device: DeviceId) -> Client {
        match device {
            DeviceId::Mac(mac) => Client {
                addresses: self
                    .by_mac
                    .get(&mac)
                    .and_then(|at| self.known.get(*at))
                    .map(|device| device.addresses.clone())
                    .unwrap_or_default(),
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
pub(super) fn is_own_v4(addr: IpAddr) -> bool {
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
