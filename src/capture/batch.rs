//! Frames on their way from the capture thread to the monitors.
//!
//! Frames lie back to back in one buffer, or in the block of the file that they were read from; slots beside it say
//! where. What it owns is allocated once: an emptied batch goes back to the capture thread and is filled again. Bounds: a
//! batch takes frames while both have room; the first frame always fits, whatever its length.

use std::sync::Arc;

use super::frame::{Frame, Timestamp};
use super::memory::Block;
use super::slot::Slot;

/// Frames in the order they were captured.
#[derive(Debug)]
pub struct Batch {
    bytes: Vec<u8>,
    /// What the slots lie in, if not in `bytes`.
    lent: Option<Arc<Block>>,
    frames: Vec<Slot>,
    /// No frame that comes later is older than this, as far as the capture knows: the time that silence advances.
    now: Timestamp,
}

impl Batch {
    /// An empty batch with room for this many bytes and frames.
    #[must_use]
    pub fn with_room(bytes: usize, frames: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            lent: None,
            frames: Vec::with_capacity(frames),
            now: Timestamp::MIN,
        }
    }

    /// Frames that lie in a block, without a copy.
    pub(super) fn lent(block: Arc<Block>, frames: Vec<Slot>) -> Self {
        let latest = frames.iter().map(|slot| slot.seen.at).max();
        Self {
            bytes: Vec::new(),
            lent: Some(block),
            frames,
            now: latest.unwrap_or(Timestamp::MIN),
        }
    }

    /// Takes a copy of the frame. False if there is no room, and nothing was taken.
    pub fn push(&mut self, frame: &Frame<'_>) -> bool {
        let start = self.bytes.len();
        let room = self.bytes.capacity() - start;
        let full = self.frames.len() == self.frames.capacity() || frame.bytes.len() > room;
        if full && !self.frames.is_empty() {
            return false;
        }
        let (Ok(start), Ok(len)) = (u32::try_from(start), u32::try_from(frame.bytes.len())) else {
            return false;
        };
        self.bytes.extend_from_slice(frame.bytes);
        self.frames.push(Slot {
            seen: frame.seen,
            interface: frame.interface,
            link: frame.link,
            process: frame.process,
            start,
            len,
            original_len: frame.original_len,
        });
        self.tick(frame.seen.at);
        true
    }

    /// Capture time has come this far. Time never goes back.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// How far capture time has come with this batch.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The frames, in order.
    #[must_use]
    pub fn frames(&self) -> impl ExactSizeIterator<Item = Frame<'_>> {
        let bytes = self.memory();
        self.frames.iter().map(|slot| slot.frame_of(bytes))
    }

    fn memory(&self) -> &[u8] {
        self.lent
            .as_ref()
            .map_or(&self.bytes, |block| block.bytes())
    }

    /// A frame by its place, from 0.
    #[must_use]
    pub fn frame(&self, place: usize) -> Option<Frame<'_>> {
        let slot = self.frames.get(place)?;
        Some(slot.frame_of(self.memory()))
    }

    /// Number of frames.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether it holds no frame. It may still carry a time.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Captured bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self.lent {
            None => self.bytes.len(),
            Some(_) => self.frames.iter().map(|slot| slot.len as usize).sum(),
        }
    }

    /// Empties it for the next use; keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.lent = None;
        self.frames.clear();
        self.now = Timestamp::MIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameId, InterfaceId, LinkType, Seen};

    fn frame(number: u64, bytes: &[u8]) -> Frame<'_> {
        Frame {
            seen: Seen {
                at: Timestamp::from_nanos(i64::try_from(number).unwrap()),
                frame: FrameId::new(0, number),
            },
            interface: InterfaceId(0),
            link: LinkType(1),
            process: None,
            bytes,
            original_len: 1500,
        }
    }

    #[test]
    fn gives_back_what_was_put_in_and_refuses_what_does_not_fit() {
        let mut batch = Batch::with_room(8, 2);
        assert!(batch.push(&frame(1, b"abc")));
        assert!(!batch.push(&frame(2, b"too long")), "no room for its bytes");
        assert!(batch.push(&frame(2, b"de")));
        assert!(!batch.push(&frame(3, b"")), "no room for its descriptor");
        let held: Vec<(u64, &[u8])> = batch
            .frames()
            .map(|frame| (frame.seen.frame.number(), frame.bytes))
            .collect();
        assert_eq!(held, [(1, b"abc".as_slice()), (2, b"de".as_slice())]);
        assert_eq!((batch.len(), batch.bytes()), (2, 5));
        assert_eq!(batch.now(), Timestamp::from_nanos(2));
        batch.clear();
        assert!(batch.is_empty());
        assert!(
            batch.push(&frame(4, b"longer than the room")),
            "the first always fits"
        );
    }
}
