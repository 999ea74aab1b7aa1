//! What happened on the wire, per conversation.
//!
//! Input: decoded packets with their capture times. Output: facts (times, counters, sequence state) that the rules of
//! `verdict` read. No rule and no protocol is known here; times are capture times. Bounds: [`table`] caps the number
//! of flows, [`stream`] the bytes that wait for a gap to close.

pub mod closing;
pub mod duplicate;
pub mod half;
pub mod hosts;
mod index;
pub mod ip_ids;
pub mod key;
pub mod seq;
pub mod stream;
pub mod table;
pub mod tcp;
pub mod trouble;

use std::ops::Deref;

use crate::capture::frame::{CLOCK_STEP, ProcessId, Seen};
use crate::side::{Both, Side};

pub use key::{FlowKey, Place, Places};
pub use seq::Seq;
pub use table::FlowTable;
pub use tcp::TcpFlow;

/// ICMP errors kept a flow: the first of each kind decides, more only repeat it.
const MAX_ICMP_ERRORS: usize = 4;

/// One transport conversation.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Addresses, ports and place.
    pub key: FlowKey,
    /// Which end of the (ordered) key opened the conversation.
    pub client_is_low: bool,
    /// Its beginning was not captured: neither SYN nor SYN-ACK (TCP), no Initial of the client (QUIC).
    pub midstream: bool,
    /// First packet.
    pub first: Seen,
    /// Last packet.
    pub last: Seen,
    /// Packets from each end.
    pub frames: Both<u32>,
    /// Transport payload bytes from each end, retransmissions included.
    pub bytes: Both<u64>,
    /// The process that owns it, where a frame named one: the first, for late ones may be the system's own.
    pub process: Option<ProcessId>,
    /// TCP state; `None` for UDP.
    pub tcp: Option<TcpFlow>,
    /// ICMP errors that quote this flow, in order of arrival.
    pub icmp: IcmpErrors,
}

/// The ICMP errors of one flow: most have none.
#[derive(Clone, Debug, Default)]
pub struct IcmpErrors(
    #[expect(clippy::box_collection, reason = "a word a flow")] Option<Box<Vec<IcmpError>>>,
);

impl IcmpErrors {
    /// Keeps an error; repetitions beyond a small bound only repeat what is known.
    fn push(&mut self, error: IcmpError) {
        let kept = self.0.get_or_insert_default();
        if kept.len() < MAX_ICMP_ERRORS {
            kept.push(error);
        }
    }
}

impl Deref for IcmpErrors {
    type Target = [IcmpError];

    fn deref(&self) -> &[IcmpError] {
        self.0.as_ref().map_or(&[], |kept| kept.as_slice())
    }
}

/// An ICMP error that quotes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// When it was captured.
    pub seen: Seen,
    /// Who sent it.
    pub from: std::net::IpAddr,
    /// TTL or hop limit of the error.
    pub ttl: u8,
    /// `ICMPv6` rather than ICMP.
    pub v6: bool,
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// Next-hop MTU in bytes, for "fragmentation needed" and "packet too big".
    pub mtu: Option<u32>,
}

impl IcmpError {
    /// "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443 section 3.2): a hint to the sender, no refusal.
    #[must_use]
    pub const fn is_too_big(&self) -> bool {
        matches!(
            (self.v6, self.kind, self.code),
            (false, 3, 4) | (true, 2, _)
        )
    }

    /// Destination unreachable or time exceeded: the packet was given up.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        !self.is_too_big()
            && match (self.v6, self.kind) {
                (false, 3 | 11) | (true, 1 | 3) => true,
                (_, _) => false,
            }
    }

    /// The code says that an administrator forbids it (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1).
    #[must_use]
    pub const fn is_prohibited(&self) -> bool {
        matches!(
            (self.v6, self.kind, self.code),
            (false, 3, 9 | 10 | 13) | (true, 1, 1)
        )
    }
}

impl Flow {
    /// A flow that begins with this packet.
    #[must_use]
    pub fn new(key: FlowKey, client_is_low: bool, seen: Seen) -> Self {
        Self {
            key,
            client_is_low,
            midstream: false,
            first: seen,
            last: seen,
            frames: Both::default(),
            bytes: Both::default(),
            process: None,
            tcp: None,
            icmp: IcmpErrors::default(),
        }
    }

    /// Which side sent a packet whose source is the key's low (or high) end.
    #[must_use]
    pub const fn side(&self, from_low: bool) -> Side {
        if from_low == self.client_is_low {
            Side::Client
        } else {
            Side::Server
        }
    }

    /// The address and port of one side.
    #[must_use]
    pub fn endpoint(&self, side: Side) -> (std::net::IpAddr, u16) {
        if (side == Side::Client) == self.client_is_low {
            self.key.low()
        } else {
            self.key.high()
        }
    }

    /// Counts one packet.
    pub fn count(&mut self, side: Side, seen: Seen, payload_bytes: u32) {
        // Frames may be captured out of order; the flow's end goes back only where the clock did.
        if seen.at >= self.last.at || self.last.at.since(seen.at) > CLOCK_STEP {
            self.last = seen;
        }
        self.frames[side] = self.frames[side].saturating_add(1);
        self.bytes[side] += u64::from(payload_bytes);
    }

    /// A frame of this flow names a process, or none.
    pub fn belongs_to(&mut self, process: Option<ProcessId>) {
        self.process = self.process.or(process);
    }

    /// Keeps an ICMP error.
    pub fn icmp_error(&mut self, error: IcmpError) {
        self.icmp.push(error);
    }

    /// Packets were captured from both ends.
    #[must_use]
    pub fn both_ways(&self) -> bool {
        self.frames.client > 0 && self.frames.server > 0
    }
}
