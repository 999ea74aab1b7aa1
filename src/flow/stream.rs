//! The first bytes of one direction, in order.
//!
//! Input: payloads as captured, in any order, overlapping or repeated. Output: each byte once, in order, with the frame
//! that carried it; or word that bytes are missing for good (the peer has them, the capture has not). In-order bytes
//! pass through without a copy; only what lies beyond a hole is kept, at most [`MAX_WAITING_BYTES`] a direction.
//! Where segments overlap, each byte is taken from the one captured first, as it came: those that wait do not overlap.

use super::seq::Seq;
use crate::capture::frame::Seen;

/// Bytes that may wait behind a hole: one direction's first flight, with certificates.
pub const MAX_WAITING_BYTES: usize = 16 * 1024;

/// Segments that may wait behind a hole: one-byte segments must not make searching slow.
const MAX_WAITING_SEGMENTS: usize = 64;

/// Packet sizes remembered for data in flight.
const MAX_SIZES: usize = 32;

/// What the stream hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The next bytes, and the frame they came in.
    Bytes(Seen, &'a [u8]),
    /// The next bytes will never come.
    Missing,
}

/// A segment, or the part of one that was new when it was captured.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    seq: Seq,
    /// As captured: perhaps less than travelled.
    bytes: &'a [u8],
    wire_len: u32,
    seen: Seen,
}

impl Piece<'_> {
    const fn end(self) -> Seq {
        self.seq.plus(self.wire_len)
    }

    /// The part between two numbers that lie inside it.
    fn part(self, from: Seq, to: Seq) -> Self {
        let skip = usize::try_from(from.beyond(self.seq)).unwrap_or(0);
        let wire_len = u32::try_from(to.beyond(from)).unwrap_or(0);
        let rest = self.bytes.get(skip..).unwrap_or_default();
        Self {
            seq: from,
            bytes: rest.get(..wire_len as usize).unwrap_or(rest),
            wire_len,
            ..self
        }
    }
}

/// The later of two numbers.
const fn later(a: Seq, b: Seq) -> Seq {
    if a.is_before(b) { b } else { a }
}

/// A piece behind a hole.
#[derive(Clone, Debug)]
struct Waiting {
    seq: Seq,
    end: Seq,
    seen: Seen,
    bytes: Box<[u8]>,
}

/// One direction in order.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not a state"
)]
pub struct Stream {
    next: Seq,
    started: bool,
    /// Something was handed on.
    begun: bool,
    /// In order, and without overlap.
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    in_flight: Vec<(Seq, u32)>,
    /// Bytes were missing for good: cut by the snap length, or never captured.
    pub missing: bool,
    /// A packet of at most 1280 bytes with data was acknowledged.
    pub small_arrived: bool,
    /// A packet of more than 1280 bytes with data was acknowledged.
    pub large_arrived: bool,
}

/// Every IPv6 link carries packets of this size (RFC 8200 section 5): larger ones may meet a link that does not.
pub const SAFE_PACKET_BYTES: u32 = 1280;

impl Default for Stream {
    fn default() -> Self {
        Self::new()
    }
}

