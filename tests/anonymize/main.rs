//! `--anonymize`: what a report and its evidence no longer tell, and what they still do.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read files"
)]

#[path = "../support/captures.rs"]
mod captures;

mod command;
mod evidence;
mod hostile;
mod leaks;
mod report;
