//! Events: what changes is told, once; what is told comes to what is; what many gateways tell comes to one state,
//! whatever way it takes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read files"
)]

mod changes;
mod folded;
mod made;
#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "../live_capture/namespace.rs"]
#[expect(dead_code, reason = "the tests of capture use the rest")]
mod namespace;
mod promised;
mod screen;
#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "../support/traffic/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "only times and frames are needed of it"
)]
mod traffic;
#[cfg(all(feature = "live", target_os = "linux"))]
mod watched;
#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "../watch_live/watching.rs"]
#[expect(dead_code, reason = "the tests of watch use the rest")]
mod watching;
#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "../watch_live/wire.rs"]
#[expect(dead_code, reason = "the tests of watch use the rest")]
mod wire;
