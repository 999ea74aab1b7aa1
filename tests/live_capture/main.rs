//! Capturing from interfaces: every frame once, in order, whatever happens to the interface, and what is lost is
//! counted.
//!
//! Each test lays a wire in a network namespace of its own, which needs root; elsewhere it says why it is skipped.
#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, send datagrams and run programs"
)]

mod frames;
mod interface_changes;
mod namespace;
mod refusals;
mod watched;
