//! One required connection of one device in words; one DNS question; one process.

use std::net::SocketAddr;

use super::made::Made;
use super::{list, number};
use crate::verdict::outcome::{Cause, Origin, Status, Where};
use crate::verdict::summary::{Attempts, DnsQuestion, Endpoint, Process, Requirement};

/// `Status` is declared worst first; what is optional comes after what is not.
#[must_use]
pub const fn rank(row: &Requirement) -> (Status, bool) {
    (row.status, row.optional)
}

/// Whether a status asks for a reason and a remedy.
#[must_use]
pub const fn is_shaky(status: Status) -> bool {
    match status {
        Status::Failing | Status::Flaky | Status::Degraded => true,
        Status::Pending | Status::Unjudged | Status::Ok | Status::NotSeen => false,
    }
}

/// A requirement's pattern with the ports that were tried.
#[must_use]
pub fn title(row: &Requirement, made: &Made<'_>) -> String {
    let ports = made.ports(row);
    if ports.is_empty() {
        row.pattern.clone()
    } else {
        format!("{}:{ports}", row.pattern)
    }
}

/// `12 tried: all ok`, `4 tried: 4 reset`.
#[must_use]
pub fn attempts(attempts: &Attempts) -> String {
    let all = tried(attempts);
    if all == 0 {
        return counts(attempts);
    }
    if all == attempts.succeeded {
        return format!("{} tried: all ok", number(all));
    }
    format!("{} tried: {}", number(all), counts(attempts))
}

/// `1 ok, 1 stalled`.
#[must_use]
pub fn counts(attempts: &Attempts) -> String {
    if tried(attempts) == 0 {
        return "resolved only".to_owned();
    }
    list([
        ("ok", attempts.succeeded),
        ("stalled", attempts.stalled),
        ("reset", attempts.reset),
        ("failed", attempts.failed),
        ("abandoned", attempts.abandoned),
        ("pending", attempts.pending),
        ("unjudged", attempts.unjudged),
    ])
}

const fn tried(attempts: &Attempts) -> u64 {
    attempts.succeeded
        + attempts.stalled
        + attempts.reset
        + attempts.failed
        + attempts.abandoned
        + attempts.pending
        + attempts.unjudged
}

/// The cause with its origin, and whether it matters.
#[must_use]
pub fn reason(row: &Requirement) -> String {
    if !is_shaky(row.status) {
        return String::new();
    }
    let mut words = Vec::new();
    words.extend(broke(row.cause, row.whereabouts));
    if let Some(origin) = row.origin.filter(|origin| *origin != Origin::Unknown) {
        words.push(format!("({origin})"));
    }
    if row.optional {
        words.push("[optional]".to_owned());
    }
    words.join(" ")
}

/// A cause, and on which side of the gateway: `syn-unanswered, dropped-in-gateway`.
#[must_use]
pub fn broke(cause: Option<Cause>, whereabouts: Option<Where>) -> Option<String> {
    Some(match (cause?, whereabouts) {
        (cause, Some(place)) => format!("{cause}, {place}"),
        (cause, None) => cause.to_string(),
    })
}

/// `, 3 times: SERVFAIL after 12.1 ms  dns-servfail`.
#[must_use]
pub fn result(question: &DnsQuestion) -> String {
    let times = match question.transmissions {
        0 | 1 => String::new(),
        many => format!(", {} times", number(u64::from(many))),
    };
    let mut answer = match (&question.rcode, question.answered_ms) {
        (None, _) => ": no answer".to_owned(),
        (Some(rcode), None) => format!(": {rcode}"),
        (Some(rcode), Some(after)) => format!(": {rcode} after {after:.1} ms"),
    };
    if !question.addresses.is_empty() {
        let addresses: Vec<String> = question.addresses.iter().map(ToString::to_string).collect();
        answer = format!("{answer}, {}", addresses.join(" "));
    }
    let why = broke(question.cause, question.whereabouts);
    let why = why.map_or_else(String::new, |why| format!("  {why}"));
    format!("{times}{answer}{why}")
}

/// An endpoint as it is written.
#[must_use]
pub const fn socket(end: Endpoint) -> SocketAddr {
    SocketAddr::new(end.ip, end.port)
}

/// `iTunes.exe (4711)`.
#[must_use]
pub fn owner(process: &Process) -> String {
    match (&process.name, process.pid) {
        (Some(name), Some(pid)) => format!("{name} ({pid})"),
        (Some(name), None) => name.clone(),
        (None, Some(pid)) => format!("process {pid}"),
        (None, None) => "an unknown process".to_owned(),
    }
}
