//! Whether a run is well: interfaces are heard, verdicts are made, frames are not dropped.
//!
//! Input: pictures, and how long the run has been going. Output: the reasons why it is not well, in a few words each; none
//! if it is. Time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

use crate::picture::Picture;
use crate::verdict::summary::Capture;

/// A picture comes about twice a second, later under load; this late, nobody is told of a failure any more.
pub const STALE: Duration = Duration::from_secs(30);

/// Drops are looked at over this long.
const OVER: Duration = Duration::from_secs(10);

/// Fewer frames than this say nothing of the share that was dropped.
const ENOUGH: u64 = 100;

/// Watches a run.
#[derive(Debug, Default)]
pub struct Vigil {
    /// The latest picture, and when it came.
    latest: Option<(u64, Duration)>,
    /// Frames read and frames dropped, at times within [`OVER`].
    samples: VecDeque<(Duration, u64, u64)>,
}

impl Vigil {
    /// Looks at the run: the latest picture, and how long the run has been going.
    pub fn look(&mut self, picture: &Picture, at: Duration) {
        if self
            .latest
            .is_some_and(|(number, _)| number == picture.number)
        {
            return;
        }
        self.latest = Some((picture.number, at));
        let sum = |of: fn(&Capture) -> u64| picture.summary.captures.iter().map(of).sum();
        let frames = sum(|capture| capture.frames);
        let dropped = sum(|capture| capture.dropped_pipeline.unwrap_or(0));
        self.samples.push_back((at, frames, dropped));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(then, ..)| at.saturating_sub(*then) > OVER)
        {
            self.samples.pop_front();
        }
    }

    /// How long ago the latest picture came.
    #[must_use]
    pub fn age(&self, at: Duration) -> Duration {
        self.latest.map_or(at, |(_, then)| at.saturating_sub(then))
    }

    /// Why the run is not well; empty if it is.
    #[must_use]
    pub fn reasons(&self, picture: &Picture, at: Duration) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(why) = &picture.health.ended {
            reasons.push(format!("capture has ended: {why}"));
        }
        for name in &picture.health.deaf {
            reasons.push(format!("{name} cannot be heard: it is down or gone"));
        }
        let age = self.age(at);
        if age > STALE {
            reasons.push(format!(
                "no verdicts for {} s: the analysis does not keep up",
                age.as_secs()
            ));
        }
        if let Some((dropped, frames)) = self.mostly_dropped() {
            reasons.push(format!(
                "{dropped} of the last {frames} frames were dropped before they were analysed"
            ));
        }
        reasons
    }

    /// Frames dropped, of so many, if it was most of them.
    fn mostly_dropped(&self) -> Option<(u64, u64)> {
        let (&(_, frames_then, dropped_then), &(_, frames, dropped)) =
            (self.samples.front()?, self.samples.back()?);
        let (frames, dropped) = (
            frames.saturating_sub(frames_then),
            dropped.saturating_sub(dropped_then),
        );
        (frames >= ENOUGH && dropped.saturating_mul(2) > frames).then_some((dropped, frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::Timestamp;
    use crate::picture::Health;
    use crate::verdict::summary::{Summary, Totals};

    fn picture(number: u64, frames: u64, dropped: u64, deaf: &[&str]) -> Picture {
        let capture = Capture {
            frames,
            dropped_pipeline: Some(dropped),
            ..Capture::default()
        };
        Picture {
            number,
            summary: Summary {
                schema: 1,
                captures: vec![capture],
                requirements: Vec::new(),
                flows: Vec::new(),
                dns: Vec::new(),
                bonjour: Vec::new(),
                findings: Vec::new(),
                processes: Vec::new(),
                summary: Totals::default(),
            },
            now: Timestamp::MIN,
            health: Health {
                deaf: deaf.iter().map(ToString::to_string).collect(),
                ..Health::default()
            },
            playback: None,
        }
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_run_that_hears_and_judges_is_well() {
        let mut vigil = Vigil::default();
        for number in 1..20 {
            let now = picture(number, number * 1000, number * 400, &[]);
            vigil.look(&now, s(number));
            assert_eq!(vigil.reasons(&now, s(number)), [""; 0]);
        }
    }

    #[test]
    fn what_it_does_not_hear_is_named() {
        let mut vigil = Vigil::default();
        let now = picture(1, 10, 0, &["wan0"]);
        vigil.look(&now, s(1));
        assert_eq!(
            vigil.reasons(&now, s(1)),
            ["wan0 cannot be heard: it is down or gone"]
        );
    }

    #[test]
    fn most_frames_dropped_is_a_fault_until_it_is_over() {
        let mut vigil = Vigil::default();
        vigil.look(&picture(1, 0, 0, &[]), s(0));
        let flood = picture(2, 1000, 501, &[]);
        vigil.look(&flood, s(1));
        let told = vigil.reasons(&flood, s(1));
        assert!(
            told.concat().starts_with("501 of the last 1000 frames"),
            "{told:?}"
        );
        for number in 3..20 {
            vigil.look(&picture(number, 1000 * number, 501, &[]), s(number));
        }
        let after = picture(20, 20_000, 501, &[]);
        assert_eq!(vigil.reasons(&after, s(19)), [""; 0]);
    }

    #[test]
    fn verdicts_that_stop_coming_are_missed() {
        let mut vigil = Vigil::default();
        let only = picture(1, 10, 0, &[]);
        vigil.look(&only, s(1));
        for second in 2..=31 {
            vigil.look(&only, s(second));
            assert_eq!(vigil.reasons(&only, s(second)), [""; 0]);
        }
        assert_eq!(
            vigil.reasons(&only, s(32)),
            ["no verdicts for 31 s: the analysis does not keep up"]
        );
    }
}
