//! What was asked for: facts read from payload bytes.
//!
//! Input: the in-order bytes of one direction in pieces of any size, each with the frame that carried it; or whole
//! datagrams. Output: facts (names, versions, statuses), each with the frame that shows it; no verdicts. Parsers keep
//! bounded buffers, release them once a message is read, and never fail on bytes: what cannot be read is noted as a
//! fact of its own. A parser says that it is settled when more bytes cannot change what it knows.

pub mod dns;
pub mod exchange;
pub mod http;
pub mod known_names;
pub mod lookups;
pub mod mdns;
pub mod names;
pub mod nat_pmp;
pub mod ntp;
pub mod probe;
pub mod quic;
pub mod services;
pub mod socks;
pub mod tls;
mod tunnel;
pub mod wanted;

pub use probe::{Probe, Protocol, probe, probe_datagram};
