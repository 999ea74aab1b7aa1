//! The attempts of every device at every requirement.
//!
//! Input: judged flows and DNS questions. Output: one row a requirement and device that tried it, then the requirements
//! that nobody tried. What counts as an attempt is decided here; what they come to, in `requirement`.

use std::time::Duration;

use foldhash::{HashMap, HashSet};

use super::assemble::{JudgedLookup, Options};
use super::device::{DeviceId, Devices};
use super::outcome::Outcome;
use super::requirement::{self, Attempt, Path};
use super::rows;
use super::subject::{self, Standing, Subject};
use super::summary;
use crate::catalogue::RequirementId;

/// The attempts of every device at every requirement it tried, and the requirements nobody tried.
pub(super) fn requirements(
    subjects: &[Subject<'_>],
    lookups: &[JudgedLookup<'_>],
    devices: &Devices,
    options: &Options<'_>,
) -> Vec<summary::Requirement> {
    let catalogue = options.catalogue;
    let mut tried: HashMap<(RequirementId, DeviceId), Tried<'_>> = HashMap::default();
    for subject in subjects
        .iter()
        .filter(|subject| subject.standing == Standing::Own)
    {
        let (Some(id), Some(name)) = (subject.requirement, &subject.name) else {
            continue;
        };
        let attempt = Attempt {
            first: subject.first(),
            last: subject.conversation.flow.last.at,
            host: name.host,
            path: Path::Connection {
                transport: subject.transport(),
                server: subject.server().0,
                port: subject::service_port(subject.conversation),
            },
            ruling: &subject.ruling,
            only_resolved: false,
        };
        tried
            .entry((id, subject.device))
            .or_default()
            .push(attempt, Source::Flow(subject));
    }
    for judged in lookups {
        let Some(id) = judged.requirement else {
            continue;
        };
        let resolved = judged.ruling.outcome == Outcome::Succeeded && judged.lookup.has_address();
        if !resolved && !requirement::lookup_counts(&judged.ruling) {
            continue;
        }
        let attempt = Attempt {
            first: judged.lookup.first().at,
            last: judged.lookup.sent.last().at.max(judged.lookup.first().at),
            host: &judged.lookup.name,
            path: Path::Lookup(judged.lookup.resolver),
            ruling: &judged.ruling,
            only_resolved: resolved,
        };
        tried
            .entry((id, judged.device))
            .or_default()
            .push(attempt, Source::Lookup(judged));
    }
    // Rows are large: a vector that doubles would hold half a report's memory empty.
    let mut list = Vec::with_capacity(tried.len() + catalogue.requirements().len());
    let mut seen: HashSet<RequirementId> = HashSet::default();
    let mut tried: Vec<_> = tried.into_iter().collect();
    tried.sort_unstable_by_key(|(who, _)| *who);
    for ((id, device), mut group) in tried {
        group.sort();
        group.count();
        if let Some(window) = options.window {
            group.forget_before(window);
        }
        if let Some(row) = rows::requirement(id, devices.client(device), &group, options) {
            seen.insert(id);
            list.push(row);
        }
    }
    for (index, _) in catalogue.requirements().iter().enumerate() {
        let id = RequirementId(u16::try_from(index).unwrap_or(u16::MAX));
        if !seen.contains(&id)
            && let Some(row) = rows::not_seen(id, catalogue)
        {
            list.push(row);
        }
    }
    list
}

/// Where an attempt comes from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A flow.
    Flow(&'a Subject<'a>),
    /// A DNS question.
    Lookup(&'a JudgedLookup<'a>),
}

/// The attempts of one device at one requirement.
#[derive(Default)]
pub struct Tried<'a> {
    /// The attempts, in time order once sorted.
    pub attempts: Vec<Attempt<'a>>,
    /// Where each comes from.
    pub sources: Vec<Source<'a>>,
    /// Attempts by outcome, those included that were forgotten since.
    pub all: summary::Attempts,
}

impl Source<'_> {
    /// It is a flow.
    #[must_use]
    pub const fn is_flow(&self) -> bool {
        matches!(self, Self::Flow(_))
    }
}

impl<'a> Tried<'a> {
    fn push(&mut self, attempt: Attempt<'a>, source: Source<'a>) {
        self.attempts.push(attempt);
        self.sources.push(source);
    }

    fn count(&mut self) {
        let attempts = self.attempts.iter();
        self.all = requirement::count(attempts.filter(|attempt| !attempt.only_resolved));
    }

    /// Leaves out what is so much older than the newest finished attempt that it tells nothing of how things are now.
    fn forget_before(&mut self, window: Duration) {
        let finished = self.attempts.iter().filter(|attempt| attempt.finished());
        let Some(newest) = finished.map(|attempt| attempt.last).max() else {
            return;
        };
        let counts: Vec<bool> = self
            .attempts
            .iter()
            .map(|attempt| newest.since(attempt.last) <= window)
            .collect();
        let mut of_attempts = counts.iter().copied();
        self.attempts.retain(|_| of_attempts.next() != Some(false));
        let mut of_sources = counts.iter().copied();
        self.sources.retain(|_| of_sources.next() != Some(false));
    }

    fn sort(&mut self) {
        let mut pairs: Vec<_> = self
            .attempts
            .drain(..)
            .zip(self.sources.drain(..))
            .collect();
        // Stable: flows and lookups come in their own total order, flows first.
        pairs.sort_by_key(|(attempt, _)| attempt.first);
        for (attempt, source) in pairs {
            self.push(attempt, source);
        }
    }
}
