//! No false verdict: many conversations over many networks, seen by many captures, of which the truth is known.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests assert by panicking"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;

mod network;
mod script;
mod simulated;
mod stack;
mod tap;
mod worlds;
