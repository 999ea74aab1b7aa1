//! Rules of the resolve stage: DNS questions.
//!
//! Input: all lookups of a capture. Output: a ruling for each, siblings considered: a name that resolved for a client
//! at a resolver has resolved, whatever became of its other record types. RFC 1035, RFC 2308, RFC 9460.

use std::net::IpAddr;
use std::time::Duration;

use foldhash::HashMap;

use super::address::is_sinkhole;
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::timers::Timers;
use crate::capture::frame::{Seen, Timestamp};
use crate::hostname::Hostname;
use crate::protocol::dns::{RecordType, rcode_name};
use crate::protocol::lookups::{Lookup, Response};

/// Questions for one name within this time belong together.
const SIBLINGS: Duration = Duration::from_secs(30);

/// Response codes that rules tell apart (RFC 1035 section 4.1.1).
mod rcode {
    pub(super) const NOERROR: u16 = 0;
    pub(super) const FORMERR: u16 = 1;
    pub(super) const NXDOMAIN: u16 = 3;
    pub(super) const NOTIMP: u16 = 4;
    pub(super) const REFUSED: u16 = 5;
    /// RFC 6891 section 9.
    pub(super) const BADVERS: u16 = 16;
}

/// What a rule may know beside the lookup.
pub struct Question<'a> {
    /// The lookup.
    pub lookup: &'a Lookup,
    /// Waiting times.
    pub timers: &'a Timers,
    /// Capture time now.
    pub now: Timestamp,
    /// Some packet toward this client was captured.
    pub heard: bool,
    /// A requirement owns the name, and private answers are not allowed for it.
    pub must_be_public: bool,
    /// The device has IPv6 addresses only, so no IPv4 address can wait in its cache.
    pub only_ipv6: bool,
    /// What became of the connection on which the client wanted to ask again over TCP, if it failed.
    pub retry: Option<&'a Ruling>,
}

/// Every lookup by client, resolver and name.
pub struct Siblings<'a> {
    groups: HashMap<(IpAddr, IpAddr, &'a Hostname), Vec<&'a Lookup>>,
}

impl<'a> Siblings<'a> {
    /// Groups the lookups.
    #[must_use]
    pub fn new(lookups: impl Iterator<Item = &'a Lookup>) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::default();
        for lookup in lookups {
            groups
                .entry((lookup.client, lookup.resolver, &lookup.name))
                .or_default()
                .push(lookup);
        }
        Self { groups }
    }

