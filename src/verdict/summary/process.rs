//! Processes in a summary: the owner of a flow, and the background processes of iTunes.
//!
//! As everywhere in the summary, names are as they came and not escaped.

use serde::{Deserialize, Serialize};

/// The process that owns a flow: the one that the work is done for, where another does it on its behalf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Executable name; unknown where only the identifier is told.
    pub name: Option<String>,
    /// Process identifier.
    pub pid: Option<u32>,
}

/// A background process of iTunes, as the lists and captures show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundProcess {
    /// File name.
    pub name: String,
    /// Other file names of the same program.
    pub other_names: Vec<String>,
    /// What it does.
    pub description: String,
    /// What goes wrong without it.
    pub failure: String,
    /// `always`, or `by-sync-configuration`.
    pub groups: Vec<String>,
    /// It does its work only where the person chose so.
    pub optional: bool,
    /// It ran; unknown where no complete list of processes was given.
    pub seen: Option<bool>,
    /// Its process identifiers, in ascending order.
    pub pids: Vec<u32>,
    /// Community IDs of its flows that stalled, were reset or failed.
    pub failing_flows: Vec<String>,
}
