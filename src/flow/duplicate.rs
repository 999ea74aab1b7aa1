//! Copies of a frame: the same packet captured twice at one place (a bridge and its port, both ends of a tap).
//!
//! A copy has the same addresses, ports, numbers, flags, IP-ID and length and comes within [`WINDOW`], at the same place;
//! a retransmission takes longer or has another IP-ID. Bound: 4,096 fingerprints, in sets of four that each give up their
//! oldest. A copy goes unnoticed only if four other packets met in its set since: at 100,000 packets a second, not once in
//! 100,000 times even for a copy that takes the whole window. It then counts as a retransmission.

use std::hash::{BuildHasher, Hash, Hasher};
use std::time::Duration;

use super::key::Place;
use crate::capture::frame::Timestamp;
use crate::decode::{PacketView, TransportView};

/// A copy comes this soon.
pub const WINDOW: Duration = Duration::from_millis(1);

/// Fingerprints that share a set: one cache line.
const WAYS: usize = 4;

/// Sets of fingerprints.
const SETS: usize = 1024;

/// Payload bytes of a datagram that tell it from the next one of the same length.
const DATAGRAM_PREFIX: usize = 64;

/// A packet's fingerprint, and when it was captured first.
type Print = (u64, Timestamp);

/// Recognises copies.
#[derive(Debug)]
pub struct DuplicateFilter {
    sets: Vec<[Print; WAYS]>,
    hasher: foldhash::fast::RandomState,
}

impl Default for DuplicateFilter {
    fn default() -> Self {
        Self {
            sets: vec![[(0, Timestamp::MIN); WAYS]; SETS],
            hasher: foldhash::fast::RandomState::default(),
        }
    }
}

impl DuplicateFilter {
    /// Whether this packet is a copy of one that came within the window at the same place.
    pub fn is_copy(&mut self, packet: &PacketView<'_>, place: Place, at: Timestamp) -> bool {
        let mut state = self.hasher.build_hasher();
        (packet.src, packet.dst, packet.ip_id, place).hash(&mut state);
        match &packet.transport {
            TransportView::Tcp(tcp) => {
                (tcp.src_port, tcp.dst_port, tcp.flags.0, tcp.window).hash(&mut state);
                (tcp.seq, tcp.ack, tcp.wire_len).hash(&mut state);
                // Timestamps and SACK blocks tell one pure ACK from the next, where there is no IP-ID.
                state.write(tcp.options);
            }
            TransportView::Udp(udp) => {
                (udp.src_port, udp.dst_port, udp.wire_len).hash(&mut state);
                state.write(udp.payload.get(..DATAGRAM_PREFIX).unwrap_or(udp.payload));
            }
            TransportView::Icmp(error) if error.quoted.is_some() => error.hash(&mut state),
            // Nothing that they hold is counted, and nothing tells one from the next.
            TransportView::Icmp(_) | TransportView::Other(_) | TransportView::Fragment => {
                return false;
            }
        }
        self.is_known(state.finish(), at)
    }

    /// Whether this fingerprint was seen within the window; if not, remembers it.
    fn is_known(&mut self, print: u64, at: Timestamp) -> bool {
        let index = usize::try_from(print % SETS as u64).unwrap_or(0);
        let Some(set) = self.sets.get_mut(index) else {
            return false;
        };
        let is_copy =
            |&(known, seen): &Print| known == print && at >= seen && at.since(seen) <= WINDOW;
        if set.iter().any(is_copy) {
            return true;
        }
        if let Some(oldest) = set.iter_mut().min_by_key(|(_, seen)| *seen) {
            *oldest = (print, at);
        }
        false
    }
}

#[cfg(test)]
mod tests;
