//! Where batches come from: the seam between capture and pipeline.
//!
//! Taps on interfaces, files and the fakes of tests all fill batches; the pipeline knows no more of them than this.

use crate::capture::batch::Batch;
use crate::capture::frame::{InterfaceId, Timestamp};
use crate::capture::{CaptureError, CaptureInfo, Replay};
use crate::picture::Message;
use crate::verdict::gap::Gaps;

/// What became of an attempt to fill a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// There are frames, or time has passed, and more may come.
    Open,
    /// What the batch holds is the last.
    Ended,
}

/// What a source knows of its inputs so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// One an input, in the order of their numbers in frames.
    pub inputs: Vec<CaptureInfo>,
    /// The inputs are interfaces; their paths are the interfaces' names.
    pub live: bool,
    /// Names of capture interfaces, in the order of their numbers in frames.
    pub interfaces: Vec<Option<String>>,
    /// Why inputs could not be read, or not to their end.
    pub failures: Vec<String>,
    /// Frames that found no room on the way to the analysis; kept by the pipeline.
    pub dropped: u64,
    /// The inputs are interfaces that cannot be heard now: down, or gone.
    pub deaf: bool,
    /// When frames were lost, or nobody listened; the pipeline adds its own losses.
    pub gaps: Gaps,
}

impl Ledger {
    /// Frames that never reached windfall, as far as the inputs count them.
    #[must_use]
    pub fn lost_before(&self) -> u64 {
        let of = |info: &CaptureInfo| {
            info.dropped_kernel.unwrap_or(0) + info.dropped_interface.unwrap_or(0)
        };
        self.inputs.iter().map(of).sum()
    }
}

/// Fills batches with frames in capture order.
pub trait Source: Send {
    /// Puts frames into an empty batch until it is full, or there are none for now. Live sources wait for about 100 ms
    /// at most, and move the batch's time on when nothing came.
    fn fill(&mut self, batch: &mut Batch) -> Filled;

    /// What is known of its inputs. Asked for a few times a second.
    fn ledger(&self) -> Ledger;

    /// What happened since it was asked last.
    fn news(&mut self) -> Vec<Message> {
        Vec::new()
    }
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

    /// The next frames where they lie, up to `most`; see [`Replay::lend_run`].
    pub(super) fn lend_run(&mut self, most: usize) -> Option<Batch> {
        self.replay.lend_run(most)
    }

    /// Moves to the next frame, unless there is one that was not taken yet. False when there is none.
    pub(super) fn advance(&mut self) -> bool {
        self.held = self.held || self.replay.advance();
        self.held
    }

    /// The frame it stands at was taken.
    pub(super) const fn taken(&mut self) {
        self.held = false;
    }
}

impl Source for Files {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        while self.advance() {
            if let Some(frame) = self.replay.frame()
                && !batch.push(&frame)
            {
                return Filled::Open;
            }
            self.taken();
        }
        if let Some(ended) = ended(&self.replay) {
            batch.tick(ended);
        }
        Filled::Ended
    }

    fn ledger(&self) -> Ledger {
        of_files(&self.replay)
    }
}

/// When the recording ended, where files tell: silence until then counts.
pub(super) fn ended(files: &Replay) -> Option<Timestamp> {
    files.captures().iter().filter_map(|info| info.ended).max()
}

/// What is known of files.
pub(super) fn of_files(files: &Replay) -> Ledger {
    let interfaces = files.interfaces();
    let names = (0..interfaces.len()).map(|number| {
        let id = InterfaceId(u16::try_from(number).unwrap_or(u16::MAX));
        interfaces.name(id).map(ToOwned::to_owned)
    });
    Ledger {
        inputs: files.captures(),
        interfaces: names.collect(),
        failures: files.failures().map(CaptureError::to_string).collect(),
        ..Ledger::default()
    }
}
