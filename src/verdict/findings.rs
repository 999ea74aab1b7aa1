//! What is worth saying beside the requirements.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::assemble::JudgedLookup;
use super::outcome::Outcome;
use super::rows;
use super::subject::{Standing, Subject};
use super::summary::Finding;
use crate::catalogue::Catalogue;

/// All findings, by code and client.
#[must_use]
pub fn all(
    subjects: &[Subject<'_>],
    lookups: &[JudgedLookup<'_>],
    catalogue: &Catalogue,
) -> Vec<Finding> {
    unnamed(subjects, lookups, catalogue)
}

/// Stalled, reset and failed flows to Apple's own networks whose name the capture does not tell.
fn unnamed(
    subjects: &[Subject<'_>],
    lookups: &[JudgedLookup<'_>],
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let mut by_client: BTreeMap<IpAddr, Vec<&Subject<'_>>> = BTreeMap::new();
    for subject in subjects {
        let faulty = matches!(
            subject.ruling.outcome,
            Outcome::Stalled | Outcome::Reset | Outcome::Failed
        );
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
            let asked = lookups.iter().any(|judged| judged.lookup.client == client);
            let reason = if asked {
                "their names were asked before the capture began, or over encrypted DNS"
            } else {
                "this client's DNS questions were not captured: asked before the capture began, or over encrypted DNS (DoH, DoT, Private Relay)"
            };
            let list: Vec<String> = flows
                .iter()
                .map(|flow| {
                    let (ip, port) = flow.server();
                    let cause = flow.ruling.cause.map_or("", super::outcome::Cause::as_str);
                    format!("{port}/{} at {ip} {} ({cause})", flow.transport(), ended(flow.ruling.outcome))
                })
                .collect();
            Finding {
                code: "apple-address-unnamed".into(),
                clients: vec![client],
                detail: format!("{}. These are Apple's own networks; which hosts were meant is unknown: {reason}.", list.join(", ")),
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
fn ended(outcome: Outcome) -> String {
    match outcome {
        Outcome::Reset => "was reset".to_owned(),
        other => other.to_string(),
    }
}
