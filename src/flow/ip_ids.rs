//! How one end numbers its IPv4 packets.
//!
//! Input: the identification of each packet, RSTs apart. Output: whether they follow a count, and the latest of it: what
//! a forged packet's number can be compared with. RFC 6864 leaves the field to the sender where nothing is fragmented.

use crate::capture::frame::Seen;

/// The IPv4 identifications of one end's packets: most stacks count them, some draw them at random, some leave 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct IpIds {
    /// The packet with the latest that is not 0.
    seen: Seen,
    /// The latest; 0 before any.
    id: u16,
    steps: u8,
    erratic: bool,
}

impl IpIds {
    /// Packets (of segmentation offload, or to others of a shared counter) that may lie between two of a count.
    const STEP: u16 = 256;

    /// Takes the identification of the next packet.
    pub fn note(&mut self, id: u16, seen: Seen) {
        if id == 0 {
            return;
        }
        match self.last().map(|(last, _)| id.wrapping_sub(last)) {
            None => {}
            Some(1..=Self::STEP) => self.steps = self.steps.saturating_add(1),
            // A copy, or a packet that was overtaken.
            Some(step) if step == 0 || step.wrapping_neg() <= Self::STEP => return,
            Some(_) => self.erratic = true,
        }
        (self.id, self.seen) = (id, seen);
    }

    /// The latest that is not 0, with its packet.
    #[must_use]
    pub fn last(&self) -> Option<(u16, Seen)> {
        (self.id != 0).then_some((self.id, self.seen))
    }

    /// This end counts: three packets at least, each a little after the one before.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.steps >= 2 && !self.erratic
    }
}
