//! Frames that windfall itself lost or could not hear, and the verdicts that they could have changed.
//!
//! Input: a ruling, the life of what it is about, and the times over which frames were dropped by the kernel or between
//! capture and analysis. Output: the ruling, or `unjudged` where it rests on what was not seen while frames were lost. What
//! was seen (a RST, an alert, an ICMP error, a response code) stays true whatever is missing. Bound: [`MAX_GAPS`] times;
//! beyond it neighbours become one.

use std::time::Duration;

use super::outcome::{Cause, Outcome};
use super::ruling::Ruling;
use super::timers::Timers;
use crate::capture::frame::Timestamp;

/// Times kept: a capture that loses frames more often than this is one that always does.
pub const MAX_GAPS: usize = 1024;

/// Losses this close to each other are one: between them there is no room for a verdict.
const APART: Duration = Duration::from_secs(1);

/// A time over which frames were lost; both ends count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Not before this.
    pub from: Timestamp,
    /// Not after this.
    pub to: Timestamp,
}

/// When frames were lost, and when nobody captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// In order of time.
    lost: Vec<Gap>,
    /// Between files. What had ended before one is judged as if that were the end; see [`super::clocks`].
    holes: Vec<Gap>,
}

impl Gaps {
    /// Adds a time, in any order.
    pub fn add(&mut self, new: Gap) {
        let mut new = new;
        self.lost.retain(|gap| {
            let near = gap.from <= new.to.after(APART) && new.from <= gap.to.after(APART);
            if near {
                new.from = new.from.min(gap.from);
                new.to = new.to.max(gap.to);
            }
            !near
        });
        let place = self.lost.partition_point(|gap| gap.from < new.from);
        self.lost.insert(place, new);
        if self.lost.len() > MAX_GAPS {
            self.join_closest();
        }
    }

    fn join_closest(&mut self) {
        let closest = self
            .lost
            .windows(2)
            .enumerate()
            .filter_map(|(at, pair)| match pair {
                [first, second] => Some((second.from.since(first.to), at)),
                _ => None,
            })
            .min();
        if let Some((_, at)) = closest {
            let second = self.lost.remove(at + 1);
            if let Some(first) = self.lost.get_mut(at) {
                first.to = first.to.max(second.to);
            }
        }
    }

    /// Adds a time in which nobody captured.
    pub fn add_hole(&mut self, hole: Gap) {
        self.holes.push(hole);
    }

    /// All times over which frames were lost.
    #[must_use]
    pub fn as_slice(&self) -> &[Gap] {
        &self.lost
    }

    /// Whether frames were lost between these times, both included.
    #[must_use]
    pub fn touch(&self, from: Timestamp, to: Timestamp) -> bool {
        let next = self.lost.partition_point(|gap| gap.to < from);
        self.lost.get(next).is_some_and(|gap| gap.from <= to)
    }

    /// Takes back what a loss could have caused; `first` and `last` packet are of what the ruling is about.
    pub fn weigh(&self, ruling: &mut Ruling, first: Timestamp, last: Timestamp, timers: &Timers) {
        if self.lost.is_empty() && self.holes.is_empty() {
            return;
        }
        let Some(waited) = rests_on_silence(ruling, timers) else {
            return;
        };
        let spans = |hole: &Gap| first <= hole.from && hole.to <= last;
        if self.touch(first, last.after(waited)) || self.holes.iter().any(spans) {
            let was = ruling.cause.map_or("", Cause::as_str);
            let stage = ruling.stage;
            let evidence = std::mem::take(&mut ruling.evidence);
            *ruling = Ruling {
                evidence,
                ..Ruling::unjudged(
                    stage,
                    format!(
                        "frames were dropped or not captured meanwhile: what looks like {was} may only be missing packets"
                    ),
                )
            };
        }
    }
}

/// How long after the last packet something would still have to come for the ruling to be wrong, if it rests on that
/// nothing came; `None` if it rests on what was seen.
fn rests_on_silence(ruling: &Ruling, timers: &Timers) -> Option<Duration> {
    let cause = ruling.cause?;
    match (ruling.outcome, cause) {
        (Outcome::Stalled, Cause::DnsUnanswered) => Some(timers.dns),
        (Outcome::Stalled, Cause::SynUnanswered | Cause::SynAckLost) => Some(timers.syn),
        (Outcome::Stalled, Cause::ZeroWindow) => Some(timers.zero_window),
        (Outcome::Stalled, Cause::ResponseMissing) => Some(timers.response),
        (Outcome::Stalled, Cause::NtpUnanswered) => Some(timers.ntp),
        (Outcome::Stalled, Cause::NatPmpUnanswered) => Some(timers.nat_pmp),
        (Outcome::Stalled, Cause::TransferStalled) => Some(timers.retransmit),
        (Outcome::Stalled, Cause::HandshakeStalled) => Some(timers.handshake),
        (Outcome::Stalled, _) => Some(timers.hello),
        // The end was seen, but not that it came before success; and a later answer (a login, another record type) may
        // be among what is missing.
        (
            _,
            Cause::ClosedInHandshake
            | Cause::ClientAbort
            | Cause::ProxyDenied
            | Cause::DnsNoAddress,
        ) => Some(Duration::ZERO),
        (_, _) => None,
    }
}
