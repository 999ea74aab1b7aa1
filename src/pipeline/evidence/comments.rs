//! The words that stand beside packets in evidence files.
//!
//! Input: rows of a summary. Output: one line each; whoever writes them to a file makes them harmless.

use std::net::IpAddr;

use crate::verdict::outcome::{Cause, NameSource, Origin};
use crate::verdict::summary::{Evidence, Flow, Requirement};

/// What every comment begins with.
const MARK: &str = "windfall: ";

/// `(syn-unanswered)`, `(reset-after-client-hello by middlebox)`, or nothing.
fn blame(cause: Option<Cause>, origin: Option<Origin>) -> Option<String> {
    let cause = cause?;
    Some(match origin {
        Some(origin) if origin != Origin::Unknown => format!("{cause} by {origin}"),
        _ => cause.to_string(),
    })
}

/// Beside a frame that proves something. That DNS gave an address blames nobody.
pub(super) fn cited(evidence: &Evidence, cause: Option<Cause>, origin: Option<Origin>) -> String {
    match blame(cause, origin).filter(|_| !evidence.note.starts_with("DNS gave ")) {
        Some(blame) => format!("{MARK}{} → {blame}", evidence.note),
        None => format!("{MARK}{}", evidence.note),
    }
}

/// Beside the first packet of a flow: its verdict.
pub(super) fn verdict(flow: &Flow) -> String {
    let mut text = format!("{MARK}{} at {}", flow.outcome, flow.stage);
    let mut add = |part: String| {
        text.push_str(", ");
        text.push_str(&part);
    };
    if let Some(blame) = blame(flow.cause, flow.origin) {
        add(blame);
    }
    if let Some(name) = &flow.name {
        let source = if name.source == NameSource::Dns {
            "DNS"
        } else {
            name.source.as_str()
        };
        add(format!("{} ({source})", name.host));
    }
    if let Some(process) = &flow.process
        && let Some(name) = &process.name
    {
        add(format!("process {name}"));
    }
    if let Some(explanation) = &flow.explanation {
        text.push_str(": ");
        text.push_str(explanation);
    }
    text
}

/// Beside a packet that belongs to something else.
pub(super) fn witness(client: IpAddr) -> String {
    format!("{MARK}packets to {client} were captured, so answers would have been")
}

/// At the head of a requirement's file.
pub(super) fn requirement(row: &Requirement) -> String {
    let client = row
        .client
        .as_ref()
        .and_then(|client| client.addresses.first());
    let client = client.map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let mut text = format!("{MARK}{} is {} for {client}", row.pattern, row.status);
    if let Some(blame) = blame(row.cause, row.origin) {
        text.push_str(", ");
        text.push_str(&blame);
    }
    for part in [&row.explanation, &row.remedy].into_iter().flatten() {
        text.push_str(if text.ends_with('.') { " " } else { ": " });
        text.push_str(part);
    }
    text
}
