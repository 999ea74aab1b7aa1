//! Each cause of a failure, and the near misses that must not be taken for it: packets with times driven into `Monitor`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests assert by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod bonjour;
mod bounds;
mod connect;
mod devices;
mod findings;
mod gaps;
mod handshake;
mod http;
mod multipath;
mod names;
mod nat_pmp;
mod ntp;
mod origin;
mod quic;
mod resolve;
mod sides;
mod socks;
mod status;
mod transfer;
mod traps;
