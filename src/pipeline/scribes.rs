//! Who writes the packets of flows that an operator asks for while looking at a run.
//!
//! Of files: they are read again. Of interfaces: the frames that are kept in memory.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::evidence::{Batches, Files, Packets, write_flows};
use super::keeper::{Kept, Order, Scribe};
use crate::capture::batch::Batch;
use crate::capture::interface::InterfaceTable;
use crate::capture::write::Ring;
use crate::verdict::summary::Summary;

/// Writes from the files that a run plays.
pub struct FromFiles<'a> {
    /// The files, as the run reads them.
    pub paths: &'a [PathBuf],
    /// Where files go whose names are made up.
    pub folder: PathBuf,
}

impl Scribe for FromFiles<'_> {
    fn write(&self, order: &Order, summary: &Summary, _: &Kept) -> Result<String, String> {
        if self.paths.iter().any(|path| path == Path::new("-")) {
            return Err("standard input cannot be read again; save it in a file first".to_owned());
        }
        write(order, summary, &Files::replayed(self.paths), &self.folder)
    }
}

/// Writes from the frames kept in memory, and keeps a ring on disk if there is one.
pub struct FromKept {
    /// The run's interfaces, by number.
    interfaces: InterfaceTable,
    /// Where files go whose names are made up.
    folder: PathBuf,
    /// Taken by the keeper's thread alone.
    ring: Mutex<Option<Ring>>,
}

impl FromKept {
    /// Writes into this folder, and into the ring what comes.
    #[must_use]
    pub const fn new(interfaces: InterfaceTable, folder: PathBuf, ring: Option<Ring>) -> Self {
        Self {
            interfaces,
            folder,
            ring: Mutex::new(ring),
        }
    }

    /// The frames kept, as evidence is taken from them.
    #[must_use]
    pub fn packets<'k>(&'k self, kept: &'k Kept) -> impl Packets + 'k {
        Batches {
            batches: kept.batches(),
            interfaces: &self.interfaces,
        }
    }
}

impl Scribe for FromKept {
    fn write(&self, order: &Order, summary: &Summary, kept: &Kept) -> Result<String, String> {
        write(order, summary, &self.packets(kept), &self.folder)
    }

    fn take(&self, batch: &Batch) -> Option<String> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = ring.as_mut()?;
        ring.batch(batch, &self.interfaces);
        ring.trouble()
    }
}

fn write(
    order: &Order,
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
) -> Result<String, String> {
    write_flows(
        summary,
        &order.flows,
        packets,
        order.path.as_deref(),
        folder,
    )
    .map(|saved| saved.to_string())
    .map_err(|error| error.to_string())
}
