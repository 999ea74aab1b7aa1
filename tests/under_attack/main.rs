//! In the middle of every attack required connections get the verdicts that they get without it, and every table keeps to
//! its bound and counts what it gave up.
//!
//! The attacks are those of `examples/attack.rs`, smaller, with bounds smaller still: each is overrun many times.
//! `docs/limits.md` has them at their usual size.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test asserts by panicking"
)]

#[path = "../support/attack/mod.rs"]
#[expect(dead_code, reason = "the example makes them larger")]
mod attack;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod support;
#[path = "../support/traffic/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the attacks use its times alone")]
mod traffic;

mod besieged;
mod floods;
mod written;
