//! A tap under observation: what it handed on so far, and what it promised about time.

use std::time::{Duration, Instant};

use windfall::capture::batch::Batch;
use windfall::capture::frame::Timestamp;
use windfall::capture::live::{Filled, LiveOptions, Tap, What, open};

/// Longest that anything may take; what is waited for comes much sooner.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Watched {
    pub(crate) tap: Tap,
    pub(crate) batch: Batch,
    /// Payloads that came in, in order.
    pub(crate) numbers: Vec<u32>,
    /// Frame numbers, likewise.
    pub(crate) frames: Vec<u64>,
    pub(crate) changes: Vec<What>,
    /// How far time has come by the batches.
    pub(crate) now: Timestamp,
}

/// Only what [`Sender`](crate::namespace::Sender) sends.
pub(crate) fn only_ours(interface: &str) -> LiveOptions {
    LiveOptions {
        interfaces: vec![interface.to_owned()],
        filter: Some("udp dst port 9".to_owned()),
        ..LiveOptions::default()
    }
}

impl Watched {
    pub(crate) fn new(options: &LiveOptions, batch: Batch) -> Self {
        let mut taps = open(options).unwrap();
        assert_eq!(taps.len(), 1);
        Self {
            tap: taps.remove(0),
            batch,
            numbers: Vec::new(),
            frames: Vec::new(),
            changes: Vec::new(),
            now: Timestamp::MIN,
        }
    }

    /// Fills the batch once and takes what is in it.
    pub(crate) fn fill(&mut self) -> Filled {
        let filled = self.tap.fill(&mut self.batch);
        assert_eq!(filled.frames, self.batch.len());
        for frame in self.batch.frames() {
            assert!(
                frame.seen.at >= self.now,
                "time had come to {}, then a frame of {} came",
                self.now,
                frame.seen.at
            );
            let (_, payload) = frame.bytes.split_at(frame.bytes.len() - 4);
            self.numbers
                .push(u32::from_be_bytes(payload.try_into().unwrap()));
            self.frames.push(frame.seen.frame.number());
        }
        self.now = self.now.max(self.batch.now());
        self.batch.clear();
        self.changes
            .extend(filled.change.clone().map(|change| change.what));
        filled
    }

    /// Fills until something holds.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "waited for {what}; {} frames, changes {:?}",
                self.numbers.len(),
                self.changes
            );
            self.fill();
        }
    }
}
