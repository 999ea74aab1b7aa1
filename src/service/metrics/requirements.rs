//! How the requirements stand, over all devices.

use std::collections::BTreeMap;
use std::fmt;

use super::View;
use super::family::Families;
use crate::service::counters::COUNTED;
use crate::verdict::outcome::{Cause, Status};
use crate::verdict::summary::Requirement;

/// Which status stands for several devices: the first of these that one of them has. What is decided comes before what is
/// not yet, so that a device that has just begun does not hide that others work.
const WORST: [Status; 7] = [
    Status::Failing,
    Status::Flaky,
    Status::Degraded,
    Status::Ok,
    Status::Unjudged,
    Status::Pending,
    Status::NotSeen,
];

pub(super) fn write(view: &View, families: &mut Families<'_>) -> fmt::Result {
    let summary = &view.picture.summary;
    let tried: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.client.is_some())
        .collect();
    statuses(&tried, families)?;
    families.gauges(
        "requirement_devices",
        "Devices for which a requirement has this status, with the dominant cause (empty if there is none)",
        devices(&tried).into_iter().map(|((id, status, cause), count)| {
            let cause = cause.map_or("", Cause::as_str);
            (
                [("requirement", id), ("status", status.as_str()), ("cause", cause)],
                count,
            )
        }),
    )?;
    let by_id: BTreeMap<&str, &&Requirement> =
        tried.iter().map(|row| (row.id.as_str(), row)).collect();
    families.infos(
        "requirement",
        "What a requirement that was tried is for, and whether its failure counts",
        by_id.values().map(|row| {
            let optional = if row.optional { "true" } else { "false" };
            [
                ("requirement", row.id.as_str()),
                ("service", row.service.as_str()),
                ("optional", optional),
            ]
        }),
    )?;
    families.counters(
        "attempts",
        "Attempts at a requirement that came to this outcome, over all devices, since the start",
        view.counters.sums().flat_map(|(id, sums)| {
            sums.iter().zip(COUNTED).map(move |(sum, outcome)| {
                ([("requirement", id), ("outcome", outcome.as_str())], *sum)
            })
        }),
    )?;
    let mut pending: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &tried {
        *pending.entry(&row.id).or_default() += row.all_attempts.pending;
    }
    families.gauges(
        "attempts_pending",
        "Attempts at a requirement that have not come to an outcome yet",
        pending
            .into_iter()
            .map(|(id, count)| ([("requirement", id)], count)),
    )?;
    families.gauges(
        "required_connections",
        "Requirements and devices that tried them, by status; requirements that nobody tried are not-seen",
        Status::ALL.iter().map(|status| {
            let count = summary.summary.status.get(status.as_str());
            ([("status", status.as_str())], count.copied().unwrap_or(0))
        }),
    )
}

/// For each requirement, which status it has: 1 at that one, 0 at the others.
fn statuses(tried: &[&Requirement], families: &mut Families<'_>) -> fmt::Result {
    let mut worst: BTreeMap<&str, usize> = BTreeMap::new();
    for row in tried {
        let rank = WORST.iter().position(|status| *status == row.status);
        let rank = rank.unwrap_or(WORST.len());
        let known = worst.entry(&row.id).or_insert(rank);
        *known = rank.min(*known);
    }
    families.gauges(
        "requirement_status",
        "Whether a requirement has this status, the worst over all devices that tried it",
        worst.into_iter().flat_map(|(id, worst)| {
            WORST.iter().enumerate().map(move |(rank, status)| {
                let labels = [("requirement", id), ("status", status.as_str())];
                (labels, u64::from(rank == worst))
            })
        }),
    )
}

/// Devices by requirement, status and cause.
fn devices<'r>(tried: &[&'r Requirement]) -> BTreeMap<(&'r str, Status, Option<Cause>), u64> {
    let mut counts = BTreeMap::new();
    for row in tried {
        *counts
            .entry((row.id.as_str(), row.status, row.cause))
            .or_default() += 1;
    }
    counts
}
