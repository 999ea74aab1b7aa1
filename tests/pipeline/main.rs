//! The pipeline's promises: the same report whoever analyses, nothing lost silently, no half-dead monitor.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read and write files"
)]

#[path = "../support/captures.rs"]
mod captures;
mod evidence_early;
mod file;
mod played;
mod ring_files;
mod same_report;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod support;
mod watched;
