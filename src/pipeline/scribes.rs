//! Who writes the packets that an operator asks for while looking at a run.
//!
//! Of files: they are read again. Of interfaces: the frames that are kept in memory.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::evidence::early::{Early, MAX_ROWS};
use super::evidence::{Batches, EvidenceError, Files, Packets, Saved, write_selection};
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
    /// Taken by the keeper's thread alone, and after it by whoever ends the run.
    ring: Mutex<Option<Ring>>,
    early: Mutex<Option<Early>>,
}

impl FromKept {
    /// Writes into this folder, and into the ring what comes.
    #[must_use]
    pub const fn new(interfaces: InterfaceTable, folder: PathBuf, ring: Option<Ring>) -> Self {
        Self {
            interfaces,
            folder,
            ring: Mutex::new(ring),
            early: Mutex::new(None),
        }
    }

    /// Writes the evidence of what fails, too, into this folder, as soon as it fails.
    #[must_use]
    pub fn saving(mut self, folder: PathBuf) -> Self {
        self.early = Mutex::new(Some(Early::new(folder)));
        self
    }

    /// Writes the evidence of what fails at the end that is not written yet; nothing if that was not asked for.
    ///
    /// # Errors
    /// When the folder is missing.
    pub fn finish(&self, summary: &Summary, kept: &Kept) -> Result<Vec<Saved>, EvidenceError> {
        match locked(&self.early).as_mut() {
            Some(early) => self.with_packets(kept, |packets| early.finish(summary, packets)),
            None => Ok(Vec::new()),
        }
    }

    /// The packets that can be had.
    fn with_packets<R>(&self, kept: &Kept, look: impl FnOnce(&dyn Packets) -> R) -> R {
        look(&Batches {
            batches: kept.batches(),
            interfaces: &self.interfaces,
            ring: locked(&self.ring).as_ref(),
        })
    }
}

impl Scribe for FromKept {
    fn write(&self, order: &Order, summary: &Summary, kept: &Kept) -> Result<String, String> {
        self.with_packets(kept, |packets| write(order, summary, packets, &self.folder))
    }

    fn look(&self, summary: &Summary, kept: &Kept) -> Vec<Result<String, String>> {
        let mut early = locked(&self.early);
        let Some(early) = early.as_mut() else {
            return Vec::new();
        };
        let was_full = early.is_full();
        let mut told = match self.with_packets(kept, |packets| early.look(summary, packets)) {
            Ok(all) => all.iter().map(told).collect(),
            Err(error) => vec![Err(error.to_string())],
        };
        if early.is_full() && !was_full {
            told.push(Err(format!(
                "evidence of {MAX_ROWS} failing rows was written; that of others comes at the end"
            )));
        }
        told
    }

    fn take(&self, batch: &Batch) -> Option<String> {
        let mut ring = locked(&self.ring);
        let ring = ring.as_mut()?;
        ring.batch(batch, &self.interfaces);
        ring.trouble()
    }
}

/// Whoever panicked with it has ended the run; what it holds is still true.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One file, told as good or bad news.
fn told(saved: &Saved) -> Result<String, String> {
    match saved.file {
        Ok(_) => Ok(saved.to_string()),
        Err(_) => Err(saved.to_string()),
    }
}

fn write(
    order: &Order,
    summary: &Summary,
    packets: &dyn Packets,
    folder: &Path,
) -> Result<String, String> {
    write_selection(
        summary,
        &order.selection,
        packets,
        order.path.as_deref(),
        folder,
    )
    .map(|saved| saved.to_string())
    .map_err(|error| error.to_string())
}
