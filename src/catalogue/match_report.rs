//! Why a name belongs to the entry it belongs to: the answer of `windfall catalogue match`.

use serde::Serialize;

use super::entry::{PortEntry, RequirementId};
use super::port_set::PortSet;
use crate::transport::Transport;

/// Which entries cover a name, and which of them owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// The name asked about, lower case, without its trailing dot.
    pub host: String,
    /// The port asked about; any port counts without one.
    pub port: Option<u16>,
    /// The transport asked about; either counts without one.
    pub transport: Option<Transport>,
    /// Why the name can match nothing, if it is no host name.
    pub problem: Option<&'static str>,
    /// The entry that owns it: the most specific one whose ports count.
    pub owner: Option<RequirementId>,
    /// Every entry that covers the name, most specific first.
    pub candidates: Vec<Candidate>,
    /// What the port alone says, where no entry owns it.
    pub by_port: Option<PortEntry>,
}

/// One entry that covers the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The entry.
    pub requirement: RequirementId,
    /// Its pattern.
    pub pattern: String,
    /// Ports that count for it.
    pub ports: PortSet,
    /// Whether the port and transport asked about are among them.
    pub port_counts: bool,
}
