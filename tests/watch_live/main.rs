//! `windfall watch` as its user meets it: how it ends, what it does when interfaces, terminals and disks fail it, and
//! what it makes of more traffic than it can take.
//!
//! Each test lays a wire in a network namespace of its own, which needs root; elsewhere it says why it is skipped.
#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, read what was written and run programs"
)]

mod ends;
#[path = "../live_capture/namespace.rs"]
#[expect(dead_code, reason = "the tests of capture use the rest")]
mod namespace;
mod watching;
mod wire;
