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

/// When frames were lost, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps(Vec<Gap>);

impl Gaps {
    /// Adds a time, in any order.
    pub fn add(&mut self, new: Gap) {
        let mut new = new;
        self.0.retain(|gap| {
            let near = gap.from <= new.to.after(APART) && new.from <= gap.to.after(APART);
            if near {
                new.from = new.from.min(gap.from);
                new.to = new.to.max(gap.to);
            }
            !near
        });
        let place = self.0.partition_point(|gap| gap.from < new.from);
        self.0.insert(place, new);
        if self.0.len() > MAX_GAPS {
            self.join_closest();
        }
    }

    fn join_closest(&mut self) {
        let closest = self
            .0
            .windows(2)
            .enumerate()
            .filter_map(|(at, pair)| match pair {
                [first, second] => Some((second.from.since(first.to), at)),
                _ => None,
            })
            .min();
        if let Some((_, at)) = closest {
            let second = self.0.remove(at + 1);
            if let Some(first) = self.0.get_mut(at) {
                first.to = first.to.max(second.to);
            }
        }
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Gap] {
        &self.0
    }

    /// Whether frames were lost between these times, both included.
    #[must_use]
    pub fn touch(&self, from: Timestamp, to: Timestamp) -> bool {
        let next = self.0.partition_point(|gap| gap.to < from);
        self.0.get(next).is_some_and(|gap| gap.from <= to)
    }

    /// Takes back what a loss could have caused; `first` and `last` packet are of what the ruling is about.
    pub fn weigh(&self, ruling: &mut Ruling, first: Timestamp, last: Timestamp, timers: &Timers) {
        if self.0.is_empty() {
            return;
        }
        let Some(waited) = rests_on_silence(ruling, timers) else {
            return;
        };
        if self.touch(first, last.after(waited)) {
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
