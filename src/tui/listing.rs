//! Which rows a list shows, in which order, and how a row is known again in the next picture.
//!
//! Input: a picture and what the user chose. Output: indices into the picture's own lists. Every order is total: the
//! picture's order decides between equals.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::slice;

use super::attempts::decided_at;
use super::filter::{Filter, Subject};
use super::health;
use crate::capture::frame::Timestamp;
use crate::picture::Picture;
use crate::verdict::summary::{Client, DnsQuestion, Flow, Requirement, Summary};
use crate::words::is_faulty;
use crate::words::row::{is_shaky, rank};

/// The lists, in the order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Required,
    Flows,
    Dns,
    Bonjour,
    Health,
}

impl Pane {
    pub(crate) const ALL: [Self; 5] = [
        Self::Required,
        Self::Flows,
        Self::Dns,
        Self::Bonjour,
        Self::Health,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Flows => "Flows",
            Self::Dns => "DNS",
            Self::Bonjour => "Bonjour",
            Self::Health => "Health",
        }
    }

    pub(crate) fn place(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).unwrap_or(0)
    }

    /// The pane so many places on, round the end.
    pub(crate) fn step(self, by: usize) -> Self {
        let at = (self.place() + by) % Self::ALL.len();
        Self::ALL.get(at).copied().unwrap_or(self)
    }
}

/// Orders of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Worst,
    Newest,
    Name,
    Client,
}

impl Sort {
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Worst => Self::Newest,
            Self::Newest => Self::Name,
            Self::Name => Self::Client,
            Self::Client => Self::Worst,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst",
            Self::Newest => "newest",
            Self::Name => "name",
            Self::Client => "client",
        }
    }
}

/// What a row is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Required(String, Option<Client>),
    Flow(String, Timestamp),
    Question(IpAddr, String, String, Timestamp),
    Service(String, String),
    Health(String),
}

/// The key of a row; none if there is no such row.
pub(crate) fn key(picture: &Picture, pane: Pane, at: usize) -> Option<Key> {
    let summary = &picture.summary;
    Some(match pane {
        Pane::Required => {
            let row = summary.requirements.get(at)?;
            // A device's first address stays while others become known.
            let client = row.client.as_ref().map(first_address);
            Key::Required(row.id.clone(), client)
        }
        Pane::Flows => {
            let row = summary.flows.get(at)?;
            Key::Flow(row.id.clone(), row.first)
        }
        Pane::Dns => {
            let row = summary.dns.get(at)?;
            Key::Question(row.client, row.name.clone(), row.kind.clone(), row.first)
        }
        Pane::Bonjour => {
            let row = summary.bonjour.get(at)?;
            Key::Service(row.instance.clone(), row.service.clone())
        }
        Pane::Health => Key::Health(health::rows(picture).get(at)?.text.clone()),
    })
}

fn first_address(client: &Client) -> Client {
    Client {
        addresses: client.addresses.first().copied().into_iter().collect(),
        mac: None,
    }
}

/// The rows that are shown, as indices into the picture's list.
pub(crate) fn rows(
    picture: &Picture,
    pane: Pane,
    filter: &Filter,
    only_failing: bool,
    sort: Sort,
) -> Vec<usize> {
    let summary = &picture.summary;
    let mut rows: Vec<usize> = match pane {
        Pane::Required => chosen(&summary.requirements, |row| {
            let tried: Vec<u16> = if filter.is_empty() {
                Vec::new()
            } else {
                let flows = flows_of(summary, row);
                flows.map(|flow| flow.server.port).collect()
            };
            (!only_failing || is_shaky(row.status)) && filter.shows(&required(row, &tried))
        }),
        Pane::Flows => chosen(&summary.flows, |row| {
            (!only_failing || is_faulty(row.outcome)) && filter.shows(&flow(row))
        }),
        Pane::Dns => chosen(&summary.dns, |row| {
            (!only_failing || is_faulty(row.outcome)) && filter.shows(&question(row))
        }),
        Pane::Bonjour => chosen(&summary.bonjour, |row| {
            filter.shows(&Subject {
                state: if row.goodbye { "abandoned" } else { "ok" },
                clients: &row.addresses,
                host: &row.instance,
                tried: row.port.as_slice(),
                service: &row.service,
                text: row.host.as_deref().unwrap_or_default(),
                ..Subject::default()
            })
        }),
        Pane::Health => chosen(&health::rows(picture), |row| {
            let state = health::outcome(row);
            (!only_failing || row.trouble)
                && filter.shows(&Subject {
                    state: state.as_str(),
                    service: row.what,
                    text: &row.text,
                    ..Subject::default()
                })
        }),
    };
    order(summary, pane, sort, &mut rows);
    rows
}

