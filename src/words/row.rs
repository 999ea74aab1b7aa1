//! One required connection of one device in words.

use super::made::Made;
use super::number;
use crate::verdict::outcome::{Origin, Status};
use crate::verdict::summary::{Attempts, Requirement};

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
    let counts = [
        (attempts.succeeded, "ok"),
        (attempts.stalled, "stalled"),
        (attempts.reset, "reset"),
        (attempts.failed, "failed"),
        (attempts.abandoned, "abandoned"),
        (attempts.pending, "pending"),
        (attempts.unjudged, "unjudged"),
    ];
    let all: u64 = counts.iter().map(|(count, _)| count).sum();
    if all == 0 {
        return "resolved only".to_owned();
    }
    if all == attempts.succeeded {
        return format!("{} tried: all ok", number(all));
    }
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(*count)))
        .collect();
    format!("{} tried: {}", number(all), parts.join(", "))
}

/// The cause with its origin, and whether it matters.
#[must_use]
pub fn reason(row: &Requirement) -> String {
    if !is_shaky(row.status) {
        return String::new();
    }
    let mut words = Vec::new();
    if let Some(cause) = row.cause {
        words.push(cause.to_string());
    }
    if let Some(origin) = row.origin.filter(|origin| *origin != Origin::Unknown) {
        words.push(format!("({origin})"));
    }
    if row.optional {
        words.push("[optional]".to_owned());
    }
    words.join(" ")
}
