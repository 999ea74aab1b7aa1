//! The HTML report: it says what the JSON says, shows every proof, obeys no name, and asks nobody for anything.
//!
//! The browser's part runs where Chromium is installed (`make test` installs it for root); elsewhere it says that it was
//! skipped.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "asserts by panicking, and writes pages for the browser"
)]

mod accessible;
mod bounded;
mod browser;
#[path = "../support/captures.rs"]
mod captures;
mod chromium;
mod document;
mod hostile;
mod ladders;
mod made;
mod requirements;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
