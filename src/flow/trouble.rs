//! What only a connection in difficulty needs: runs of retransmissions, missing bytes, closed windows, long silences.
//!
//! Input: what [`half`](super::half) notices of one end. Output: facts for the stall rules. Boxed, so that a healthy
//! connection carries none of it. Bound: [`MAX_HOLES`] holes a direction. RFC 9293 section 3.8, RFC 2018.

use std::time::Duration;

use super::seq::Seq;
use crate::capture::frame::{Seen, Sightings, Timestamp};

/// Holes remembered at once: reordering makes a few; where loss makes more, the newest go uncounted.
pub const MAX_HOLES: usize = 8;

/// A run of retransmissions of the oldest unacknowledged bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The oldest unacknowledged sequence number.
    pub at: Seq,
    /// Since when these bytes wait: their first transmission, or the last acknowledgment progress.
    pub waiting_since: Timestamp,
    /// The retransmissions.
    pub repeats: Sightings,
    /// Smallest IP packet that was retransmitted, in bytes.
    pub smallest_packet: u32,
    /// The receiver selectively acknowledged later bytes (RFC 2018): it is alive, these bytes are lost.
    pub sacked: bool,
}

impl Episode {
    /// From the first transmission to the last retransmission.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.repeats.last().at.since(self.waiting_since)
    }
}

/// Bytes that were never captured, with later ones after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// First missing sequence number.
    pub from: Seq,
    /// First number after the hole.
    pub to: Seq,
    /// The segment behind the hole.
    pub seen: Seen,
    /// The receiver lacks the bytes too: it answered what came behind them by acknowledging the same number again, as
    /// it must at once (RFC 5681 section 4.2). Until then only the capture is known to lack them.
    pub missed: bool,
}

/// A receive window that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedWindow {
    /// The acknowledgments that said so.
    pub sightings: Sightings,
}

impl ClosedWindow {
    /// How long it is known to be closed.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.sightings.last().at.since(self.sightings.first().at)
    }
}

/// What only a connection in difficulty needs.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// The run of retransmissions that nothing has answered yet.
    pub episode: Option<Episode>,
    /// The longest earlier run that was answered in the end.
    pub worst: Option<Episode>,
    /// Missing bytes, the oldest hole first; at most [`MAX_HOLES`].
    pub holes: Vec<Hole>,
    /// This end's receive window is closed.
    pub window: Option<ClosedWindow>,
    /// The longest earlier time that it was closed.
    pub longest_closed: Option<ClosedWindow>,
    /// This end broke a long silence of the connection: when, and how long it had been.
    pub awoke: Option<(Timestamp, Duration)>,
}

impl Trouble {
    /// Fills the first hole that these bytes reach into, and returns it as it was; what is left of it stays.
    pub fn fill(&mut self, seq: Seq, end: Seq) -> Option<Hole> {
        let reaches = |hole: &Hole| seq.is_before(hole.to) && end.is_after(hole.from);
        let at = self.holes.iter().position(reaches)?;
        let hole = self.holes.remove(at);
        if end.is_before(hole.to) {
            self.holes.insert(at, Hole { from: end, ..hole });
        }
        if seq.is_after(hole.from) {
            self.holes.insert(at, Hole { to: seq, ..hole });
        }
        self.holes.truncate(MAX_HOLES);
        Some(hole)
    }
}
