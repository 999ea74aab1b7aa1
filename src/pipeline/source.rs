//! Where batches come from: the seam between capture and pipeline.
//!
//! Taps on interfaces, files and the fakes of tests all fill batches; the pipeline knows no more of them than this.

use crate::capture::Replay;
use crate::capture::batch::Batch;
use crate::capture::frame::InterfaceId;

/// What became of an attempt to fill a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// There are frames, or time has passed, and more may come.
    Open,
    /// What the batch holds is the last.
    Ended,
}

/// Fills batches with frames in capture order.
pub trait Source {
    /// Puts frames into an empty batch until it is full, or there are none for now. Live sources wait for about 100 ms
    /// at most, and move the batch's time on when nothing came.
    fn fill(&mut self, batch: &mut Batch) -> Filled;
}

/// Capture files, merged by time.
pub struct Files {
    replay: Replay,
    /// The replay stands at a frame that the last batch had no room for.
    held: bool,
}

impl Files {
    /// Reads these files.
    #[must_use]
    pub const fn new(replay: Replay) -> Self {
        Self {
            replay,
            held: false,
        }
    }

    /// The files, as far as they were read.
    #[must_use]
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// Names of the interfaces met so far, by number.
    #[must_use]
    pub fn interfaces(&self) -> Vec<Option<String>> {
        names(&self.replay)
    }
}

impl Source for Files {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        loop {
            if !self.held && !self.replay.advance() {
                return Filled::Ended;
            }
            self.held = match self.replay.frame() {
                Some(frame) => !batch.push(&frame),
                None => false,
            };
            if self.held {
                return Filled::Open;
            }
        }
    }
}

/// Names of the interfaces of files, by number.
pub(super) fn names(files: &Replay) -> Vec<Option<String>> {
    let interfaces = files.interfaces();
    (0..interfaces.len())
        .map(|number| {
            let id = InterfaceId(u16::try_from(number).unwrap_or(u16::MAX));
            interfaces.name(id).map(ToOwned::to_owned)
        })
        .collect()
}
