//! Where a frame lies, for frames that are gathered before they are looked at.

use super::frame::{Frame, InterfaceId, LinkType, ProcessId, Seen};

/// A [`Frame`] that has not borrowed its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Capture time and number.
    pub seen: Seen,
    pub(super) interface: InterfaceId,
    pub(super) link: LinkType,
    pub(super) process: Option<ProcessId>,
    pub(super) original_len: u32,
    /// Index of the first byte.
    pub(super) start: u32,
    /// Bytes captured.
    pub(super) len: u32,
}

impl Slot {
    /// The frame, whose bytes lie in these.
    #[inline]
    pub(super) fn frame_of(self, bytes: &[u8]) -> Frame<'_> {
        let start = self.start as usize;
        Frame {
            seen: self.seen,
            interface: self.interface,
            link: self.link,
            process: self.process,
            bytes: bytes
                .get(start..start + self.len as usize)
                .unwrap_or_default(),
            original_len: self.original_len,
        }
    }
}
