//! Reports of several runs as one.
//!
//! Input: summaries as `--format json` writes them, with all attempts at required hosts among their flows and questions.
//! Output: the summary of all of them. What the attempts come to is worked out anew from the attempts, by the same rules
//! as in a run, so the order and grouping of the reports do not matter: merging is associative and commutative, and where
//! no connection or question goes on from one run's captures to another's, the requirements are those of one run over
//! all captures.
//!
//! Findings, Bonjour services and processes are united, not looked for again: what a finding says was counted in one run.

mod attempts;
mod inputs;
mod unions;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use thiserror::Error;

use crate::verdict::outcome::{Outcome, Status};
use crate::verdict::summary::{
    Client, DnsQuestion, Evidence, Flow, Requirement, SCHEMA_VERSION, Summary, Totals,
};
use attempts::Tried;

/// Why reports cannot be merged. `report` is the name that was given with the report.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MergeError {
    /// Its rows may mean something else.
    #[error("{report} has schema version {found}; this windfall merges version {SCHEMA_VERSION}")]
    Schema {
        /// The report.
        report: String,
        /// Its version.
        found: u32,
    },
    /// What the attempts of all reports come to cannot be worked out.
    #[error(
        "{report} lists {listed} of {counted} attempts at {pattern}, and all are needed: write it again with \
         --flows required or --flows all (watch: without --window)"
    )]
    AttemptsMissing {
        /// The report.
        report: String,
        /// The requirement.
        pattern: String,
        /// Attempts among its rows.
        listed: u64,
        /// Attempts that it counts.
        counted: u64,
    },
    /// Its attempts would count twice.
    #[error(
        "{first} and {second} are both of {input}, and its attempts would count twice: give one of them"
    )]
    Twice {
        /// A report.
        first: String,
        /// Another one, or the same given again.
        second: String,
        /// The capture that both are of.
        input: String,
    },
    /// A frame is said to be of an input that is not listed.
    #[error("{report} cites a frame of capture {capture}, and lists {listed} captures")]
    Capture {
        /// The report.
        report: String,
        /// The index it has.
        capture: u32,
        /// Captures listed.
        listed: usize,
    },
}

/// A report, and what to call it in messages.
pub type Named = (String, Summary);

/// All reports as one.
///
/// # Errors
/// The first report that does not fit, and why.
pub fn merge(reports: Vec<Named>) -> Result<Summary, MergeError> {
    for (name, summary) in &reports {
        check(name, summary)?;
    }
    let reports = inputs::renumbered(reports)?;
    let mut all = Summary::default();
    let mut totals = Totals::default();
    for outcome in Outcome::ALL {
        totals.outcome.insert(outcome.to_string(), 0);
    }
    for summary in reports {
        add(&mut totals, &summary.summary);
        all.captures.extend(summary.captures);
        all.requirements.extend(summary.requirements);
        all.flows.extend(summary.flows);
        all.dns.extend(summary.dns);
        all.bonjour.extend(summary.bonjour);
        all.findings.extend(summary.findings);
        all.processes.extend(summary.processes);
    }
    inputs::sort(&mut all.captures);
    all.flows.sort_by(|a, b| flow_order(a).cmp(&flow_order(b)));
    all.dns
        .sort_by(|a, b| question_order(a).cmp(&question_order(b)));
    let requirements = requirements(&all);
    totals.status = statuses(&requirements);
    Ok(Summary {
        schema: SCHEMA_VERSION,
        requirements,
        bonjour: unions::bonjour(all.bonjour),
        findings: unions::findings(all.findings),
        processes: unions::processes(all.processes),
        captures: all.captures,
        flows: all.flows,
        dns: all.dns,
        summary: totals,
    })
}

