//! The first bytes of one direction, in order.
//!
//! Input: payloads as captured, in any order, overlapping or repeated. Output: each byte once, in order, with the frame
//! that carried it; or word that bytes are missing for good (the peer has them, the capture has not). In-order bytes
//! pass through without a copy; only what lies beyond a hole is kept, at most [`MAX_WAITING_BYTES`] a direction.
//! Where copies overlap, the first one captured wins.

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

#[derive(Clone, Debug)]
struct Waiting {
    seq: Seq,
    wire_len: u32,
    seen: Seen,
    bytes: Box<[u8]>,
}

/// One direction in order.
#[derive(Clone, Debug)]
pub struct Stream {
    next: Seq,
    started: bool,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    in_flight: Vec<(Seq, u32)>,
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
            waiting: Vec::new(),
            waiting_bytes: 0,
            in_flight: Vec::new(),
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
        let ahead = seq.beyond(self.next);
        if ahead > 0 {
            return self.hold(seq, bytes, wire_len, seen);
        }
        self.hand_on(seq, bytes, wire_len, seen, deliver);
        self.release(deliver);
        false
    }

    /// Delivers the part of a segment that lies at or beyond `next`.
    fn hand_on(
        &mut self,
        seq: Seq,
        bytes: &[u8],
        wire_len: u32,
        seen: Seen,
        deliver: &mut dyn FnMut(Chunk<'_>),
    ) {
        let known = usize::try_from(self.next.beyond(seq)).unwrap_or(0);
        let end = seq.plus(wire_len);
        if !end.is_after(self.next) {
            return;
        }
        let fresh = bytes.get(known..).unwrap_or_default();
        if !fresh.is_empty() {
            deliver(Chunk::Bytes(seen, fresh));
        }
        if bytes.len() < wire_len as usize {
            deliver(Chunk::Missing);
        }
        self.next = end;
    }

    fn hold(&mut self, seq: Seq, bytes: &[u8], wire_len: u32, seen: Seen) -> bool {
        let full = self.waiting.len() >= MAX_WAITING_SEGMENTS
            || self.waiting_bytes + bytes.len() > MAX_WAITING_BYTES;
        let known = self
            .waiting
            .iter()
            .any(|held| held.seq == seq && held.wire_len >= wire_len);
        if full || known {
            return full && !known;
        }
        self.waiting_bytes += bytes.len();
        self.waiting.push(Waiting {
            seq,
            wire_len,
            seen,
            bytes: bytes.into(),
        });
        false
    }

    /// Delivers what waited and is due now.
    fn release(&mut self, deliver: &mut dyn FnMut(Chunk<'_>)) {
        while let Some(at) = self
            .waiting
            .iter()
            .position(|held| !held.seq.is_after(self.next))
        {
            let held = self.waiting.remove(at);
            self.waiting_bytes -= held.bytes.len();
            self.hand_on(held.seq, &held.bytes, held.wire_len, held.seen, deliver);
        }
    }

    /// The peer acknowledged everything before `ack`: bytes that the capture still lacks will not come.
    pub fn acknowledged(&mut self, ack: Seq, deliver: &mut dyn FnMut(Chunk<'_>)) {
        self.start(ack);
        while ack.is_after(self.next) {
            deliver(Chunk::Missing);
            let earliest = self
                .waiting
                .iter()
                .map(|held| held.seq)
                .filter(|&seq| !seq.is_after(ack))
                .min_by_key(|seq| seq.beyond(self.next));
            self.next = earliest.unwrap_or(ack);
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
mod tests {
    use super::*;

    fn collect(stream: &mut Stream, seq: u32, bytes: &[u8], out: &mut Vec<String>) {
        let len = u32::try_from(bytes.len()).unwrap();
        stream.push(Seq(seq), bytes, len, Seen::default(), &mut |chunk| {
            out.push(show(chunk))
        });
    }

    fn show(chunk: Chunk<'_>) -> String {
        match chunk {
            Chunk::Bytes(_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Chunk::Missing => "…".into(),
        }
    }

    #[test]
    fn segments_out_of_order_come_out_in_order() {
        let (mut stream, mut out) = (Stream::starting_at(Seq(100)), Vec::new());
        collect(&mut stream, 103, b"def", &mut out);
        collect(&mut stream, 106, b"g", &mut out);
        assert!(out.is_empty());
        collect(&mut stream, 100, b"abc", &mut out);
        assert_eq!(out.concat(), "abcdefg");
        assert_eq!(stream.buffered(), 0);
    }

    #[test]
    fn repeated_and_overlapping_bytes_come_out_once() {
        let (mut stream, mut out) = (Stream::starting_at(Seq(u32::MAX - 1)), Vec::new());
        collect(&mut stream, u32::MAX - 1, b"abcd", &mut out);
        collect(&mut stream, u32::MAX - 1, b"abcd", &mut out);
        collect(&mut stream, u32::MAX, b"XYZefg", &mut out);
        assert_eq!(out.concat(), "abcdefg");
    }

    #[test]
    fn a_hole_that_the_peer_acknowledged_is_reported_and_passed() {
        let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
        collect(&mut stream, 0, b"ab", &mut out);
        collect(&mut stream, 5, b"fg", &mut out);
        stream.acknowledged(Seq(7), &mut |chunk| out.push(show(chunk)));
        assert_eq!(out, ["ab", "…", "fg"]);
    }

    #[test]
    fn a_cut_segment_is_reported_as_missing_bytes() {
        let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
        stream.push(Seq(0), b"ab", 10, Seen::default(), &mut |chunk| {
            out.push(show(chunk))
        });
        collect(&mut stream, 10, b"k", &mut out);
        assert_eq!(out, ["ab", "…", "k"]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let (mut stream, mut out) = (Stream::starting_at(Seq(0)), Vec::new());
        let left_out = (0..10_000u32)
            .filter(|n| stream.push(Seq(2 + 2 * n), b"x", 1, Seen::default(), &mut |_| ()))
            .count();
        assert_eq!(left_out, 10_000 - MAX_WAITING_SEGMENTS);
        assert!(stream.buffered() <= MAX_WAITING_BYTES);
        collect(&mut stream, 0, b"ab", &mut out);
        assert_eq!(out.concat(), "abx");
    }

    #[test]
    fn sizes_are_settled_by_acknowledgment_and_sack() {
        let mut stream = Stream::starting_at(Seq(0));
        stream.note_size(Seq(1400), 1452);
        stream.note_size(Seq(1600), 252);
        stream.selectively_acknowledged(Seq(1400), Seq(1600));
        assert!(stream.small_arrived && !stream.large_arrived);
        stream.acknowledged(Seq(1600), &mut |_| ());
        assert!(stream.large_arrived);
    }
}
