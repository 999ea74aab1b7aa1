//! The report as CSV: one row for each requirement and device that tried it, then one for each that nobody tried.
//!
//! Output: RFC 4180 with a header row. The table is that of the requirements, because that is what people sort, filter
//! and paste into a ticket; flows and DNS questions are in the JSON. Cells that a spreadsheet would compute begin with an
//! apostrophe.

use std::io::{self, Write};

use ::csv::Writer;

use crate::verdict::outcome::{Cause, Origin};
use crate::verdict::summary::{Requirement, Summary};
use crate::words::escape::csv_cell;
use crate::words::made::Made;

/// The header row.
const COLUMNS: [&str; 23] = [
    "status",
    "optional",
    "client",
    "mac",
    "requirement",
    "ports",
    "service",
    "profiles",
    "succeeded",
    "stalled",
    "reset",
    "failed",
    "abandoned",
    "pending",
    "unjudged",
    "cause",
    "origin",
    "explanation",
    "remedy",
    "first_evidence",
    "frames",
    "flows",
    "wireshark_filter",
];

/// Writes the table.
///
/// # Errors
/// What the writer says.
pub fn write(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(unwrapped)?;
    let made = Made::of(summary);
    for requirement in &summary.requirements {
        let cells = cells(requirement, &made);
        let cells = cells.iter().map(|cell| csv_cell(cell).into_owned());
        writer.write_record(cells).map_err(unwrapped)?;
    }
    writer.flush()
}

/// The writer's own error, whose kind tells a closed pipe from a full disk.
fn unwrapped(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn cells(row: &Requirement, made: &Made<'_>) -> [String; COLUMNS.len()] {
    let client = row.client.as_ref();
    let attempts = row.attempts;
    let frames = row.evidence.iter().map(|evidence| evidence.frame);
    [
        row.status.to_string(),
        if row.optional { "yes" } else { "no" }.to_owned(),
        client.map_or_else(String::new, |client| joined(&client.addresses)),
        client
            .and_then(|client| client.mac.clone())
            .unwrap_or_default(),
        row.pattern.clone(),
        row.ports.join(" "),
        row.service.clone(),
        row.profiles.join(" "),
        attempts.succeeded.to_string(),
        attempts.stalled.to_string(),
        attempts.reset.to_string(),
        attempts.failed.to_string(),
        attempts.abandoned.to_string(),
        attempts.pending.to_string(),
        attempts.unjudged.to_string(),
        row.cause.map_or("", Cause::as_str).to_owned(),
        row.origin.map_or("", Origin::as_str).to_owned(),
        row.explanation.clone().unwrap_or_default(),
        row.remedy.clone().unwrap_or_default(),
        row.evidence
            .first()
            .map_or_else(String::new, |evidence| evidence.time.to_string()),
        joined(&frames.collect::<Vec<_>>()),
        row.flows.join(" "),
        made.filter(row).unwrap_or_default(),
    ]
}

fn joined<T: ToString>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    words.join(" ")
}
