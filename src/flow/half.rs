//! One direction of a TCP connection: what one end sent, and how far the other end acknowledged it.
//!
//! Input: the segments of that end, the acknowledgments of the other. Output: counters, the oldest data still waiting,
//! runs of retransmissions, closed windows. Hot fields stay in [`Half`]; everything that a healthy connection never
//! needs is boxed in [`Trouble`]. RFC 9293 sections 3.4 and 3.8, RFC 5961 for challenge ACKs.

use std::time::Duration;

use super::ip_ids::IpIds;
use super::seq::Seq;
use super::trouble::{ClosedWindow, Episode, Hole, MAX_HOLES, Trouble};
use crate::capture::frame::{Seen, Sightings, Timestamp};

/// A segment that fills a hole this soon was reordered, not retransmitted (a retransmission waits a round trip).
const REORDER_WINDOW: Duration = Duration::from_millis(3);

/// An acknowledgment further ahead than this is no gap in the capture but a stray number.
const MAX_CAPTURE_GAP: i32 = 1 << 28;

/// A segment as this module needs it.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// When it was captured.
    pub seen: Seen,
    /// Its first sequence number (after a SYN).
    pub seq: Seq,
    /// Payload bytes on the wire.
    pub payload_bytes: u32,
    /// Size of each IP packet it travelled in, in bytes (a super-frame of segmentation offload is several packets).
    pub packet_bytes: u32,
    /// FIN is set.
    pub fin: bool,
    /// PSH is set.
    pub push: bool,
    /// The receiver's window was closed when it was sent.
    pub into_closed_window: bool,
}

/// What a segment turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// No payload.
    Empty,
    /// Bytes never seen before.
    New,
    /// Bytes that fill a hole left moments ago.
    OutOfOrder,
    /// Bytes sent before: seen, or lost on their way to the capture.
    Retransmission,
    /// The last number again, with a byte that is no data (RFC 9293 section 3.8.4): never a retransmission.
    KeepAlive,
    /// The next byte, offered to a closed window (RFC 9293 section 3.8.6.1): real, but sent for good only once it is
    /// acknowledged; never a retransmission.
    WindowProbe,
}

/// One end's half of a connection.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one end, not a state"
)]
pub struct Half {
    /// The number after the last byte sent.
    pub next: Seq,
    /// The oldest byte that the peer has not acknowledged.
    pub unacked: Seq,
    /// `next` and `unacked` hold real numbers.
    started: bool,
    /// The last segment with payload had PSH set, or was not captured and may have had.
    pub pushed: bool,
    /// This end said that its window is closed.
    pub window_closed: bool,
    /// The MSS that it announced in its SYN or SYN-ACK: how many bytes after the fixed TCP header the peer may put into
    /// one packet (RFC 6691); the most there can be before it did.
    pub mss: u16,
    /// Lowest TTL or hop limit of its segments (RSTs apart); 255 before any.
    pub ttl_min: u8,
    /// Highest TTL or hop limit of its segments (RSTs apart).
    pub ttl_max: u8,
    /// Identifications of its IPv4 packets (RSTs apart).
    pub ip_ids: IpIds,
    /// Segments that repeated bytes.
    pub retransmissions: u32,
    /// Bytes sent for the first time.
    pub new_bytes: u64,
    /// New bytes of the peer when this end last sent new ones: what the peer said since is unanswered.
    pub answered: u64,
    /// Bytes (or a FIN) that the peer acknowledged and the capture never had.
    pub uncaptured: u32,
    /// A segment without data had a number beyond the bytes captured: more had been sent.
    pub escaped: bool,
    /// Since when the oldest unacknowledged bytes wait.
    pub waiting_since: Timestamp,
    /// First segment with new payload.
    pub first_payload: Option<Seen>,
    /// Latest segment with new payload.
    pub last_payload: Seen,
    /// First FIN.
    pub fin: Option<Seen>,
    /// Bytes before the first FIN were not captured when it was: they may have been sent again since.
    pub fin_after_hole: bool,
    /// Difficulties, if there were any.
    pub trouble: Option<Box<Trouble>>,
}

impl Default for Half {
    fn default() -> Self {
        Self {
            next: Seq(0),
            unacked: Seq(0),
            started: false,
            pushed: false,
            window_closed: false,
            mss: u16::MAX,
            ttl_min: u8::MAX,
            ttl_max: 0,
            ip_ids: IpIds::default(),
            retransmissions: 0,
            new_bytes: 0,
            answered: 0,
            uncaptured: 0,
            escaped: false,
            waiting_since: Timestamp::MIN,
            first_payload: None,
            last_payload: Seen::default(),
            fin: None,
            fin_after_hole: false,
            trouble: None,
        }
    }
}

