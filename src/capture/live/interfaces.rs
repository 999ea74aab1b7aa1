//! The interfaces of this machine: how they are, and whether this process may capture on them.
//!
//! Input: libpcap's list, the kernel's routes. Output: [`Offer`]s, in the kernel's order. What is no network interface
//! (USB, D-Bus, netfilter's logs) is left out, but for `any`, which is all interfaces at once.

use std::collections::HashSet;
use std::net::IpAddr;

use super::error::LiveError;
use super::filter::said;
use super::handle::Handle;
use super::{LiveOptions, rights};
use crate::capture::frame::LinkType;

/// An interface of this machine.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own, as the kernel has them"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalInterface {
    /// Its name.
    pub name: String,
    /// The operator has it up.
    pub up: bool,
    /// It has a carrier.
    pub running: bool,
    /// It leads to this machine itself.
    pub loopback: bool,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Packets for the rest of the world leave by it.
    pub default_route: bool,
}

/// An interface, and whether this process may capture on it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The interface.
    pub interface: LocalInterface,
    /// What its frames begin with, where that is known.
    pub link: Option<LinkType>,
    /// Why it cannot be captured on.
    pub refusal: Option<LiveError>,
}

/// All interfaces, each tried.
///
/// # Errors
/// When they cannot be listed.
pub fn offers() -> Result<Vec<Offer>, LiveError> {
    let missing = rights::missing();
    let offer = |interface: LocalInterface| {
        let tried = match &missing {
            Some(right) => Err(LiveError::Right(right.clone())),
            None => Handle::open(&interface.name, &trial())
                .map(|handle| handle.link)
                .map_err(|error| super::explain(&interface.name, error)),
        };
        Offer {
            link: tried
                .as_ref()
                .ok()
                .copied()
                .or_else(|| known_link(&interface.name)),
            refusal: tried.err(),
            interface,
        }
    };
    Ok(found()?.into_iter().map(offer).collect())
}

/// The one that is captured on when none is named, and why.
#[must_use]
pub fn chosen(offers: &[Offer]) -> Option<(String, String)> {
    let all: Vec<_> = offers.iter().map(|offer| offer.interface.clone()).collect();
    super::choice::choose(&all, forwards())
}

/// How an interface is tried: with little memory.
fn trial() -> LiveOptions {
    LiveOptions {
        buffer_bytes: 1 << 20,
        ..LiveOptions::default()
    }
}

/// All interfaces.
pub(super) fn found() -> Result<Vec<LocalInterface>, LiveError> {
    let devices = pcap::Device::list().map_err(|error| LiveError::NoList {
        reason: said(error),
    })?;
    let kernel = Kernel::ask();
    let interface = |device: pcap::Device| LocalInterface {
        up: device.flags.is_up(),
        running: device.flags.is_running(),
        loopback: device.flags.is_loopback(),
        addresses: device
            .addresses
            .iter()
            .map(|address| address.addr)
            .collect(),
        default_route: kernel.default_routes.contains(&device.name),
        name: device.name,
    };
    Ok(devices
        .into_iter()
        .filter(|device| kernel.is_network(&device.name))
        .map(interface)
        .collect())
}

/// What the kernel's tables say; empty where there are none.
#[derive(Debug, Default)]
struct Kernel {
    networks: HashSet<String>,
    default_routes: HashSet<String>,
}

impl Kernel {
    fn ask() -> Self {
        let mut default_routes = default_routes_4(&content("/proc/net/route"));
        default_routes.extend(default_routes_6(&content("/proc/net/ipv6_route")));
        Self {
            networks: networks(&content("/proc/net/dev")),
            default_routes,
        }
    }

    fn is_network(&self, name: &str) -> bool {
        self.networks.is_empty() || name == "any" || self.networks.contains(name)
    }
}

/// Whether this machine carries packets for others (IPv4).
pub(super) fn forwards() -> bool {
    content("/proc/sys/net/ipv4/ip_forward").trim() == "1"
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks the kernel about interfaces and routes"
)]
fn content(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// What frames of an interface begin with, by its hardware type (`ARPHRD_`, `if_arp.h`): for those who may not open it.
fn known_link(name: &str) -> Option<LinkType> {
    if name.contains('/') {
        return None;
    }
    match content(&format!("/sys/class/net/{name}/type")).trim() {
        // Ethernet, and Linux's loopback, which looks like it.
        "1" | "772" => Some(LinkType(1)),
        // No link-layer header: tun, WireGuard.
        "65534" => Some(LinkType(12)),
        _ => None,
    }
}

/// Names in `/proc/net/dev`: two lines of headings, then `name: numbers`.
fn networks(table: &str) -> HashSet<String> {
    let names = table
        .lines()
        .skip(2)
        .filter_map(|line| line.split_once(':'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

/// Interfaces of `/proc/net/route` whose destination and mask are zero.
fn default_routes_4(table: &str) -> HashSet<String> {
    let rows = table.lines().skip(1);
    rows.filter_map(|row| {
        let mut columns = row.split_whitespace();
        let (interface, destination) = (columns.next()?, columns.next()?);
        let mask = columns.nth(5)?;
        (destination == "00000000" && mask == "00000000").then(|| interface.to_owned())
    })
    .collect()
}

/// Interfaces of `/proc/net/ipv6_route` whose destination is `::/0` and that have a next hop.
fn default_routes_6(table: &str) -> HashSet<String> {
    let none = "0".repeat(32);
    table
        .lines()
        .filter_map(|row| {
            let columns: Vec<&str> = row.split_whitespace().collect();
            let [destination, length, _, _, hop, .., interface] = columns.as_slice() else {
                return None;
            };
            let is_default = *destination == none && *length == "00" && *hop != none;
            is_default.then(|| (*interface).to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_routes_are_told_from_others() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
            eth1\t0007A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
            eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            tun0\t00000000\t0102000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n";
        assert_eq!(default_routes_4(table), HashSet::from(["eth0".to_owned()]));
        let zero = "0".repeat(32);
        let hop = "fe80000000000000021122fffe334455";
        let table = format!(
            "{zero} 00 {zero} 00 {hop} 00000400 1 0 00450003     wan0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 1 0 00200200       lo\n"
        );
        assert_eq!(default_routes_6(&table), HashSet::from(["wan0".to_owned()]));
    }

    #[test]
    fn network_interfaces_are_those_of_the_kernels_table() {
        let table =
            "Inter-|   Receive  |  Transmit\n face |bytes |bytes\n    lo: 1 2\nenp0s3: 3 4\n";
        let expected = ["lo", "enp0s3"].map(str::to_owned);
        assert_eq!(networks(table), HashSet::from(expected));
    }
}
