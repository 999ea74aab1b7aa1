//! The first stages of a replay by themselves, for measuring what each adds.
//!
//! Input: capture files. Output: how much was read; every frame is looked at by the stage and then let go. A replay does
//! the same and more, so the difference of two times is what a stage costs. No clock here: whoever calls has one.

use std::hint::black_box;
use std::path::PathBuf;

use super::load::BATCH_FRAMES;
use crate::capture::frame::Frame;
use crate::capture::{CaptureError, Replay};
use crate::decode::glance;
use crate::monitor::GROUP;

/// How much was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Packets of all files.
    pub packets: u64,
    /// Captured bytes of these packets.
    pub bytes: u64,
    /// Bytes of the files, after decompression.
    pub file_bytes: u64,
    /// Why files could not be read, or not to their end.
    pub failures: Vec<String>,
}

/// Reads the files and walks their records.
#[must_use]
pub fn read(paths: &[PathBuf]) -> Amount {
    each(paths, |frame| _ = black_box(frame))
}

/// Reads the files and decodes each frame; fragments are not put together.
#[must_use]
pub fn decode(paths: &[PathBuf]) -> Amount {
    each(paths, |frame| _ = black_box(glance(frame)))
}

fn each(paths: &[PathBuf], mut stage: impl FnMut(&Frame<'_>)) -> Amount {
    // In one thread, whatever a replay does beside it.
    let mut files = Replay::open_to_lend(paths, usize::MAX);
    if files.is_single() {
        while let Some(batch) = files.lend_run(BATCH_FRAMES) {
            batch.frames().for_each(|frame| stage(&frame));
        }
    }
    let mut run = Vec::with_capacity(GROUP);
    while files.advance_run(&mut run, GROUP) {
        for frame in run.iter().filter_map(|slot| files.frame_in(*slot)) {
            stage(&frame);
        }
    }
    let captures = files.captures();
    Amount {
        packets: captures.iter().map(|info| info.frames).sum(),
        bytes: captures.iter().map(|info| info.bytes).sum(),
        file_bytes: files.bytes_read(),
        failures: files.failures().map(CaptureError::to_string).collect(),
    }
}
