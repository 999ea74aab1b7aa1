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
    /// The TCP handshake was complete.
    pub established: bool,
    /// The client had sent data that the server had not answered with data.
    pub client_waits: bool,
    /// The server was in the middle of a burst: its last data segment had no PSH.
    pub server_mid_burst: bool,
    /// Which ends had sent a FIN.
    pub fins: Both<bool>,
    /// Time since the previous packet.
    pub silence: Duration,
}

/// The RSTs of a connection and what followed.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// The RSTs, in order of arrival; at most [`MAX_RESETS`].
    pub resets: Vec<Reset>,
    /// All RSTs, those not kept included.
    pub total: u32,
    /// What each end had sent when the first RST came.
    sent_at_reset: Both<Seq>,
    /// Each end's first acknowledgment, more than a round trip after the first RST, of bytes sent after it.
    pub acknowledged_after: Both<Option<Seen>>,
    /// The first data of the server at or beyond the sequence number of "its" RST, more than a round trip later.
    pub server_data_after: Option<Seen>,
}

impl Closing {
    /// Keeps a RST.
    pub fn add(&mut self, reset: Reset, sent: Both<Seq>) {
        if self.resets.is_empty() {
            self.sent_at_reset = sent;
        }
        self.total = self.total.saturating_add(1);
        if self.resets.len() < MAX_RESETS {
            self.resets.push(reset);
        }
    }

    /// Watches a segment that came after a RST: `end` is the number after its payload, `ack` its acknowledgment.
    pub fn after(
        &mut self,
        side: Side,
        seen: Seen,
        payload: Option<Seq>,
        ack: Option<Seq>,
        round_trip: Duration,
    ) {
        let Some(first) = self.resets.first() else {
            return;
        };
        if seen.at <= first.seen.at.after(round_trip) {
            return;
        }
        if ack.is_some_and(|ack| ack.is_after(self.sent_at_reset[side.peer()])) {
            self.acknowledged_after[side].get_or_insert(seen);
        }
        if side == Side::Server
            && let Some(end) = payload
            && let Some(reset) = self.resets.iter().find(|reset| reset.from == Side::Server)
            && end.is_after(reset.seq)
            && seen.at > reset.seen.at.after(round_trip)
        {
            self.server_data_after.get_or_insert(seen);
        }
    }

    /// The first RST that claims to come from this end.
    #[must_use]
    pub fn first_from(&self, side: Side) -> Option<&Reset> {
        self.resets.iter().find(|reset| reset.from == side)
    }

    /// The end that a RST was addressed to went on as if it had not come: it acknowledged bytes that were sent only
    /// after the RST.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.resets
            .first()
            .is_some_and(|first| self.acknowledged_after[first.from.peer()].is_some())
    }
}
