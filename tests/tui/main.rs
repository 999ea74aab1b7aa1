//! The screen: what it shows of bundled captures, and what keys and mouse do.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests assert by panicking"
)]

mod both_sides;
mod bundled;
mod columns_hold;
mod draws_seldom;
mod keys;
mod screens;
mod seen;
mod survives;
