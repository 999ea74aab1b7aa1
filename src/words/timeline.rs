//! A span of time cut into cells: where on it something happened.
//!
//! Input: times and outcomes. Output: the cell of each time; what happened in a cell, once for each outcome, so that a
//! timeline has a bounded number of marks however many attempts there were.

use std::collections::BTreeMap;

use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Outcome;

/// The cell, of so many, that a time falls into.
#[must_use]
pub fn cell(at: Timestamp, (first, last): (Timestamp, Timestamp), cells: usize) -> usize {
    let length = last.since(first).as_nanos().max(1);
    let end = cells.saturating_sub(1);
    let place = at.since(first).as_nanos() * (end as u128) / length;
    usize::try_from(place).unwrap_or(end).min(end)
}

/// Attempts that ended alike, in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The cell.
    pub cell: usize,
    /// How they ended.
    pub outcome: Outcome,
    /// How many they are.
    pub count: u64,
    /// When the first of them began.
    pub first: Timestamp,
    /// When the last of them began.
    pub last: Timestamp,
}

/// The marks of these attempts, in the order of their cells.
#[must_use]
pub fn marks(
    attempts: impl IntoIterator<Item = (Timestamp, Outcome)>,
    span: (Timestamp, Timestamp),
    cells: usize,
) -> Vec<Mark> {
    let mut marks: BTreeMap<(usize, Outcome), Mark> = BTreeMap::new();
    for (at, outcome) in attempts {
        let cell = cell(at, span, cells);
        let new = Mark {
            cell,
            outcome,
            count: 0,
            first: at,
            last: at,
        };
        let mark = marks.entry((cell, outcome)).or_insert(new);
        mark.count += 1;
        mark.first = mark.first.min(at);
        mark.last = mark.last.max(at);
    }
    marks.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_nanos(1_700_000_000_000_000_000).after(Duration::from_secs(seconds))
    }

    #[test]
    fn the_ends_are_the_first_and_the_last_cell() {
        let span = (at(0), at(100));
        let cells = [0, 50, 99, 100].map(|seconds| cell(at(seconds), span, 11));
        assert_eq!(cells, [0, 5, 9, 10]);
        assert_eq!(cell(at(7), (at(7), at(7)), 11), 0);
        assert_eq!(cell(at(500), span, 11), 10);
    }

    #[test]
    fn a_flood_has_no_more_marks_than_cells_and_outcomes() {
        let attempts = (0..100_000).zip(Outcome::ALL.iter().cycle());
        let attempts = attempts.map(|(n, outcome)| (at(n), *outcome));
        let marks = marks(attempts, (at(0), at(100_000)), 10);
        assert!(marks.len() <= 70);
        assert_eq!(marks.iter().map(|mark| mark.count).sum::<u64>(), 100_000);
        assert!(marks.is_sorted_by_key(|mark| mark.cell));
        assert!(marks.iter().all(|mark| mark.first <= mark.last));
    }
}
