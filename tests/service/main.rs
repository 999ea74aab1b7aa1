//! windfall as a service: what it tells scrapers, systemd and the journal, how it is configured, and that a new catalogue
//! counts.
//!
//! Tests that capture lay a wire, or the lab's network, in network namespaces of their own, which needs root; tests of
//! alert rules need promtool. Elsewhere they say why they are skipped.
#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, read what was written, run programs and talk to them"
)]
#![expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "metrics tell counts, small ones, as numbers with a fraction"
)]

mod cardinality;
mod changes;
mod configured;
mod endpoint;
mod exported;
mod journal;
mod lab;
#[path = "../live_capture/namespace.rs"]
#[expect(dead_code, reason = "the tests of capture use the rest")]
mod namespace;
mod notified;
mod place;
mod reloaded;
mod requests;
mod rules;
mod scraped;
#[path = "../live_outage/session.rs"]
mod session;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../support/traffic/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "files of traffic are another tool's"
)]
mod traffic;
mod view;
#[path = "../watch_live/watching.rs"]
#[expect(dead_code, reason = "the tests of watch use the rest")]
mod watching;
#[path = "../watch_live/wire.rs"]
#[expect(dead_code, reason = "the tests of watch use the rest")]
mod wire;
