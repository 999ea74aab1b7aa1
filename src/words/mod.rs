//! The words that the outputs for people share, so that they say the same of the same summary.
//!
//! Input: parts of a [`Summary`]. Output: numbers, times, counts and states as people read them ([`self`]), what was read
//! ([`inputs`]), the answer in a few lines ([`answer`]), the rows of each device ([`devices`]), a row of a required
//! connection ([`row`]), the attempts it was made of ([`made`]), their frames ([`ladder`], [`lanes`], [`way`]) on both sides
//! of a gateway ([`sides`]) and times ([`timeline`]), what stands beside all that ([`beside`]), and text off the wire made
//! harmless ([`escape`]). How it looks is a [`Paint`]; what a paint looks like is for each output to say.

pub mod answer;
pub mod beside;
pub mod devices;
pub mod escape;
pub mod inputs;
pub mod ladder;
pub mod lanes;
pub mod made;
pub mod row;
pub mod sides;
pub mod timeline;
pub mod way;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Outcome, Status};
pub use crate::verdict::rows::is_faulty;
use crate::verdict::summary::{Evidence, Summary};

/// How a piece of text looks where there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    Plain,
    /// Headings, and names to look for.
    Strong,
    /// What matters less.
    Dim,
    /// What works.
    Good,
    /// What works in part.
    Warn,
    /// What does not.
    Bad,
}

/// `1204` as `1,204`.
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 flow`, `2 flows`.
#[must_use]
pub fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// The length of a list as a count.
#[must_use]
pub fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// `0.4 s`, `89 s`, `12 min 3 s`, `2 h 5 min`, `3 d 4 h`.
#[must_use]
pub fn span(gap: Duration) -> String {
    let seconds = gap.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", gap.as_secs_f64()),
        10..600 => format!("{seconds} s"),
        600..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How frames and times of this report are shown: the day and the file only where there are several.
#[derive(Clone, Copy)]
pub struct Times {
    days: bool,
    files: bool,
}

impl Times {
    /// For a report over this span, of so many files.
    #[must_use]
    pub fn over(span: Option<(Timestamp, Timestamp)>, files: usize) -> Self {
        Self {
            days: span.is_some_and(|(first, last)| day(first) != day(last)),
            files: files > 1,
        }
    }

    /// `frame 1204`, or `file 2 frame 1204`: digits alone, as Wireshark takes them.
    #[must_use]
    pub fn frame(self, evidence: &Evidence) -> String {
        let frame = evidence.frame;
        if self.files {
            format!("file {} frame {frame}", evidence.capture + 1)
        } else {
            format!("frame {frame}")
        }
    }

    /// To the millisecond, UTC.
    #[must_use]
    pub fn exact(self, at: Timestamp) -> String {
        if self.days {
            formatted(at, "%Y-%m-%d %H:%M:%S%.3f")
        } else {
            formatted(at, "%H:%M:%S%.3f")
        }
    }
}

/// The day, UTC.
#[must_use]
pub fn day(at: Timestamp) -> String {
    formatted(at, "%Y-%m-%d")
}

/// The time of day to the second, UTC.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    formatted(at, "%H:%M:%S")
}

fn formatted(at: Timestamp, format: &str) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())) {
        Ok(time) => time.strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}

/// `39 succeeded, 2 stalled`, in the order of the outcomes; those without any are left out.
#[must_use]
pub fn outcomes(outcomes: impl IntoIterator<Item = Outcome>) -> String {
    let mut counts: BTreeMap<Outcome, u64> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    list(counts.iter().map(|(outcome, count)| (outcome, *count)))
}

/// `39 succeeded, 2 stalled`.
#[must_use]
pub fn list<T: Display>(counts: impl IntoIterator<Item = (T, u64)>) -> String {
    let words: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{} {what}", number(count)))
        .collect();
    words.join(", ")
}

/// The first names, and how many more there are.
#[must_use]
pub fn some_of(names: &[&str], most: usize) -> String {
    let shown: Vec<&str> = names.iter().copied().take(most).collect();
    let more = names.len().saturating_sub(most);
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{} and {more} more", shown.join(", "))
    }
}

/// A status at a glance.
#[must_use]
pub const fn status(status: Status) -> (&'static str, Paint) {
    match status {
        Status::Failing => ("✗", Paint::Bad),
        Status::Flaky | Status::Degraded => ("~", Paint::Warn),
        Status::Ok => ("✓", Paint::Good),
        Status::Pending | Status::Unjudged | Status::NotSeen => ("·", Paint::Dim),
    }
}

/// An outcome at a glance.
#[must_use]
pub const fn outcome(outcome: Outcome) -> (&'static str, Paint) {
    match outcome {
        Outcome::Stalled | Outcome::Reset | Outcome::Failed => ("✗", Paint::Bad),
        Outcome::Succeeded => ("✓", Paint::Good),
        Outcome::Abandoned | Outcome::Pending | Outcome::Unjudged => ("·", Paint::Dim),
    }
}

/// Time of the first and the last frame over all inputs.
#[must_use]
pub fn period(summary: &Summary) -> Option<(Timestamp, Timestamp)> {
    let first = summary
        .captures
        .iter()
        .filter_map(|capture| capture.first)
        .min()?;
    let last = summary
        .captures
        .iter()
        .filter_map(|capture| capture.last)
        .max()?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_read_well() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(number),
            ["0", "999", "1,000", "1,234,567"]
        );
        for (millis, text) in [
            (0, "0.0 s"),
            (420, "0.4 s"),
            (89_700, "89 s"),
            (723_000, "12 min 3 s"),
            (7_500_000, "2 h 5 min"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn the_day_is_told_only_where_there_are_several() {
        let morning = Timestamp::from_nanos(1_700_000_000_123_000_000);
        let next = morning.after(Duration::from_secs(86_400));
        assert_eq!(
            Times::over(Some((morning, morning)), 1).exact(morning),
            "22:13:20.123"
        );
        assert_eq!(
            Times::over(Some((morning, next)), 1).exact(morning),
            "2023-11-14 22:13:20.123"
        );
    }
}
