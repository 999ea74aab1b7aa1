//! Why capturing could not begin: what, where, and what to do about it.

use super::filter::FilterFault;
use super::rights::MissingRight;

/// Why capturing could not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiveError {
    /// This process may not capture.
    #[error("{0}")]
    Right(MissingRight),
    /// The filter is no filter.
    #[error("{0}")]
    Filter(FilterFault),
    /// The filter cannot be used on this interface.
    #[error(
        "{interface}: the filter {expression:?} cannot be used here: {reason}; its frames begin with {link}"
    )]
    FilterHere {
        /// The interface.
        interface: String,
        /// The filter.
        expression: String,
        /// What its frames begin with.
        link: String,
        /// What libpcap says.
        reason: String,
    },
    /// There is no such interface.
    #[error("{interface}: there is no such interface; there are: {}", others.join(", "))]
    Absent {
        /// The interface.
        interface: String,
        /// Those that are there.
        others: Vec<String>,
    },
    /// The interface is down.
    #[error(
        "{interface}: the interface is down ({reason}); bring it up: ip link set {interface} up"
    )]
    Down {
        /// The interface.
        interface: String,
        /// What libpcap says.
        reason: String,
    },
    /// The interface cannot be opened.
    #[error("{interface}: cannot be captured on: {reason}")]
    Refused {
        /// The interface.
        interface: String,
        /// What libpcap says.
        reason: String,
    },
    /// No interface was named, and none is up.
    #[error(
        "no interface is up and running but the loopback; `windfall interfaces` lists them, --interface names one"
    )]
    NothingToChoose,
    /// The interfaces cannot be listed.
    #[error("the interfaces of this machine cannot be listed: {reason}")]
    NoList {
        /// What libpcap says.
        reason: String,
    },
    /// More interfaces than a frame's identity can tell apart.
    #[error("65,536 interfaces at once are the most; `--interface any` captures on all of them")]
    TooMany,
}

impl LiveError {
    /// Whether waiting may help: the interface is not there yet, or down.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Absent { .. } | Self::Down { .. })
    }
}
