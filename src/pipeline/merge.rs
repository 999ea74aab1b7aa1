//! What several monitors saw, and several sources know, as if it were one's.
//!
//! No order is kept here: the summary sorts everything by capture time, and so does not depend on who saw what.

use std::collections::BTreeMap;

use super::analyst::Analyst;
use super::holes;
use super::judges::judges;
use super::replay::Request;
use super::source::Ledger;
use crate::capture::{CaptureInfo, link_type};
use crate::catalogue::Catalogue;
use crate::decode::supports;
use crate::monitor::{CaptureCounters, Monitor};
use crate::verdict::assemble::{Observed, Options, summarize};
use crate::verdict::clocks::Clocks;
use crate::verdict::gap::Gaps;
use crate::verdict::process::Told;
use crate::verdict::rows::Rows;
use crate::verdict::spread::Spread;
use crate::verdict::summary::{Capture, Process, Summary};

/// What of all that was observed a summary is to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    /// See [`Options::window`].
    pub window: Option<std::time::Duration>,
    /// See [`Options::rows`].
    pub rows: Rows,
}

/// What all monitors observed.
#[must_use]
pub fn observed<'a>(monitors: impl IntoIterator<Item = &'a Monitor<'a>>) -> Observed<'a> {
    let mut all = monitors.into_iter().map(Monitor::observed);
    let mut merged = all.next().unwrap_or_default();
    for one in all {
        merged.absorb(one);
    }
    merged
}

/// The counters of all monitors, by input.
#[must_use]
pub fn counters<'a>(monitors: impl IntoIterator<Item = &'a Monitor<'a>>) -> Vec<CaptureCounters> {
    let mut merged: Vec<CaptureCounters> = Vec::new();
    for monitor in monitors {
        let counters = monitor.capture_counters();
        if merged.len() < counters.len() {
            merged.resize_with(counters.len(), CaptureCounters::default);
        }
        for (sum, more) in merged.iter_mut().zip(counters) {
            sum.absorb(more);
        }
    }
    merged
}

/// The summary of what all monitors saw of all sources, by this catalogue.
#[must_use]
pub(super) fn summary<A: Analyst>(
    request: &Request<'_>,
    catalogue: &Catalogue,
    ledgers: &[Ledger],
    monitors: &[A],
    shown: Shown,
) -> Summary {
    let interfaces: Vec<Option<String>> = ledgers
        .iter()
        .flat_map(|ledger| ledger.interfaces.iter().cloned())
        .collect();
    let inputs = || ledgers.iter().flat_map(|ledger| &ledger.inputs);
    let mut gaps = Gaps::default();
    for gap in ledgers.iter().flat_map(|ledger| ledger.gaps.as_slice()) {
        gaps.add(*gap);
    }
    let files = ledgers.iter().filter(|ledger| !ledger.live);
    let mut clocks = Clocks::default();
    let files = files.flat_map(|ledger| &ledger.inputs);
    holes::tell(files, &mut gaps, &mut clocks);
    for (number, info) in (0..=u16::MAX).zip(inputs()) {
        if let Some(until) = info.since_step {
            let steps = info.clock_steps.iter().map(|step| (step.frame, step.until));
            clocks.add(number, steps.collect(), until);
        }
    }
    let options = Options {
        timers: request.timers,
        clients: request.clients.clone(),
        allow_private: request.allow_private.clone(),
        interfaces: &interfaces,
        processes: Told {
            captured: inputs().map(processes).collect(),
            listed: request.processes.as_ref(),
        },
        window: shown.window,
        rows: shown.rows,
        gaps,
        clocks,
        spread: Spread::SideBySide(judges),
        ..Options::new(catalogue)
    };
    let mut counters = counters(monitors.iter().map(Analyst::monitor)).into_iter();
    let mut captures = Vec::new();
    for ledger in ledgers {
        for info in &ledger.inputs {
            captures.push(capture(ledger, info, &counters.next().unwrap_or_default()));
        }
    }
    let mut summary = summarize(
        &observed(monitors.iter().map(Analyst::monitor)),
        captures,
        &options,
    );
    let refused: u64 = inputs().map(|info| info.processes.refused()).sum();
    if refused > 0 {
        let limits_hit = &mut summary.summary.limits_hit;
        limits_hit.insert("processes".into(), refused);
    }
    summary
}

/// The processes that an input names, by number.
fn processes(info: &CaptureInfo) -> Vec<Process> {
    let known = info.processes.as_slice().iter();
    known
        .map(|known| Process {
            name: known.name(),
            pid: Some(known.pid),
        })
        .collect()
}

/// The row of one input.
fn capture(ledger: &Ledger, info: &CaptureInfo, counters: &CaptureCounters) -> Capture {
    let mut malformed: BTreeMap<String, u64> = counters
        .malformed
        .iter()
        .map(|(reason, count)| ((*reason).to_owned(), *count))
        .collect();
    if counters.unsupported > 0 {
        malformed.insert("unsupported-link-type".into(), counters.unsupported);
    }
    let unread: Vec<String> = info
        .link_types
        .iter()
        .filter(|link| !supports(**link))
        .map(|link| link_type::label(*link))
        .collect();
    let unread = (!unread.is_empty()).then(|| {
        format!(
            "link type {} is not read; frames of other interfaces are",
            unread.join(", ")
        )
    });
    let format = match info.format {
        _ if ledger.live => "live".to_owned(),
        Some(format) => format.to_string(),
        None => "unknown".to_owned(),
    };
    Capture {
        path: (!ledger.live).then(|| info.path.clone()),
        interface: ledger.live.then(|| info.path.clone()),
        format,
        link_types: info
            .link_types
            .iter()
            .map(|link| link_type::label(*link))
            .collect(),
        frames: info.frames,
        bytes: info.bytes,
        first: info.first,
        last: info.last,
        truncated: info.truncated,
        duplicates: counters.duplicates,
        malformed,
        dropped_kernel: info.dropped_kernel,
        dropped_interface: info.dropped_interface,
        dropped_pipeline: ledger.live.then_some(ledger.dropped),
        error: info.error().or(unread),
    }
}
