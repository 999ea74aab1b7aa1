//! What the threads of a run share: all of it is read and replaced whole, nothing is locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};

use arc_swap::{ArcSwap, ArcSwapOption};
use crossbeam_channel::{Receiver, Sender, bounded};

use super::source::Ledger;
use crate::capture::frame::Timestamp;
use crate::catalogue::Catalogue;
use crate::picture::{Message, Picture};

/// Messages that wait to be shown; what comes beyond is left out.
const NEWS_ROOM: usize = 256;

/// What the threads of a run share.
pub(super) struct Desk {
    pub(super) picture: ArcSwap<Picture>,
    /// One a source.
    pub(super) ledgers: Vec<ArcSwap<Ledger>>,
    frames: AtomicU64,
    bytes: AtomicU64,
    /// Frames that the keeper had no room for.
    unkept: AtomicU64,
    now: AtomicI64,
    /// Sources that have not ended.
    open: AtomicUsize,
    finished: AtomicBool,
    stop: AtomicBool,
    /// The catalogue that counts, if it is not the one the run began with, and how often it was replaced.
    adopted: ArcSwapOption<Catalogue>,
    editions: AtomicU64,
    /// The first part that panicked.
    broken: ArcSwapOption<String>,
    pub(super) news: (Sender<Message>, Receiver<Message>),
}

impl Desk {
    pub(super) fn new(sources: usize, picture: Picture) -> Self {
        Self {
            picture: ArcSwap::from_pointee(picture),
            ledgers: (0..sources).map(|_| ArcSwap::default()).collect(),
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            unkept: AtomicU64::new(0),
            now: AtomicI64::new(Timestamp::MIN.as_nanos()),
            open: AtomicUsize::new(sources),
            finished: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            adopted: ArcSwapOption::empty(),
            editions: AtomicU64::new(0),
            broken: ArcSwapOption::empty(),
            news: bounded(NEWS_ROOM),
        }
    }

    /// So many frames and bytes were read, up to this time.
    pub(super) fn read(&self, frames: usize, bytes: usize, now: Timestamp) {
        self.frames.fetch_add(frames as u64, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
        self.now.fetch_max(now.as_nanos(), Relaxed);
    }

    /// Frames and bytes read, and how far capture time has come.
    pub(super) fn progress(&self) -> (u64, u64, Timestamp) {
        (
            self.frames.load(Relaxed),
            self.bytes.load(Relaxed),
            Timestamp::from_nanos(self.now.load(Relaxed)),
        )
    }

    /// The keeper had no room for so many frames.
    pub(super) fn not_kept(&self, frames: usize) {
        self.unkept.fetch_add(frames as u64, Relaxed);
    }

    pub(super) fn unkept(&self) -> u64 {
        self.unkept.load(Relaxed)
    }

    /// One source has ended.
    pub(super) fn ended(&self) {
        self.open.fetch_sub(1, Relaxed);
    }

    /// Everything was read, though the source may be asked to read again.
    pub(super) fn finished(&self) {
        self.finished.store(true, Relaxed);
    }

    /// There is nothing more to read.
    pub(super) fn is_finished(&self) -> bool {
        self.open.load(Relaxed) == 0 || self.finished.load(Relaxed)
    }

    /// All threads shall end.
    pub(super) fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// The first thread that panicked, if one did.
    pub(super) fn broken(&self) -> Option<String> {
        self.broken.load().as_deref().cloned()
    }

    /// From now on this catalogue counts.
    pub(super) fn adopt(&self, catalogue: Arc<Catalogue>) {
        self.adopted.store(Some(catalogue));
        self.editions.fetch_add(1, Relaxed);
    }

    /// The catalogue that counts, if it is not the one the run began with.
    pub(super) fn adopted(&self) -> Option<Arc<Catalogue>> {
        self.adopted.load_full()
    }

    /// How often the catalogue was replaced.
    pub(super) fn editions(&self) -> u64 {
        self.editions.load(Relaxed)
    }

    /// Tells the operator something; left out if nobody reads.
    pub(super) fn tell(&self, message: Message) {
        let _ = self.news.0.try_send(message);
    }

    pub(super) fn ledgers(&self) -> Vec<Ledger> {
        let whole = |ledger: &ArcSwap<Ledger>| Ledger::clone(&ledger.load());
        self.ledgers.iter().map(whole).collect()
    }

    /// The latest picture.
    pub(super) fn latest(&self) -> Arc<Picture> {
        self.picture.load_full()
    }
}

/// Held by every thread of a run: if it panics, all of them end.
pub(super) struct Alarm {
    part: String,
    desk: Arc<Desk>,
}

impl Alarm {
    /// Of this part of the program.
    pub(super) fn of(part: &str, desk: &Arc<Desk>) -> Self {
        Self {
            part: part.to_owned(),
            desk: Arc::clone(desk),
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let first = |known: &Option<Arc<String>>| {
                known.clone().or_else(|| Some(Arc::new(self.part.clone())))
            };
            self.desk.broken.rcu(first);
            self.desk.stop();
        }
    }
}
