//! Who analyses frames: a monitor, or what stands for one in tests.

use std::sync::Arc;

use crate::capture::frame::{Frame, Timestamp};
use crate::catalogue::Catalogue;
use crate::monitor::Monitor;

/// Takes frames in order of time.
pub(super) trait Analyst: Send {
    /// Takes one frame.
    fn packet(&mut self, frame: &Frame<'_>);

    /// Takes frames, in their order.
    fn packets<'f>(&mut self, frames: impl Iterator<Item = Frame<'f>>) {
        for frame in frames {
            self.packet(&frame);
        }
    }

    /// Capture time passes without a packet.
    fn tick(&mut self, now: Timestamp);

    /// From now on this catalogue says what is worth keeping.
    fn adopt(&mut self, _catalogue: &Arc<Catalogue>) {}

    /// What was seen.
    fn monitor(&self) -> &Monitor<'_>;
}

impl Analyst for Monitor<'_> {
    fn packet(&mut self, frame: &Frame<'_>) {
        Monitor::packet(self, frame);
    }

    fn packets<'f>(&mut self, frames: impl Iterator<Item = Frame<'f>>) {
        Monitor::packets(self, frames);
    }

    fn tick(&mut self, now: Timestamp) {
        Monitor::tick(self, now);
    }

    fn adopt(&mut self, catalogue: &Arc<Catalogue>) {
        Monitor::adopt(self, Arc::clone(catalogue));
    }

    fn monitor(&self) -> &Monitor<'_> {
        self
    }
}
