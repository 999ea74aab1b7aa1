//! One or several capture files as one stream of frames.
//!
//! Input: paths. Output: frames merged by capture time; equal times in the order the files were given. Within a file
//! its own order is kept, even where times step back. A file that cannot be opened or read on is left behind, the
//! others go on; [`Replay::failures`] tells at the end. Memory: one block a file, smaller blocks when there are many; a few
//! where there are few files, which threads read ahead, or one, whose blocks are lent.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use super::batch::Batch;
use super::block::BLOCK_BYTES;
use super::error::CaptureError;
use super::file::{Blocks, CaptureFile};
use super::frame::{Frame, Timestamp};
use super::info::CaptureInfo;
use super::interface::InterfaceTable;
use super::slot::Slot;

/// Memory for the blocks of all files together; each file still gets 64 KiB.
const ALL_BLOCKS_BYTES: usize = 32 << 20;

/// Inputs that are read ahead, each in a thread of its own; of more, one that waits has others beside it.
const MOST_READ_AHEAD: usize = 4;

/// Blocks of a file that is read ahead: one that is walked, one that waits, one that is filled. More would only leave the
/// cache.
const BLOCKS: usize = 3;

/// The same where blocks are lent: workers hold some, and whoever reads does not wait while the slowest is at flows that cost
/// more than others.
const BLOCKS_LENT: usize = 16;

/// Capture files being read.
pub struct Replay {
    inputs: Vec<Input>,
    interfaces: InterfaceTable,
    /// The files that stand at a frame, but for the current one: earliest first, then in the order given.
    waiting: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The file that stands at the frame delivered last.
    current: Option<usize>,
    /// The file whose block the slots of the last run lie in.
    lender: Option<usize>,
    started: bool,
    /// By input: one of its frames was delivered.
    begun: Vec<bool>,
}

/// One path given.
enum Input {
    Open(Box<CaptureFile>),
    Failed(Box<CaptureInfo>),
}

impl Replay {
    /// Opens all files; `-` is standard input. What cannot be opened is told by [`Self::failures`].
    #[must_use]
    pub fn open(paths: &[impl AsRef<Path>]) -> Self {
        let can_read_ahead = processors() > 1 && paths.len() <= MOST_READ_AHEAD;
        Self::open_in_blocks(
            paths,
            if can_read_ahead {
                Blocks::Ahead(BLOCKS)
            } else {
                Blocks::Own
            },
        )
    }

    /// As [`Self::open`], for [`Self::lend_run`] to so many workers.
    #[must_use]
    pub fn open_to_lend(paths: &[impl AsRef<Path>], workers: usize) -> Self {
        // Without a processor of its own, a thread that reads ahead only takes what it read out of the cache of the one
        // that walks it.
        let blocks = if processors().saturating_sub(1) > workers && paths.len() <= MOST_READ_AHEAD {
            Blocks::LentAhead(BLOCKS_LENT)
        } else {
            Blocks::Lent(BLOCKS_LENT)
        };
        Self::open_in_blocks(paths, blocks)
    }

    fn open_in_blocks(paths: &[impl AsRef<Path>], blocks: Blocks) -> Self {
        let block_bytes = (ALL_BLOCKS_BYTES / paths.len().max(1)).min(BLOCK_BYTES);
        let mut interfaces = InterfaceTable::new();
        let inputs = paths
            .iter()
            .enumerate()
            .map(|(index, path)| {
                let path = path.as_ref();
                open_input(index, path, (block_bytes, blocks), &mut interfaces)
            })
            .collect();
        Self::over(inputs, interfaces)
    }

    /// Merges files that are open already; `interfaces` is the table they were opened with.
    #[must_use]
    pub fn from_files(files: Vec<CaptureFile>, interfaces: InterfaceTable) -> Self {
        let inputs = files.into_iter().map(|file| Input::Open(Box::new(file)));
        Self::over(inputs.collect(), interfaces)
    }

    fn over(inputs: Vec<Input>, interfaces: InterfaceTable) -> Self {
        Self {
            waiting: BinaryHeap::with_capacity(inputs.len()),
            begun: vec![false; inputs.len()],
            inputs,
            interfaces,
            current: None,
            lender: None,
            started: false,
        }
    }

    /// Moves on to the next frame; false when every file has ended.
    #[inline]
    pub fn advance(&mut self) -> bool {
        let next = match self.current {
            Some(index) => advance_input(&mut self.inputs, index, &mut self.interfaces)
                .map(|at| Reverse((at, index))),
            None => self.start(),
        };
        self.current = match (next, self.waiting.peek_mut()) {
            (Some(next), Some(mut earliest)) => {
                // `Reverse` orders backwards: the greater one is the earlier.
                let Reverse((_, index)) = if *earliest > next {
                    std::mem::replace(&mut *earliest, next)
                } else {
                    next
                };
                Some(index)
            }
            (Some(Reverse((_, index))), None) => Some(index),
            (None, Some(earliest)) => {
                let Reverse((_, index)) = std::collections::binary_heap::PeekMut::pop(earliest);
                Some(index)
            }
            (None, None) => None,
        };
        if let Some(index) = self.current
            && self.begun.get(index) == Some(&false)
        {
            self.begin(index);
        }
        self.current.is_some()
    }

