//! The workers: threads with a monitor each.
//!
//! Input: loads, each handed to all workers through bounded channels, in order. Output: the monitors, once the senders
//! are gone. No lock is taken and nothing is allocated a packet. A worker that panics takes its channel with it, which
//! ends whoever sends to it; the panic goes on in whoever joins the crew.

use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::load::Load;
use crate::catalogue::Catalogue;
use crate::monitor::share::Share;
use crate::monitor::{Limits, Monitor};

/// Loads that may wait for a worker.
pub const QUEUE_ROOM: usize = 64;

/// Workers at work on what is sent to them.
pub struct Crew<'scope, 'c> {
    queues: Vec<Sender<Arc<Load>>>,
    threads: Vec<ScopedJoinHandle<'scope, Monitor<'c>>>,
}

impl<'scope, 'c: 'scope> Crew<'scope, 'c> {
    /// Starts so many workers.
    #[must_use]
    pub fn start(
        scope: &'scope Scope<'scope, '_>,
        catalogue: &'c Catalogue,
        limits: Limits,
        workers: usize,
    ) -> Self {
        let (queues, threads) = Share::among(workers)
            .enumerate()
            .map(|(number, share)| {
                let (queue, loads) = bounded(QUEUE_ROOM);
                let monitor = Monitor::of_share(catalogue, limits, share);
                (queue, scope.spawn(move || work(number, monitor, &loads)))
            })
            .unzip();
        Self { queues, threads }
    }

    /// How many workers there are.
    #[must_use]
    pub const fn workers(&self) -> usize {
        self.queues.len()
    }

    /// Hands a load to all workers; waits while one of them has no room. False if a worker is gone.
    #[must_use]
    pub fn send(&self, load: &Arc<Load>) -> bool {
        self.queues
            .iter()
            .all(|queue| queue.send(Arc::clone(load)).is_ok())
    }

    /// Waits until everything that was sent is analysed.
    #[must_use]
    pub fn finish(self) -> Vec<Monitor<'c>> {
        drop(self.queues);
        self.threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(monitor) => monitor,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    }
}

fn work<'c>(number: usize, mut monitor: Monitor<'c>, loads: &Receiver<Arc<Load>>) -> Monitor<'c> {
    for load in loads {
        take(&mut monitor, number, &load);
    }
    monitor
}

/// Takes a worker's frames of a load, and the time that has passed.
pub(super) fn take(monitor: &mut Monitor<'_>, number: usize, load: &Load) {
    for frame in load.frames_of(number) {
        monitor.packet(&frame);
    }
    monitor.tick(load.batch().now());
}
