//! Clocks that were set back while they stamped packets, and how long silence really lasted.
//!
//! Input: where an input's clock stepped back, and how far it had come. Output: until when what concerns a packet was
//! watched, by the clock that stamped it. Without it, whatever is open when a clock goes back an hour, or rolls over from
//! 2106 to 1970, would have waited for as long.

use super::rows;
use super::ruling::Ruling;
use crate::capture::frame::{Seen, Timestamp};

/// The inputs whose clock stepped back.
#[derive(Clone, Debug, Default)]
pub struct Clocks(Vec<Clock>);

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
        self.0.push(Clock {
            capture,
            steps,
            until,
        });
    }

    /// Takes back a fault of what began before a step and ended after it: what came first cannot be told by the times.
    pub fn weigh(&self, ruling: &mut Ruling, first: Seen, last: Seen) {
        let (from, to) = (first.frame, last.frame);
        let within = |&(step, _): &(u64, Timestamp)| from.number() < step && step <= to.number();
        let mut clocks = self.0.iter();
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

    /// Until when what ended with the packet `last` was watched; `now` if its clock never stepped.
    #[must_use]
    pub fn watched(&self, last: Seen, now: Timestamp) -> Timestamp {
        let frame = last.frame;
        let clock = self.0.iter().find(|clock| clock.capture == frame.capture());
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
