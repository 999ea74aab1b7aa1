//! The latest frames, kept in memory for whoever wants their packets.
//!
//! Input: the loads that went to the workers. Output: copies of their frames, packed tightly, to a [`Scribe`] that is
//! asked to write some of them. Off the way of the packets: what the keeper has no time for is not kept. Bound: the bytes
//! given; the oldest batch is emptied and filled again.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, select};

use super::desk::{Alarm, Desk};
use super::load::Load;
use crate::capture::batch::Batch;
use crate::capture::frame::Timestamp;
use crate::picture::{Message, Selection};
use crate::verdict::summary::Summary;

/// Bytes of frames kept unless told otherwise.
pub const KEPT_BYTES: usize = 64 << 20;

/// Loads that may wait to be kept.
pub(super) const KEEPER_ROOM: usize = 32;

/// Bytes and frames of one batch of kept frames.
const PIECE: (usize, usize) = (1 << 20, 4096);

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Of what.
    pub selection: Selection,
    /// Where to; a name is made up if none.
    pub path: Option<PathBuf>,
}

/// Writes packets.
pub trait Scribe: Sync {
    /// Writes what was ordered of the frames kept; says what was written, or why not.
    ///
    /// # Errors
    /// A line for the operator.
    fn write(&self, order: &Order, summary: &Summary, kept: &Kept) -> Result<String, String>;

    /// Looks at what a new picture shows; says what it did about it, or why that failed.
    fn look(&self, summary: &Summary, kept: &Kept) -> Vec<Result<String, String>> {
        let (_, _) = (summary, kept);
        Vec::new()
    }

    /// Takes frames as they come; says what went wrong, once.
    fn take(&self, batch: &Batch) -> Option<String> {
        let _ = batch;
        None
    }
}

/// Frames in the order they were captured.
#[derive(Debug, Default)]
pub struct Kept {
    batches: VecDeque<Batch>,
    most: usize,
}

impl Kept {
    /// Room for about so many bytes of frames.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self {
            batches: VecDeque::new(),
            most: (bytes / PIECE.0).max(2),
        }
    }

    /// The batches, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> + Clone {
        self.batches.iter()
    }

    /// Keeps the frames of a batch.
    pub fn keep(&mut self, batch: &Batch) {
        for frame in batch.frames() {
            let taken = self
                .batches
                .back_mut()
                .is_some_and(|last| last.push(&frame));
            if !taken {
                let mut piece = self.piece();
                piece.push(&frame);
                self.batches.push_back(piece);
            }
        }
    }

    fn piece(&mut self) -> Batch {
        let oldest = if self.batches.len() < self.most {
            None
        } else {
            self.batches.pop_front()
        };
        match oldest {
            Some(mut piece) => {
                piece.clear();
                piece
            }
            None => Batch::with_room(PIECE.0, PIECE.1),
        }
    }
}

/// The keeper's thread.
pub(super) struct Keeper<'a> {
    pub(super) loads: Receiver<Arc<Load>>,
    pub(super) orders: Receiver<Order>,
    pub(super) scribe: &'a dyn Scribe,
    pub(super) kept: Kept,
    /// The latest picture that the scribe looked at.
    pub(super) looked_at: u64,
    pub(super) desk: Arc<Desk>,
}

impl Keeper<'_> {
    /// Runs until nobody orders any more; gives back what it kept.
    pub(super) fn run(mut self) -> Kept {
        let _alarm = Alarm::of("the keeper of packets", &self.desk);
        let mut open = true;
        loop {
            let order = if open {
                select! {
                    recv(self.loads) -> load => {
                        match load {
                            Ok(load) => {
                                self.keep(load.batch());
                                drop(load);
                                self.look();
                            }
                            Err(_) => open = false,
                        }
                        continue;
                    }
                    recv(self.orders) -> order => order,
                }
            } else {
                self.orders.recv()
            };
            let Ok(order) = order else { break };
            self.write(&order);
        }
        self.catch_up();
        self.kept
    }

    fn catch_up(&mut self) {
        while let Ok(load) = self.loads.try_recv() {
            self.keep(load.batch());
        }
    }

    fn keep(&mut self, batch: &Batch) {
        self.kept.keep(batch);
        if let Some(text) = self.scribe.take(batch) {
            self.desk.tell(Message {
                at: batch.now(),
                text,
                trouble: true,
            });
        }
    }

    fn look(&mut self) {
        if self.desk.picture.load().number == self.looked_at {
            return;
        }
        let picture = self.desk.latest();
        self.looked_at = picture.number;
        // What it shows may still be on its way here.
        self.catch_up();
        for done in self.scribe.look(&picture.summary, &self.kept) {
            self.tell(picture.now, done);
        }
    }

    fn write(&mut self, order: &Order) {
        // What is on its way belongs to what the operator has seen.
        self.catch_up();
        let picture = self.desk.latest();
        let done = self.scribe.write(order, &picture.summary, &self.kept);
        self.tell(picture.now, done);
    }

    fn tell(&self, at: Timestamp, done: Result<String, String>) {
        let trouble = done.is_err();
        let (Ok(text) | Err(text)) = done;
        self.desk.tell(Message { at, text, trouble });
    }
}
