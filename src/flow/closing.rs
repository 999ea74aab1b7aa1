//! How a TCP connection was reset, with what is needed to tell who did it.
//!
//! A RST can be forged by anything on the path, so each is kept with the state at its arrival, and what both ends did
//! afterwards is watched: data of the server that goes on after "its" RST, or a receiver that did not obey it
//! (RFC 5961). Bound: [`MAX_RESETS`] a connection.

use std::time::Duration;

use super::seq::Seq;
use crate::capture::frame::Seen;
use crate::side::{Both, Side};

/// RSTs kept a connection: a middlebox sends a burst of about three to each end, a kernel one for each stray segment.
pub const MAX_RESETS: usize = 8;

/// A RST this far beyond everything its sender sent lies outside any receive window in use.
pub const BEYOND_WINDOW: i32 = 16 << 20;

/// One RST and the connection's state when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one moment, not a state"
)]
pub struct Reset {
    /// When it was captured.
    pub seen: Seen,
    /// Which end it claims to come from.
    pub from: Side,
    /// Its sequence number.
    pub seq: Seq,
    /// Its acknowledgment number, if ACK was set.
    pub ack: Option<Seq>,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// The number after the last byte that its alleged sender had sent.
    pub expected: Seq,
    /// The sender's oldest byte that its peer had not acknowledged.
    pub acknowledged: Seq,
    /// It answers a SYN (RST+ACK, acknowledging just it).
    pub answers_syn: bool,
    /// The TCP handshake was complete, or lies before the capture.
    pub established: bool,
    /// The client had sent data that the server had not acknowledged, or (short remarks apart) not answered with data.
    pub client_waits: bool,
    /// The server was in the middle of a burst: its last data segment, sent just now or not acknowledged, had no PSH.
    pub server_mid_burst: bool,
    /// Which ends had sent a FIN.
    pub fins: Both<bool>,
    /// Time since the previous packet, or the silence that the client's unanswered data had broken.
    pub silence: Duration,
    /// Its receiver went on as if it had not come: the first acknowledgment, more than a round trip later, of bytes
    /// that its alleged sender sent after it, or of the SYN-ACK that came after all.
    pub refused: Option<Seen>,
    /// The first data of the server at or beyond the sequence number of "its" RST, more than a round trip later.
    pub went_on: Option<Seen>,
}

/// The RSTs of a connection and what followed.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// The RSTs, in order of arrival; at most [`MAX_RESETS`].
    pub resets: Vec<Reset>,
    /// All RSTs, those not kept included.
    pub total: u32,
}

/// A segment that came after a RST.
#[derive(Clone, Copy, Debug)]
pub struct Sequel {
    /// Who sent it.
    pub side: Side,
    /// When it was captured.
    pub seen: Seen,
    /// The number after its payload, if it has any.
    pub payload: Option<Seq>,
    /// Its acknowledgment.
    pub ack: Option<Seq>,
    /// The TCP handshake is complete.
    pub established: bool,
    /// How long the connection's packets may be under way.
    pub round_trip: Duration,
}

impl Closing {
    /// Keeps a RST.
    pub fn add(&mut self, reset: Reset) {
        self.total = self.total.saturating_add(1);
        if self.resets.len() >= MAX_RESETS
            && let Some(stale) = self.resets.iter().rposition(|old| old.refused.is_some())
        {
            self.resets.remove(stale);
        }
        if self.resets.len() < MAX_RESETS {
            self.resets.push(reset);
        }
    }

    /// Watches a segment that came after a RST.
    pub fn after(&mut self, segment: &Sequel) {
        for reset in &mut self.resets {
            reset.after(segment);
        }
    }

    /// The RSTs that their receivers did not refuse.
    pub fn standing(&self) -> impl Iterator<Item = &Reset> {
        self.resets.iter().filter(|reset| reset.refused.is_none())
    }

    /// The first RST, not refused, that claims to come from this end.
    #[must_use]
    pub fn first_from(&self, side: Side) -> Option<&Reset> {
        self.standing().find(|reset| reset.from == side)
    }
}

impl Reset {
    /// It lies a little beyond everything captured of its sender: where it is genuine, the capture lacks the bytes
    /// between, for a receiver that lacked them would not obey it (RFC 5961).
    #[must_use]
    pub const fn after_gap(&self) -> bool {
        let ahead = self.seq.beyond(self.expected);
        ahead > 0 && ahead <= BEYOND_WINDOW
    }

    /// Whether it can have kept what its sender sent after it from the receiver. Not if it overtook that data: its own
    /// number says that the data was sent before it (`last` is the number after all that this end ever sent). Nor, even
    /// as the last word, if its number was acknowledged already, which no receiver obeys (RFC 9293 section 3.10.7.4).
    #[must_use]
    pub const fn cuts_off(&self, last: Seq) -> bool {
        let overtook = last.is_after(self.expected)
            && self.seq.is_after(self.expected)
            && !last.is_after(self.seq);
        let stale = self.seq.is_before(self.acknowledged);
        !overtook && !stale
    }

    fn after(&mut self, segment: &Sequel) {
        let by_receiver = segment.side == self.from.peer();
        // A client that was refused does not acknowledge a SYN-ACK any more.
        let opened = !self.established && segment.established && segment.side == Side::Client;
        if opened {
            self.refused.get_or_insert(segment.seen);
        }
        if segment.seen.at <= self.seen.at.after(segment.round_trip) {
            return;
        }
        if self.established
            && by_receiver
            && segment.ack.is_some_and(|ack| ack.is_after(self.expected))
        {
            self.refused.get_or_insert(segment.seen);
        }
        if self.from == Side::Server
            && segment.side == Side::Server
            && self.established
            && segment.payload.is_some_and(|end| end.is_after(self.seq))
        {
            self.went_on.get_or_insert(segment.seen);
        }
    }
}