fn chosen<T>(rows: &[T], shows: impl Fn(&T) -> bool) -> Vec<usize> {
    let rows = rows.iter().enumerate();
    rows.filter(|(_, row)| shows(row))
        .map(|(at, _)| at)
        .collect()
}

fn required<'a>(row: &'a Requirement, tried: &'a [u16]) -> Subject<'a> {
    Subject {
        state: row.status.as_str(),
        clients: row.client.as_ref().map_or(&[], |client| &client.addresses),
        host: &row.pattern,
        ports: &row.ports,
        tried,
        cause: row.cause.map_or("", |cause| cause.as_str()),
        place: row.whereabouts.map_or("", |place| place.as_str()),
        origin: row.origin.map_or("", |origin| origin.as_str()),
        service: &row.service,
        text: row.explanation.as_deref().unwrap_or_default(),
    }
}

fn flow(row: &Flow) -> Subject<'_> {
    Subject {
        state: row.outcome.as_str(),
        clients: slice::from_ref(&row.client.ip),
        host: row.name.as_ref().map_or("", |name| &name.host),
        ports: &[],
        tried: slice::from_ref(&row.server.port),
        cause: row.cause.map_or("", |cause| cause.as_str()),
        place: row.whereabouts.map_or("", |place| place.as_str()),
        origin: row.origin.map_or("", |origin| origin.as_str()),
        service: row.requirement.as_deref().unwrap_or_default(),
        text: row
            .process
            .as_ref()
            .and_then(|process| process.name.as_deref())
            .unwrap_or_default(),
    }
}

fn question(row: &DnsQuestion) -> Subject<'_> {
    Subject {
        state: row.outcome.as_str(),
        clients: slice::from_ref(&row.client),
        host: &row.name,
        ports: &[],
        tried: &[53],
        cause: row.cause.map_or("", |cause| cause.as_str()),
        place: row.whereabouts.map_or("", |place| place.as_str()),
        origin: "",
        service: row.requirement.as_deref().unwrap_or_default(),
        text: row.rcode.as_deref().unwrap_or_default(),
    }
}