/// Connections at required hosts that go on from one capture to another, and so are several flows.
#[must_use]
pub fn continued(merged: &Summary) -> usize {
    let mut by_ends: BTreeMap<&str, Vec<&Flow>> = BTreeMap::new();
    for flow in &merged.flows {
        by_ends.entry(&flow.id).or_default().push(flow);
    }
    // The part without the opening may not be known to be an attempt.
    let is_cut = |flows: &&Vec<&Flow>| {
        flows.len() > 1
            && flows.iter().any(|flow| flow.midstream)
            && flows.iter().any(|flow| flow.requirement.is_some())
    };
    by_ends.values().filter(is_cut).count()
}

fn check(report: &str, summary: &Summary) -> Result<(), MergeError> {
    if summary.schema != SCHEMA_VERSION {
        return Err(MergeError::Schema {
            report: report.to_owned(),
            found: summary.schema,
        });
    }
    let tried = attempts::all(&summary.flows, &summary.dns);
    for row in &summary.requirements {
        let Some(client) = &row.client else { continue };
        let key = (row.pattern.as_str(), client.device());
        let listed = tried.get(&key).map(Tried::count).unwrap_or_default();
        if listed != row.attempts {
            return Err(MergeError::AttemptsMissing {
                report: report.to_owned(),
                pattern: row.pattern.clone(),
                listed: listed.total(),
                counted: row.attempts.total(),
            });
        }
    }
    Ok(())
}

/// One row a requirement and device that tried it, then the requirements nobody tried, both in the order of patterns.
fn requirements(all: &Summary) -> Vec<Requirement> {
    let mut tried = attempts::all(&all.flows, &all.dns);
    let mut known: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for row in &all.requirements {
        known.entry(&row.pattern).or_default().push(row);
    }
    let addresses = attempts::addresses(&all.requirements);
    let mut list = Vec::new();
    let mut unseen = Vec::new();
    for rows in known.values() {
        let devices: BTreeMap<String, &Client> = rows
            .iter()
            .filter_map(|row| row.client.as_ref())
            .map(|client| (client.device(), client))
            .collect();
        let Some(entry) = attempts::entry(rows) else {
            continue;
        };
        let pattern = rows.first().map_or("", |row| &row.pattern);
        if devices.is_empty() {
            unseen.push(entry.clone());
        }
        for (device, client) in devices {
            let client = Client {
                addresses: addresses.get(&device).cloned().unwrap_or_default(),
                mac: client.mac.clone(),
            };
            let tried = tried.remove(&(pattern, device)).unwrap_or_default();
            list.push(tried.row(entry, client));
        }
    }
    list.extend(unseen);
    list
}

fn statuses(requirements: &[Requirement]) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = Status::ALL
        .iter()
        .map(|status| (status.to_string(), 0))
        .collect();
    for row in requirements {
        *counts.entry(row.status.to_string()).or_default() += 1;
    }
    counts
}

/// Adds counts; how long a merge took says nothing of the runs, so no time is kept.
fn add(sum: &mut Totals, more: &Totals) {
    for (counts, more) in [
        (&mut sum.outcome, &more.outcome),
        (&mut sum.limits_hit, &more.limits_hit),
    ] {
        for (name, count) in more {
            let known = counts.entry(name.clone()).or_default();
            *known = known.saturating_add(*count);
        }
    }
    sum.frames = sum.frames.saturating_add(more.frames);
}

fn flow_order(flow: &Flow) -> impl Ord + '_ {
    (
        (flow.first, flow.transport, flow.client, flow.server),
        (&flow.interface, &flow.vlan, flow.last),
        (flow.frames.client, flow.frames.server),
        first_frame(&flow.evidence),
        (flow.outcome, flow.cause, &flow.explanation),
    )
}

fn question_order(question: &DnsQuestion) -> impl Ord + '_ {
    (
        (question.first, question.client, question.resolver),
        (&question.name, &question.kind, question.last),
        first_frame(&question.evidence),
        (question.outcome, question.cause, &question.addresses),
    )
}

fn first_frame(evidence: &[Evidence]) -> Reverse<Option<(u32, u64)>> {
    Reverse(evidence.first().map(|first| (first.capture, first.frame)))
}

#[cfg(test)]
mod tests;
