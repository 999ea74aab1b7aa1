//! Attempts at required hosts over time, as one row of cells.
//!
//! Input: a summary and a span of time. Output: what each part of the span saw: nothing, successes, failures, or both.
//! A success counts when it began, a failure when the last frame that proves it was seen.

use std::time::Duration;

use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Outcome, Standing};
use crate::verdict::summary::{Evidence, Requirement, Summary};
use crate::words::{Paint, is_faulty, period};

/// Longest that is shown: what lies further back explains no outage of now.
const LONGEST: Duration = Duration::from_secs(600);

/// What a part of the span saw. Told by height as well as by colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cell {
    #[default]
    Nothing,
    Succeeded,
    Mixed,
    Failed,
}

impl Cell {
    pub(crate) const fn glyph(self) -> (&'static str, Paint) {
        match self {
            Self::Nothing => ("·", Paint::Dim),
            Self::Succeeded => ("▁", Paint::Good),
            Self::Mixed => ("▄", Paint::Warn),
            Self::Failed => ("█", Paint::Bad),
        }
    }

    const fn with(self, succeeded: bool) -> Self {
        match (self, succeeded) {
            (Self::Nothing | Self::Succeeded, true) => Self::Succeeded,
            (Self::Nothing | Self::Failed, false) => Self::Failed,
            (Self::Mixed, _) | (Self::Failed, true) | (Self::Succeeded, false) => Self::Mixed,
        }
    }
}

/// An attempt that ended.
struct Attempt<'a> {
    at: Timestamp,
    succeeded: bool,
    pattern: &'a str,
    client: std::net::IpAddr,
}

/// When an attempt was decided: its last proof, or its beginning if there is none.
pub(crate) fn decided_at(evidence: &[Evidence], first: Timestamp) -> Timestamp {
    evidence
        .iter()
        .map(|evidence| evidence.time)
        .max()
        .unwrap_or(first)
}

fn attempts(summary: &Summary) -> impl Iterator<Item = Attempt<'_>> {
    let flows = summary.flows.iter().filter_map(|flow| {
        let pattern = flow.requirement.as_deref()?;
        (flow.standing == Standing::Own).then_some((
            pattern,
            flow.client.ip,
            flow.outcome,
            flow.first,
            flow.evidence.as_slice(),
        ))
    });
    // A question that was answered is no attempt by itself.
    let questions = summary.dns.iter().filter_map(|question| {
        let pattern = question.requirement.as_deref()?;
        is_faulty(question.outcome).then_some((
            pattern,
            question.client,
            question.outcome,
            question.first,
            question.evidence.as_slice(),
        ))
    });
    flows
        .chain(questions)
        .filter_map(|(pattern, client, outcome, first, evidence)| {
            let (succeeded, at) = match outcome {
                Outcome::Succeeded => (true, first),
                Outcome::Stalled | Outcome::Reset | Outcome::Failed => {
                    (false, decided_at(evidence, first))
                }
                Outcome::Abandoned | Outcome::Pending | Outcome::Unjudged => return None,
            };
            Some(Attempt {
                at,
                succeeded,
                pattern,
                client,
            })
        })
}

/// Parts of equal length, each whole seconds, the last of which holds `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    /// Seconds of one part.
    step: u64,
}

impl Span {
    /// The last minutes before `now`, in at most so many parts; shorter while the capture is.
    pub(crate) fn before(now: Timestamp, summary: &Summary, most: usize) -> Self {
        let first = period(summary).map_or(now, |(first, _)| first);
        let length = now.since(first).min(LONGEST);
        let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
        Self {
            since: now.before(length),
            until: now,
            step: (length.as_secs() + 1).div_ceil(most).max(1),
        }
    }

    /// How many parts there are.
    fn parts(self) -> usize {
        let last = self.until.since(self.since).as_secs() / self.step;
        usize::try_from(last).unwrap_or(usize::MAX - 1) + 1
    }

    fn place(self, at: Timestamp) -> Option<usize> {
        if at < self.since || at > self.until {
            return None;
        }
        usize::try_from(at.since(self.since).as_secs() / self.step).ok()
    }
}

/// What each part saw, of one row or of all.
pub(crate) fn cells(summary: &Summary, span: Span, row: Option<&Requirement>) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); span.parts()];
    for attempt in attempts(summary) {
        let of_row = row.is_none_or(|row| {
            let client = row.client.as_ref();
            row.pattern == attempt.pattern
                && client.is_some_and(|client| client.addresses.contains(&attempt.client))
        });
        let place = span.place(attempt.at).filter(|_| of_row);
        if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
            *cell = cell.with(attempt.succeeded);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_with_both_is_mixed_and_stays_so() {
        let both = Cell::Nothing.with(true).with(false);
        assert_eq!(both, Cell::Mixed);
        assert_eq!(both.with(true), Cell::Mixed);
        assert_eq!(Cell::Nothing.with(false).with(true), Cell::Mixed);
        assert_eq!(Cell::Nothing.with(false).with(false), Cell::Failed);
        let glyphs = [Cell::Nothing, Cell::Succeeded, Cell::Mixed, Cell::Failed];
        let mut glyphs: Vec<&str> = glyphs.iter().map(|cell| cell.glyph().0).collect();
        glyphs.dedup();
        assert_eq!(glyphs.len(), 4, "told apart without colour");
    }

    #[test]
    fn parts_are_whole_seconds_and_hold_both_ends() {
        let since = Timestamp::from_nanos(0);
        for (seconds, most, parts) in [(0, 60, 1), (59, 60, 60), (60, 60, 31), (599, 60, 60)] {
            let until = since.after(Duration::from_secs(seconds));
            let step = (seconds + 1).div_ceil(most).max(1);
            let span = Span { since, until, step };
            assert_eq!(span.parts(), parts, "{seconds} s");
            assert_eq!(span.place(since), Some(0));
            assert_eq!(span.place(until), Some(parts - 1));
            assert_eq!(span.place(until.after(Duration::from_nanos(1))), None);
        }
    }
}
