//! Replays capture files through a monitor.
//!
//! Time is the capture's own; the files are read as fast as they come. What was read before a fault is always reported.

use std::path::PathBuf;

use crate::address_block::AddressBlock;
use crate::capture::frame::{Frame, InterfaceId};
use crate::capture::{CaptureError, CaptureInfo, Replay, link_type};
use crate::catalogue::Catalogue;
use crate::decode::supports;
use crate::monitor::{CaptureCounters, Limits, Monitor};
use crate::process_list::ProcessLists;
use crate::verdict::assemble::{Allowed, Options};
use crate::verdict::process::Told;
use crate::verdict::summary::{Capture, Process, Summary};
use crate::verdict::timers::Timers;

/// How often progress is told, in frames.
const PROGRESS_EVERY: u64 = 1 << 14;

/// What to replay and how to judge it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Files, in order; `-` is standard input.
    pub paths: &'a [PathBuf],
    /// Hosts, ports, issuers.
    pub catalogue: &'a Catalogue,
    /// Waiting times.
    pub timers: Timers,
    /// Bounds.
    pub limits: Limits,
    /// Only these devices; all if empty.
    pub clients: Vec<AddressBlock>,
    /// Names and networks whose private DNS answers are no sinkhole.
    pub allow_private: Vec<Allowed>,
    /// Lists of processes and sockets, made on a Windows computer.
    pub processes: Option<ProcessLists>,
}

impl<'a> Request<'a> {
    /// These files against this catalogue, everything else by default.
    #[must_use]
    pub fn new(paths: &'a [PathBuf], catalogue: &'a Catalogue) -> Self {
        Self {
            paths,
            catalogue,
            timers: Timers::default(),
            limits: Limits::default(),
            clients: Vec::new(),
            allow_private: Vec::new(),
            processes: None,
        }
    }
}

/// What a replay came to.
#[derive(Debug)]
pub struct Outcome {
    /// The report's content.
    pub summary: Summary,
    /// Why inputs could not be read, or not to their end.
    pub failures: Vec<String>,
}

/// Replays the files. `progress` is told now and then how many frames and bytes were read.
pub fn replay(request: &Request<'_>, mut progress: impl FnMut(u64, u64)) -> Outcome {
    let mut files = Replay::open(request.paths);
    let mut monitor = Monitor::new(request.catalogue, request.limits);
    let mut frames = 0u64;
    while files.advance() {
        if let Some(frame) = files.frame() {
            monitor.packet(&frame);
        }
        frames += 1;
        if frames.is_multiple_of(PROGRESS_EVERY) {
            progress(frames, files.bytes_read());
        }
    }
    summarize(request, &files, &monitor)
}

/// Replays frames from anywhere: the seam for tests, benches and fuzzers that hold frames in memory.
pub fn feed<'a>(monitor: &mut Monitor<'_>, frames: impl IntoIterator<Item = Frame<'a>>) {
    for frame in frames {
        monitor.packet(&frame);
    }
}

fn summarize(request: &Request<'_>, files: &Replay, monitor: &Monitor<'_>) -> Outcome {
    let infos = files.captures();
    let interfaces: Vec<Option<String>> = (0..files.interfaces().len())
        .map(|number| {
            let id = InterfaceId(u16::try_from(number).unwrap_or(u16::MAX));
            files.interfaces().name(id).map(ToOwned::to_owned)
        })
        .collect();
    let options = Options {
        catalogue: request.catalogue,
        timers: request.timers,
        clients: request.clients.clone(),
        allow_private: request.allow_private.clone(),
        interfaces: &interfaces,
        processes: Told {
            captured: infos.iter().map(processes).collect(),
            listed: request.processes.as_ref(),
        },
    };
    let none = CaptureCounters::default();
    let captures = infos
        .iter()
        .enumerate()
        .map(|(number, info)| {
            capture(
                info,
                monitor.capture_counters().get(number).unwrap_or(&none),
            )
        })
        .collect();
    let mut summary = monitor.summary(captures, &options);
    let refused: u64 = infos.iter().map(|info| info.processes.refused()).sum();
    if refused > 0 {
        let limits_hit = &mut summary.summary.limits_hit;
        limits_hit.insert("processes".into(), refused);
    }
    Outcome {
        summary,
        failures: files.failures().map(CaptureError::to_string).collect(),
    }
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
fn capture(info: &CaptureInfo, counters: &CaptureCounters) -> Capture {
    let mut malformed: std::collections::BTreeMap<String, u64> = counters
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
    Capture {
        path: Some(info.path.clone()),
        interface: None,
        format: info
            .format
            .map_or_else(|| "unknown".to_owned(), |format| format.to_string()),
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
        dropped_pipeline: None,
        error: info.error().or(unread),
    }
}
