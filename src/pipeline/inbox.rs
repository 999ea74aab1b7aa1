//! What a worker has still to take, of one source or several.
//!
//! Input: a queue a source. Output: the worker's frames into its monitor: of several sources in order of time, as far as
//! all of them have come. A source that lags is waited for, but not while another one's queue fills: order between
//! interfaces helps a few rules, losing frames hurts all.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError};

use super::analyst::Analyst;
use super::crew::{Gauge, QUEUE_ROOM};
use super::load::Load;
use crate::capture::frame::Timestamp;

/// How long to wait for a source that lags, before looking at the others again.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Frames taken at most before the worker looks up from its work.
const TAKEN_AT_ONCE: usize = 8192;

/// One source's loads.
struct Stream {
    loads: Receiver<Arc<Load>>,
    waiting: Gauge,
    load: Option<Arc<Load>>,
    /// Place in the load.
    at: usize,
    /// Everything before this was taken.
    known: Timestamp,
    open: bool,
}

/// What a worker has still to take.
pub(super) struct Inbox {
    worker: usize,
    streams: Vec<Stream>,
}

impl Inbox {
    pub(super) fn new(worker: usize, queues: Vec<(Receiver<Arc<Load>>, Gauge)>) -> Self {
        let stream = |(loads, waiting)| Stream {
            loads,
            waiting,
            load: None,
            at: 0,
            known: Timestamp::MIN,
            open: true,
        };
        Self {
            worker,
            streams: queues.into_iter().map(stream).collect(),
        }
    }

    /// Takes what there is, waiting for some; false when all sources have ended and everything was taken.
    pub(super) fn step(&mut self, monitor: &mut impl Analyst) -> bool {
        match self.streams.as_mut_slice() {
            [only] => only.take_whole(self.worker, monitor),
            _ => self.step_merged(monitor),
        }
    }

    fn step_merged(&mut self, monitor: &mut impl Analyst) -> bool {
        for _ in 0..TAKEN_AT_ONCE {
            let worker = self.worker;
            let heads = self.streams.iter_mut().enumerate();
            let first = heads
                .filter_map(|(number, stream)| Some((stream.head(worker)?, number)))
                .min();
            let lags = |stream: &&Stream| stream.open && stream.load.is_none();
            let slowest = self
                .streams
                .iter()
                .filter(lags)
                .min_by_key(|stream| stream.known);
            match (first, slowest) {
                (None, None) => return false,
                (Some((at, number)), Some(slowest)) if at > slowest.known => {
                    let queue = self.streams.get(number).map_or(0, |head| head.loads.len());
                    if queue * 2 > QUEUE_ROOM {
                        self.take(number, monitor);
                    } else {
                        self.wait(monitor);
                        return true;
                    }
                }
                (Some((_, number)), _) => self.take(number, monitor),
                (None, Some(_)) => {
                    self.wait(monitor);
                    return true;
                }
            }
        }
        true
    }

    fn take(&mut self, number: usize, monitor: &mut impl Analyst) {
        let Some(stream) = self.streams.get_mut(number) else {
            return;
        };
        if let Some(frame) = stream
            .load
            .as_ref()
            .and_then(|load| load.batch().frame(stream.at))
        {
            monitor.packet(&frame);
        }
        stream.at += 1;
    }

    /// Time has passed as far as the slowest source knows; waits a moment for its next load.
    fn wait(&mut self, monitor: &mut impl Analyst) {
        let lagging = self
            .streams
            .iter_mut()
            .filter(|stream| stream.open && stream.load.is_none())
            .min_by_key(|stream| stream.known);
        if let Some(stream) = lagging {
            monitor.tick(stream.known);
            if let Ok(load) = stream.loads.recv_timeout(LOOK_EVERY) {
                stream.begin(load);
            }
        }
    }
}

impl Stream {
    /// The one source's next load, as a whole.
    fn take_whole(&mut self, worker: usize, monitor: &mut impl Analyst) -> bool {
        let Ok(load) = self.loads.recv() else {
            return false;
        };
        monitor.packets(load.frames_of(worker));
        monitor.tick(load.batch().now());
        drop(load);
        self.waiting.fetch_sub(1, Relaxed);
        true
    }

    fn begin(&mut self, load: Arc<Load>) {
        self.load = Some(load);
        self.at = 0;
    }

    /// The time of the next frame of this worker, if it is there.
    fn head(&mut self, worker: usize) -> Option<Timestamp> {
        loop {
            if self.load.is_none() {
                match self.loads.try_recv() {
                    Ok(load) => self.begin(load),
                    Err(TryRecvError::Empty) => return None,
                    Err(TryRecvError::Disconnected) => {
                        self.open = false;
                        return None;
                    }
                }
            }
            let load = self.load.as_ref()?;
            if let Some(at) = load.next_of(worker, self.at) {
                self.at = at;
                return load.batch().frame(at).map(|frame| frame.seen.at);
            }
            self.known = self.known.max(load.batch().now());
            self.load = None;
            self.waiting.fetch_sub(1, Relaxed);
        }
    }
}
