//! What a tap has counted, for other threads to read.
//!
//! The capture thread writes once a batch; readers may see a batch's numbers half written, never less than before.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use crate::capture::frame::{LinkType, Timestamp};
use crate::capture::info::CaptureInfo;

/// What a report calls the format of a capture that is no file.
pub const FORMAT: &str = "live";

/// Stands for "no frame yet" and "no link type yet".
const NONE: i64 = i64::MIN;

/// What a tap has counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    pub(super) truncated: u64,
    pub(super) out_of_order: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) dropped_kernel: u64,
    pub(super) dropped_interface: u64,
    pub(super) link: Option<LinkType>,
}

impl Counts {
    /// Counts a frame that was handed on.
    pub(super) fn frame(&mut self, at: Timestamp, captured: usize, original: u32) {
        self.frames += 1;
        self.bytes += captured as u64;
        self.truncated += u64::from(captured < original as usize);
        self.out_of_order += u64::from(self.last.is_some_and(|last| at < last));
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
}

/// What a tap has counted, for any thread to read.
#[derive(Debug)]
pub struct Tally {
    interface: String,
    frames: AtomicU64,
    bytes: AtomicU64,
    truncated: AtomicU64,
    out_of_order: AtomicU64,
    first: AtomicI64,
    last: AtomicI64,
    dropped_kernel: AtomicU64,
    dropped_interface: AtomicU64,
    link: AtomicI64,
}

impl Tally {
    pub(super) fn new(interface: String) -> Self {
        Self {
            interface,
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            truncated: AtomicU64::new(0),
            out_of_order: AtomicU64::new(0),
            first: AtomicI64::new(NONE),
            last: AtomicI64::new(NONE),
            dropped_kernel: AtomicU64::new(0),
            dropped_interface: AtomicU64::new(0),
            link: AtomicI64::new(NONE),
        }
    }

    pub(super) fn store(&self, counts: &Counts) {
        let time = |at: Option<Timestamp>| at.map_or(NONE, Timestamp::as_nanos);
        self.frames.store(counts.frames, Relaxed);
        self.bytes.store(counts.bytes, Relaxed);
        self.truncated.store(counts.truncated, Relaxed);
        self.out_of_order.store(counts.out_of_order, Relaxed);
        self.first.store(time(counts.first), Relaxed);
        self.last.store(time(counts.last), Relaxed);
        self.dropped_kernel.store(counts.dropped_kernel, Relaxed);
        self.dropped_interface
            .store(counts.dropped_interface, Relaxed);
        let link = counts.link.map_or(NONE, |link| i64::from(link.0));
        self.link.store(link, Relaxed);
    }

    /// The numbers so far, as those of a file without a format ([`FORMAT`] in reports), whose path is the interface's
    /// name.
    #[must_use]
    pub fn info(&self) -> CaptureInfo {
        let time = |at: &AtomicI64| {
            Some(at.load(Relaxed))
                .filter(|&nanos| nanos != NONE)
                .map(Timestamp::from_nanos)
        };
        let link = u16::try_from(self.link.load(Relaxed)).map(LinkType);
        CaptureInfo {
            link_types: link.into_iter().collect(),
            frames: self.frames.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            first: time(&self.first),
            last: time(&self.last),
            truncated: self.truncated.load(Relaxed),
            out_of_order: self.out_of_order.load(Relaxed),
            dropped_kernel: Some(self.dropped_kernel.load(Relaxed)),
            dropped_interface: Some(self.dropped_interface.load(Relaxed)),
            ..CaptureInfo::new(&self.interface)
        }
    }
}