    /// An input delivers its first frame: it may go on where another one has ended.
    #[cold]
    fn begin(&mut self, index: usize) {
        if let Some(begun) = self.begun.get_mut(index) {
            *begun = true;
        }
        let ended = self
            .inputs
            .iter()
            .enumerate()
            .filter_map(|(number, input)| match input {
                Input::Open(file) if file.has_ended() => Some((file.info().last?, number)),
                Input::Open(_) | Input::Failed(_) => None,
            });
        let mut ended: Vec<(Timestamp, usize)> = ended.collect();
        ended.sort_unstable();
        let number = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        let goes_on = ended
            .iter()
            .rev()
            .any(|(_, earlier)| self.interfaces.go_on(number(*earlier), number(index)));
        if let Some(Input::Open(file)) = self.inputs.get_mut(index)
            && goes_on
        {
            file.renumber(&self.interfaces);
        }
    }

    /// Gathers a run of frames into `slots` (emptied first): the next one, and those after it that come from the same
    /// file, lie in the same block and are next in time too, up to `most`. False when every file has ended. Their bytes
    /// are lent by [`Self::frame_in`] until the replay moves on; [`Self::frame`] lends none of them. Allocates nothing
    /// when `slots` has room for `most`.
    #[inline]
    pub fn advance_run(&mut self, slots: &mut Vec<Slot>, most: usize) -> bool {
        slots.clear();
        if !self.advance() {
            return false;
        }
        self.lender = self.current;
        let Some(index) = self.current else {
            return false;
        };
        let Some(Input::Open(file)) = self.inputs.get_mut(index) else {
            return false;
        };
        slots.extend(file.slot());
        while slots.len() < most && file.advance_in_block(&mut self.interfaces) {
            let Some(slot) = file.slot() else { break };
            let next = Reverse((slot.seen.at, index));
            if self.waiting.peek().is_some_and(|earliest| *earliest > next) {
                self.waiting.push(next);
                self.current = None;
                break;
            }
            slots.push(slot);
        }
        true
    }

    /// Lends the frames of the next run, up to `most`, in a batch that holds nothing else: they stay where they are even
    /// when the replay moves on, but the file is read on only while some blocks are not lent. None when every file has
    /// ended. Runs of files that are merged are short: only for one file this is better than to copy.
    pub fn lend_run(&mut self, most: usize) -> Option<Batch> {
        let mut slots = Vec::with_capacity(most);
        if !self.advance_run(&mut slots, most) {
            return None;
        }
        match self.inputs.get(self.lender?)? {
            Input::Open(file) => Some(file.lend(slots)),
            Input::Failed(_) => None,
        }
    }

    /// Whether there is but one input.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.inputs.len() == 1
    }

    /// The frame in a slot of the last [`Self::advance_run`].
    #[inline]
    #[must_use]
    pub fn frame_in(&self, slot: Slot) -> Option<Frame<'_>> {
        match self.inputs.get(self.lender?)? {
            Input::Open(file) => Some(file.frame_in(slot)),
            Input::Failed(_) => None,
        }
    }

    /// The frame moved to last; `None` before the first and after the end.
    #[inline]
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        match self.inputs.get(self.current?)? {
            Input::Open(file) => file.frame(),
            Input::Failed(_) => None,
        }
    }

    /// What each input holds as far as it was read, in the order given.
    #[must_use]
    pub fn captures(&self) -> Vec<CaptureInfo> {
        self.infos().cloned().collect()
    }

    /// The interfaces met so far.
    #[must_use]
    pub fn interfaces(&self) -> &InterfaceTable {
        &self.interfaces
    }

    /// Why inputs could not be read, or not to their end, in the order given; complete once [`Self::advance`] returned
    /// false.
    pub fn failures(&self) -> impl Iterator<Item = &CaptureError> {
        self.infos().filter_map(|info| info.failure.as_ref())
    }

    /// Bytes passed over so far in all inputs, after decompression.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        let of_input = |input: &Input| match input {
            Input::Open(file) => file.bytes_read(),
            Input::Failed(_) => 0,
        };
        self.inputs.iter().map(of_input).sum()
    }

    fn infos(&self) -> impl Iterator<Item = &CaptureInfo> {
        self.inputs.iter().map(|input| match input {
            Input::Open(file) => file.info(),
            Input::Failed(info) => info,
        })
    }

    /// Moves every file to its first frame, once.
    #[cold]
    fn start(&mut self) -> Option<Reverse<(Timestamp, usize)>> {
        if !self.started {
            self.started = true;
            for index in 0..self.inputs.len() {
                if let Some(at) = advance_input(&mut self.inputs, index, &mut self.interfaces) {
                    self.waiting.push(Reverse((at, index)));
                }
            }
        }
        None
    }
}

/// Processors that threads can run on at once; one if that cannot be told.
#[must_use]
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn open_input(
    index: usize,
    path: &Path,
    (block_bytes, blocks): (usize, Blocks),
    interfaces: &mut InterfaceTable,
) -> Input {
    let name = path.to_string_lossy();
    let opened = match u16::try_from(index) {
        Ok(capture) => CaptureFile::open_with_block(path, capture, interfaces, block_bytes, blocks),
        Err(_) => Err(CaptureError::TooManyInputs {
            path: Arc::from(&*name),
        }),
    };
    match opened {
        Ok(file) => Input::Open(Box::new(file)),
        Err(error) => {
            let mut info = CaptureInfo::new(&name);
            info.failure = Some(error);
            Input::Failed(Box::new(info))
        }
    }
}

/// Time of the next frame of an input; `None` once it has ended, properly or not: a failure is kept in its facts.
#[inline]
fn advance_input(
    inputs: &mut [Input],
    index: usize,
    interfaces: &mut InterfaceTable,
) -> Option<Timestamp> {
    match inputs.get_mut(index)? {
        Input::Open(file) => match file.advance(interfaces) {
            Ok(true) => file.frame().map(|frame| frame.seen.at),
            Ok(false) | Err(_) => None,
        },
        Input::Failed(_) => None,
    }
}
