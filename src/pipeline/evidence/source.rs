//! Where packets are had again, once it is known which ones matter.
//!
//! A replay reads its files a second time; a live capture has the batches it keeps, and a ring of files. Output: frames
//! in order of time, each lent while it is looked at. Those of a ring have no number: a ring numbers packets anew.

use std::path::PathBuf;
use std::time::Duration;

use crate::capture::Replay;
use crate::capture::batch::Batch;
use crate::capture::frame::{Frame, FrameId, Timestamp};
use crate::capture::interface::InterfaceTable;
use crate::capture::write::Ring;

/// How far apart in time frames may be that were captured one after the other, on several interfaces.
const SKEW: Duration = Duration::from_secs(1);

/// Packets that can be had again.
pub trait Packets {
    /// Hands over the frames that are still there, with the interfaces met so far, until told `false`. Those before
    /// `from` are not needed: what is easily had may come all the same. A frame whose number is not the one that the
    /// summary knows has none ([`FrameId::default`]), and is known by its time.
    fn each(&self, from: Option<Timestamp>, take: &mut Take<'_>);
}

/// Is handed a frame; whether it wants more.
pub type Take<'t> = dyn FnMut(&Frame<'_>, &InterfaceTable) -> bool + 't;

/// Capture files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    paths: &'a [PathBuf],
    numbered: bool,
}

impl<'a> Files<'a> {
    /// The files that the summary was made from, in the same order.
    #[must_use]
    pub const fn replayed(paths: &'a [PathBuf]) -> Self {
        Self {
            paths,
            numbered: true,
        }
    }

    /// The files of a ring.
    #[must_use]
    pub const fn ring(paths: &'a [PathBuf]) -> Self {
        Self {
            paths,
            numbered: false,
        }
    }
}

impl Packets for Files<'_> {
    fn each(&self, _: Option<Timestamp>, take: &mut Take<'_>) {
        let mut files = Replay::open(self.paths);
        while files.advance() {
            if let Some(mut frame) = files.frame() {
                if !self.numbered {
                    frame.seen.frame = FrameId::default();
                }
                if !take(&frame, files.interfaces()) {
                    break;
                }
            }
        }
    }
}

/// Batches that a live capture keeps in memory, oldest first, and the files of its ring.
#[derive(Clone, Debug)]
pub struct Batches<'a, I> {
    /// The batches.
    pub batches: I,
    /// The run's interfaces.
    pub interfaces: &'a InterfaceTable,
    /// Holds what the batches hold, and what was before.
    pub ring: Option<&'a Ring>,
}

impl<'a, I> Packets for Batches<'_, I>
where
    I: IntoIterator<Item = &'a Batch> + Clone,
{
    fn each(&self, from: Option<Timestamp>, take: &mut Take<'_>) {
        let first = self.batches.clone().into_iter().next();
        let oldest = first.and_then(|batch| Some(batch.frame(0)?.seen.at));
        let mut goes_on = true;
        // Reading files takes long: only for what memory no longer holds, and up to where it holds all.
        let mut until = None;
        if let (Some(from), Some(oldest), Some(ring)) = (from, oldest, self.ring)
            && from < oldest
            && ring.lost() == 0
        {
            let end = *until.insert(oldest.after(SKEW));
            let files = ring.files_since(from.before(SKEW));
            Files::ring(&files).each(None, &mut |frame, interfaces| {
                goes_on = frame.seen.at >= end || take(frame, interfaces);
                goes_on
            });
        }
        for batch in self.batches.clone() {
            for frame in batch.frames() {
                let had = until.is_some_and(|until| frame.seen.at < until);
                goes_on = goes_on && (had || take(&frame, self.interfaces));
                if !goes_on {
                    return;
                }
            }
        }
    }
}
