//! All that was observed, turned into the one [`Summary`] that every output draws.
//!
//! Input: the conversations, lookups, names and hosts of one or several monitors. Output: owned and totally ordered, the
//! same for any number of monitors. Names are told here, by capture time, so that what one monitor learned reaches the
//! flows of another.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::bonjour;
use super::clocks::Clocks;
use super::conversation::Conversation;
use super::device::{DeviceId, Devices};
use super::gap::Gaps;
use super::judge::{Scene, judge};
use super::migration;
use super::outcome::{Outcome, Status, Transport};
use super::process::{self, Told};
use super::relations;
use super::resolve::{self, Question, Siblings};
use super::rows::{self, Rows};
use super::ruling::Ruling;
use super::sides::{self, Broke, Exits};
use super::spread::Spread;
use super::subflow;
use super::subject::{self, Standing, Subject};
use super::summary::{self, SCHEMA_VERSION, Summary, Totals};
use super::timers::Timers;
use super::tried;
use crate::address_block::AddressBlock;
use crate::capture::frame::Timestamp;
use crate::catalogue::{Catalogue, RequirementId};
use crate::flow::hosts::HostBook;
use crate::flow::key::PlaceInfo;
use crate::protocol::lookups::Lookup;
use crate::protocol::names::{NameBook, NameIndex};
use crate::protocol::services::ServiceBook;
use crate::side::Side;

/// RFC 1035 section 4.2.
const DNS_PORT: u16 = 53;

/// A truncated answer is asked for again over TCP this soon.
const RETRY: Duration = Duration::from_secs(2);

/// How to judge.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Hosts, ports, issuers.
    pub catalogue: &'a Catalogue,
    /// Waiting times.
    pub timers: Timers,
    /// Only these devices; all if empty.
    pub clients: Vec<AddressBlock>,
    /// Names and networks whose private DNS answers are no sinkhole.
    pub allow_private: Vec<Allowed>,
    /// Names of the capture interfaces, by number.
    pub interfaces: &'a [Option<String>],
    /// What was told of processes.
    pub processes: Told<'a>,
    /// An attempt that is older than this, before the newest finished one of the same device and requirement, does not
    /// count: a connection that healed is well again, and one that nobody tried again stays as it was. `None`: all do.
    pub window: Option<Duration>,
    /// Which flows and questions have rows.
    pub rows: Rows,
    /// When frames were lost on the way to the analysis.
    pub gaps: Gaps,
    /// Clocks that were set back.
    pub clocks: Clocks,
    /// Whether many rows are judged in several threads.
    pub spread: Spread,
}

impl<'a> Options<'a> {
    /// Everything counts, and all of it is listed.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            timers: Timers::default(),
            clients: Vec::new(),
            allow_private: Vec::new(),
            interfaces: &[],
            processes: Told::default(),
            window: None,
            rows: Rows::default(),
            gaps: Gaps::default(),
            clocks: Clocks::default(),
            spread: Spread::default(),
        }
    }
}

/// What `--allow-private` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A host name and everything below it, lower case.
    Name(Vec<u8>),
    /// Answers in this network.
    Network(AddressBlock),
}

/// What one or several monitors observed.
#[derive(Default)]
pub struct Observed<'a> {
    /// Conversations with the place each was captured at.
    pub conversations: Vec<(&'a Conversation, PlaceInfo)>,
    /// DNS questions with the place each was captured at first.
    pub lookups: Vec<(&'a Lookup, PlaceInfo)>,
    /// Name books.
    pub names: Vec<&'a NameBook>,
    /// Host books.
    pub hosts: Vec<&'a HostBook>,
    /// Books of Bonjour services.
    pub services: Vec<&'a ServiceBook>,
    /// Capture time now.
    pub now: Timestamp,
    /// Bounds that were hit.
    pub limits_hit: BTreeMap<String, u64>,
}

impl Observed<'_> {
    /// Adds what another monitor observed.
    pub fn absorb(&mut self, other: Self) {
        self.conversations.extend(other.conversations);
        self.lookups.extend(other.lookups);
        self.names.extend(other.names);
        self.hosts.extend(other.hosts);
        self.services.extend(other.services);
        self.now = self.now.max(other.now);
        for (name, count) in other.limits_hit {
            *self.limits_hit.entry(name).or_default() += count;
        }
    }
}

/// A lookup with its verdict.
pub struct JudgedLookup<'a> {
    /// The lookup.
    pub lookup: &'a Lookup,
    /// Where it was captured first.
    pub place: PlaceInfo,
    /// The requirement whose name it asks for.
    pub requirement: Option<RequirementId>,
    /// Who asked.
    pub device: DeviceId,
    /// On which side of the gateway it broke, where that is proved.
    pub broke: Option<Broke>,
    /// The verdict.
    pub ruling: Ruling,
}

