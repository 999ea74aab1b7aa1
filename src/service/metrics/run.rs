//! How the run itself fares.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::View;
use super::family::Families;
use crate::service::standings::Device;
use crate::verdict::outcome::Outcome;

pub(super) fn write(view: &View, families: &mut Families<'_>) -> fmt::Result {
    families.infos(
        "build",
        "The version that runs",
        [[("version", env!("CARGO_PKG_VERSION"))]],
    )?;
    families.gauge(
        "healthy",
        "Whether /healthz says so: interfaces are heard, verdicts are made, most frames are analysed",
        &u64::from(view.healthy),
    )?;
    families.gauge(
        "start_time_seconds",
        "When the run began, in seconds since 1970",
        &view.started,
    )?;
    families.gauge(
        "verdicts_age_seconds",
        "How long ago the verdicts were made that are told here",
        &view.age.as_secs_f64(),
    )?;
    load(view, families)?;
    catalogue(view, families)
}

fn load(view: &View, families: &mut Families<'_>) -> fmt::Result {
    let (summary, health) = (&view.picture.summary, &view.picture.health);
    families.gauges(
        "flows",
        "Flows that are known, by outcome",
        Outcome::ALL.iter().map(|outcome| {
            let count = summary.summary.outcome.get(outcome.as_str());
            ([("outcome", outcome.as_str())], count.copied().unwrap_or(0))
        }),
    )?;
    families.gauge(
        "flows_limit",
        "Flows that are kept at most",
        &view.flows_limit,
    )?;
    let devices: BTreeSet<Device> = summary
        .requirements
        .iter()
        .filter_map(|row| Some(Device::of(row.client.as_ref()?)))
        .collect();
    families.gauge(
        "devices",
        "Devices that tried a requirement",
        &devices.len(),
    )?;
    let mut findings: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &summary.findings {
        *findings.entry(&finding.code).or_default() += 1;
    }
    families.gauges(
        "findings",
        "What else is worth saying, by its code (windfall explain CODE)",
        findings
            .into_iter()
            .map(|(code, count)| ([("code", code)], count)),
    )?;
    families.counters(
        "limits_hit",
        "How often a bound was hit and something given up for it",
        summary
            .summary
            .limits_hit
            .iter()
            .map(|(limit, count)| ([("limit", limit.as_str())], *count)),
    )?;
    families.gauge(
        "queue_batches",
        "Batches of frames that wait for the slowest worker",
        &health.queued,
    )?;
    families.gauge(
        "queue_batches_limit",
        "Batches that may wait; beyond them, frames are dropped",
        &health.queue_room,
    )?;
    families.gauge("workers", "Threads that analyse", &health.workers)?;
    families.counter(
        "unkept_frames",
        "Frames that came faster than they could be kept for evidence",
        health.unkept,
    )
}

fn catalogue(view: &View, families: &mut Families<'_>) -> fmt::Result {
    let reloads = &view.reloads;
    families.gauge(
        "catalogue_requirements",
        "Hosts that the catalogue requires",
        &reloads.requirements,
    )?;
    families.counters(
        "catalogue_reloads",
        "Loads of the catalogue while running, by result; a failed one leaves it as it was",
        [
            ([("result", "succeeded")], reloads.succeeded),
            ([("result", "failed")], reloads.failed),
        ],
    )?;
    families.gauge(
        "catalogue_last_reload_successful",
        "Whether the catalogue that counts is what the files said when they were read last",
        &u64::from(!reloads.last_failed),
    )?;
    families.gauge(
        "catalogue_loaded_timestamp_seconds",
        "When the catalogue that counts was loaded, in seconds since 1970",
        &reloads.loaded,
    )
}
