//! How long silence really lasted: clocks that were set back while they stamped packets, and times without any capture.
//!
//! Input: where an input's clock stepped back, and how far it had come; when capturing ended, to begin again later. Output: until when what concerns a packet was
//! watched, by the clock that stamped it. Without it, whatever is open when a clock goes back an hour, or rolls over from
//! 2106 to 1970, would have waited for as long.

use super::rows;
use super::ruling::Ruling;
use crate::capture::frame::{Seen, Timestamp};

/// The inputs whose clock stepped back, and when nobody captured.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    stepped: Vec<Clock>,
    /// When capturing ended, to begin again later; in order of time.
    ends: Vec<Timestamp>,
}

/// One of them.
#[derive(Clone, Debug)]
struct Clock {
    capture: u16,
    /// The first frame after each step, and how far the clock had come before it.
    steps: Vec<(u64, Timestamp)>,
    /// How far it has come since the last step.
    until: Timestamp,
}

impl Clocks {
    /// Adds an input whose clock stepped: its steps in order, as (first frame after it, time before it), and how far the
    /// clock has come since.
    pub fn add(&mut self, capture: u16, steps: Vec<(u64, Timestamp)>, until: Timestamp) {
        self.stepped.push(Clock {
            capture,
            steps,
            until,
        });
    }

    /// Adds an end after which nobody captured for a while; in order of time.
    pub fn add_end(&mut self, end: Timestamp) {
        self.ends.push(end);
    }

    /// Takes back a fault of what began before a step and ended after it: what came first cannot be told by the times.
    pub fn weigh(&self, ruling: &mut Ruling, first: Seen, last: Seen) {
        let (from, to) = (first.frame, last.frame);
        let within = |&(step, _): &(u64, Timestamp)| from.number() < step && step <= to.number();
        let mut clocks = self.stepped.iter();
        let stepped = clocks.any(|clock| {
            clock.capture == from.capture()
                && clock.capture == to.capture()
                && clock.steps.iter().any(within)
        });
        if stepped && rows::is_faulty(ruling.outcome) {
            let evidence = std::mem::take(&mut ruling.evidence);
            *ruling = Ruling {
                evidence,
                ..Ruling::unjudged(
                    ruling.stage,
                    "the clock of the capture was set back in the midst of it".to_owned(),
                )
            };
        }
    }

    /// Until when what ended with the packet `last` was watched; `now` if its clock never stepped, and nobody stopped
    /// capturing.
    #[must_use]
    pub fn watched(&self, last: Seen, now: Timestamp) -> Timestamp {
        let frame = last.frame;
        let ended = self.ends.partition_point(|end| *end < last.at);
        let now = self.ends.get(ended).map_or(now, |end| now.min(*end));
        let clock = self
            .stepped
            .iter()
            .find(|clock| clock.capture == frame.capture());
        let Some(clock) = clock else {
            return now;
        };
        let next = clock
            .steps
            .iter()
            .find(|(first, _)| *first > frame.number());
        now.min(next.map_or(clock.until, |(_, until)| *until))
    }
}
