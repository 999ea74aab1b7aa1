//! Reports of parts are one report of the whole, in whatever order and grouping they are merged.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read and write files"
)]

#[path = "../support/captures.rs"]
mod captures;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../support/traffic/mod.rs"]
#[expect(dead_code, reason = "shared with what writes it to files")]
mod traffic;

mod command;
mod laws;
mod parts;

use std::path::PathBuf;

use windfall::pipeline::replay::{Request, replay};
use windfall::report::{Format, Options, write};
use windfall::verdict::summary::Summary;

use support::trace::CATALOGUE;

/// The report of these captures, as one reads it back from JSON.
fn report(paths: &[PathBuf]) -> Summary {
    let summary = replay(&Request::new(paths, &CATALOGUE), |_, _| {}).summary;
    serde_json::from_str(&json(&summary)).unwrap()
}

fn json(summary: &Summary) -> String {
    let options = Options {
        format: Format::Json,
        listed: None,
        colour: false,
    };
    let mut out = Vec::new();
    write(summary, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
