//! The attempts at requirements, out of the rows of flows and DNS questions, and what they come to.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;

use crate::capture::frame::Timestamp;
use crate::hostname::Hostname;
use crate::verdict::outcome::{NameSource, Outcome, Stage, Standing};
use crate::verdict::requirement::{self, Attempt, Path};
use crate::verdict::rows::Why;
use crate::verdict::ruling::Ruling;
use crate::verdict::summary::{Attempts, Client, DnsQuestion, Evidence, Flow, Requirement};

/// A requirement's pattern, and by what the device is known.
pub(super) type Key<'a> = (&'a str, String);

/// A row that is an attempt.
#[derive(Clone, Copy)]
enum Source<'a> {
    Flow(&'a Flow),
    Question(&'a DnsQuestion),
}

/// One attempt, as the rules want it.
struct Told<'a> {
    source: Source<'a>,
    first: Timestamp,
    last: Timestamp,
    host: Hostname,
    path: Path,
    ruling: Ruling,
    only_resolved: bool,
}

/// The attempts of one device at one requirement.
#[derive(Default)]
pub(super) struct Tried<'a>(Vec<Told<'a>>);

/// All attempts. Flows and questions are in order of time; of equal ones, flows come first.
pub(super) fn all<'a>(flows: &'a [Flow], dns: &'a [DnsQuestion]) -> BTreeMap<Key<'a>, Tried<'a>> {
    let mut tried: BTreeMap<Key<'a>, Tried<'a>> = BTreeMap::new();
    for flow in flows {
        if let Some(pattern) = &flow.requirement
            && let Some(told) = of_flow(flow)
        {
            let key = (pattern.as_str(), flow.device.clone());
            tried.entry(key).or_default().0.push(told);
        }
    }
    for question in dns {
        if let Some(pattern) = &question.requirement
            && let Some(told) = of_question(question)
        {
            let key = (pattern.as_str(), question.device.clone());
            tried.entry(key).or_default().0.push(told);
        }
    }
    for Tried(attempts) in tried.values_mut() {
        attempts.sort_by_key(|told| told.first);
    }
    tried
}

fn of_flow(flow: &Flow) -> Option<Told<'_>> {
    let name = flow.name.as_ref()?;
    (flow.standing == Standing::Own).then(|| Told {
        source: Source::Flow(flow),
        first: flow.first,
        last: flow.last,
        host: Hostname::from(name.host.as_str()),
        path: Path::Connection {
            transport: flow.transport,
            server: flow.server.ip,
            port: flow.service_port,
        },
        ruling: Ruling {
            cause: flow.cause,
            origin: flow.origin,
            outcome: flow.outcome,
            ..Ruling::pending(flow.stage)
        },
        only_resolved: false,
    })
}

fn of_question(question: &DnsQuestion) -> Option<Told<'_>> {
    let ruling = Ruling {
        cause: question.cause,
        origin: question.origin,
        outcome: question.outcome,
        ..Ruling::pending(Stage::Resolve)
    };
    let resolved = question.outcome == Outcome::Succeeded
        && matches!(question.kind.as_str(), "A" | "AAAA")
        && question.rcode.as_deref() == Some("NOERROR")
        && !question.addresses.is_empty();
    (resolved || requirement::lookup_counts(&ruling)).then(|| Told {
        source: Source::Question(question),
        first: question.first,
        last: question.last,
        host: Hostname::from(question.name.as_str()),
        path: Path::Lookup(question.resolver),
        ruling,
        only_resolved: resolved,
    })
}

