//! Rules of the resolve stage: DNS questions.
//!
//! Input: all lookups of a capture. Output: a ruling for each, siblings considered: a name that resolved for a client
//! at a resolver has resolved, whatever became of its other record types. RFC 1035, RFC 2308, RFC 9460.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::address::is_sinkhole;
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::timers::Timers;
use crate::capture::frame::Timestamp;
use crate::hostname::Hostname;
use crate::protocol::dns::{RecordType, rcode_name};
use crate::protocol::lookups::{Lookup, Response};

/// Questions for one name within this time belong together.
const SIBLINGS: Duration = Duration::from_secs(30);

/// RFC 1035 section 4.1.1 and RFC 2136: the response codes that have a cause of their own.
mod rcode {
    pub(super) const NOERROR: u16 = 0;
    pub(super) const NXDOMAIN: u16 = 3;
    pub(super) const REFUSED: u16 = 5;
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
}

/// Every lookup by client, resolver and name.
pub struct Siblings<'a> {
    groups: HashMap<(IpAddr, IpAddr, &'a Hostname), Vec<&'a Lookup>>,
}

impl<'a> Siblings<'a> {
    /// Groups the lookups.
    #[must_use]
    pub fn new(lookups: impl Iterator<Item = &'a Lookup>) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
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
        group.into_iter().flatten().copied().filter(move |other| {
            let at = other.first().at;
            at.since(first) <= SIBLINGS && first.since(at) <= SIBLINGS
        })
    }

    fn group(&self, lookup: &'a Lookup) -> Option<&Vec<&'a Lookup>> {
        self.groups
            .get(&(lookup.client, lookup.resolver, &lookup.name))
    }

    fn has_address(&self, lookup: &'a Lookup) -> bool {
        self.of(lookup)
            .any(|other| other.is_address() && has_address(other))
    }

    fn asked_for(&self, lookup: &'a Lookup, kind: RecordType) -> Option<&'a Lookup> {
        self.of(lookup).find(|other| other.kind == kind)
    }
}

fn has_address(lookup: &Lookup) -> bool {
    lookup.answer.as_ref().is_some_and(|response| {
        response.rcode == rcode::NOERROR && !response.answer.addresses.is_empty()
    })
}

/// Judges one lookup. A failure whose sibling resolved is `abandoned`: noted, not counted.
#[must_use]
pub fn judge<'a>(question: &Question<'a>, siblings: &Siblings<'a>) -> Ruling {
    let ruling = alone(question, siblings);
    let harmless = matches!(
        ruling.outcome,
        Outcome::Failed | Outcome::Stalled | Outcome::Pending
    ) && ruling.cause != Some(Cause::DnsSinkholed)
        && siblings.has_address(question.lookup);
    if harmless {
        return Ruling {
            outcome: Outcome::Abandoned,
            why: "another record type of the same name resolved".into(),
            ..ruling
        };
    }
    ruling
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
    if let Some(error) = lookup.unreachable {
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
    if let Some(seen) = lookup.truncated
        && !lookup.over_tcp
    {
        return Ruling::unjudged(
            Stage::Resolve,
            "the answer was truncated and the client did not ask again over TCP",
        )
        .with(seen, "truncated answer");
    }
    if waited < question.timers.dns {
        return Ruling::pending(Stage::Resolve).with_all(lookup.sent.frames(), "question");
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
    let addresses = &response.answer.addresses;
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
    if !lookup.is_address() || !addresses.is_empty() || !told_here(lookup, siblings) {
        return Ruling::succeeded(Stage::Resolve);
    }
    if response.answer.cut {
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

/// A name without addresses is told once: on the A question, on AAAA only if nobody asked for A.
fn told_here<'a>(lookup: &'a Lookup, siblings: &Siblings<'a>) -> bool {
    lookup.kind == RecordType::A || siblings.asked_for(lookup, RecordType::A).is_none()
}
