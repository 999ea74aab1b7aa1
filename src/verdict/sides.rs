//! Both sides of a gateway: which flow on the one is which on the other, and on which side it broke.
//!
//! Input: all subjects of a capture, in time order, with the place where each was captured. Output: for each
//! conversation that was captured at several places the one that counts, and for faults [`Broke`]: whether packets came in on
//! the client's side and never left, came back and were not forwarded, or left the gateway, which then is not to blame.
//! Nothing is claimed unless other connections prove that what leaves the client's side can be seen on the other one.
//! Translated addresses: RFC 3022 and RFC 6296 keep the server's end, the sequence numbers and connection IDs.

mod broke;
mod exits;
mod twins;

use std::net::IpAddr;

use super::outcome::Where;
use crate::flow::key::PlaceInfo;

pub use broke::{locate, locate_lookups};
pub use exits::Exits;
pub use twins::{Pairs, mark};

/// The same conversation at another place: on the other side of a gateway, if it was captured there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The client's address and port there.
    pub client: (IpAddr, u16),
    /// Where that is.
    pub place: PlaceInfo,
}

/// On which side of the gateway something broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broke {
    /// Which.
    pub at: Where,
    /// The other side, which does not have or does have it too.
    pub other: PlaceInfo,
}
