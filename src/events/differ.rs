//! The summary before and the summary now, to what is news.
//!
//! Input: summaries of a run, in order, with capture time and the time of telling. Output: [`StatusNews`] for each row
//! that stands otherwise than told. A row that is pending, or that nobody tried, tells nothing: what was known of it
//! stays. Bounds: a row is told [`BURST`] times at once, then once in [`REFILL`]; what it came to in between is told
//! when there is room, with the number of changes that were not. Rows are as many as the summary has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::event::{Occasion, StatusNews, Subject};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Cause, Origin, Status, Where};
use crate::verdict::summary::{Requirement, Summary};

/// Changes of a row that are told one after the other: a failure, its mending, and both again.
pub const BURST: u32 = 6;

/// A row that changes all the time is told so often.
pub const REFILL: Duration = Duration::from_secs(10);

/// How a row stands. Another one of these is news.
type Standing = (Status, Option<Cause>, Option<Origin>, Option<Where>);

/// What a row says; none if it says nothing yet.
const fn standing(row: &Requirement) -> Option<Standing> {
    if row.status.says_something() {
        Some((row.status, row.cause, row.origin, row.whereabouts))
    } else {
        None
    }
}

/// What is known of a row.
#[derive(Clone, Debug)]
struct Known {
    told: Option<Standing>,
    seen: Standing,
    since: Timestamp,
    untold: u64,
    /// How often it may be told now.
    room: u32,
    filled: Timestamp,
    /// As it was told last.
    latest: StatusNews,
}

impl Known {
    /// Whether it may be told now.
    fn takes_room(&mut self, now: Timestamp) -> bool {
        // A clock that was set back must not keep it silent.
        self.filled = self.filled.min(now);
        let refill = REFILL.as_nanos().max(1);
        let gained = now.since(self.filled).as_nanos() / refill;
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        if gained > 0 {
            self.room = self.room.saturating_add(gained).min(BURST);
            self.filled = self.filled.after(REFILL.saturating_mul(gained)).min(now);
        }
        let has = self.room > 0;
        self.room = self.room.saturating_sub(1);
        has
    }
}

/// What was told so far.
#[derive(Clone, Debug, Default)]
pub struct Differ {
    known: BTreeMap<Subject, Known>,
}

impl Differ {
    /// Takes in a summary as it is at capture time `at`; what is to be told, in the order of its rows. `now` is the time
    /// of telling.
    pub fn observe(&mut self, summary: &Summary, at: Timestamp, now: Timestamp) -> Vec<StatusNews> {
        let mut news = Vec::new();
        let mut there = BTreeSet::new();
        for row in &summary.requirements {
            let Some(client) = &row.client else { continue };
            let subject = Subject {
                requirement: row.id.clone(),
                device: client.key(),
            };
            there.insert(subject.clone());
            let Some(seen) = standing(row) else { continue };
            let fresh = || StatusNews::of(row, client, at);
            let known = self.known.entry(subject).or_insert_with(|| Known {
                told: None,
                seen,
                since: at,
                untold: 0,
                room: BURST,
                filled: now,
                latest: fresh(),
            });
            if known.seen != seen {
                known.since = if known.seen.0 == seen.0 {
                    known.since
                } else {
                    at
                };
                known.seen = seen;
                known.untold += u64::from(known.told.is_some());
            }
            if known.told != Some(seen) && known.takes_room(now) {
                news.push(known.tell(fresh()));
            }
        }
        self.withdraw(&there, at, &mut news);
        news
    }

    /// Rows that are gone: each is told once, so they need no bound of their own.
    fn withdraw(&mut self, there: &BTreeSet<Subject>, at: Timestamp, news: &mut Vec<StatusNews>) {
        self.known.retain(|subject, known| {
            let stays = there.contains(subject);
            if !stays && known.told.is_some() {
                news.push(StatusNews {
                    occasion: Occasion::Withdrawn,
                    previous: Some(known.latest.status),
                    at,
                    untold: known.untold,
                    ..known.latest.clone()
                });
            }
            stays
        });
    }

    /// All that was told, as it was told last.
    pub fn repeated(&self) -> impl Iterator<Item = StatusNews> {
        let told = self.known.values().filter(|known| known.told.is_some());
        told.map(|known| StatusNews {
            occasion: Occasion::Repeated,
            previous: Some(known.latest.status),
            untold: 0,
            ..known.latest.clone()
        })
    }

    /// How many rows were told, by status.
    #[must_use]
    pub fn by_status(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for known in self.known.values().filter(|known| known.told.is_some()) {
            *counts.entry(known.latest.status.to_string()).or_default() += 1;
        }
        counts
    }
}

impl Known {
    fn tell(&mut self, fresh: StatusNews) -> StatusNews {
        let previous = self.told.map(|(status, ..)| status);
        self.latest = StatusNews {
            occasion: if previous.is_some() {
                Occasion::Changed
            } else {
                Occasion::First
            },
            previous,
            since: self.since,
            // The last of the changes is the one that is told.
            untold: self.untold.saturating_sub(1),
            ..fresh
        };
        self.told = Some(self.seen);
        self.untold = 0;
        self.latest.clone()
    }
}
