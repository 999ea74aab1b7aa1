//! Frames onto the wire: what `near` sends comes in at `far`.

use std::time::{Duration, Instant};

use pcap::{Active, Capture, Direction};
use windfall::capture::Replay;

use crate::traffic::Timed;

/// Returns when what was sent has reached its reader. The kernel hands frames on 100 ms after they came, and nothing
/// tells when it has.
pub(crate) fn arrives() {
    std::thread::sleep(Duration::from_millis(500));
}

/// Sends frames as they are.
pub(crate) struct Frames {
    handle: Capture<Active>,
    pub(crate) sent: u64,
}

impl Frames {
    pub(crate) fn new() -> Self {
        let handle = Capture::from_device("near").unwrap().open().unwrap();
        // It is here to send: what comes in is none of its business, and nothing does.
        handle.direction(Direction::In).unwrap();
        Self { handle, sent: 0 }
    }

    /// Sends a frame; one that the interface has no room for is sent again.
    pub(crate) fn send(&mut self, frame: &[u8]) {
        let begun = Instant::now();
        while let Err(error) = self.handle.sendpacket(frame) {
            assert!(begun.elapsed() < Duration::from_secs(5), "{error}");
            std::thread::yield_now();
        }
        self.sent += 1;
    }

    /// Sends these frames in the time that they took, the first of them now.
    pub(crate) fn in_time(&mut self, frames: impl IntoIterator<Item = Timed>) {
        let begun = Instant::now();
        let mut first = None;
        for (at, frame) in frames {
            let due = Duration::from_nanos(at - *first.get_or_insert(at));
            while let Some(early) = due.checked_sub(begun.elapsed()) {
                // May return at any time.
                std::thread::park_timeout(early);
            }
            self.send(&frame);
        }
    }

    /// Sends all frames of a bundled capture, as fast as may be.
    pub(crate) fn capture(&mut self, name: &str) {
        let path = format!("{}/captures/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut files = Replay::open(&[path]);
        while files.advance() {
            self.send(files.frame().unwrap().bytes);
        }
        assert_eq!(files.failures().count(), 0);
    }
}
