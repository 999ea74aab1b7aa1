//! The row of a requirement: what a device's attempts at it came to, and what to do.

use std::collections::HashSet;

use super::{evidence, flow, question, remedy, sentence, sides};
use crate::catalogue::{Catalogue, RequirementId};
use crate::verdict::assemble::Options;
use crate::verdict::community_id;
use crate::verdict::outcome::{Status, Transport};
use crate::verdict::requirement;
use crate::verdict::ruling::Ruling;
use crate::verdict::sides::Broke;
use crate::verdict::summary::{Attempts, Client, Requirement};
use crate::verdict::tried::{Source, Tried};

/// The row of a requirement that a device tried.
#[must_use]
pub fn requirement(
    id: RequirementId,
    client: Client,
    tried: &Tried<'_>,
    options: &Options<'_>,
) -> Option<Requirement> {
    let catalogue = options.catalogue;
    let standing = requirement::sum_up(&tried.attempts);
    let deciding = standing
        .deciding
        .and_then(|at| tried.sources.get(at))
        .copied();
    let ruling = deciding.map(ruling_of);
    let told = |source: &Source<'_>| match source {
        Source::Flow(subject) => flow::explanation(subject, options),
        Source::Lookup(judged) => question::explanation(judged, options),
    };
    let mut row = Requirement {
        client: Some(client),
        status: standing.status,
        attempts: standing.attempts,
        all_attempts: tried.all,
        cause: ruling.and_then(|ruling| ruling.cause),
        origin: ruling.and_then(|ruling| ruling.origin),
        evidence: ruling.map(evidence).unwrap_or_default(),
        flows: flow_ids(tried),
        ..not_seen(id, catalogue)?
    };
    row.whereabouts = deciding.and_then(broke_of).map(|broke| broke.at);
    if let Some(Source::Flow(subject)) = deciding {
        row.twin = sides::twin(subject, options);
    }
    row.remedy = deciding.and_then(|source| match source {
        Source::Flow(subject) => remedy::of_flow(subject, catalogue),
        Source::Lookup(judged) => remedy::of_question(judged, catalogue),
    });
    // What a connection shows says more than what a question shows.
    let flows = tried.sources.iter().filter(|source| source.is_flow());
    let shown = || flows.chain(&tried.sources).find_map(told);
    let why = Why {
        fallback: standing.fallback.as_deref(),
        deciding: deciding.as_ref().and_then(told),
        note: row.note.as_deref().filter(|_| row.optional),
    };
    row.explanation = why.sentences(row.status, row.attempts, shown);
    Some(row)
}

/// Of what the explanation of a requirement is made.
pub struct Why<'a> {
    /// Which path is broken, and what works instead.
    pub fallback: Option<&'a str>,
    /// The explanation of the attempt that stands for the dominant fault.
    pub deciding: Option<String>,
    /// What the catalogue says of an optional requirement.
    pub note: Option<&'a str>,
}

impl Why<'_> {
    /// The explanation. `shown` is that of the first attempt that has one, for a requirement that cannot be judged.
    #[must_use]
    pub fn sentences(
        self,
        status: Status,
        attempts: Attempts,
        shown: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        let lead = match status {
            Status::Degraded => self.fallback.and_then(sentence),
            Status::Flaky => {
                let failed = attempts.stalled + attempts.reset + attempts.failed;
                let of = failed + attempts.succeeded;
                Some(format!("{failed} of {of} attempts failed."))
            }
            Status::Unjudged => Some(shown().unwrap_or_else(|| {
                "The name was resolved, but no connection to it was captured.".into()
            })),
            Status::Failing | Status::Pending | Status::Ok | Status::NotSeen => None,
        };
        let note = self.note.filter(|_| status != Status::Ok);
        let parts = [lead, self.deciding, note.map(str::to_owned)];
        parts
            .into_iter()
            .flatten()
            .reduce(|before, after| format!("{before} {after}"))
    }
}

fn flow_ids(tried: &Tried<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    let mut known = HashSet::new();
    for source in &tried.sources {
        if let Source::Flow(subject) = source {
            let id = community_id::of_flow(
                subject.conversation.flow.key.protocol(),
                subject.client(),
                subject.server(),
            );
            if known.insert(id.clone()) {
                ids.push(id);
            }
        }
    }
    ids
}

fn ruling_of(source: Source<'_>) -> &Ruling {
    match source {
        Source::Flow(subject) => &subject.ruling,
        Source::Lookup(judged) => &judged.ruling,
    }
}

/// Where the deciding fault lies.
fn broke_of(source: Source<'_>) -> Option<Broke> {
    match source {
        Source::Flow(subject) => subject.broke,
        Source::Lookup(judged) => judged.broke,
    }
}

/// The row of a requirement that nobody tried.
#[must_use]
pub fn not_seen(id: RequirementId, catalogue: &Catalogue) -> Option<Requirement> {
    let entry = catalogue.requirement(id)?;
    let mut transports: Vec<Transport> = entry
        .ports
        .ranges()
        .iter()
        .map(|range| range.transport())
        .collect();
    transports.sort_unstable();
    transports.dedup();
    Some(Requirement {
        id: entry.id.clone(),
        pattern: entry.pattern.clone(),
        ports: entry
            .ports
            .ranges()
            .iter()
            .map(ToString::to_string)
            .collect(),
        transport: transports,
        service: entry.service.clone(),
        profiles: entry
            .profiles
            .iter()
            .map(|listing| listing.as_str().to_owned())
            .collect(),
        optional: entry.optional,
        note: entry.note.clone(),
        client: None,
        status: Status::NotSeen,
        attempts: Attempts::default(),
        all_attempts: Attempts::default(),
        cause: None,
        origin: None,
        whereabouts: None,
        twin: None,
        explanation: None,
        remedy: None,
        flows: Vec::new(),
        evidence: Vec::new(),
    })
}
