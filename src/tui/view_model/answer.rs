//! The second line: what fails, readable in a second.

use std::collections::BTreeSet;

use super::header::fitting;
use crate::tui::text::{Piece, Pieces};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Requirement, Summary};
use crate::words::row::is_shaky;
use crate::words::{Paint, length, number, some_of, status};

/// Names that are told before they are counted.
const NAMES: usize = 3;

pub(super) fn answer(summary: &Summary, columns: usize) -> Pieces {
    let tried: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.client.is_some() && !(row.optional && row.status == Status::Failing))
        .collect();
    let with = |wanted: Status| -> Vec<&Requirement> {
        let rows = tried.iter().copied();
        rows.filter(|row| row.status == wanted).collect()
    };
    let failing = with(Status::Failing);
    let shaky = tried.iter().any(|row| is_shaky(row.status));
    let ok = with(Status::Ok);
    let mut parts = Vec::new();
    if !failing.is_empty() {
        // Room for the other counts.
        let room = columns.saturating_sub(36);
        let text = (1..=NAMES).rev().map(|names| told(&failing, names));
        let short = format!("{} failing", number(length(&failing)));
        let text = text
            .into_iter()
            .find(|text| crate::tui::text::columns(text) <= room);
        parts.push(part(Status::Failing, &text.unwrap_or(short)));
    } else if shaky || !ok.is_empty() {
        parts.push(part(Status::Ok, "nothing required is failing"));
    } else if tried.is_empty() {
        parts.push(part(
            Status::NotSeen,
            "no attempt at a required host was seen",
        ));
    } else {
        parts.push(part(Status::Pending, "nothing judged yet"));
    }
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
    fitting(parts, columns)
}

fn told(failing: &[&Requirement], names: usize) -> String {
    let mut patterns: Vec<&str> = failing.iter().map(|row| row.pattern.as_str()).collect();
    patterns.dedup();
    format!(
        "{} failing: {}",
        number(length(failing)),
        some_of(&patterns, names)
    )
}

fn part(state: Status, text: &str) -> Pieces {
    let (glyph, paint) = status(state);
    vec![
        Piece::new(paint, &format!("{glyph} ")),
        Piece::new(Paint::Strong, text),
    ]
}
