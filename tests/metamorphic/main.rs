//! Relations between the verdicts on a recorded capture and those on the same frames, changed.
//!
//! What says the same must be judged the same; what says less may be judged less, and never a fault that was none, or a
//! success that was none. docs/testing.md has the list. Input: every bundled capture. Each relation prints how many
//! captures and mutations it covered (`cargo test --test metamorphic -- --nocapture`). `METAMORPHIC=10` tries ten times
//! as many mutations.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests assert by panicking"
)]

#[path = "../support/captures.rs"]
mod captures;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../support/traffic/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with what writes it to files"
)]
mod traffic;

mod frames;
mod promise;
mod relations;
mod tcp_frame;
