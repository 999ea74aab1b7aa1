//! What is known of each address: its MAC, and whether anything sent to it was captured.
//!
//! Filled only when a flow begins or its other end first speaks, so it costs nothing on the packet path. Bound: when
//! full, addresses that were never sent anything (a spoofed flood) are given up, all at once; while they are too few for
//! that to be worth the search, no new address is learned, and those that found no room are counted.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::decode::MacAddr;

/// Addresses kept unless told otherwise.
pub const MAX_HOSTS: usize = 256 * 1024;

/// A full book is searched for addresses to give up only if at least one in this many is one, so that the search costs
/// a few steps for each address learned.
const WORTH_SEARCHING: usize = 16;

/// What is known of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Source MAC of its packets, the first one seen.
    pub mac: Option<MacAddr>,
    /// A packet sent to it was captured.
    pub heard: bool,
}

/// Facts by address.
#[derive(Clone, Debug)]
pub struct HostBook {
    hosts: HashMap<IpAddr, HostFacts, foldhash::fast::RandomState>,
    bound: usize,
    /// Addresses that nothing was sent to.
    unheard: usize,
    refused: u64,
}

impl HostBook {
    /// A book of at most `bound` addresses.
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self {
            hosts: HashMap::default(),
            bound: bound.max(1),
            unheard: 0,
            refused: 0,
        }
    }

    /// A packet from `src` (with this source MAC) to `dst` was captured.
    pub fn packet(&mut self, src: IpAddr, mac: Option<MacAddr>, dst: IpAddr) {
        if !is_group(dst)
            && let Some(facts) = self.entry(dst)
            && !facts.heard
        {
            facts.heard = true;
            self.unheard -= 1;
        }
        if let Some(facts) = self.entry(src) {
            facts.mac = facts.mac.or(mac);
        }
    }

    /// What is known of an address, unless it is new and there is no room.
    fn entry(&mut self, addr: IpAddr) -> Option<&mut HostFacts> {
        if self.hosts.len() >= self.bound && !self.hosts.contains_key(&addr) {
            if self.unheard == 0 || self.unheard < self.bound / WORTH_SEARCHING {
                self.refused += 1;
                return None;
            }
            self.hosts.retain(|_, facts| facts.heard);
            self.unheard = 0;
        }
        let unheard = &mut self.unheard;
        Some(self.hosts.entry(addr).or_insert_with(|| {
            *unheard += 1;
            HostFacts::default()
        }))
    }

    /// All addresses, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (IpAddr, HostFacts)> {
        self.hosts.iter().map(|(addr, facts)| (*addr, *facts))
    }

    /// Addresses that found no room.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }
}

/// Multicast or broadcast: what is sent there is not sent to anyone in particular.
fn is_group(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests;
