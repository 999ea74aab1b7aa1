//! Taps on interfaces as sources.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::source::{Filled, Ledger, Source};
use super::watchfulness::Watchfulness;
use crate::capture::batch::Batch;
use crate::capture::frame::Timestamp;
use crate::capture::live::{Change, State, Tap, What};
use crate::picture::Message;

/// A batch is filled for this long at most: a tap hands on what the kernel has, which may be a frame or two, and
/// handing over a batch costs more than that.
const FILL_FOR: Duration = Duration::from_millis(20);

/// One interface.
pub struct Interface {
    tap: Tap,
    news: Vec<Message>,
    failure: Option<String>,
    hears: bool,
    watchfulness: Watchfulness,
    begun: Instant,
}

impl Interface {
    /// What this tap hands on.
    #[must_use]
    pub fn new(tap: Tap) -> Self {
        Self {
            hears: tap.link().is_some(),
            tap,
            news: Vec::new(),
            failure: None,
            watchfulness: Watchfulness::default(),
            begun: clock(),
        }
    }

    fn hear(&mut self, change: &Change, batch: &Batch) {
        let text = change.to_string();
        if matches!(
            change.what,
            What::Failed { .. } | What::Gone { reattach: false }
        ) {
            self.failure = Some(text.clone());
        }
        // Before anything came, a batch has no time.
        let at = match batch.now() {
            Timestamp::MIN => day(),
            at => at,
        };
        self.news.push(Message {
            at,
            text,
            trouble: change.is_trouble(),
        });
    }
}

impl Source for Interface {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        let begun = clock();
        loop {
            let filled = self.tap.fill(batch);
            let hears = matches!(filled.state, State::Up | State::Ended);
            let frames = self.tap.frames();
            self.watchfulness
                .look(day(), self.begun.elapsed(), hears, frames);
            if let Some(change) = &filled.change {
                self.hear(change, batch);
            }
            self.hears = filled.state == State::Up;
            if filled.state == State::Ended {
                return Filled::Ended;
            }
            if filled.frames == 0 || filled.change.is_some() || begun.elapsed() >= FILL_FOR {
                return Filled::Open;
            }
        }
    }

    fn ledger(&self) -> Ledger {
        let mut info = self.tap.tally().info();
        if let Some((steps, until)) = self.watchfulness.steps() {
            info.clock_steps = steps;
            info.since_step = Some(until);
        }
        Ledger {
            inputs: vec![info],
            gaps: self.watchfulness.gaps(),
            deaf: !self.hears,
            live: true,
            interfaces: vec![Some(self.tap.name().to_owned())],
            failures: self.failure.iter().cloned().collect(),
            ..Ledger::default()
        }
    }

    fn news(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.news)
    }
}

/// The time of day, as the kernel stamps frames.
#[expect(
    clippy::disallowed_methods,
    reason = "tells time asleep from time awake"
)]
fn day() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(0).after(since)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a batch that does not fill is handed on in time"
)]
fn clock() -> Instant {
    Instant::now()
}
