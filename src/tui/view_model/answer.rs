//! The second line: what fails, readable in a second.

use std::collections::BTreeSet;

use super::header::fitting;
use crate::tui::text::{self, Piece, Pieces, width};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Requirement, Summary};
use crate::words::answer::attempted;
use crate::words::row::is_shaky;
use crate::words::{Paint, length, number, some_of, status};

/// Names that are told before they are counted.
const NAMES: usize = 6;

pub(super) fn answer(summary: &Summary, columns: usize) -> Pieces {
    let tried = attempted(summary);
    let with = |wanted: Status| -> Vec<&Requirement> {
        let rows = tried.iter().copied();
        rows.filter(|row| row.status == wanted).collect()
    };
    let failing = with(Status::Failing);
    let shaky = tried.iter().any(|row| is_shaky(row.status));
    let ok = with(Status::Ok);
    let mut parts = Vec::new();
    for state in [Status::Flaky, Status::Degraded, Status::Ok] {
        let rows = with(state);
        if !rows.is_empty() {
            parts.push(part(state, &format!("{} {state}", number(length(&rows)))));
        }
    }
    let codes: BTreeSet<&str> = summary
        .findings
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    if !codes.is_empty() {
        let codes: Vec<&str> = codes.into_iter().collect();
        parts.push(vec![
            Piece::new(Paint::Warn, "! "),
            Piece::new(Paint::Strong, &codes.join(", ")),
        ]);
    }
    let others: usize = parts.iter().map(|part| width(part) + 2).sum();
    let first = if !failing.is_empty() {
        let room = columns.saturating_sub(others + 2);
        part(Status::Failing, &told(&failing, room))
    } else if shaky || !ok.is_empty() {
        part(Status::Ok, "nothing required is failing")
    } else if tried.is_empty() {
        part(Status::NotSeen, "no attempt at a required host was seen")
    } else {
        part(
            Status::Pending,
            "no attempt at a required host could be judged yet",
        )
    };
    parts.insert(0, first);
    fitting(parts, columns)
}

/// How many fail, and as many of their names as there is room for.
fn told(failing: &[&Requirement], room: usize) -> String {
    let mut patterns: Vec<&str> = failing.iter().map(|row| row.pattern.as_str()).collect();
    patterns.dedup();
    let count = number(length(failing));
    (1..=patterns.len().min(NAMES))
        .rev()
        .map(|names| format!("{count} failing: {}", some_of(&patterns, names)))
        .find(|text| text::columns(text) <= room)
        .unwrap_or_else(|| format!("{count} failing"))
}

fn part(state: Status, text: &str) -> Pieces {
    let (glyph, paint) = status(state);
    vec![
        Piece::new(paint, &format!("{glyph} ")),
        Piece::new(Paint::Strong, text),
    ]
}
