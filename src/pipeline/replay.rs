//! Replays capture files through a monitor.
//!
//! Time is the capture's own; the files are read as fast as they come. What was read before a fault is always reported.

use std::path::PathBuf;
use std::sync::Arc;

use super::crew::{Crew, QUEUE_ROOM};
use super::load::Ring;
use super::merge;
use super::source::{Files, Filled, Source as _, names};
use crate::address_block::AddressBlock;
use crate::capture::frame::Frame;
use crate::capture::{CaptureError, CaptureInfo, Replay, link_type};
use crate::catalogue::Catalogue;
use crate::decode::supports;
use crate::monitor::{CaptureCounters, Limits, Monitor};
use crate::process_list::ProcessLists;
use crate::verdict::assemble::{self, Allowed, Options};
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
    /// Threads that analyse; with one, the caller's own thread does. The report is the same for any number, as long as
    /// no bound bites: each worker keeps to its part of them.
    pub workers: usize,
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
            workers: 1,
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
    let files = Replay::open(request.paths);
    if request.workers > 1 {
        return replay_shared(request, Files::new(files), progress);
    }
    let mut files = files;
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
    summarize(request, &files, &mut [monitor])
}

/// Reads here and analyses in several threads; waits when they are slower.
fn replay_shared(
    request: &Request<'_>,
    mut files: Files,
    mut progress: impl FnMut(u64, u64),
) -> Outcome {
    let mut monitors = std::thread::scope(|scope| {
        let crew = Crew::start(scope, request.catalogue, request.limits, request.workers);
        // Those that wait, one that each worker is at, one that is being filled.
        let mut ring = Ring::new(QUEUE_ROOM + 3);
        let mut frames = 0u64;
        loop {
            let mut load = ring.take();
            let filled = files.fill(load.batch_mut());
            load.share_out(crew.workers());
            frames += load.batch().len() as u64;
            let load = Arc::new(load);
            if !crew.send(&load) || filled == Filled::Ended {
                break;
            }
            ring.keep(load);
            progress(frames, files.replay().bytes_read());
        }
        crew.finish()
    });
    summarize(request, files.replay(), &mut monitors)
}

/// Replays frames from anywhere: the seam for tests, benches and fuzzers that hold frames in memory.
pub fn feed<'a>(monitor: &mut Monitor<'_>, frames: impl IntoIterator<Item = Frame<'a>>) {
    for frame in frames {
        monitor.packet(&frame);
    }
}

fn summarize(request: &Request<'_>, files: &Replay, monitors: &mut [Monitor<'_>]) -> Outcome {
    let infos = files.captures();
    // Silence until the end of a recording counts, where the file tells when that was.
    if let Some(ended) = infos.iter().filter_map(|info| info.ended).max() {
        for monitor in &mut *monitors {
            monitor.tick(ended);
        }
    }
    let monitors = &*monitors;
    let interfaces = names(files);
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
    let counters = merge::counters(monitors);
    let none = CaptureCounters::default();
    let captures = infos
        .iter()
        .enumerate()
        .map(|(number, info)| capture(info, counters.get(number).unwrap_or(&none)))
        .collect();
    let mut summary = assemble::summarize(&merge::observed(monitors), captures, &options);
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
