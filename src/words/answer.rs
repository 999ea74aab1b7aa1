//! The answer in a few lines, for a person in a hurry.
//!
//! Input: a summary. Output: a line for each state that required connections are in, the worst first, and one for what
//! they do not show and a person should not miss.

use std::collections::{BTreeMap, BTreeSet};

use super::{counted, length, number, some_of};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Client, Requirement, Summary};

/// Names and devices that the answer lists before it counts.
const NAMES: usize = 4;
const DEVICES: usize = 3;

/// The rows that the answer speaks of: tried, and not failing by choice.
#[must_use]
pub fn attempted(summary: &Summary) -> Vec<&Requirement> {
    let rows = summary.requirements.iter();
    let rows =
        rows.filter(|row| row.client.is_some() && !(row.optional && row.status == Status::Failing));
    rows.collect()
}

/// The lines, each with the state it speaks of; the first one answers whether anything required is failing.
#[must_use]
pub fn lines(summary: &Summary) -> Vec<(Status, String)> {
    let tried = attempted(summary);
    let with = |wanted: Status| -> Vec<&Requirement> {
        let rows = tried.iter().copied();
        rows.filter(|row| row.status == wanted).collect()
    };
    let [failing, flaky, degraded, ok] =
        [Status::Failing, Status::Flaky, Status::Degraded, Status::Ok].map(with);
    let open = length(&with(Status::Pending)) + length(&with(Status::Unjudged));
    let mut lines = vec![if !failing.is_empty() {
        let text = format!(
            "{} failing: {}",
            connections(&failing),
            names(&failing, summary)
        );
        (Status::Failing, text)
    } else if !(ok.is_empty() && flaky.is_empty() && degraded.is_empty()) {
        (Status::Ok, "nothing required is failing".to_owned())
    } else if tried.is_empty() {
        let text = "no attempt at a required host was seen: this capture proves nothing about them";
        (Status::NotSeen, text.to_owned())
    } else {
        let text =
            "no attempt at a required host could be judged: this capture proves nothing about them";
        (Status::Unjudged, text.to_owned())
    }];
    for (rows, status) in [(&flaky, Status::Flaky), (&degraded, Status::Degraded)] {
        if !rows.is_empty() {
            let text = format!("{} {status}: {}", connections(rows), names(rows, summary));
            lines.push((status, text));
        }
    }
    if !ok.is_empty() {
        lines.push((Status::Ok, format!("{} ok", connections(&ok))));
    }
    if open > 0 && lines.len() > 1 {
        lines.push((
            Status::Unjudged,
            format!("{} could not be judged", number(open)),
        ));
    }
    lines
}

/// What the requirements do not show.
#[must_use]
pub fn beside(summary: &Summary) -> Option<String> {
    let codes: BTreeSet<&str> = summary
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let findings = counted(length(&summary.findings), "finding", "findings");
    (!codes.is_empty()).then(|| format!("{findings}, see below: {}", codes.join(", ")))
}

fn connections(rows: &[&Requirement]) -> String {
    counted(
        length(rows),
        "required connection is",
        "required connections are",
    )
}

/// The hosts of these rows; by device where the capture shows several.
fn names(rows: &[&Requirement], summary: &Summary) -> String {
    let clients: BTreeSet<&Client> = summary
        .requirements
        .iter()
        .filter_map(|row| row.client.as_ref())
        .collect();
    if clients.len() <= 1 {
        let patterns: Vec<&str> = rows.iter().map(|row| row.pattern.as_str()).collect();
        return some_of(&patterns, NAMES);
    }
    let mut by_client: BTreeMap<&Client, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(client) = &row.client {
            by_client.entry(client).or_default().push(&row.pattern);
        }
    }
    let texts: Vec<String> = by_client
        .into_iter()
        .map(|(client, patterns)| {
            let address = client
                .addresses
                .first()
                .map_or_else(String::new, ToString::to_string);
            format!("{} ({address})", some_of(&patterns, NAMES))
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    some_of(&texts, DEVICES)
}
