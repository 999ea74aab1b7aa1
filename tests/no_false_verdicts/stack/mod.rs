//! One end of a TCP connection, as a stack would run it (RFC 9293, 5681, 6298, 6582, 2018, 7413).
//!
//! Input: segments, timers and what the program asks for. Output: segments in [`Endpoint::out`]. Positions in the two
//! byte streams count from the SYN (0), so that the initial sequence number only matters on the wire. Left out: window
//! scaling, timestamps, congestion control beyond a fixed flight.

mod receiving;
mod sending;

use std::collections::BTreeMap;

use crate::support::tcp::{ACK, From, RST};

/// Nanoseconds since the simulation began.
pub(crate) type Nanos = u64;

pub(crate) const MILLISECOND: Nanos = 1_000_000;
pub(crate) const SECOND: Nanos = 1000 * MILLISECOND;

/// Segments that may be under way at once.
const FLIGHT: u64 = 10;

/// After so many timeouts in a row an end gives up, without a word.
const MAX_TIMEOUTS: u32 = 7;

/// A segment on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) from: From,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    pub(crate) options: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    /// A middlebox made it, not the end whose address it bears.
    pub(crate) forged: bool,
}

/// How a stack is set up.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) isn: u32,
    /// First retransmission timeout.
    pub(crate) timeout: Nanos,
    /// How long an acknowledgment may be put off; 0 for never.
    pub(crate) delayed_ack: Nanos,
    pub(crate) sack: bool,
    /// Receive buffer.
    pub(crate) buffer: u16,
    /// Idle time before a keep-alive, and whether that holds a byte.
    pub(crate) keep_alive: Option<(Nanos, bool)>,
    /// The SYN carries data.
    pub(crate) fast_open: bool,
    /// SYN and SYN-ACK carry `MP_CAPABLE` (the first one, at least).
    pub(crate) multipath: bool,
}

/// Why an end is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It sent a RST, or got one.
    Reset,
    /// Its retransmissions went unanswered.
    GaveUp,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not a state"
)]
pub(crate) struct Endpoint {
    side: From,
    habits: Habits,
    pub(crate) out: Vec<Segment>,
    pub(crate) gone: Option<Gone>,
    /// It sent a RST of its own accord or in answer to a stray segment.
    pub(crate) sent_reset: bool,
    opened: bool,
    // Sending.
    buffer: Vec<u8>,
    closed: bool,
    unacked: u64,
    next: u64,
    highest: u64,
    recover: u64,
    peer_window: u64,
    repeated_acks: u32,
    timeouts: u32,
    // Receiving.
    peer_isn: Option<u32>,
    expected: u64,
    early: BTreeMap<u64, Vec<u8>>,
    peer_fin: Option<u64>,
    pub(crate) received: usize,
    unread: usize,
    pub(crate) reading: bool,
    owes_ack: u32,
    // Timers.
    resend_at: Option<Nanos>,
    ack_at: Option<Nanos>,
    alive_at: Option<Nanos>,
}

impl Endpoint {
    pub(crate) fn new(side: From, habits: Habits) -> Self {
        Self {
            side,
            habits,
            out: Vec::new(),
            gone: None,
            sent_reset: false,
            opened: false,
            buffer: Vec::new(),
            closed: false,
            unacked: 0,
            next: 0,
            highest: 0,
            recover: 0,
            peer_window: 0,
            repeated_acks: 0,
            timeouts: 0,
            peer_isn: None,
            expected: 0,
            early: BTreeMap::new(),
            peer_fin: None,
            received: 0,
            unread: 0,
            reading: true,
            owes_ack: 0,
            resend_at: None,
            ack_at: None,
            alive_at: None,
        }
    }

    // What the program asks for.

    /// Sends the SYN.
    pub(crate) fn open(&mut self, now: Nanos) {
        self.opened = true;
        self.transmit(now, 0);
    }

    pub(crate) fn write(&mut self, now: Nanos, bytes: &[u8]) {
        self.buffer.extend(bytes);
        self.send(now);
    }

    /// No more to say (RFC 9293 section 3.6); with unread data it is an abort, as on most systems.
    pub(crate) fn close(&mut self, now: Nanos) {
        if self.unread > 0 {
            return self.abort();
        }
        self.closed = true;
        self.send(now);
    }

    pub(crate) fn abort(&mut self) {
        if self.gone.is_none() && self.opened {
            self.emit(RST | ACK, self.next, &[], &[]);
            self.sent_reset = true;
        }
        self.gone = Some(Gone::Reset);
    }

    /// The program reads all there is, from now on.
    pub(crate) fn read(&mut self) {
        let was_closed = self.window() == 0;
        self.reading = true;
        self.unread = 0;
        if was_closed && self.gone.is_none() {
            self.acknowledge();
        }
    }

    /// The peer's FIN came, after all its data.
    pub(crate) fn peer_closed(&self) -> bool {
        self.peer_fin.is_some_and(|fin| self.expected > fin)
    }

    /// What its program wrote was not all acknowledged, and no RST said why.
    pub(crate) fn waits(&self) -> bool {
        self.gone != Some(Gone::Reset) && self.unacked < 1 + self.buffer.len() as u64
    }

    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.opened && self.unacked > 0 && self.peer_isn.is_some()
    }

    // Time.

    pub(crate) fn next_timer(&self) -> Option<Nanos> {
        let all = [self.resend_at, self.ack_at, self.alive_at];
        all.into_iter()
            .flatten()
            .min()
            .filter(|_| self.gone.is_none())
    }

    pub(crate) fn timer(&mut self, now: Nanos) {
        if self.gone.is_some() {
            return;
        }
        if self.ack_at.is_some_and(|at| at <= now) {
            self.acknowledge();
        }
        if self.alive_at.is_some_and(|at| at <= now) {
            self.stay_alive(now);
        }
        if self.resend_at.is_some_and(|at| at <= now) {
            self.resend(now);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
const fn low(position: u64) -> u32 {
    position as u32
}
