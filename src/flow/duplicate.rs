//! Copies of a frame: the same packet captured twice at one place (a bridge and its port, both ends of a tap).
//!
//! A copy has the same addresses, ports, numbers, flags, IP-ID and length and comes within [`WINDOW`], at the same place;
//! a retransmission takes longer or has another IP-ID. Bound: 4,096 fingerprints, in sets of four that each give up their
//! oldest. A copy goes unnoticed only if four other packets met in its set since: at 100,000 packets a second, not once in
//! 100,000 times even for a copy that takes the whole window. It then counts as a retransmission.

use std::hash::{BuildHasher, Hash, Hasher};
use std::time::Duration;

use super::key::{Place, words};
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

/// Fingerprints that are looked through together.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Set([Print; WAYS]);

/// Recognises copies.
#[derive(Debug)]
pub struct DuplicateFilter {
    sets: Vec<Set>,
    hasher: foldhash::fast::RandomState,
}

impl Default for DuplicateFilter {
    fn default() -> Self {
        Self {
            sets: vec![Set([(0, Timestamp::MIN); WAYS]); SETS],
            hasher: foldhash::fast::RandomState::default(),
        }
    }
}

impl DuplicateFilter {
    /// Whether this packet is a copy of one that came within the window at the same place. `conversation` is a keyed hash
    /// of both ends, the direction and the place, where that is known already.
    #[inline]
    pub fn is_copy(
        &mut self,
        packet: &PacketView<'_>,
        place: Place,
        conversation: Option<u64>,
        at: Timestamp,
    ) -> bool {
        self.fingerprint(packet, place, conversation)
            .is_some_and(|print| self.is_known(print, at))
    }

    /// What copies have in common; none for packets of which nothing is counted. Every packet pays for this: fields go
    /// in as whole words.
    #[inline]
    fn fingerprint(
        &self,
        packet: &PacketView<'_>,
        place: Place,
        conversation: Option<u64>,
    ) -> Option<u64> {
        let mut state = self.hasher.build_hasher();
        if let Some(hash) = conversation {
            state.write_u64(hash);
        } else {
            let ([a, b], [c, d]) = (words(packet.src), words(packet.dst));
            for word in [a, b, c, d, u64::from(place.number())] {
                state.write_u64(word);
            }
        }
        let ip_id = u64::from(packet.ip_id.unwrap_or(0));
        match &packet.transport {
            TransportView::Tcp(tcp) => {
                state.write_u64(u64::from(tcp.seq) << 32 | u64::from(tcp.ack));
                let control = u64::from(tcp.flags.0) << 16 | u64::from(tcp.window);
                state.write_u64(control << 40 | ip_id << 24 | u64::from(tcp.wire_len));
                if conversation.is_none() {
                    state.write_u64(ports(tcp.src_port, tcp.dst_port));
                }
                // Timestamps and SACK blocks tell one pure ACK from the next, where there is no IP-ID.
                state.write(tcp.options);
            }
            TransportView::Udp(udp) => {
                state.write_u64(ip_id << 32 | u64::from(udp.wire_len));
                if conversation.is_none() {
                    state.write_u64(ports(udp.src_port, udp.dst_port));
                }
                state.write(udp.payload.get(..DATAGRAM_PREFIX).unwrap_or(udp.payload));
            }
            TransportView::Icmp(error) if error.quoted.is_some() => {
                state.write_u64(ip_id);
                error.hash(&mut state);
            }
            // Nothing that they hold is counted, and nothing tells one from the next.
            TransportView::Icmp(_) | TransportView::Other(_) | TransportView::Fragment => {
                return None;
            }
        }
        Some(state.finish())
    }

    /// Whether this fingerprint was seen within the window; if not, remembers it.
    #[inline]
    fn is_known(&mut self, print: u64, at: Timestamp) -> bool {
        let index = usize::try_from(print % SETS as u64).unwrap_or(0);
        let Some(Set(set)) = self.sets.get_mut(index) else {
            return false;
        };
        let mut oldest = (Timestamp::MAX, 0);
        for (way, &(known, seen)) in set.iter().enumerate() {
            if known == print && at >= seen && at.since(seen) <= WINDOW {
                return true;
            }
            oldest = oldest.min((seen, way));
        }
        if let Some(slot) = set.get_mut(oldest.1) {
            *slot = (print, at);
        }
        false
    }
}

/// Both ports in one word.
fn ports(src: u16, dst: u16) -> u64 {
    u64::from(src) << 16 | u64::from(dst)
}

#[cfg(test)]
mod tests;
