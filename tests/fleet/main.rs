//! A fleet: three gateways, each in a network namespace of its own, tell a real broker what they see, through every fault
//! that there is between them. No event is lost, and none is twice in the console.
//!
//! Needs root and `nats-server`, which `make test` installs for root; elsewhere it says why it is skipped.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, read what was written and run programs"
)]

mod broker;
mod faults;
mod gateway;
mod ledger;
#[path = "../live_capture/namespace.rs"]
#[expect(dead_code, reason = "the tests of capture use the rest")]
mod namespace;
mod secured;