impl Half {
    /// Sets the first sequence number, from a SYN (or, joined midstream, from what is first seen).
    pub fn start(&mut self, seq: Seq) {
        if !self.started {
            self.next = seq;
            self.unacked = seq;
            self.started = true;
        }
    }

    /// Sets the first sequence number from a SYN. What was known before may be of an older connection on the same
    /// ports (the challenge ACK of RFC 5961) and then goes; or the SYN was overtaken by its own data, and it stays.
    pub fn greet(&mut self, seq: Seq) {
        let sent = u64::try_from(self.next.beyond(seq));
        if sent.is_ok_and(|sent| sent <= self.new_bytes) {
            self.start(seq);
        } else {
            (self.next, self.unacked, self.started) = (seq, seq, true);
        }
    }

    /// Sequence numbers are known.
    #[must_use]
    pub const fn is_started(&self) -> bool {
        self.started
    }

    /// Data (or a FIN) is on its way and not acknowledged.
    #[must_use]
    pub const fn outstanding(&self) -> bool {
        self.next.is_after(self.unacked)
    }

    /// All payload was acknowledged; a FIN may still wait for its acknowledgment.
    #[must_use]
    pub const fn fully_acknowledged(&self) -> bool {
        self.next.beyond(self.unacked) <= self.fin.is_some() as i32
    }

    /// Notes TTL (or hop limit) and IPv4 identification of a segment that is no RST.
    #[inline]
    pub fn note_ip(&mut self, ttl: u8, ip_id: Option<u16>, seen: Seen) {
        self.ttl_min = self.ttl_min.min(ttl);
        self.ttl_max = self.ttl_max.max(ttl);
        if let Some(id) = ip_id {
            self.ip_ids.note(id, seen);
        }
    }

    /// Takes a segment of this end.
    pub fn send(&mut self, segment: &Segment) -> Arrival {
        self.start(segment.seq);
        let arrival = if segment.payload_bytes == 0 {
            self.escaped |= segment.seq.is_after(self.next);
            Arrival::Empty
        } else {
            self.payload(segment)
        };
        if segment.fin {
            let end = segment.seq.plus(segment.payload_bytes).plus(1);
            if end.is_after(self.next) {
                self.note_hole(segment.seq, segment.seen);
                if !self.outstanding() {
                    self.waiting_since = segment.seen.at;
                }
                self.next = end;
            }
            if self.fin.is_none() {
                self.fin = Some(segment.seen);
                self.fin_after_hole = self.has_holes();
            }
        }
        arrival
    }

    /// A segment with this number came: the bytes from `next` to it are missing.
    fn note_hole(&mut self, seq: Seq, seen: Seen) {
        if !seq.is_after(self.next) {
            return;
        }
        let hole = Hole {
            from: self.next,
            to: seq,
            seen,
            missed: false,
        };
        let holes = &mut self.trouble().holes;
        if holes.len() < MAX_HOLES {
            holes.push(hole);
        }
    }

    /// Its numbers, or acknowledgments, tell of bytes that were not captured; one that was acknowledged may be a FIN.
    #[must_use]
    pub const fn said_more(&self) -> bool {
        self.escaped || self.uncaptured > 1
    }

