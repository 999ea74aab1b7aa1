//! `windfall watch` as its user meets it: how it ends, what it does when interfaces, terminals and disks fail it, and
//! what it makes of more traffic than it can take.
//!
//! Each test lays a wire in a network namespace of its own, which needs root; elsewhere it says why it is skipped.
#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, read what was written and run programs"
)]

mod disk;
mod ends;
mod load;
#[path = "../live_capture/namespace.rs"]
#[expect(dead_code, reason = "the tests of capture use the rest")]
mod namespace;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
mod terminal;
#[path = "../support/traffic/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "files of traffic are another tool's"
)]
mod traffic;
mod watching;
mod wire;
