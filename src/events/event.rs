//! An event as it is written and sent.
//!
//! Field names and nesting are the contract (`data/event.schema.json`, version 1): fields may be added, never renamed;
//! absent values are `null`. A reader skips fields and kinds that it does not know.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Attempts, Client, Evidence, Requirement};

/// Version of the events' schema.
pub const SCHEMA_VERSION: u32 = 1;

/// Frames of an event's evidence; a summary's has as many at most.
pub const MAX_EVIDENCE: usize = 32;

/// Flows that an event names, the latest.
pub const MAX_FLOWS: usize = 32;

/// Something that a gateway tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Who tells it.
    #[serde(flatten)]
    pub id: MessageId,
    /// When it was told, by the gateway's clock.
    pub time: Timestamp,
    /// What is told.
    #[serde(flatten)]
    pub news: News,
}

/// What tells an event from all others: the same three are the same event, sent again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// Name of the gateway.
    pub gateway: String,
    /// When this run of windfall began: later sessions of a gateway have later times.
    pub session: Timestamp,
    /// Counts the events of a session from 1, without holes.
    pub sequence: u64,
}

impl fmt::Display for MessageId {
    /// `berlin/2026-11-25T10:36:13.000000000Z/17`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.gateway, self.session, self.sequence)
    }
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum News {
    /// A session begins; nothing is known in it yet.
    Start {
        /// Version of windfall.
        version: String,
        /// What it captures on.
        interfaces: Vec<String>,
        /// Longest time between two events, in seconds.
        heartbeat_s: f64,
    },
    /// How a requirement stands for a device.
    Status(Box<StatusNews>),
    /// Something happened to the capture, or to windfall: an interface went down or came back.
    Notice {
        /// Capture time.
        at: Timestamp,
        /// It is trouble; else it is over, or good to know.
        trouble: bool,
        /// One line.
        text: String,
    },
    /// Nothing else was told for a while, and all is going on.
    Heartbeat(Pulse),
    /// Events that will never come: there was no room for them while they could not be delivered.
    Lost {
        /// Session of the first of them.
        session_lost: Timestamp,
        /// First number.
        first: u64,
        /// Last number.
        last: u64,
        /// How many of these.
        count: u64,
        /// Why.
        reason: String,
    },
    /// The session ends as it was asked to.
    Stop {
        /// Why: `asked to`, or what failed.
        reason: String,
    },
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

/// Why a status is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// It is told for the first time in this session.
    First,
    /// It, or its reason, is another one.
    Changed,
    /// Nothing changed: all is told again, for whoever came later.
    Repeated,
    /// The row is not known any more: the flows that made it were forgotten.
    Withdrawn,
}

/// How a requirement stands for a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusNews {
    /// Why it is told.
    pub occasion: Occasion,
    /// Stable identifier of the requirement.
    pub requirement: String,
    /// Host pattern.
    pub pattern: String,
    /// Ports and transports that count (`443/tcp`).
    pub ports: Vec<String>,
    /// What it serves.
    pub service: String,
    /// Profiles that list it.
    pub profiles: Vec<String>,
    /// Its failure is no fault.
    pub optional: bool,
    /// The device.
    pub client: Client,
    /// How it stands.
    pub status: Status,
    /// How it stood when it was told last; none if this is the first time.
    pub previous: Option<Status>,
    /// Capture time of the summary that shows it.
    pub at: Timestamp,
    /// Since when it has this status, in capture time.
    pub since: Timestamp,
    /// Changes since it was told last that were not told, because there were too many.
    pub untold: u64,
    /// Attempts by outcome.
    pub attempts: Attempts,
    /// The dominant cause.
    pub cause: Option<String>,
    /// Who ended or blocked it.
    pub origin: Option<String>,
    /// On which side of the gateway it broke, where both were captured.
    #[serde(rename = "where")]
    pub whereabouts: Option<String>,
    /// One sentence why.
    pub explanation: Option<String>,
    /// One sentence what to do.
    pub remedy: Option<String>,
    /// Community IDs of its flows, [`MAX_FLOWS`] at most.
    pub flows: Vec<String>,
    /// The frames that prove it, [`MAX_EVIDENCE`] at most; `capture` is an index into the interfaces of the start.
    pub evidence: Vec<Evidence>,
}

impl StatusNews {
    /// What a row says at this time.
    #[must_use]
    pub fn of(row: &Requirement, client: &Client, at: Timestamp) -> Self {
        let skipped = row.flows.len().saturating_sub(MAX_FLOWS);
        Self {
            occasion: Occasion::First,
            requirement: row.id.clone(),
            pattern: row.pattern.clone(),
            ports: row.ports.clone(),
            service: row.service.clone(),
            profiles: row.profiles.clone(),
            optional: row.optional,
            client: client.clone(),
            status: row.status,
            previous: None,
            at,
            since: at,
            untold: 0,
            attempts: row.attempts,
            cause: row.cause.map(|cause| cause.to_string()),
            origin: row.origin.map(|origin| origin.to_string()),
            whereabouts: row.whereabouts.map(|at| at.to_string()),
            explanation: row.explanation.clone(),
            remedy: row.remedy.clone(),
            flows: row.flows.iter().skip(skipped).cloned().collect(),
            evidence: row.evidence.iter().take(MAX_EVIDENCE).cloned().collect(),
        }
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            requirement: self.requirement.clone(),
            device: self.client.key(),
        }
    }
}

/// What has a status: a requirement, as one device experiences it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Identifier of the requirement.
    pub requirement: String,
    /// See [`Client::key`].
    pub device: String,
}

/// How a run fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pulse {
    /// Rows of the session by status, of those that were told.
    pub status: std::collections::BTreeMap<String, u64>,
    /// Frames read.
    pub frames: u64,
    /// Frames dropped by kernel, interface and analysis.
    pub dropped: u64,
    /// Why the capture ended, if it did.
    pub ended: Option<String>,
}
