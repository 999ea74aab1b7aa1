//! Memory that packets are read into and borrowed from.
//!
//! A [`Block`] goes round: it is filled, walked, kept by whoever looks at its packets, and goes home when the last of them
//! lets go of it, to be filled again.

use std::io::{self, Read};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

/// The boundary reads are aligned to: a page of every system we run on (16 KiB on Apple silicon, 4 KiB elsewhere).
pub(super) const PAGE_BYTES: usize = 16 << 10;

/// Room before the boundary for the cut packet: a 64 KiB super-frame with its headers fits without growing.
pub(super) const HEADROOM_BYTES: usize = 128 << 10;

/// Memory that reads land in at a page boundary, with room before it.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// Page-aligned index into `bytes` where reads land.
    pub(super) boundary: usize,
    /// Bytes that the last read brought.
    pub(super) filled: usize,
    /// Where it goes once nobody needs it any more, to be filled again.
    pub(super) home: Option<Sender<Self>>,
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            // Nobody fills it if nobody reads any more.
            let _ = home.try_send(Self {
                bytes: std::mem::take(&mut self.bytes),
                boundary: self.boundary,
                filled: 0,
                home: None,
            });
        }
    }
}

impl Block {
    /// An empty block with so many bytes before and after the boundary.
    pub(super) fn new(headroom: usize, room: usize) -> Self {
        // Fresh zeroed memory comes from the system untouched: what is never read into is never paged in.
        let mut bytes = vec![0; headroom + PAGE_BYTES + room];
        let to_page = bytes.as_ptr().align_offset(PAGE_BYTES).min(PAGE_BYTES);
        let boundary = to_page + headroom;
        bytes.truncate(boundary + room);
        Self {
            bytes,
            boundary,
            filled: 0,
            home: None,
        }
    }

    /// One that holds no memory.
    pub(super) const fn nothing() -> Self {
        Self {
            bytes: Vec::new(),
            boundary: 0,
            filled: 0,
            home: None,
        }
    }

    /// One with at least so much before the boundary and just so much behind it: this one, or another.
    pub(super) fn fitting(self, headroom: usize, room: usize) -> Self {
        if self.boundary >= headroom && self.room() == room {
            return self;
        }
        Self::new(headroom, room)
    }

    /// What was read and what lay before it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes behind the boundary.
    pub(super) const fn room(&self) -> usize {
        self.bytes.len().saturating_sub(self.boundary)
    }

    /// Reads once, to the boundary.
    pub(super) fn fill_from(&mut self, source: &mut impl Read) -> io::Result<usize> {
        let room = self.bytes.get_mut(self.boundary..).unwrap_or_default();
        // A reader that claims more than it was given room for must not move the end out of the block.
        self.filled = source.read(room)?.min(room.len());
        Ok(self.filled)
    }
}

/// Blocks that go round: whoever reads takes an empty one, and whoever lets go of one brings it back. When all are out, the
/// reader waits.
pub(super) struct Pool {
    empty: Receiver<Block>,
    home: Sender<Block>,
    /// Blocks that were not needed yet: as long as others keep up, few are, and they stay in the cache.
    unmade: usize,
}

impl Pool {
    /// A pool of so many blocks, at least one.
    pub(super) fn new(blocks: usize) -> Self {
        let (home, empty) = bounded(blocks.max(1));
        Self {
            empty,
            home,
            unmade: blocks.max(1),
        }
    }

    /// An empty block; see [`Block::fitting`]. One that grew for a large packet counts as one, too.
    pub(super) fn take(&mut self, headroom: usize, room: usize) -> Block {
        let spare = match self.empty.try_recv() {
            Err(TryRecvError::Empty) if self.unmade > 0 => {
                self.unmade -= 1;
                None
            }
            // The pool holds its own end: whoever lets go of a block ends the wait.
            Err(_) => self.empty.recv().ok(),
            Ok(block) => Some(block),
        };
        let mut block = match spare {
            Some(block) => block.fitting(headroom, room),
            None => Block::new(headroom, room),
        };
        block.home = Some(self.home.clone());
        block
    }
}