impl Told<'_> {
    fn attempt(&self) -> Attempt<'_> {
        Attempt {
            first: self.first,
            last: self.last,
            host: &self.host,
            path: self.path,
            ruling: &self.ruling,
            only_resolved: self.only_resolved,
        }
    }

    fn explanation(&self) -> Option<&String> {
        match self.source {
            Source::Flow(flow) => flow.explanation.as_ref(),
            Source::Question(question) => question.explanation.as_ref(),
        }
    }

    /// What proves the ruling: all that the row cites, but for the answer that gave a flow its name.
    fn evidence(&self) -> Vec<Evidence> {
        match self.source {
            Source::Flow(flow) => {
                let by_dns = |name: &crate::verdict::summary::Name| {
                    matches!(name.source, NameSource::Dns | NameSource::DnsOtherClient)
                };
                let named = usize::from(flow.name.as_ref().is_some_and(by_dns));
                flow.evidence.iter().skip(named).cloned().collect()
            }
            Source::Question(question) => question.evidence.clone(),
        }
    }
}

impl Tried<'_> {
    /// Attempts by outcome, as a requirement's row counts them.
    pub(super) fn count(&self) -> Attempts {
        let attempts: Vec<_> = self.0.iter().map(Told::attempt).collect();
        requirement::count(attempts.iter().filter(|attempt| !attempt.only_resolved))
    }

    /// The row. `entry` says what the requirement is.
    pub(super) fn row(&self, entry: &Requirement, client: Client) -> Requirement {
        let Self(all) = self;
        let attempts: Vec<_> = all.iter().map(Told::attempt).collect();
        let standing = requirement::sum_up(&attempts);
        let deciding = standing.deciding.and_then(|at| all.get(at));
        let (twin, at, remedy) = match deciding.map(|told| told.source) {
            Some(Source::Flow(flow)) => (flow.twin.clone(), flow.whereabouts, flow.remedy.clone()),
            Some(Source::Question(question)) => {
                (None, question.whereabouts, question.remedy.clone())
            }
            None => (None, None, None),
        };
        let shown = || {
            let flows = all
                .iter()
                .filter(|told| matches!(told.source, Source::Flow(_)));
            flows.chain(all).find_map(Told::explanation).cloned()
        };
        let why = Why {
            fallback: standing.fallback.as_deref(),
            deciding: deciding.and_then(Told::explanation).cloned(),
            note: entry.note.as_deref().filter(|_| entry.optional),
        };
        Requirement {
            client: Some(client),
            status: standing.status,
            attempts: standing.attempts,
            all_attempts: standing.attempts,
            cause: deciding.and_then(|told| told.ruling.cause),
            origin: deciding.and_then(|told| told.ruling.origin),
            whereabouts: at,
            twin,
            explanation: why.sentences(standing.status, standing.attempts, shown),
            remedy,
            flows: self.flow_ids(),
            evidence: deciding.map(Told::evidence).unwrap_or_default(),
            ..entry.clone()
        }
    }

    fn flow_ids(&self) -> Vec<String> {
        let mut known = HashSet::new();
        let ids = self.0.iter().filter_map(|told| match told.source {
            Source::Flow(flow) => Some(&flow.id),
            Source::Question(_) => None,
        });
        ids.filter(|id| known.insert(*id)).cloned().collect()
    }
}

/// The row that says what the requirement is. Reports that do not agree (made with other catalogues) are settled in favour
/// of the first in the order of their words, so that the order of reports does not matter.
pub(super) fn entry<'r>(rows: &[&'r Requirement]) -> Option<&'r Requirement> {
    let words = |row: &&&Requirement| {
        (
            (row.id.clone(), row.service.clone(), row.note.clone()),
            (row.ports.clone(), row.profiles.clone(), row.optional),
        )
    };
    rows.iter().min_by_key(words).copied()
}

/// All addresses of each device, in order: a report knows those that its captures show.
pub(super) fn addresses(rows: &[Requirement]) -> BTreeMap<String, Vec<IpAddr>> {
    let mut known: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for client in rows.iter().filter_map(|row| row.client.as_ref()) {
        let addresses = known.entry(client.device()).or_default();
        addresses.extend(&client.addresses);
    }
    let listed = |(device, addresses): (_, BTreeSet<_>)| (device, addresses.into_iter().collect());
    known.into_iter().map(listed).collect()
}
