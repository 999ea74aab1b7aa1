//! Copies of a frame: the same packet captured twice at one place (a bridge and its port, both ends of a tap).
//!
//! A copy has the same addresses, ports, numbers, flags, IP-ID and length and comes within [`WINDOW`], at the same place;
//! a retransmission takes longer or has another IP-ID. Bound: 4,096 fingerprints, in sets of four that each give up their
//! oldest. A copy goes unnoticed only if four other packets met in its set since: at 100,000 packets a second, not once in
//! 100,000 times even for a copy that takes the whole window. It then counts as a retransmission. Which packets share a
//! set does not depend on the hash's key: a capture is judged alike whenever it is read.

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

/// What chooses the set, the same in every run, and the fingerprint, which depends on a key.
#[derive(Clone, Copy)]
struct Mark {
    set: u64,
    print: u64,
}

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
        self.mark(packet, place, conversation)
            .is_some_and(|mark| self.is_known(mark, at))
    }

    /// What copies have in common; none for packets of which nothing is counted, an ICMP message that quotes none among
    /// them. Every packet pays for this: fields go
    /// in as whole words.
    #[inline]
    fn mark(
        &self,
        packet: &PacketView<'_>,
        place: Place,
        conversation: Option<u64>,
    ) -> Option<Mark> {
        let mut state = self.hasher.build_hasher();
        let ([a, b], [c, d]) = (words(packet.src), words(packet.dst));
        if let Some(hash) = conversation {
            state.write_u64(hash);
        } else {
            for word in [a, b, c, d, u64::from(place.number())] {
                state.write_u64(word);
            }
        }
        let ip_id = u64::from(packet.ip_id.unwrap_or(0));
        let own = match &packet.transport {
            TransportView::Tcp(tcp) => {
                let numbers = u64::from(tcp.seq) << 32 | u64::from(tcp.ack);
                state.write_u64(numbers);
                let control = u64::from(tcp.flags.0) << 16 | u64::from(tcp.window);
                let control = control << 40 | ip_id << 24 | u64::from(tcp.wire_len);
                state.write_u64(control);
                let ports = ports(tcp.src_port, tcp.dst_port);
                if conversation.is_none() {
                    state.write_u64(ports);
                }
                // Timestamps and SACK blocks tell one pure ACK from the next, where there is no IP-ID.
                state.write(tcp.options);
                [numbers, control ^ ports]
            }
            TransportView::Udp(udp) => {
                let length = ip_id << 32 | u64::from(udp.wire_len);
                state.write_u64(length);
                let ports = ports(udp.src_port, udp.dst_port);
                if conversation.is_none() {
                    state.write_u64(ports);
                }
                state.write(udp.payload.get(..DATAGRAM_PREFIX).unwrap_or(udp.payload));
                let first = udp.payload.first_chunk().copied().unwrap_or_default();
                [u64::from_le_bytes(first), length ^ ports << 16]
            }
            TransportView::Icmp(error) => {
                let quoted = error.quoted?;
                state.write_u64(ip_id);
                error.hash(&mut state);
                let seq = u64::from(quoted.seq.unwrap_or(0));
                [ip_id << 32 | seq, ports(quoted.src_port, quoted.dst_port)]
            }
            // Nothing that they hold is counted, and nothing tells one from the next.
            TransportView::Other(_) | TransportView::Fragment => return None,
        };
        Some(Mark {
            set: spread([b, d, own[0], own[1]]),
            print: state.finish(),
        })
    }

    /// Whether this fingerprint was seen within the window; if not, remembers it.
    #[inline]
    fn is_known(&mut self, Mark { set, print }: Mark, at: Timestamp) -> bool {
        let index = usize::try_from(set % SETS as u64).unwrap_or(0);
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

/// One word of four that differ little from packet to packet: each is multiplied by an odd constant of its own, and the
/// upper half has what became of all bits.
fn spread([a, b, c, d]: [u64; 4]) -> u64 {
    let [a, b] = [a ^ c.rotate_left(32), b ^ d.rotate_left(17)];
    (a.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b.wrapping_mul(0xC2B2_AE3D_27D4_EB4F)) >> 40
}

/// Both ports in one word.
fn ports(src: u16, dst: u16) -> u64 {
    u64::from(src) << 16 | u64::from(dst)
}

#[cfg(test)]
mod tests;
