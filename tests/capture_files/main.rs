//! Capture files of every variant are read whole, and damaged ones up to the damage.
//!
//! The files are written in memory by `write`; `read` collects what comes out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests assert by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "tests write the files they open")]

mod compressed;
mod damaged;
mod merged;
mod oracle;
mod pcap;
mod pcapng;
mod piped;
mod processes;
mod read;
mod refused;
mod write;
