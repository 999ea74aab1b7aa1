//! The row of a requirement: what a device's attempts at it came to, and what to do.

use std::collections::HashSet;

use super::{evidence, sentence, sides};
use crate::catalogue::{Catalogue, RemedyFacts, RequirementId};
use crate::flow::key::PlaceInfo;
use crate::side::Side;
use crate::verdict::assemble::Options;
use crate::verdict::outcome::{Origin, Status, Transport};
use crate::verdict::requirement;
use crate::verdict::ruling::Ruling;
use crate::verdict::sides::Broke;
use crate::verdict::summary::{Attempts, Client, Requirement};
use crate::verdict::tried::{Source, Tried};
use crate::verdict::{community_id, origin, subject};

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
    row.explanation = why(&row, ruling, standing.fallback, tried).and_then(|why| sentence(&why));
    if let Some((broke, here)) = deciding.and_then(broke_of) {
        let side = sides::sentence(&broke, here, options);
        row.whereabouts = Some(broke.at);
        row.explanation = Some(match row.explanation.take() {
            Some(why) => format!("{why} {side}"),
            None => side,
        });
    }
    if let Some(Source::Flow(subject)) = deciding {
        row.twin = sides::twin(subject, options);
    }
    row.remedy = deciding.and_then(|source| remedy(source, &row, catalogue));
    if let Some(note) = catalogue
        .requirement(id)
        .and_then(|entry| entry.note.as_ref())
        && row.status != Status::Ok
        && row.optional
    {
        row.explanation = Some(match row.explanation.take() {
            Some(why) => format!("{why} {note}"),
            None => note.clone(),
        });
    }
    Some(row)
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

/// Where the deciding fault lies, and where its client's side is.
fn broke_of(source: Source<'_>) -> Option<(Broke, PlaceInfo)> {
    match source {
        Source::Flow(subject) => Some((subject.broke?, subject.place)),
        Source::Lookup(judged) => Some((judged.broke?, judged.place)),
    }
}

fn why(
    row: &Requirement,
    ruling: Option<&Ruling>,
    fallback: Option<String>,
    tried: &Tried<'_>,
) -> Option<String> {
    let said = |ruling: &Ruling| (!ruling.why.is_empty()).then(|| ruling.why.clone());
    let reason = ruling.and_then(said);
    let reason = match (fallback, reason) {
        (Some(path), Some(reason)) => Some(format!("{path}: {reason}")),
        (Some(path), None) => Some(path),
        (None, reason) => reason,
    };
    match row.status {
        Status::Flaky => {
            let failed = row.attempts.stalled + row.attempts.reset + row.attempts.failed;
            let of = failed + row.attempts.succeeded;
            Some(format!(
                "{failed} of {of} attempts failed: {}",
                reason.unwrap_or_default()
            ))
        }
        Status::Unjudged => {
            // What a connection shows says more than what a question shows.
            let flows = tried
                .sources
                .iter()
                .filter(|source| matches!(source, Source::Flow(_)));
            let all = flows.chain(&tried.sources);
            let shown = all.copied().map(ruling_of).find_map(said);
            Some(shown.unwrap_or_else(|| {
                "the name was resolved, but no connection to it was captured".into()
            }))
        }
        Status::Failing | Status::Degraded | Status::Pending | Status::Ok | Status::NotSeen => {
            reason
        }
    }
}

/// What to do about the deciding fault.
fn remedy(source: Source<'_>, row: &Requirement, catalogue: &Catalogue) -> Option<String> {
    let ruling = ruling_of(source);
    let cause = catalogue.explain_cause(ruling.cause?.as_str())?;
    let (host, client, server, from, hops) = match source {
        Source::Flow(subject) => {
            let flow = &subject.conversation.flow;
            let reset = subject
                .conversation
                .tcp()
                .and_then(|tcp| tcp.closing.as_ref())
                .and_then(|closing| closing.first_from(Side::Server));
            let from = flow
                .icmp
                .first()
                .map_or(subject.server().0, |error| error.from);
            (
                subject.name.as_ref().map(|name| name.host.to_text()),
                subject.client().0,
                subject.server().0,
                from,
                reset.map(|reset| origin::hops(reset.ttl)),
            )
        }
        Source::Lookup(judged) => {
            let lookup = judged.lookup;
            let from = lookup
                .unreachable
                .as_ref()
                .map_or(lookup.resolver, |error| error.from);
            (
                Some(lookup.name.to_text()),
                lookup.client,
                lookup.resolver,
                from,
                None,
            )
        }
    };
    // The port that failed, not everything the requirement may use.
    let ports = match source {
        Source::Flow(subject) => {
            format!(
                "{}/{}",
                subject::service_port(subject.conversation),
                subject.transport()
            )
        }
        Source::Lookup(_) => row.ports.join(", "),
    };
    Some(cause.remedy_with(&RemedyFacts {
        host: host.as_deref(),
        ports: Some(&ports),
        client: Some(&client.to_string()),
        server: Some(&server.to_string()),
        from: Some(&from.to_string()),
        hops,
        by_server: ruling.origin == Some(Origin::Server),
    }))
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