    /// Bytes of this end were not captured, or not yet.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        let trouble = self.trouble.as_ref();
        trouble.is_some_and(|trouble| !trouble.holes.is_empty())
    }

    /// The peer acknowledged the same number again: it, too, lacks the bytes of the holes.
    pub fn acknowledged_again(&mut self) {
        if let Some(trouble) = self.trouble.as_mut() {
            for hole in &mut trouble.holes {
                hole.missed = true;
            }
        }
    }

    /// Bytes of this end were not captured, and nothing says that the peer lacks them.
    #[must_use]
    pub fn has_unmissed_holes(&self) -> bool {
        let trouble = self.trouble.as_ref();
        trouble.is_some_and(|trouble| trouble.holes.iter().any(|hole| !hole.missed))
    }

    fn payload(&mut self, segment: &Segment) -> Arrival {
        let end = segment.seq.plus(segment.payload_bytes);
        if segment.payload_bytes == 1 {
            match self.next.beyond(segment.seq) {
                0 if segment.into_closed_window => return Arrival::WindowProbe,
                // The number of a FIN has no byte.
                1 if segment.into_closed_window || !self.outstanding() || self.fin.is_some() => {
                    return Arrival::KeepAlive;
                }
                _ => {}
            }
        }
        if !end.is_after(self.next) {
            return self.repeated(segment, end);
        }
        self.note_hole(segment.seq, segment.seen);
        if !self.outstanding() {
            self.waiting_since = segment.seen.at;
        }
        self.new_bytes += u64::try_from(end.beyond(self.next)).unwrap_or(0);
        self.next = end;
        self.pushed = segment.push;
        self.first_payload.get_or_insert(segment.seen);
        self.last_payload = segment.seen;
        Arrival::New
    }

    /// Bytes below `next`: a hole that closes, or a retransmission.
    fn repeated(&mut self, segment: &Segment, end: Seq) -> Arrival {
        if let Some(trouble) = self.trouble.as_mut()
            && let Some(hole) = trouble.fill(segment.seq, end)
            && !segment.seq.is_before(hole.from)
            && segment.seen.at.since(hole.seen.at) <= REORDER_WINDOW
        {
            return Arrival::OutOfOrder;
        }
        self.retransmissions = self.retransmissions.saturating_add(1);
        let covers_oldest = !segment.seq.is_after(self.unacked) && end.is_after(self.unacked);
        if covers_oldest {
            let fresh = Episode {
                at: self.unacked,
                waiting_since: self.waiting_since,
                repeats: Sightings::default(),
                smallest_packet: segment.packet_bytes,
                sacked: false,
            };
            let episode = self.trouble().episode.get_or_insert(fresh);
            episode.repeats.add(segment.seen);
            episode.smallest_packet = episode.smallest_packet.min(segment.packet_bytes);
        }
        Arrival::Retransmission
    }

    /// Takes the peer's acknowledgment number; says whether it made progress.
    pub fn acknowledge(&mut self, ack: Seq, at: Timestamp) -> bool {
        if !self.started {
            self.start(ack);
            return false;
        }
        if !ack.is_after(self.unacked) || ack.beyond(self.next) > MAX_CAPTURE_GAP {
            return false;
        }
        if ack.is_after(self.next) {
            // The peer has bytes that were never captured.
            let uncaptured = ack.beyond(self.next).unsigned_abs();
            self.uncaptured = self.uncaptured.saturating_add(uncaptured);
            self.next = ack;
            // They may have ended what was being said.
            self.pushed = true;
        }
        self.unacked = ack;
        self.waiting_since = at;
        if let Some(trouble) = self.trouble.as_mut() {
            if let Some(episode) = trouble.episode.take()
                && trouble
                    .worst
                    .as_ref()
                    .is_none_or(|worst| worst.span() < episode.span())
            {
                trouble.worst = Some(episode);
            }
            trouble.holes.retain(|hole| ack.is_before(hole.to));
        }
        true
    }

    /// The peer's window opened again: what was repeated into the closed one was refused, not lost (RFC 9293 section
    /// 3.8.6.1).
    pub fn resume(&mut self, at: Timestamp) {
        self.waiting_since = at;
        if let Some(trouble) = self.trouble.as_mut() {
            trouble.episode = None;
        }
    }

    /// Takes the window that this end advertises; says whether it opened again.
    #[inline]
    pub fn advertise(&mut self, window: u16, seen: Seen) -> bool {
        let reopens = self.window_closed && window > 0;
        if window == 0 {
            self.window_closed = true;
            let trouble = self.trouble();
            let closed = trouble.window.get_or_insert(ClosedWindow {
                sightings: Sightings::default(),
            });
            closed.sightings.add(seen);
        } else if self.window_closed {
            self.window_closed = false;
            if let Some(trouble) = self.trouble.as_mut()
                && let Some(closed) = trouble.window.take()
                && trouble
                    .longest_closed
                    .as_ref()
                    .is_none_or(|longest| longest.span() < closed.span())
            {
                trouble.longest_closed = Some(closed);
            }
        }
        reopens
    }

    /// The difficulties, made when first needed.
    pub fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }

    /// The unanswered run of retransmissions, if there is one.
    #[must_use]
    pub fn episode(&self) -> Option<&Episode> {
        self.trouble.as_ref()?.episode.as_ref()
    }
}

#[cfg(test)]
mod tests;
