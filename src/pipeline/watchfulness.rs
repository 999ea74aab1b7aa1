//! When an interface could not be heard: it was down or gone, the machine slept, the clock was set forth.
//!
//! Input: two clocks at every look, and whether the interface is there. Output: [`Gaps`], in which silence proves
//! nothing, and where the clock was set back. A clock that runs on while the machine sleeps is told from one that does
//! not; both are arguments, so that tests can let them pass.

use std::time::Duration;

use crate::capture::frame::Timestamp;
use crate::capture::info::{ClockStep, MAX_CLOCK_STEPS};
use crate::verdict::gap::{Gap, Gaps};

/// How far the clocks may part between two looks: slewing, and a thread that waits for its turn between reading both.
const APART: Duration = Duration::from_secs(1);

/// What was heard of one interface.
#[derive(Debug, Default)]
pub(super) struct Watchfulness {
    /// Both clocks at the last look: the time of day, and time awake since the first look.
    looked: Option<(Timestamp, Duration)>,
    /// Not heard since then.
    deaf_since: Option<Timestamp>,
    gaps: Gaps,
    steps: Vec<ClockStep>,
}

impl Watchfulness {
    /// A look: the time of day, the time awake, whether the interface can be heard now, and how many frames were.
    pub(super) fn look(&mut self, day: Timestamp, awake: Duration, hears: bool, frames: u64) {
        let before = self.looked.replace((day, awake)).unwrap_or((day, awake));
        let awake = awake.saturating_sub(before.1);
        if day.since(before.0) > awake + APART {
            self.gaps.add(Gap {
                from: before.0,
                to: day,
            });
        } else if before.0.since(day) + awake > APART && self.steps.len() < MAX_CLOCK_STEPS {
            self.steps.push(ClockStep {
                frame: frames + 1,
                until: before.0,
            });
        }
        if hears {
            if let Some(from) = self.deaf_since.take() {
                self.gaps.add(Gap { from, to: day });
            }
        } else {
            self.deaf_since.get_or_insert(before.0);
        }
    }

    /// When it could not be heard, until now if it still cannot.
    pub(super) fn gaps(&self) -> Gaps {
        let mut gaps = self.gaps.clone();
        if let (Some(from), Some((to, _))) = (self.deaf_since, self.looked) {
            gaps.add(Gap { from, to });
        }
        gaps
    }

    /// Where the clock was set back, and how far it has come since; none if it was not.
    pub(super) fn steps(&self) -> Option<(Vec<ClockStep>, Timestamp)> {
        let (day, _) = self.looked?;
        (!self.steps.is_empty()).then(|| (self.steps.clone(), day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_nanos(1_767_225_600_000_000_000).after(Duration::from_secs(seconds))
    }

    /// Looks at these seconds of the day and awake.
    fn looked(looks: &[(u64, u64, bool)]) -> Watchfulness {
        let mut watch = Watchfulness::default();
        for (number, &(day, awake, hears)) in (0..).zip(looks) {
            watch.look(at(day), Duration::from_secs(awake), hears, number);
        }
        watch
    }

    fn gap(from: u64, to: u64) -> Gap {
        Gap {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn time_that_passes_is_no_gap() {
        let watch = looked(&[(0, 0, true), (1, 1, true), (3, 2, true), (3, 3, true)]);
        assert_eq!(watch.gaps().as_slice(), []);
        assert_eq!(watch.steps(), None);
    }

    #[test]
    fn a_machine_that_slept_heard_nothing() {
        let watch = looked(&[(0, 0, true), (7200, 1, true), (7201, 2, true)]);
        assert_eq!(watch.gaps().as_slice(), [gap(0, 7200)]);
    }

    #[test]
    fn a_clock_that_is_set_forth_shows_no_silence() {
        let watch = looked(&[(100, 0, true), (3700, 0, true)]);
        assert_eq!(watch.gaps().as_slice(), [gap(100, 3700)]);
    }

    #[test]
    fn a_clock_that_is_set_back_is_told_with_how_far_it_had_come() {
        let watch = looked(&[(3700, 0, true), (100, 0, true), (101, 1, true)]);
        assert_eq!(watch.gaps().as_slice(), []);
        let step = ClockStep {
            frame: 2,
            until: at(3700),
        };
        assert_eq!(watch.steps(), Some((vec![step], at(101))));
    }

    #[test]
    fn an_interface_that_flaps_is_deaf_while_it_is_down() {
        let looks = [
            (0, 0, true),
            (1, 1, false),
            (2, 2, false),
            (9, 9, true),
            (15, 15, true),
            (20, 20, false),
        ];
        assert_eq!(looked(&looks[..3]).gaps().as_slice(), [gap(0, 2)]);
        assert_eq!(looked(&looks).gaps().as_slice(), [gap(0, 9), gap(15, 20)]);
    }
}
