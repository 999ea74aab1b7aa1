//! Attempts counted up, from one summary to the next.
//!
//! A summary counts the attempts that are still known: their number falls when flows are given up for want of room, and an
//! attempt that was judged stalled may go on to succeed. A counter must not fall, so what is counted here is every rise.
//! Where nothing was given up and no verdict turned, the sums are those of the report at the end. Bounds: outcomes by
//! requirement of the catalogue; and [`standings`](super::standings)' bound on rows.

use std::collections::{BTreeMap, BTreeSet};

use super::standings::{Subject, forget_absent};
use crate::verdict::outcome::Outcome;
use crate::verdict::summary::{Attempts, Summary};

/// Outcomes that an attempt comes to; the rest are states on the way, or none at all.
pub const COUNTED: [Outcome; 6] = [
    Outcome::Succeeded,
    Outcome::Stalled,
    Outcome::Reset,
    Outcome::Failed,
    Outcome::Abandoned,
    Outcome::Unjudged,
];

/// Attempts at each requirement since the run began, by outcome.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    sums: BTreeMap<String, [u64; COUNTED.len()]>,
    known: BTreeMap<Subject, Attempts>,
}

impl Counters {
    /// Takes in a summary.
    pub fn observe(&mut self, summary: &Summary) {
        for row in summary
            .requirements
            .iter()
            .filter(|row| row.client.is_some())
        {
            let now = row.all_attempts;
            let before = self.known.insert(Subject::of(row), now);
            let before = before.unwrap_or_default();
            let sums = self.sums.entry(row.id.clone()).or_default();
            for (sum, outcome) in sums.iter_mut().zip(COUNTED) {
                *sum += of(&now, outcome).saturating_sub(of(&before, outcome));
            }
        }
        forget_absent(&mut self.known, summary);
        self.forget_removed(summary);
    }

    /// Forgets requirements that the catalogue does not have any more; a summary shows all that it has.
    fn forget_removed(&mut self, summary: &Summary) {
        let ids: BTreeSet<&str> = summary
            .requirements
            .iter()
            .map(|row| row.id.as_str())
            .collect();
        if self.sums.keys().any(|id| !ids.contains(id.as_str())) {
            self.sums.retain(|id, _| ids.contains(id.as_str()));
            self.known
                .retain(|subject, _| ids.contains(subject.requirement.as_str()));
        }
    }

    /// The sums alone, to be told elsewhere.
    #[must_use]
    pub fn totals(&self) -> Self {
        Self {
            sums: self.sums.clone(),
            known: BTreeMap::new(),
        }
    }

    /// Requirements with their sums, in the order of [`COUNTED`].
    pub fn sums(&self) -> impl Iterator<Item = (&str, &[u64; COUNTED.len()])> {
        self.sums.iter().map(|(id, sums)| (id.as_str(), sums))
    }
}

/// How many attempts came to this.
#[must_use]
pub const fn of(attempts: &Attempts, outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Succeeded => attempts.succeeded,
        Outcome::Stalled => attempts.stalled,
        Outcome::Reset => attempts.reset,
        Outcome::Failed => attempts.failed,
        Outcome::Abandoned => attempts.abandoned,
        Outcome::Pending => attempts.pending,
        Outcome::Unjudged => attempts.unjudged,
    }
}