/// Sorts, stable.
fn order(summary: &Summary, pane: Pane, sort: Sort, rows: &mut [usize]) {
    match pane {
        Pane::Required => {
            let row = |at: &usize| summary.requirements.get(*at);
            match sort {
                Sort::Worst => rows.sort_by_key(|at| row(at).map(rank)),
                Sort::Newest => rows.sort_by_cached_key(|at| {
                    let latest = row(at).and_then(|row| latest(summary, row));
                    (Reverse(latest), row(at).map(rank))
                }),
                Sort::Name => rows.sort_by_key(|at| row(at).map(|row| row.pattern.as_str())),
                // Those that nobody tried last.
                Sort::Client => rows.sort_by_key(|at| {
                    row(at).map(|row| (row.client.is_none(), row.client.as_ref(), rank(row)))
                }),
            }
        }
        Pane::Flows => {
            let row = |at: &usize| summary.flows.get(*at);
            match sort {
                Sort::Worst => rows.sort_by_key(|at| {
                    row(at).map(|row| {
                        let required = row.requirement.is_none();
                        (!is_faulty(row.outcome), required, Reverse(row.first))
                    })
                }),
                Sort::Newest => rows.sort_by_key(|at| Reverse(row(at).map(|row| row.first))),
                Sort::Name => rows.sort_by_key(|at| {
                    row(at).map(|row| row.name.as_ref().map_or("", |name| name.host.as_str()))
                }),
                Sort::Client => rows.sort_by_key(|at| row(at).map(|row| row.client)),
            }
        }
        Pane::Dns => {
            let row = |at: &usize| summary.dns.get(*at);
            match sort {
                Sort::Worst => rows.sort_by_key(|at| {
                    row(at).map(|row| (!is_faulty(row.outcome), Reverse(row.first)))
                }),
                Sort::Newest => rows.sort_by_key(|at| Reverse(row(at).map(|row| row.first))),
                Sort::Name => rows.sort_by_key(|at| row(at).map(|row| row.name.as_str())),
                Sort::Client => rows.sort_by_key(|at| row(at).map(|row| row.client)),
            }
        }
        Pane::Bonjour => {
            let row = |at: &usize| summary.bonjour.get(*at);
            match sort {
                Sort::Worst | Sort::Name => {}
                Sort::Newest => rows.sort_by_key(|at| Reverse(row(at).map(|row| row.last_seen))),
                Sort::Client => rows.sort_by_key(|at| row(at).map(|row| &row.addresses)),
            }
        }
        // Already in order of interest.
        Pane::Health => {}
    }
}

/// When the device last tried.
fn latest(summary: &Summary, row: &Requirement) -> Option<Timestamp> {
    let flows = flows_of(summary, row).map(|flow| flow.first);
    let questions = questions_of(summary, row).map(|question| question.first);
    flows.chain(questions).max()
}

/// The flows of a row.
pub(crate) fn flows_of<'a>(
    summary: &'a Summary,
    row: &'a Requirement,
) -> impl Iterator<Item = &'a Flow> {
    summary
        .flows
        .iter()
        .filter(|flow| is_of(row, flow.requirement.as_deref(), flow.client.ip))
}

/// The DNS questions of a row.
pub(crate) fn questions_of<'a>(
    summary: &'a Summary,
    row: &'a Requirement,
) -> impl Iterator<Item = &'a DnsQuestion> {
    summary
        .dns
        .iter()
        .filter(|question| is_of(row, question.requirement.as_deref(), question.client))
}

fn is_of(row: &Requirement, pattern: Option<&str>, address: IpAddr) -> bool {
    let client = row.client.as_ref();
    pattern == Some(&row.pattern)
        && client.is_some_and(|client| client.addresses.contains(&address))
}

/// Whether a row is one that fails, and when its failure showed.
pub(crate) fn failed_at(picture: &Picture, pane: Pane, at: usize) -> Option<Timestamp> {
    let summary = &picture.summary;
    match pane {
        Pane::Required => {
            let row = summary.requirements.get(at)?;
            if !is_shaky(row.status) {
                return None;
            }
            // The evidence is of one attempt; a later one may have failed as well.
            let flows = flows_of(summary, row).filter(|flow| is_faulty(flow.outcome));
            let of_flows = flows
                .map(|flow| decided_at(&flow.evidence, flow.first))
                .max();
            let of_row = row.evidence.iter().map(|evidence| evidence.time).max();
            Some(of_flows.max(of_row).unwrap_or(Timestamp::MIN))
        }
        Pane::Flows => {
            let row = summary.flows.get(at)?;
            is_faulty(row.outcome).then(|| decided_at(&row.evidence, row.first))
        }
        Pane::Dns => {
            let row = summary.dns.get(at)?;
            is_faulty(row.outcome).then(|| decided_at(&row.evidence, row.first))
        }
        Pane::Bonjour => None,
        Pane::Health => {
            let rows = health::rows(picture);
            rows.get(at).filter(|row| row.trouble).map(|_| picture.now)
        }
    }
}
