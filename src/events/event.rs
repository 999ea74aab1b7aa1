//! An event as it is written and sent.
//!
//! Field names and nesting are the contract (`data/event.schema.json`, version 1): fields may be added, never renamed;
//! absent values are `null`. A reader skips fields and kinds that it does not know.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Attempts, Client, Requirement};

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
    pub client: Device,
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
    pub attempts: Tally,
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
    /// The frames that prove it, [`MAX_EVIDENCE`] at most.
    pub evidence: Vec<Proof>,
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
            client: Device::of(client),
            status: row.status,
            previous: None,
            at,
            since: at,
            untold: 0,
            attempts: row.attempts.into(),
            cause: row.cause.map(|cause| cause.to_string()),
            origin: row.origin.map(|origin| origin.to_string()),
            whereabouts: row.whereabouts.map(|at| at.to_string()),
            explanation: row.explanation.clone(),
            remedy: row.remedy.clone(),
            flows: row.flows.iter().skip(skipped).cloned().collect(),
            evidence: row
                .evidence
                .iter()
                .take(MAX_EVIDENCE)
                .map(Proof::of)
                .collect(),
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
    /// See [`Device::key`].
    pub device: String,
}

/// A device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// Its MAC address, where one device owns it.
    pub mac: Option<String>,
}

impl Device {
    /// The device of a summary's row.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            addresses: client.addresses.clone(),
            mac: client.mac.clone(),
        }
    }

    /// What it is known by from one event to the next: its MAC address where it has one, else its first address. More of
    /// its addresses may become known; that makes it no other device.
    #[must_use]
    pub fn key(&self) -> String {
        let first = || self.addresses.first().map(ToString::to_string);
        self.mac.clone().or_else(first).unwrap_or_default()
    }

    /// What people know it by: its first address.
    #[must_use]
    pub fn title(&self) -> String {
        let first = self.addresses.first().map(ToString::to_string);
        first.unwrap_or_else(|| self.key())
    }
}

/// Attempts by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// It did what it was for.
    pub succeeded: u64,
    /// Asked, and nothing came back.
    pub stalled: u64,
    /// A RST ended it.
    pub reset: u64,
    /// Refused in words.
    pub failed: u64,
    /// A parallel attempt won.
    pub abandoned: u64,
    /// Not over.
    pub pending: u64,
    /// Not enough is seen.
    pub unjudged: u64,
}

impl From<Attempts> for Tally {
    fn from(attempts: Attempts) -> Self {
        Self {
            succeeded: attempts.succeeded,
            stalled: attempts.stalled,
            reset: attempts.reset,
            failed: attempts.failed,
            abandoned: attempts.abandoned,
            pending: attempts.pending,
            unjudged: attempts.unjudged,
        }
    }
}

/// A frame that proves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Which interface, as an index into those of the start.
    pub capture: u32,
    /// Frame number on it, from 1.
    pub frame: u64,
    /// Capture time.
    pub time: Timestamp,
    /// What it shows.
    pub note: String,
}

impl Proof {
    fn of(evidence: &crate::verdict::summary::Evidence) -> Self {
        Self {
            capture: evidence.capture,
            frame: evidence.frame,
            time: evidence.time,
            note: evidence.note.clone(),
        }
    }
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
