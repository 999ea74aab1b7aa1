//! Summary to bytes: text and HTML for people, JSON for programs, CSV for spreadsheets.
//!
//! Input: a [`Summary`], and of the verdicts nothing but its words, so that no two outputs can disagree. Output: bytes
//! into any writer; no clock, file or terminal is asked here, so the same summary gives the same bytes. What came off
//! the wire is made harmless in [`escape`], for each output in its own way. Times are UTC.

pub mod csv;
pub mod fleet;
pub mod html;
pub mod json;
pub mod page;
pub mod text;

pub use crate::verdict::summary::listed;
pub use crate::words::escape;

use std::io::{self, Write};

use crate::verdict::summary::Summary;
use listed::Listed;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
    /// One object a line.
    Ndjson,
    /// One row for each requirement and device.
    Csv,
    /// One page for people, whole in itself.
    Html,
}

/// What an output should show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How it is written.
    pub format: Format,
    /// Which flows and DNS questions are listed. If `None`, JSON lists all, text and HTML the first of the failing ones. CSV
    /// lists none.
    pub listed: Option<Listed>,
    /// Colour, where the format has it (text alone).
    pub colour: bool,
}

/// Writes the report.
///
/// # Errors
/// What the writer says.
pub fn write(summary: &Summary, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let all = options.listed.unwrap_or(Listed::All);
    match options.format {
        Format::Text => text::write(summary, options.listed, options.colour, out),
        Format::Json => json::write(summary, all, out),
        Format::Ndjson => json::write_lines(summary, all, out),
        Format::Csv => csv::write(summary, out),
        Format::Html => html::write(summary, options.listed, out),
    }
}
