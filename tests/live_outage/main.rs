//! An outage, live: windfall on a gateway's interface while curl and dig of a device fail and recover.
//!
//! `tests/lab/live.sh` makes the network (client, gateway, servers, each its namespace), lets nftables drop and refuse,
//! and writes down when. Needs root and the lab's programs, which `make test` installs for root; elsewhere it says that
//! it was skipped.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "asserts by panicking, reads what the session wrote, and says why it skips"
)]

mod lines;
mod screen;
mod session;