    fn of(&self, lookup: &'a Lookup) -> impl Iterator<Item = &'a Lookup> {
        let first = lookup.first().at;
        let group = self.group(lookup);
        group
            .into_iter()
            .flatten()
            .copied()
            .filter(move |other| is_near(first, other.first().at))
    }

    fn group(&self, lookup: &'a Lookup) -> Option<&Vec<&'a Lookup>> {
        self.groups
            .get(&(lookup.client, lookup.resolver, &lookup.name))
    }

    fn has_address(&self, lookup: &'a Lookup) -> bool {
        self.of(lookup).any(Lookup::has_address)
    }

    /// A question for another record type got an address, which the client still had when it asked this.
    fn resolved_otherwise(&self, lookup: &'a Lookup) -> bool {
        let asked = lookup.first().at;
        self.group(lookup).into_iter().flatten().any(|other| {
            other.kind != lookup.kind
                && other.has_address()
                && (is_near(asked, other.first().at) || other.is_cached(asked))
        })
    }

    /// The same question, asked again later under another identifier, got this answer.
    fn answered_again(&self, lookup: &'a Lookup) -> Option<&'a Response> {
        self.of(lookup)
            .filter(|other| other.kind == lookup.kind && other.first() > lookup.first())
            .filter_map(|other| other.answer.as_ref())
            .filter(|response| response.rcode == rcode::NOERROR)
            .min_by_key(|response| response.seen)
    }

    fn asked_for(&self, lookup: &'a Lookup, kind: RecordType) -> Option<&'a Lookup> {
        self.of(lookup).find(|other| other.kind == kind)
    }
}

fn is_near(a: Timestamp, b: Timestamp) -> bool {
    a.since(b) <= SIBLINGS && b.since(a) <= SIBLINGS
}

/// Judges one lookup. A failure whose sibling resolved is `abandoned`: noted, not counted.
#[must_use]
pub fn judge<'a>(question: &Question<'a>, siblings: &Siblings<'a>) -> Ruling {
    let ruling = alone(question, siblings);
    let unfinished = matches!(
        ruling.outcome,
        Outcome::Failed | Outcome::Stalled | Outcome::Pending
    );
    if !unfinished || ruling.cause == Some(Cause::DnsSinkholed) {
        return ruling;
    }
    let lookup = question.lookup;
    if siblings.resolved_otherwise(lookup) {
        return Ruling {
            outcome: Outcome::Abandoned,
            why: "another record type of the same name resolved".into(),
            ..ruling
        };
    }
    if !lookup.is_address() {
        return Ruling {
            outcome: Outcome::Abandoned,
            why: "a client can do without this record type".into(),
            ..ruling
        };
    }
    match siblings.answered_again(lookup) {
        Some(again) if was_only_lost(lookup) => Ruling {
            outcome: Outcome::Abandoned,
            why: "asked again under another identifier, and answered".into(),
            recovered: again.seen.at.since(lookup.first().at) >= question.timers.dns,
            ..ruling
        }
        .with(again.seen, "answer to the same question, asked again"),
        _ => ruling,
    }
}

/// Nothing was said about the name: a datagram was lost, or the form of the question was not understood (EDNS, to an
/// old resolver).
fn was_only_lost(lookup: &Lookup) -> bool {
    lookup.answer.as_ref().is_none_or(|response| {
        matches!(
            response.rcode,
            rcode::FORMERR | rcode::NOTIMP | rcode::BADVERS
        )
    })
}

fn alone<'a>(question: &Question<'a>, siblings: &Siblings<'a>) -> Ruling {
    let lookup = question.lookup;
    let Some(response) = &lookup.answer else {
        return unanswered(question);
    };
    let late =
        lookup.sent.count > 0 && response.seen.at.since(lookup.first().at) >= question.timers.dns;
    match response.rcode {
        rcode::NOERROR => addresses(question, siblings, response).recovered_if(late),
        code => refused(question, response, code),
    }
}

fn unanswered(question: &Question<'_>) -> Ruling {
    let lookup = question.lookup;
    if let Some(error) = lookup.unreachable.as_deref() {
        let by = origin::of_error(error.from, error.ttl, lookup.resolver, Origin::Resolver);
        return Ruling::fault(
            Outcome::Failed,
            Stage::Resolve,
            Cause::IcmpUnreachable,
            format!(
                "{} answered the question with an ICMP error: no resolver can be reached at {}",
                error.from, lookup.resolver
            ),
        )
        .by(by)
        .with_all(lookup.sent.frames(), "question")
        .with(error.seen, format!("ICMP error from {}", error.from));
    }
    let waited = question.now.since(lookup.first().at);
    if waited < question.timers.dns {
        return Ruling::pending(Stage::Resolve).with_all(lookup.sent.frames(), "question");
    }
    if let Some(seen) = lookup.truncated
        && !lookup.over_tcp
    {
        return truncated(question, seen);
    }
    if !question.heard {
        let mut ruling = Ruling::unjudged(
            Stage::Resolve,
            "nothing sent to this client was captured, so an answer would not be seen either",
        );
        ruling.cause = Some(Cause::CaptureOneSided);
        return ruling;
    }
    let times = if lookup.sent.count == 1 {
        "once".to_owned()
    } else {
        format!("{} times", lookup.sent.count)
    };
    Ruling::fault(
        Outcome::Stalled,
        Stage::Resolve,
        Cause::DnsUnanswered,
        format!(
            "{} was asked {times} for {} and never answered",
            lookup.resolver,
            lookup.name.to_text()
        ),
    )
    .by(Origin::Unknown)
    .with_all(lookup.sent.frames(), "question, not answered")
}

/// The answer did not fit a datagram, and no question over TCP was captured.
fn truncated(question: &Question<'_>, seen: Seen) -> Ruling {
    let Some(retry) = question.retry else {
        return Ruling::unjudged(
            Stage::Resolve,
            "the answer was truncated, and the client was not seen to ask again over TCP",
        )
        .with(seen, "truncated answer");
    };
    let mut ruling = Ruling::fault(
        Outcome::Stalled,
        Stage::Resolve,
        Cause::DnsUnanswered,
        format!(
            "the answer of {} did not fit a datagram, and the connection to ask again over TCP failed: {}",
            question.lookup.resolver, retry.why
        ),
    )
    .by(retry.origin.unwrap_or(Origin::Unknown))
    .with_all(question.lookup.sent.frames(), "question")
    .with(seen, "truncated answer");
    for note in &retry.evidence {
        ruling.note(note.seen, note.text.clone());
    }
    ruling
}

fn refused(question: &Question<'_>, response: &Response, code: u16) -> Ruling {
    let lookup = question.lookup;
    let (cause, what) = match code {
        rcode::NXDOMAIN => (
            Cause::DnsNxdomain,
            "says that the name does not exist".to_owned(),
        ),
        rcode::REFUSED => (Cause::DnsRefused, "refuses to answer".to_owned()),
        other => (
            Cause::DnsServfail,
            format!("could not answer ({})", rcode_name(other)),
        ),
    };
    Ruling::fault(
        Outcome::Failed,
        Stage::Resolve,
        cause,
        format!(
            "{} was asked for {} and {what}",
            lookup.resolver,
            lookup.name.to_text()
        ),
    )
    .by(Origin::Resolver)
    .with_all(lookup.sent.frames(), "question")
    .with(response.seen, format!("answer: {}", rcode_name(code)))
}

fn addresses<'a>(question: &Question<'a>, siblings: &Siblings<'a>, response: &Response) -> Ruling {
    let lookup = question.lookup;
    let addresses = &response.addresses;
    if question.must_be_public
        && let Some(bad) = addresses.iter().find(|&&addr| is_sinkhole(addr))
    {
        return Ruling::fault(
            Outcome::Failed,
            Stage::Resolve,
            Cause::DnsSinkholed,
            format!(
                "{} gave {bad} for the public name {}: a filter answers in its place",
                lookup.resolver,
                lookup.name.to_text()
            ),
        )
        .by(Origin::Resolver)
        .with_all(lookup.sent.frames(), "question")
        .with(response.seen, format!("answer: {bad}"));
    }
    if !lookup.is_address() || siblings.has_address(lookup) || !told_here(question, siblings) {
        return Ruling::succeeded(Stage::Resolve);
    }
    if response.cut {
        return Ruling::unjudged(Stage::Resolve, "the answer is cut or broken")
            .with(response.seen, "answer, not whole");
    }
    let other = if lookup.kind == RecordType::A {
        siblings.asked_for(lookup, RecordType::AAAA)
    } else {
        None
    };
    match other {
        Some(other)
            if other.answer.is_none()
                && question.now.since(other.first().at) < question.timers.dns =>
        {
            Ruling::pending(Stage::Resolve)
        }
        _ => Ruling::fault(
            Outcome::Failed,
            Stage::Resolve,
            Cause::DnsNoAddress,
            format!(
                "{} knows {} but has no address for it",
                lookup.resolver,
                lookup.name.to_text()
            ),
        )
        .by(Origin::Resolver)
        .with_all(lookup.sent.frames(), "question")
        .with(response.seen, "answer without an address"),
    }
}

/// A name without addresses is told once: on the A question. AAAA alone without data is normal (the A record is in the
/// client's cache, most hosts have nothing else), unless the device has no use for an A record.
fn told_here<'a>(question: &Question<'a>, siblings: &Siblings<'a>) -> bool {
    let lookup = question.lookup;
    lookup.kind == RecordType::A
        || (question.only_ipv6 && siblings.asked_for(lookup, RecordType::A).is_none())
}
