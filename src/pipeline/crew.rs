//! The workers: threads with a monitor each.
//!
//! Input: loads, each handed to all workers through bounded channels, in order. Output: the monitors, once the senders
//! are gone; before that, a loan of them for a picture. No lock is taken and nothing is allocated a packet. A worker that
//! panics takes its channels with it, which ends whoever sends to it; whoever joins the crew is told.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::analyst::Analyst;
use super::inbox::Inbox;
use super::load::Load;

/// Loads that may wait for a worker: 64 MiB of frames, so that those that come while a picture is made find room.
pub(super) const QUEUE_ROOM: usize = 256;

/// Workers at work on what is sent to them.
pub(super) struct Crew<'scope, A> {
    threads: Vec<ScopedJoinHandle<'scope, Option<A>>>,
}

/// One source's way to all workers.
#[derive(Default)]
pub(super) struct Queues(Vec<Queue>);

struct Queue {
    sender: Sender<Arc<Load>>,
    waiting: Gauge,
}

/// How many loads wait in a queue. A channel tells that to its ends alone, and whoever held an end only to look would
/// keep it open.
pub(super) type Gauge = Arc<AtomicUsize>;

/// The way to borrow the monitors of a crew.
pub(super) struct Loans<A>(Vec<Loan<A>>);

struct Loan<A> {
    ask: Sender<()>,
    lent: Receiver<A>,
    back: Sender<A>,
}

struct Lender<A> {
    asked: Receiver<()>,
    lend: Sender<A>,
    back: Receiver<A>,
}

impl<'scope, A: Analyst + 'scope> Crew<'scope, A> {
    /// Starts a worker for each monitor, for so many sources. Each works until all queues are dropped, and lends its
    /// monitor until the loans are; what `each` makes for its number lives as long as its thread.
    #[must_use]
    pub(super) fn start<G: Send + 'scope>(
        scope: &'scope Scope<'scope, '_>,
        monitors: Vec<A>,
        sources: usize,
        each: impl Fn(usize) -> G,
    ) -> (Self, Vec<Queues>, Loans<A>) {
        let mut queues: Vec<Queues> = (0..sources).map(|_| Queues::default()).collect();
        let mut loans = Vec::new();
        let mut threads = Vec::new();
        for (number, monitor) in monitors.into_iter().enumerate() {
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
            let inbox = Inbox::new(number, receivers);
            let guard = each(number);
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
    pub(super) fn finish(self) -> std::thread::Result<Vec<A>> {
        // All of them, before the first panic is told: one that nobody joins would panic its scope.
        let ends: Vec<_> = self
            .threads
            .into_iter()
            .map(ScopedJoinHandle::join)
            .collect();
        let monitors: std::thread::Result<Vec<Option<A>>> = ends.into_iter().collect();
        Ok(monitors?.into_iter().flatten().collect())
    }
}

/// Works, and lends the monitor between two loads; none if it was not given back.
fn work<A: Analyst>(mut monitor: A, mut inbox: Inbox, lender: &Lender<A>) -> Option<A> {
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

impl<A> Lender<A> {
    fn lend_out(&self, monitor: A) -> Option<A> {
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
    pub(super) fn send(&self, load: &Arc<Load>) -> bool {
        let Self(queues) = self;
        queues.iter().all(|queue| {
            queue.waiting.fetch_add(1, Relaxed);
            queue.sender.send(Arc::clone(load)).is_ok()
        })
    }

    /// Some worker has no room. Nobody else sends here: until the next [`Self::send`], there will not be less.
    #[must_use]
    pub(super) fn is_full(&self) -> bool {
        self.waiting() >= QUEUE_ROOM
    }

    /// Loads that wait for the slowest worker.
    #[must_use]
    pub(super) fn waiting(&self) -> usize {
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
    pub(super) const fn workers(&self) -> usize {
        let Self(queues) = self;
        queues.len()
    }
}

impl<A> Loans<A> {
    /// Borrows all monitors, uses them and gives them back. The workers stand still meanwhile. `None` if a worker is gone.
    /// They are given back even if `look` panics: what they saw is still to be reported.
    pub(super) fn borrow<R>(&self, look: impl FnOnce(&mut [A]) -> R) -> Option<R> {
        let Self(loans) = self;
        for loan in loans {
            loan.ask.send(()).ok()?;
        }
        let mut monitors: Vec<A> = loans
            .iter()
            .map_while(|loan| loan.lent.recv().ok())
            .collect();
        let seen = (monitors.len() == loans.len())
            .then(|| catch_unwind(AssertUnwindSafe(|| look(&mut monitors))));
        for (loan, monitor) in loans.iter().zip(monitors) {
            loan.back.send(monitor).ok()?;
        }
        seen.map(|seen| seen.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}
