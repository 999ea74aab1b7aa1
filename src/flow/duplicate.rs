//! Copies of a frame: the same packet captured twice at one place (a bridge and its port, both ends of a tap).
//!
//! A copy has the same addresses, ports, numbers, flags, IP-ID and length and comes within [`WINDOW`]; a retransmission
//! takes longer or has another IP-ID. The filter remembers [`SLOTS`] fingerprints in a fixed array: a packet that was
//! pushed out by others within a millisecond would need a rate that no capture reaches.

use std::hash::{BuildHasher, Hash, Hasher};
use std::time::Duration;

use super::key::Place;
use crate::capture::frame::Timestamp;
use crate::decode::{PacketView, TransportView};

/// A copy comes this soon.
pub const WINDOW: Duration = Duration::from_millis(1);

/// Packets remembered: a millisecond at four million packets a second.
const SLOTS: usize = 4096;

/// Payload bytes of a datagram that tell it from the next one of the same length.
const DATAGRAM_PREFIX: usize = 64;

/// Recognises copies.
#[derive(Debug)]
pub struct DuplicateFilter {
    slots: Vec<(u64, Timestamp)>,
    hasher: foldhash::fast::RandomState,
}

impl Default for DuplicateFilter {
    fn default() -> Self {
        Self {
            slots: vec![(0, Timestamp::MIN); SLOTS],
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
            TransportView::Icmp(_) | TransportView::Other(_) | TransportView::Fragment => {
                return false;
            }
        }
        let print = state.finish();
        let slots = self.slots.len() as u64;
        let Some(slot) = self
            .slots
            .get_mut(usize::try_from(print % slots).unwrap_or(0))
        else {
            return false;
        };
        let copy = slot.0 == print && at.since(slot.1) <= WINDOW && at >= slot.1;
        if !copy {
            *slot = (print, at);
        }
        copy
    }
}
