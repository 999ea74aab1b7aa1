//! Replays capture files through a monitor.
//!
//! Time is the capture's own; the files are read as fast as they come. What was read before a fault is always reported.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::bounded;

use super::crew::{Crew, QUEUE_ROOM};
use super::live::monitors;
use super::load::{BATCH_FRAMES, Load, Ring};
use super::merge::{self, Shown};
use super::source::{Files, Filled, Source as _, ended, of_files};
use crate::address_block::AddressBlock;
use crate::capture::frame::Frame;
use crate::capture::{Replay, processors};
use crate::catalogue::Catalogue;
use crate::monitor::{GROUP, Limits, Monitor};
use crate::process_list::ProcessLists;
use crate::verdict::assemble::Allowed;
use crate::verdict::rows::Rows;
use crate::verdict::summary::Summary;
use crate::verdict::summary::listed::Listed;
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
    /// Flows and questions that the report will list; it counts all.
    pub listed: Listed,
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
            listed: Listed::All,
            workers: 1,
        }
    }
}

/// What a replay came to.
pub struct Outcome<'a> {
    /// The report's content.
    pub summary: Summary,
    /// Why inputs could not be read, or not to their end.
    pub failures: Vec<String>,
    /// What analysed them. To free a million flows takes a while: a program that ends anyway may forget them.
    pub monitors: Vec<Monitor<'a>>,
}

/// Replays the files. `progress` is told now and then how many frames and bytes were read, and once more when all of
/// them are analysed and it remains to sum up.
pub fn replay<'a>(request: &Request<'a>, mut progress: impl FnMut(u64, u64)) -> Outcome<'a> {
    if request.workers > 1 {
        let files = Replay::open_to_lend(request.paths, request.workers);
        return replay_shared(request, files, progress);
    }
    if request.paths.len() == 1 && processors() > 1 {
        return replay_beside(request, Replay::open_to_lend(request.paths, 1), progress);
    }
    let mut files = Replay::open(request.paths);
    let mut monitor = Monitor::new(request.catalogue, request.limits);
    let mut run = Vec::with_capacity(GROUP);
    let (mut frames, mut told) = (0u64, 0);
    while files.advance_run(&mut run, GROUP) {
        monitor.packets(run.iter().filter_map(|slot| files.frame_in(*slot)));
        frames += run.len() as u64;
        if frames >= told + PROGRESS_EVERY {
            told = frames;
            progress(frames, files.bytes_read());
        }
    }
    if let Some(ended) = ended(&files) {
        monitor.tick(ended);
    }
    progress(frames, files.bytes_read());
    summarize(request, &files, vec![monitor])
}

/// Walks the records of one file in a thread of its own, and analyses here: what is kept of flows then comes from the
/// allocator's main arena, which grows in larger steps than those of other threads.
fn replay_beside<'a>(
    request: &Request<'a>,
    mut files: Replay,
    mut progress: impl FnMut(u64, u64),
) -> Outcome<'a> {
    let mut monitor = Monitor::new(request.catalogue, request.limits);
    let mut frames = 0u64;
    let files = std::thread::scope(|scope| {
        let (send, runs) = bounded(QUEUE_ROOM);
        let walker = scope.spawn(move || {
            while let Some(batch) = files.lend_run(BATCH_FRAMES) {
                if send.send((batch, files.bytes_read())).is_err() {
                    break;
                }
            }
            files
        });
        for (batch, bytes) in runs {
            monitor.packets(batch.frames());
            frames += batch.len() as u64;
            progress(frames, bytes);
        }
        walker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    if let Some(ended) = ended(&files) {
        monitor.tick(ended);
    }
    progress(frames, files.bytes_read());
    summarize(request, &files, vec![monitor])
}

/// Reads here and analyses in several threads; waits when they are slower.
fn replay_shared<'a>(
    request: &Request<'a>,
    files: Replay,
    mut progress: impl FnMut(u64, u64),
) -> Outcome<'a> {
    let mut files = Files::new(files);
    let mut frames = 0u64;
    let monitors = std::thread::scope(|scope| {
        let (crew, mut queues, _) = Crew::start(scope, monitors(request), 1, |_| ());
        let Some(queues) = queues.pop() else {
            return Vec::new();
        };
        let workers = queues.workers();
        let mut send = |load: &Arc<Load>, bytes| {
            frames += load.batch().len() as u64;
            progress(frames, bytes);
            queues.send(load)
        };
        // One file's frames stay where they were read; those of several are copied, in their order.
        if files.replay().is_single() {
            while let Some(batch) = files.lend_run(BATCH_FRAMES) {
                let load = Arc::new(Load::of(batch, workers));
                if !send(&load, files.replay().bytes_read()) {
                    break;
                }
            }
        }
        // Those that wait, one that each worker is at, one that is being filled.
        let mut ring = Ring::new(QUEUE_ROOM + 3);
        loop {
            let mut load = ring.take();
            let filled = files.fill(load.batch_mut());
            load.share_out(workers);
            let load = Arc::new(load);
            if !send(&load, files.replay().bytes_read()) || filled == Filled::Ended {
                break;
            }
            ring.keep(load);
        }
        drop(queues);
        crew.finish()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress(frames, files.replay().bytes_read());
    summarize(request, files.replay(), monitors)
}

/// Replays frames from anywhere: the seam for tests, benches and fuzzers that hold frames in memory.
pub fn feed<'a>(monitor: &mut Monitor<'_>, frames: impl IntoIterator<Item = Frame<'a>>) {
    monitor.packets(frames.into_iter());
}

fn summarize<'a>(request: &Request<'a>, files: &Replay, monitors: Vec<Monitor<'a>>) -> Outcome<'a> {
    let ledger = of_files(files);
    Outcome {
        summary: merge::summary(
            request,
            request.catalogue,
            std::slice::from_ref(&ledger),
            &monitors,
            Shown {
                rows: Rows::Listed(request.listed),
                ..Shown::default()
            },
        ),
        failures: ledger.failures,
        monitors,
    }
}
