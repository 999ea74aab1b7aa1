//! How each requirement stands for each device, from one summary to the next: the one place that says what is news.
//!
//! Input: summaries of a run, in order. Output: the [`Change`]s since the one before. A row that is pending, or that
//! nobody tried, tells nothing: what was known of it stays. Bounds: rows of the latest summary, and as many that it does
//! not show any more.

use std::collections::BTreeMap;

use crate::verdict::outcome::{Cause, Status, Where};
use crate::verdict::summary::{Client, Requirement, Summary};

/// Rows that are kept although the summary does not show them any more, beyond as many as it shows.
const SPARE: usize = 1024;

/// A device as it is known from one summary to the next, see [`Client::key`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(String);

impl Device {
    /// The device of a row.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self(client.key())
    }

    /// The address it is known by.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What has a status: a requirement, as one device experiences it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// [`Requirement::id`].
    pub requirement: String,
    /// Who tried it; none if nobody did.
    pub device: Option<Device>,
}

impl Subject {
    /// What a row is about.
    #[must_use]
    pub fn of(row: &Requirement) -> Self {
        Self {
            requirement: row.id.clone(),
            device: row.client.as_ref().map(Device::of),
        }
    }
}

/// How a requirement stands. Another one of these is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the attempts come to.
    pub status: Status,
    /// The dominant cause.
    pub cause: Option<Cause>,
    /// On which side of the gateway it broke.
    pub whereabouts: Option<Where>,
}

impl Standing {
    /// What a row says; none if it says nothing yet.
    #[must_use]
    pub const fn of(row: &Requirement) -> Option<Self> {
        if !row.status.says_something() {
            return None;
        }
        Some(Self {
            status: row.status,
            cause: row.cause,
            whereabouts: row.whereabouts,
        })
    }
}

/// A requirement stands otherwise than before.
#[derive(Clone, Debug)]
pub struct Change<'s> {
    /// Which, for whom.
    pub subject: Subject,
    /// How it stood; none if it is told for the first time.
    pub before: Option<Standing>,
    /// How it stands.
    pub now: Standing,
    /// All that the summary says of it.
    pub row: &'s Requirement,
}

/// How everything stood when it was looked at last.
#[derive(Debug, Default)]
pub struct Standings {
    known: BTreeMap<Subject, Standing>,
}

impl Standings {
    /// Takes in a summary: what changed, in the order of its rows.
    pub fn observe<'s>(&mut self, summary: &'s Summary) -> Vec<Change<'s>> {
        let mut changes = Vec::new();
        for row in &summary.requirements {
            let Some(now) = Standing::of(row) else {
                continue;
            };
            let subject = Subject::of(row);
            let before = self.known.insert(subject.clone(), now);
            if before != Some(now) {
                changes.push(Change {
                    subject,
                    before,
                    now,
                    row,
                });
            }
        }
        forget_absent(&mut self.known, summary);
        changes
    }
}

/// Keeps a book by row from growing for ever: once most of it is of rows that the summary does not show, those go.
pub(super) fn forget_absent<T>(known: &mut BTreeMap<Subject, T>, summary: &Summary) {
    if known.len() <= summary.requirements.len() * 2 + SPARE {
        return;
    }
    let mut kept = BTreeMap::new();
    for row in &summary.requirements {
        if let Some((subject, value)) = known.remove_entry(&Subject::of(row)) {
            kept.insert(subject, value);
        }
    }
    *known = kept;
}
