//! A batch with whose frames are whose, and the ring that batches are recycled in.
//!
//! Every worker gets the same load and takes its own frames of it: nothing is copied for them, and what several must
//! see (fragments) needs no copies either. A load is filled again once no worker holds it. Bound: a ring allocates as
//! many loads as it has room for, once; more only while somebody holds all of them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::capture::batch::Batch;
use crate::capture::frame::Frame;
use crate::decode::{glance, glance_ends};
use crate::monitor::share::{owner, owner_of};

/// Bytes of one batch: some hundred full-size frames, so that a hand-over costs little a frame, and little enough to
/// stay in the second-level cache between the thread that fills it and those that read it.
pub const BATCH_BYTES: usize = 256 << 10;

/// Frames of one batch: as many small ones as there are bytes for on average.
pub const BATCH_FRAMES: usize = 2048;

/// Stands for every worker.
const ALL: u8 = u8::MAX;

/// Frames, and for each the worker that takes it.
#[derive(Debug)]
pub struct Load {
    batch: Batch,
    owners: Vec<u8>,
}

impl Load {
    fn new() -> Self {
        Self {
            batch: Batch::with_room(BATCH_BYTES, BATCH_FRAMES),
            owners: Vec::with_capacity(BATCH_FRAMES),
        }
    }

    /// What is in a batch already, for so many workers. Not to be kept in a ring: who reads the batch's file on may wait
    /// for its memory.
    #[must_use]
    pub fn of(batch: Batch, workers: usize) -> Self {
        let owners = Vec::with_capacity(batch.len());
        let mut load = Self { batch, owners };
        load.share_out(workers);
        load
    }

    /// The frames.
    #[must_use]
    pub const fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The batch, to be filled; [`Self::share_out`] comes next.
    pub const fn batch_mut(&mut self) -> &mut Batch {
        &mut self.batch
    }

    /// Says whose each frame is, of so many workers.
    pub fn share_out(&mut self, workers: usize) {
        self.owners.clear();
        if workers > 1 {
            let owners = self.batch.frames().map(|frame| whose(&frame, workers));
            self.owners.extend(owners);
        }
    }

    /// The place, from this one on, of the next frame of a worker.
    #[must_use]
    pub fn next_of(&self, worker: usize, from: usize) -> Option<usize> {
        let worker = u8::try_from(worker).unwrap_or(ALL);
        let mine = |place: &usize| {
            let owner = self.owners.get(*place).copied().unwrap_or(worker);
            owner == worker || owner == ALL
        };
        (from..self.batch.len()).find(mine)
    }

    /// The frames of one worker.
    pub fn frames_of(&self, worker: usize) -> impl Iterator<Item = Frame<'_>> {
        let worker = u8::try_from(worker).unwrap_or(ALL);
        let owners = self.owners.iter().copied().chain(std::iter::repeat(worker));
        self.batch
            .frames()
            .zip(owners)
            .filter(move |(_, owner)| *owner == worker || *owner == ALL)
            .map(|(frame, _)| frame)
    }
}

/// The worker that takes a frame, of so many.
#[inline]
fn whose(frame: &Frame<'_>, workers: usize) -> u8 {
    let owner = match glance_ends(frame) {
        Some(ends) => owner_of(&ends, workers),
        None => match glance(frame) {
            Ok(Some(packet)) => owner(&packet, workers),
            Ok(None) => return ALL,
            // Counted by one.
            Err(_) => 0,
        },
    };
    u8::try_from(owner).unwrap_or(0)
}

/// Loads in the order they were sent.
#[derive(Debug)]
pub struct Ring {
    loads: VecDeque<Arc<Load>>,
    room: usize,
}

impl Ring {
    /// A ring of so many loads.
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self {
            loads: VecDeque::with_capacity(room),
            room: room.max(1),
        }
    }

    /// An empty load: the oldest, if nobody holds it any more, so that few are in use and they stay in the cache.
    pub fn take(&mut self) -> Load {
        match self.loads.pop_front().map(Arc::try_unwrap) {
            Some(Ok(mut load)) => {
                load.batch.clear();
                load
            }
            Some(Err(held)) => {
                if self.loads.len() < self.room {
                    self.loads.push_front(held);
                }
                Load::new()
            }
            None => Load::new(),
        }
    }

    /// Keeps a load that was sent, to be recycled.
    pub fn keep(&mut self, load: Arc<Load>) {
        self.loads.push_back(load);
    }
}