/// Builds the summary; `captures` are listed as given.
#[must_use]
pub fn summarize(
    observed: &Observed<'_>,
    captures: Vec<summary::Capture>,
    options: &Options<'_>,
) -> Summary {
    let devices = Devices::build(observed.hosts.iter().copied());
    let (mut subjects, exits) = subjects(observed, &devices, options);
    let mut lookups = lookups(observed, &subjects, &devices, options);
    sides::locate_lookups(&mut lookups, &exits, options.timers.dns);
    // What others did was needed for what it is to what these did.
    let wanted = |client: &IpAddr| wanted(options, devices.addresses_of(client));
    subjects.retain(|subject| {
        let through = subject.twin.filter(|_| subject.standing == Standing::Twin);
        wanted(&subject.client().0) || through.is_some_and(|own| wanted(&own.client.0))
    });
    lookups.retain(|judged| wanted(&judged.lookup.client));
    let (requirements, findings) = options.spread.both(
        subjects.len(),
        || tried::requirements(&subjects, &lookups, &devices, options),
        || {
            let mut findings = super::findings::all(&subjects, &lookups, options.catalogue);
            findings.extend(bonjour::findings(observed, &subjects, &devices, options));
            findings
        },
    );
    let mut totals = totals(&subjects, &requirements);
    totals.limits_hit.clone_from(&observed.limits_hit);
    totals.frames = captures.iter().map(|capture| capture.frames).sum();
    let flows = rows::chosen(&subjects, options.rows)
        .map(|subject| rows::flow(subject, &devices, options))
        .collect();
    let processes = process::background(&options.processes, &subjects, options.catalogue);
    let dns = rows::chosen(&lookups, options.rows)
        .map(|judged| rows::dns(judged, &devices, options))
        .collect();
    Summary {
        schema: SCHEMA_VERSION,
        captures,
        requirements,
        flows,
        dns,
        bonjour: bonjour::rows(observed, options),
        findings,
        processes,
        summary: totals,
    }
}

/// These addresses' device is one of those that were asked for.
pub(super) fn wanted(options: &Options<'_>, addresses: &[IpAddr]) -> bool {
    options.clients.is_empty()
        || addresses
            .iter()
            .any(|addr| options.clients.iter().any(|net| net.contains(*addr)))
}

fn subjects<'a>(
    observed: &Observed<'a>,
    devices: &Devices,
    options: &Options<'_>,
) -> (Vec<Subject<'a>>, Exits) {
    let names = NameIndex::build(observed.names.iter().copied());
    let here = observed.conversations.first().map(|(_, place)| *place);
    let mut places = observed.conversations.iter().map(|(_, place)| Some(*place));
    let is_one_side = places.all(|place| place == here);
    let asked_for: Cow<'_, [(&'a Conversation, PlaceInfo)]> =
        if is_one_side && !options.clients.is_empty() {
            let asked_for = observed.conversations.iter().filter(|(conversation, _)| {
                let client = conversation.flow.endpoint(Side::Client).0;
                wanted(options, devices.addresses_of(&client))
            });
            Cow::Owned(asked_for.copied().collect())
        } else {
            Cow::Borrowed(&observed.conversations)
        };
    let mut subjects: Vec<Subject<'a>> =
        options.spread.map(&asked_for, |&(conversation, place)| {
            subject(
                conversation,
                place,
                (&names, devices),
                observed.now,
                options,
            )
        });
    // No two begin with the same packet, so any sort gives this order; a stable one would ask for half as much again.
    options
        .spread
        .sort(&mut subjects, |a, b| began(a).cmp(&began(b)));
    let pairs = sides::mark(&mut subjects);
    subflow::mark(&mut subjects);
    migration::tie(&mut subjects);
    relations::supersede(&mut subjects);
    relations::ask_again(&mut subjects, &options.timers);
    let exits = Exits::of(&subjects, &pairs);
    sides::locate(&mut subjects, &pairs, &exits);
    (subjects, exits)
}

