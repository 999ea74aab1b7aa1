//! What is worth saying beside the requirements.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::assemble::JudgedLookup;
use super::outcome::Outcome;
use super::rows;
use super::subject::{Standing, Subject};
use super::summary::Finding;
use crate::catalogue::Catalogue;

/// A failing flow to Apple's own networks, and no name for it.
pub const APPLE_ADDRESS_UNNAMED: &str = "apple-address-unnamed";
/// What clients asked of Bonjour and nobody's response crossed the wire.
pub const BONJOUR_FILTERED: &str = "bonjour-filtered";
/// A service that was announced and cannot be reached.
pub const BONJOUR_UNREACHABLE: &str = "bonjour-unreachable";
/// A device's host names cannot be seen.
pub const NAMES_HIDDEN: &str = "names-hidden";

/// Every code that a finding may have.
pub const CODES: [&str; 4] = [
    APPLE_ADDRESS_UNNAMED,
    BONJOUR_FILTERED,
    BONJOUR_UNREACHABLE,
    NAMES_HIDDEN,
];

/// All findings, by code and device.
#[must_use]
pub fn all(
    subjects: &[Subject<'_>],
    lookups: &[JudgedLookup<'_>],
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let mut findings = unnamed(subjects, catalogue);
    findings.extend(super::hidden::findings(subjects, lookups, catalogue));
    findings
}

/// Stalled, reset and failed flows to Apple's own networks whose name the capture does not tell.
fn unnamed(subjects: &[Subject<'_>], catalogue: &Catalogue) -> Vec<Finding> {
    let mut by_client: BTreeMap<IpAddr, Vec<&Subject<'_>>> = BTreeMap::new();
    for subject in subjects {
        let faulty = rows::is_faulty(subject.ruling.outcome);
        let unnamed = subject.name.is_none() && subject.standing == Standing::Own;
        if faulty && unnamed && catalogue.is_apple_address(subject.server().0) {
            by_client
                .entry(subject.client().0)
                .or_default()
                .push(subject);
        }
    }
    by_client
        .into_iter()
        .map(|(client, flows)| {
            let list: Vec<String> = flows
                .iter()
                .map(|flow| {
                    let (ip, port) = flow.server();
                    let cause = flow.ruling.cause.map_or("", super::outcome::Cause::as_str);
                    format!(
                        "{port}/{} at {ip} {} ({cause})",
                        flow.transport(),
                        ended(flow.ruling.outcome)
                    )
                })
                .collect();
            Finding {
                code: APPLE_ADDRESS_UNNAMED.into(),
                clients: vec![client],
                detail: format!(
                    "{}. These are Apple's own networks; which hosts were meant is unknown.",
                    list.join(", ")
                ),
                evidence: flows
                    .iter()
                    .flat_map(|flow| rows::evidence(&flow.ruling))
                    .take(super::ruling::MAX_EVIDENCE)
                    .collect(),
            }
        })
        .collect()
}

/// An outcome as a verb.
pub(super) fn ended(outcome: Outcome) -> String {
    match outcome {
        Outcome::Reset => "was reset".to_owned(),
        other => other.to_string(),
    }
}
