//! The latest packets of a live capture, on disk.
//!
//! Input: batches. Output: at most [`RING_FILES`] files of at most a share of the bound each, named after the path given
//! with a number and the time of the first packet (`ring-00001-20261125T101500Z.pcapng`); the oldest is deleted before
//! a new one is begun, so that all together never exceed the bound. Files of earlier runs are left alone. Never stops
//! the capture: a failure is told once, what was not written is counted, and writing is tried again after
//! [`RETRY_AFTER`] of capture time.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::blocks::About;
use super::error::WriteError;
use super::file::PcapngFile;
use crate::capture::batch::Batch;
use crate::capture::frame::{Frame, Timestamp};
use crate::capture::interface::InterfaceTable;

/// Files of a ring: deleting one costs an eighth of what is kept.
pub const RING_FILES: usize = 8;

/// The smallest ring, in bytes: any packet fits a file.
pub const MIN_RING_BYTES: u64 = 8 << 20;

/// Capture time between a failure and the next try.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Names tried for one file: others may have taken some.
const MAX_NAMES: u32 = 1000;

/// A ring of files.
#[derive(Debug)]
pub struct Ring {
    folder: PathBuf,
    stem: String,
    extension: String,
    file_bytes: u64,
    snap_len: u32,
    /// Finished files with the time of their first packet, oldest first.
    older: VecDeque<(Timestamp, PathBuf)>,
    current: Option<PcapngFile>,
    /// Time of the current file's first packet.
    begun: Timestamp,
    number: u32,
    lost: u64,
    retry: Option<Timestamp>,
    told: bool,
    trouble: Option<String>,
}

impl Ring {
    /// A ring beside `path`, of `bytes` at most (at least [`MIN_RING_BYTES`]). Makes sure that files can be made there.
    ///
    /// # Errors
    /// When the folder is missing or cannot be written to.
    pub fn new(path: &Path, bytes: u64, snap_len: u32) -> Result<Self, WriteError> {
        let text = |part: Option<&std::ffi::OsStr>, default: &str| {
            part.map_or_else(
                || default.to_owned(),
                |part| part.to_string_lossy().into_owned(),
            )
        };
        let folder = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let ring = Self {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            stem: text(path.file_stem(), "ring"),
            extension: text(path.extension(), "pcapng"),
            file_bytes: bytes.max(MIN_RING_BYTES) / RING_FILES as u64,
            snap_len,
            older: VecDeque::new(),
            current: None,
            begun: Timestamp::MIN,
            number: 0,
            lost: 0,
            retry: None,
            told: false,
            trouble: None,
        };
        ring.probe()?;
        Ok(ring)
    }

    /// Adds the frames of a batch; they are on disk when this returns, unless that failed.
    pub fn batch(&mut self, batch: &Batch, interfaces: &InterfaceTable) {
        for frame in batch.frames() {
            self.frame(&frame, interfaces);
        }
        if let Some(file) = &mut self.current
            && let Err(error) = file.flush()
        {
            self.failed(&error, batch.now());
        }
    }

    /// What went wrong, once.
    pub fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Frames that could not be written.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Its files, oldest first.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.files_since(Timestamp::MIN)
    }

    /// Those of its files that can hold packets from this time on, oldest first.
    #[must_use]
    pub fn files_since(&self, from: Timestamp) -> Vec<PathBuf> {
        let current = self.current.as_ref();
        let current = current.map(|file| (self.begun, file.path().to_owned()));
        let all: Vec<(Timestamp, PathBuf)> = self.older.iter().cloned().chain(current).collect();
        let before = all.iter().take_while(|(first, _)| *first < from).count();
        let needed = all.into_iter().skip(before.saturating_sub(1));
        needed.map(|(_, path)| path).collect()
    }

    fn frame(&mut self, frame: &Frame<'_>, interfaces: &InterfaceTable) {
        if self.retry.is_some_and(|retry| frame.seen.at < retry) {
            self.lost += 1;
            return;
        }
        if let Err(error) = self.write(frame, interfaces) {
            // A file that took the frame counts it itself.
            self.lost += u64::from(self.current.is_none());
            self.failed(&error, frame.seen.at);
        }
    }

    fn write(&mut self, frame: &Frame<'_>, interfaces: &InterfaceTable) -> Result<(), WriteError> {
        // Headers of a new interface and of the packet.
        let room = frame.bytes.len() as u64 + 1024;
        let full = |file: &PcapngFile| file.bytes() + room > self.file_bytes;
        if self.current.as_ref().is_none_or(full) {
            self.next(frame.seen.at)?;
        }
        match &mut self.current {
            Some(file) => file.packet::<&str>(frame, interfaces.get(frame.interface), &[]),
            None => Ok(()),
        }
    }

    /// Ends the current file and begins the next.
    fn next(&mut self, at: Timestamp) -> Result<(), WriteError> {
        if let Some(mut file) = self.current.take() {
            let flushed = file.flush();
            self.lost += file.lost();
            self.older.push_back((self.begun, file.path().to_owned()));
            flushed?;
        }
        while self.older.len() >= RING_FILES {
            if let Some((_, oldest)) = self.older.pop_front() {
                // Somebody may have moved it away: then it is no longer ours.
                let _ = fs::remove_file(oldest);
            }
        }
        let about = About {
            comment: String::new(),
            snap_len: self.snap_len,
        };
        for _ in 0..MAX_NAMES {
            self.number += 1;
            match PcapngFile::create(&self.name(at), &about) {
                Err(WriteError::Exists { .. } | WriteError::Link { .. }) => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    self.current = Some(file);
                    self.begun = at;
                    return Ok(());
                }
            }
        }
        Err(WriteError::Exists {
            path: self.name(at),
        })
    }

    fn name(&self, at: Timestamp) -> PathBuf {
        let name = format!(
            "{}-{:05}-{}.{}",
            self.stem,
            self.number,
            compact(at),
            self.extension
        );
        self.folder.join(name)
    }

    /// Leaves the current file as it is, and waits.
    fn failed(&mut self, error: &WriteError, at: Timestamp) {
        if let Some(file) = self.current.take() {
            self.lost += file.lost();
            self.older.push_back((self.begun, file.path().to_owned()));
        }
        self.retry = Some(at.after(RETRY_AFTER));
        if !self.told {
            self.told = true;
            self.trouble = Some(format!("ring: {error}; the capture goes on"));
        }
    }

    /// Makes a file and removes it, so that a folder that cannot be written to is told at the start.
    fn probe(&self) -> Result<(), WriteError> {
        let path = self.folder.join(format!("{}.partial", self.stem));
        let file = PcapngFile::create(&path, &About::default())?;
        fs::remove_file(file.path()).map_err(|source| WriteError::NotMade { path, source })
    }
}

/// A time as it stands in file names: `20261125T101500Z`.
pub(crate) fn compact(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    let kept: String = seconds
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{}Z", kept.trim_end_matches('Z'))
}