/// One flow, judged by itself.
fn subject<'a>(
    conversation: &'a Conversation,
    place: PlaceInfo,
    (names, devices): (&NameIndex<'a>, &Devices),
    now: Timestamp,
    options: &Options<'_>,
) -> Subject<'a> {
    let client = conversation.flow.endpoint(Side::Client).0;
    let name = subject::name(conversation, names, devices);
    let requirement = subject::owner(conversation, name.as_ref(), options.catalogue);
    let scene = Scene {
        timers: &options.timers,
        now: options.clocks.watched(conversation.flow.last, now),
        heard: devices.heard_at(client, place),
        required_host: name
            .as_ref()
            .filter(|_| requirement.is_some())
            .map(|name| name.host),
        catalogue: options.catalogue,
    };
    let mut ruling = judge(conversation, &scene);
    let flow = &conversation.flow;
    let (first, last) = (flow.first.at, flow.last.at);
    options.gaps.weigh(&mut ruling, first, last, scene.timers);
    options.clocks.weigh(&mut ruling, flow.first, flow.last);
    Subject {
        conversation,
        place,
        device: devices.of(client),
        name,
        requirement,
        standing: Standing::Own,
        twin: None,
        broke: None,
        ruling,
    }
}

/// What flows are listed by.
fn began(subject: &Subject<'_>) -> impl Ord + use<> {
    let flow = &subject.conversation.flow;
    (flow.first, subject.place, flow.key.anywhere())
}

fn lookups<'a>(
    observed: &Observed<'a>,
    subjects: &[Subject<'_>],
    devices: &Devices,
    options: &Options<'_>,
) -> Vec<JudgedLookup<'a>> {
    let siblings = Siblings::new(observed.lookups.iter().map(|(lookup, _)| *lookup));
    let mut judged = options.spread.map(&observed.lookups, |&(lookup, place)| {
        let requirement = options.catalogue.owner_of_name(lookup.name.as_bytes());
        let question = Question {
            lookup,
            timers: &options.timers,
            now: options.clocks.watched(lookup.last(), observed.now),
            heard: devices.heard(lookup.client),
            must_be_public: requirement.is_some() && !may_be_private(lookup, options),
            only_ipv6: devices.is_only_ipv6(lookup.client),
            retry: failed_retry(lookup, subjects),
        };
        let mut ruling = resolve::judge(&question, &siblings);
        let (first, last) = (lookup.first().at, lookup.last().at);
        options
            .gaps
            .weigh(&mut ruling, first, last, question.timers);
        JudgedLookup {
            lookup,
            requirement,
            place,
            device: devices.of(lookup.client),
            broke: None,
            ruling,
        }
    });
    options
        .spread
        .sort(&mut judged, |a, b| order(a.lookup).cmp(&order(b.lookup)));
    judged
}

/// The connection on which a client wanted to ask again over TCP, if it never came so far. Subjects are in time order.
fn failed_retry<'s>(lookup: &Lookup, subjects: &'s [Subject<'_>]) -> Option<&'s Ruling> {
    let cut = lookup.truncated?;
    let from = subjects.partition_point(|subject| subject.first() < cut.at);
    subjects
        .get(from..)?
        .iter()
        .take_while(|subject| subject.first().since(cut.at) <= RETRY)
        .filter(|subject| {
            subject.transport() == Transport::Tcp
                && subject.client().0 == lookup.client
                && subject.server() == (lookup.resolver, DNS_PORT)
        })
        .map(|subject| &subject.ruling)
        .find(|ruling| rows::is_faulty(ruling.outcome))
}

fn order(lookup: &Lookup) -> impl Ord + '_ {
    (
        lookup.first(),
        lookup.client,
        lookup.resolver,
        &lookup.name,
        lookup.kind.0,
        lookup.id,
    )
}

fn may_be_private(lookup: &Lookup, options: &Options<'_>) -> bool {
    options.allow_private.iter().any(|allowed| match allowed {
        Allowed::Name(name) => {
            let host = lookup.name.as_bytes();
            host == name
                || host
                    .strip_suffix(name.as_slice())
                    .is_some_and(|rest| rest.ends_with(b"."))
        }
        Allowed::Network(network) => lookup.answer.as_ref().is_some_and(|response| {
            response
                .addresses
                .iter()
                .filter(|&&addr| super::address::is_sinkhole(addr))
                .all(|addr| network.contains(*addr))
        }),
    })
}

fn totals(subjects: &[Subject<'_>], requirements: &[summary::Requirement]) -> Totals {
    let mut totals = Totals::default();
    for status in Status::ALL {
        totals.status.insert(status.to_string(), 0);
    }
    for outcome in Outcome::ALL {
        totals.outcome.insert(outcome.to_string(), 0);
    }
    for requirement in requirements {
        *totals
            .status
            .entry(requirement.status.to_string())
            .or_default() += 1;
    }
    for subject in subjects
        .iter()
        .filter(|subject| subject.standing != Standing::Twin)
    {
        *totals
            .outcome
            .entry(subject.ruling.outcome.to_string())
            .or_default() += 1;
    }
    totals
}
