//! The workers: threads with a monitor each.
//!
//! Input: loads, each handed to all workers through bounded channels, in order. Output: the monitors, once the senders
//! are gone; before that, a loan of them for a picture. No lock is taken and nothing is allocated a packet. A worker that
//! panics takes its channels with it, which ends whoever sends to it; whoever joins the crew is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::inbox::Inbox;
use super::load::Load;
use crate::catalogue::Catalogue;
use crate::monitor::share::Share;
use crate::monitor::{Limits, Monitor};

/// Loads that may wait for a worker: 64 MiB of frames, so that those that come while a picture is made find room.
pub const QUEUE_ROOM: usize = 256;

/// Workers at work on what is sent to them.
pub struct Crew<'scope, 'c> {
    threads: Vec<ScopedJoinHandle<'scope, Option<Monitor<'c>>>>,
}

/// One source's way to all workers.
#[derive(Default)]
pub struct Queues(Vec<Queue>);

struct Queue {
    sender: Sender<Arc<Load>>,
    waiting: Gauge,
}

/// How many loads wait in a queue. A channel tells that to its ends alone, and whoever held an end only to look would
/// keep it open.
pub(super) type Gauge = Arc<AtomicUsize>;

/// The way to borrow the monitors of a crew.
pub struct Loans<'c>(Vec<Loan<'c>>);

struct Loan<'c> {
    ask: Sender<()>,
    lent: Receiver<Monitor<'c>>,
    back: Sender<Monitor<'c>>,
}

struct Lender<'c> {
    asked: Receiver<()>,
    lend: Sender<Monitor<'c>>,
    back: Receiver<Monitor<'c>>,
}

impl<'scope, 'c: 'scope> Crew<'scope, 'c> {
    /// Starts so many workers for so many sources. Each worker works until all queues are dropped, and lends its monitor
    /// until the loans are; `each` runs in its thread when it begins, and lives as long as it.
    #[must_use]
    pub fn start<G: Send + 'scope>(
        scope: &'scope Scope<'scope, '_>,
        (catalogue, limits): (&'c Catalogue, Limits),
        (workers, sources): (usize, usize),
        each: impl Fn() -> G,
    ) -> (Self, Vec<Queues>, Loans<'c>) {
        let mut queues: Vec<Queues> = (0..sources).map(|_| Queues::default()).collect();
        let mut loans = Vec::new();
        let mut threads = Vec::new();
        for (number, share) in Share::among(workers).enumerate() {
            let mut receivers = Vec::new();
            for Queues(source) in &mut queues {
                let (sender, receiver) = bounded(QUEUE_ROOM);
                let waiting = Gauge::default();
                receivers.push((receiver, Arc::clone(&waiting)));
                source.push(Queue { sender, waiting });
            }
            let ((ask, asked), (lend, borrowed), (back, returned)) =
                (bounded(1), bounded(1), bounded(1));
            loans.push(Loan {
                ask,
                lent: borrowed,
                back,
            });
            let lender = Lender {
                asked,
                lend,
                back: returned,
            };
            let monitor = Monitor::of_share(catalogue, limits, share);
            let inbox = Inbox::new(number, receivers);
            let guard = each();
            threads.push(scope.spawn(move || {
                let _guard = guard;
                work(monitor, inbox, &lender)
            }));
        }
        (Self { threads }, queues, Loans(loans))
    }

    /// Waits until everything that was sent is analysed.
    ///
    /// # Errors
    /// What a worker panicked with.
    pub fn finish(self) -> std::thread::Result<Vec<Monitor<'c>>> {
        let mut monitors = Vec::new();
        for thread in self.threads {
            monitors.extend(thread.join()?);
        }
        Ok(monitors)
    }
}

/// Works, and lends the monitor between two loads; none if it was not given back.
fn work<'c>(
    mut monitor: Monitor<'c>,
    mut inbox: Inbox,
    lender: &Lender<'c>,
) -> Option<Monitor<'c>> {
    while inbox.step(&mut monitor) {
        if lender.asked.try_recv().is_ok() {
            monitor = lender.lend_out(monitor)?;
        }
    }
    drop(inbox);
    while lender.asked.recv().is_ok() {
        monitor = lender.lend_out(monitor)?;
    }
    Some(monitor)
}

impl<'c> Lender<'c> {
    fn lend_out(&self, monitor: Monitor<'c>) -> Option<Monitor<'c>> {
        match self.lend.send(monitor) {
            Ok(()) => self.back.recv().ok(),
            // Nobody wants it any more.
            Err(unsent) => Some(unsent.into_inner()),
        }
    }
}

impl Queues {
    /// Hands a load to all workers; waits while one of them has no room. False if a worker is gone.
    #[must_use]
    pub fn send(&self, load: &Arc<Load>) -> bool {
        let Self(queues) = self;
        queues.iter().all(|queue| {
            queue.waiting.fetch_add(1, Relaxed);
            queue.sender.send(Arc::clone(load)).is_ok()
        })
    }

    /// Some worker has no room. Nobody else sends here: until the next [`Self::send`], there will not be less.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting() >= QUEUE_ROOM
    }

    /// Loads that wait for the slowest worker.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let Self(queues) = self;
        let waiting = queues.iter().map(|queue| queue.sender.len());
        waiting.max().unwrap_or(0)
    }

    /// How many loads wait in each queue, for somebody else to look at.
    #[must_use]
    pub(super) fn gauges(&self) -> Vec<Gauge> {
        let Self(queues) = self;
        queues
            .iter()
            .map(|queue| Arc::clone(&queue.waiting))
            .collect()
    }

    /// A way to one worker that takes nothing.
    #[cfg(test)]
    pub(super) fn to_nobody() -> (Self, Receiver<Arc<Load>>) {
        let (sender, unread) = bounded(QUEUE_ROOM);
        let waiting = Gauge::default();
        (Self(vec![Queue { sender, waiting }]), unread)
    }

    /// How many workers there are.
    #[must_use]
    pub const fn workers(&self) -> usize {
        let Self(queues) = self;
        queues.len()
    }
}

impl<'c> Loans<'c> {
    /// Borrows all monitors, uses them and gives them back. The workers stand still meanwhile. `None` if a worker is gone.
    pub fn borrow<R>(&self, look: impl FnOnce(&[Monitor<'c>]) -> R) -> Option<R> {
        let Self(loans) = self;
        for loan in loans {
            loan.ask.send(()).ok()?;
        }
        let monitors: Vec<Monitor<'c>> = loans
            .iter()
            .map_while(|loan| loan.lent.recv().ok())
            .collect();
        let seen = (monitors.len() == loans.len()).then(|| look(&monitors));
        for (loan, monitor) in loans.iter().zip(monitors) {
            loan.back.send(monitor).ok()?;
        }
        seen
    }
}
