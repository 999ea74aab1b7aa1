//! Where packets are had again, once it is known which ones matter.
//!
//! A replay reads its files a second time; a live capture has the batches it keeps, and a ring of files. Output: frames
//! in order of time, each lent while it is looked at.

use std::path::PathBuf;

use crate::capture::Replay;
use crate::capture::batch::Batch;
use crate::capture::frame::Frame;
use crate::capture::interface::InterfaceTable;

/// Packets that can be had again.
pub trait Packets {
    /// Hands over every frame that is still there, with the interfaces met so far, until told `false`.
    fn each(&self, take: &mut dyn FnMut(&Frame<'_>, &InterfaceTable) -> bool);

    /// Whether inputs and frames have the numbers that the summary knows; else a frame is known by its time.
    fn keeps_numbers(&self) -> bool;
}

/// Capture files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    paths: &'a [PathBuf],
    keeps_numbers: bool,
}

impl<'a> Files<'a> {
    /// The files that the summary was made from, in the same order.
    #[must_use]
    pub const fn replayed(paths: &'a [PathBuf]) -> Self {
        Self {
            paths,
            keeps_numbers: true,
        }
    }

    /// The files of a ring, which number packets anew.
    #[must_use]
    pub const fn ring(paths: &'a [PathBuf]) -> Self {
        Self {
            paths,
            keeps_numbers: false,
        }
    }
}

impl Packets for Files<'_> {
    fn each(&self, take: &mut dyn FnMut(&Frame<'_>, &InterfaceTable) -> bool) {
        let mut files = Replay::open(self.paths);
        while files.advance() {
            if let Some(frame) = files.frame()
                && !take(&frame, files.interfaces())
            {
                break;
            }
        }
    }

    fn keeps_numbers(&self) -> bool {
        self.keeps_numbers
    }
}

/// Batches that a live capture keeps in memory, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Batches<'a, I> {
    /// The batches.
    pub batches: I,
    /// The run's interfaces.
    pub interfaces: &'a InterfaceTable,
}

impl<'a, I> Packets for Batches<'_, I>
where
    I: IntoIterator<Item = &'a Batch> + Clone,
{
    fn each(&self, take: &mut dyn FnMut(&Frame<'_>, &InterfaceTable) -> bool) {
        for batch in self.batches.clone() {
            for frame in batch.frames() {
                if !take(&frame, self.interfaces) {
                    return;
                }
            }
        }
    }

    fn keeps_numbers(&self) -> bool {
        true
    }
}
