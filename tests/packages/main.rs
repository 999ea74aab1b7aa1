//! The Debian package: what is in it is in its place once it is installed, and nothing is left once it is purged.
//!
//! It is installed into a file system laid over this one, which ends with the test: nothing here is changed. That needs
//! root, dpkg and cargo-deb; elsewhere it says why it is skipped.
#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, run programs and read what they left"
)]

mod installed;
mod overlay;
