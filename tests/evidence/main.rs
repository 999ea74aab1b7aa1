//! Evidence files: they hold what proves a verdict, say so to Wireshark, and survive what befalls them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests assert by panicking, read and write files, and say why they skip"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../support/traffic/mod.rs"]
#[expect(dead_code, reason = "shared with a tool that writes traffic")]
mod traffic;

mod command;
mod cut;
mod fragments;
mod hostile;
mod kept;
mod questions;
mod refused;
mod ring;
mod same_verdict;
mod wireshark;