impl Stream {
    /// A stream whose first byte is still to come.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            next: Seq(0),
            started: false,
            begun: false,
            waiting: Vec::new(),
            waiting_bytes: 0,
            in_flight: Vec::new(),
            missing: false,
            small_arrived: false,
            large_arrived: false,
        }
    }

    /// A stream whose first byte has this number.
    #[must_use]
    pub fn starting_at(seq: Seq) -> Self {
        Self {
            next: seq,
            started: true,
            ..Self::new()
        }
    }

    /// Sets the number of the first byte, if it is not known yet.
    pub fn start(&mut self, seq: Seq) {
        if !self.started {
            self.next = seq;
            self.started = true;
        }
    }

    /// Sets the number of the first byte from a SYN: what an acknowledgment told before may lie after bytes that an
    /// earlier SYN held (RFC 7413).
    pub fn greet(&mut self, seq: Seq) {
        if !self.begun && self.waiting.is_empty() {
            self.next = seq;
            self.started = true;
        }
    }

    /// The number of the next byte to hand on; 0 before the first one is known.
    #[must_use]
    pub const fn position(&self) -> Seq {
        self.next
    }

    /// Bytes held behind a hole.
    #[must_use]
    pub const fn buffered(&self) -> usize {
        self.waiting_bytes
    }

    /// Takes a payload. `bytes` may be shorter than `wire_len` (snap length). Says whether it had to be left out for
    /// want of room.
    pub fn push(
        &mut self,
        seq: Seq,
        bytes: &[u8],
        wire_len: u32,
        seen: Seen,
        deliver: &mut dyn FnMut(Chunk<'_>),
    ) -> bool {
        self.start(seq);
        let segment = Piece {
            seq,
            bytes,
            wire_len,
            seen,
        };
        let mut left_out = false;
        let mut at = later(seq, self.next);
        // What is new lies between the pieces that wait already.
        while segment.end().is_after(at) {
            let known = self.waiting.iter().find(|held| held.end.is_after(at));
            let (stop, resume) = known
                .filter(|held| held.seq.is_before(segment.end()))
                .map_or((segment.end(), segment.end()), |held| (held.seq, held.end));
            if stop.is_after(at) {
                left_out |= !self.take(segment.part(at, stop), deliver);
            }
            // With this part, what waited behind it may have been handed on.
            at = later(resume, self.next);
        }
        left_out
    }

    /// Hands a piece on if it is due, with what waited for it; else keeps it. Says whether there was room.
    fn take(&mut self, piece: Piece<'_>, deliver: &mut dyn FnMut(Chunk<'_>)) -> bool {
        if piece.seq.is_after(self.next) {
            return self.hold(piece);
        }
        self.hand_on(piece, deliver);
        self.release(deliver);
        true
    }

    fn hold(&mut self, piece: Piece<'_>) -> bool {
        if self.waiting.len() >= MAX_WAITING_SEGMENTS
            || self.waiting_bytes + piece.bytes.len() > MAX_WAITING_BYTES
        {
            return false;
        }
        self.waiting_bytes += piece.bytes.len();
        let place = self
            .waiting
            .partition_point(|held| held.seq.is_before(piece.seq));
        self.waiting.insert(
            place,
            Waiting {
                seq: piece.seq,
                end: piece.end(),
                seen: piece.seen,
                bytes: piece.bytes.into(),
            },
        );
        true
    }

    /// Delivers a piece that begins at `next`.
    fn hand_on(&mut self, piece: Piece<'_>, deliver: &mut dyn FnMut(Chunk<'_>)) {
        self.begun = true;
        if !piece.bytes.is_empty() {
            deliver(Chunk::Bytes(piece.seen, piece.bytes));
        }
        if piece.bytes.len() < piece.wire_len as usize {
            self.missing = true;
            deliver(Chunk::Missing);
        }
        self.next = piece.end();
    }

    /// Delivers what waited and is due now.
    fn release(&mut self, deliver: &mut dyn FnMut(Chunk<'_>)) {
        while let Some(held) = self.waiting.first()
            && !held.seq.is_after(self.next)
        {
            let held = self.waiting.remove(0);
            self.waiting_bytes -= held.bytes.len();
            let piece = Piece {
                seq: held.seq,
                bytes: &held.bytes,
                wire_len: u32::try_from(held.end.beyond(held.seq)).unwrap_or(0),
                seen: held.seen,
            };
            self.hand_on(piece, deliver);
        }
    }

    /// The peer acknowledged everything before `ack`: bytes that the capture still lacks will not come.
    pub fn acknowledged(&mut self, ack: Seq, deliver: &mut dyn FnMut(Chunk<'_>)) {
        self.start(ack);
        while ack.is_after(self.next) {
            self.begun = true;
            self.missing = true;
            deliver(Chunk::Missing);
            self.next = match self.waiting.first() {
                Some(held) if !held.seq.is_after(ack) => held.seq,
                Some(_) | None => ack,
            };
            self.release(deliver);
        }
        self.settle_sizes(|end| !end.is_after(ack));
    }

    /// Remembers the size of a packet with new data, to learn later whether that size gets through.
    pub fn note_size(&mut self, end: Seq, packet_bytes: u32) {
        if self.in_flight.len() < MAX_SIZES {
            self.in_flight.push((end, packet_bytes));
        }
    }

    /// The peer holds the bytes between `left` and `right` (SACK).
    pub fn selectively_acknowledged(&mut self, left: Seq, right: Seq) {
        self.settle_sizes(|end| end.is_after(left) && !end.is_after(right));
    }

    fn settle_sizes(&mut self, arrived: impl Fn(Seq) -> bool) {
        let (mut small, mut large) = (self.small_arrived, self.large_arrived);
        self.in_flight.retain(|&(end, size)| {
            let here = arrived(end);
            if here {
                small |= size <= SAFE_PACKET_BYTES;
                large |= size > SAFE_PACKET_BYTES;
            }
            !here
        });
        (self.small_arrived, self.large_arrived) = (small, large);
    }
}

#[cfg(test)]
mod tests;
