//! What is known of each address: its MAC, and whether anything sent to it was captured.
//!
//! Filled only when a flow begins or its other end first speaks, so it costs nothing on the packet path. Bound: when
//! full, a quarter goes and is counted: addresses that were never sent anything first (a spoofed flood), those of
//! clients that asked for a required host last, of equal ones those met seldom, then the longest unseen.

use std::collections::HashMap;
use std::net::IpAddr;

use super::key::PlaceInfo;
use crate::capture::frame::{InterfaceId, Seen};
use crate::decode::MacAddr;

/// Addresses kept unless told otherwise.
pub const MAX_HOSTS: usize = 256 * 1024;

/// Met so often: more than by one question of a flood and its answer.
const OFTEN: u8 = 5;

/// What is known of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Source MAC of its packets: the first one seen, and in which packet.
    pub mac: Option<(Seen, MacAddr)>,
    /// Where packets sent to it were captured: one bit a place ([`heard_bit`]), 0 if none was.
    pub heard: u64,
    /// It asked for a required host.
    pub wanted: bool,
    /// How often it was met, as far as [`OFTEN`].
    met: u8,
    /// When it was last met, in turns of the book.
    turn: u64,
}

/// Facts by address.
#[derive(Clone, Debug)]
pub struct HostBook {
    hosts: HashMap<IpAddr, HostFacts, foldhash::fast::RandomState>,
    bound: usize,
    evicted: u64,
    turn: u64,
}

impl HostBook {
    /// A book of at most `bound` addresses, at least two.
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self {
            hosts: HashMap::default(),
            bound: bound.max(2),
            evicted: 0,
            turn: 0,
        }
    }

    fn entry(&mut self, addr: IpAddr) -> &mut HostFacts {
        if self.hosts.len() >= self.bound && !self.hosts.contains_key(&addr) {
            self.make_room();
        }
        self.turn += 1;
        let facts = self.hosts.entry(addr).or_default();
        facts.turn = self.turn;
        facts.met = OFTEN.min(facts.met + 1);
        facts
    }

    fn make_room(&mut self) {
        let mut order: Vec<(bool, bool, bool, u64)> = self.hosts.values().map(worth).collect();
        let excess = (self.bound / 4).clamp(1, order.len().max(1)) - 1;
        if order.len() <= excess {
            return;
        }
        // Turns are unique, so exactly the quarter goes.
        let (_, &mut last, _) = order.select_nth_unstable(excess);
        let before = self.hosts.len();
        self.hosts.retain(|_, facts| worth(facts) > last);
        self.evicted += (before - self.hosts.len()) as u64;
    }

    /// A packet from `src` (with this source MAC) to `dst` was captured at this place.
    pub fn packet(
        &mut self,
        (src, mac): (IpAddr, Option<MacAddr>),
        dst: IpAddr,
        place: PlaceInfo,
        seen: Seen,
    ) {
        // An address that is still being asked for is nobody's.
        if !src.is_unspecified() {
            let facts = self.entry(src);
            if let Some(mac) = mac {
                let told = (seen, mac);
                facts.mac = Some(facts.mac.map_or(told, |known| known.min(told)));
            }
        }
        self.hears(dst, place);
    }

    /// A packet to `dst` was captured at this place.
    pub fn hears(&mut self, dst: IpAddr, place: PlaceInfo) {
        if !is_group(dst) {
            self.entry(dst).heard |= heard_bit(place);
        }
    }

    /// This client asked for a required host: what is known of it is kept longest.
    pub fn want(&mut self, client: IpAddr) {
        self.entry(client).wanted = true;
    }

    /// All addresses, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (IpAddr, HostFacts)> {
        self.hosts.iter().map(|(addr, facts)| (*addr, *facts))
    }

    /// Addresses given up because the book was full.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }
}

/// What an address is worth when some must go.
const fn worth(facts: &HostFacts) -> (bool, bool, bool, u64) {
    let often = facts.met == OFTEN;
    (facts.wanted, facts.heard != 0, often, facts.turn)
}

/// The bit of a place in [`HostFacts::heard`]. A tap gives each direction an interface of its own, VLANs apart are rare:
/// the interface counts. Far more than a capture has may share a bit, which only makes a rule less careful.
#[must_use]
pub const fn heard_bit(place: PlaceInfo) -> u64 {
    let InterfaceId(number) = place.interface;
    1 << ((number as u32).wrapping_add(place.if_index) % u64::BITS)
}

/// Multicast or broadcast: what is sent there is not sent to anyone in particular.
#[must_use]
pub fn is_group(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests;
