//! Reading in large blocks from which packets are borrowed.
//!
//! Input: any byte stream, never seeked. Output: the window of bytes read and not yet consumed. Every read lands on a
//! page boundary: what a packet left over at the end of a block is moved to just *before* that boundary, so the copy
//! the kernel makes stays aligned (an unaligned target cost half the speed). Memory: one block and its headroom (a few,
//! where a thread reads ahead or others keep them); a packet that does not fit grows both once, up to [`MAX_PACKET_BYTES`], and the larger
//! buffer is kept.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::ahead::{ReadAhead, Stream};
use super::memory::{Block, HEADROOM_BYTES, PAGE_BYTES, Pool};

/// Bytes asked for in one read: large enough to make system calls rare, small enough for the second-level cache. Whole
/// replays of the made-up gateway traffic took some 6 % more processor time with a megabyte (medians of 7, paired).
pub const BLOCK_BYTES: usize = 1 << 18;

/// Largest packet (pcap) or block that holds one (pcapng). libpcap stops at 256 KiB for every link type but USB and
/// D-Bus; 16 MiB leaves room for whatever segmentation offload may bring, while a damaged length cannot eat memory.
pub const MAX_PACKET_BYTES: usize = 16 << 20;

/// Smallest block: used when very many files are open at once.
const MIN_BLOCK_BYTES: usize = 64 << 10;

/// Where bytes come from.
enum Source {
    /// A stream, read when bytes are wanted.
    Stream(Stream),
    /// A stream that a thread reads.
    Ahead(ReadAhead),
}

/// A stream read block by block.
pub(super) struct BlockReader {
    source: Source,
    /// Shared with those who look at its packets later than the reader does: then it is left to them.
    block: Arc<Block>,
    /// Where the next block comes from while others keep this one.
    pool: Option<Pool>,
    /// What is read and not consumed.
    window: Range<usize>,
    /// Offset in the stream of the window's start.
    offset: u64,
    block_bytes: usize,
    ended: bool,
    /// The stream goes on when it has more: having none for now is no failure.
    follows: bool,
    /// It had none for now.
    waiting: bool,
    failure: Option<io::Error>,
}

impl BlockReader {
    /// Reads `source` in blocks of [`BLOCK_BYTES`], or `block_bytes` if that is less.
    pub(super) fn new(source: Stream, block_bytes: usize) -> Self {
        let block_bytes = block_bytes.clamp(MIN_BLOCK_BYTES, BLOCK_BYTES);
        let block = Block::new(HEADROOM_BYTES, block_bytes);
        Self {
            source: Source::Stream(source),
            window: block.boundary..block.boundary,
            block: Arc::new(block),
            pool: None,
            offset: 0,
            block_bytes,
            ended: false,
            follows: false,
            waiting: false,
            failure: None,
        }
    }

    /// A reader that has ended at `offset` and holds no memory and no file.
    pub(super) fn closed(offset: u64) -> Self {
        Self {
            source: Source::Stream(Box::new(io::empty())),
            block: Arc::new(Block::nothing()),
            pool: None,
            window: 0..0,
            offset,
            block_bytes: MIN_BLOCK_BYTES,
            ended: true,
            follows: false,
            waiting: false,
            failure: None,
        }
    }

    /// The block that [`Self::at`] looks into, to keep.
    pub(super) fn block(&self) -> Arc<Block> {
        Arc::clone(&self.block)
    }

    /// From now on, a thread reads ahead in so many blocks, if there can be one.
    pub(super) fn read_ahead(&mut self, blocks: usize) {
        let none = Source::Stream(Box::new(io::empty()));
        self.source = match std::mem::replace(&mut self.source, none) {
            Source::Stream(stream) => match ReadAhead::start(stream, self.block_bytes, blocks) {
                Ok(ahead) => Source::Ahead(ahead),
                Err(stream) => Source::Stream(stream),
            },
            ahead @ Source::Ahead(_) => ahead,
        };
    }

    /// From now on, blocks that others keep come from so many, which are waited for.
    pub(super) fn lend(&mut self, blocks: usize) {
        self.pool = Some(Pool::new(blocks));
    }

    /// From now on, a stream that has nothing for now ([`io::ErrorKind::WouldBlock`]) has not ended.
    pub(super) const fn follow(&mut self) {
        self.follows = true;
    }

    /// Whether the last [`Self::fill`] fell short because there is nothing for now.
    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// What is read and not yet consumed.
    #[inline]
    pub(super) fn window(&self) -> &[u8] {
        self.block
            .bytes
            .get(self.window.clone())
            .unwrap_or_default()
    }

    /// Index into the buffer where the window begins; see [`Self::at`].
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.window.start
    }

    /// The buffer that [`Self::position`] and [`Self::at`] count in; valid until the next [`Self::fill`].
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.block.bytes()
    }

    /// The bytes at an index of the buffer; valid until the next [`Self::fill`].
    #[inline]
    pub(super) fn at(&self, range: Range<usize>) -> &[u8] {
        self.block.bytes.get(range).unwrap_or_default()
    }

    /// Offset in the stream (after decompression) of the window's first byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Drops the first `count` bytes of the window; they stay readable through [`Self::at`] until the next fill.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.window.len());
        self.window.start += count;
        self.offset += count as u64;
    }

    /// Reads until the window holds `need` bytes. False when the stream ends or fails before: see
    /// [`Self::take_failure`].
    #[cold]
    pub(super) fn fill(&mut self, need: usize) -> bool {
        if self.window.len() >= need {
            return true;
        }
        if self.ended {
            return false;
        }
        if let Source::Stream(_) = self.source {
            self.move_to_front(need);
        }
        self.waiting = false;
        while self.window.len() < need && !self.ended && !self.waiting {
            self.read_once();
        }
        self.window.len() >= need
    }

    /// There is nothing more to read, and what was read is consumed.
    pub(super) fn has_ended(&self) -> bool {
        self.ended && self.window.is_empty()
    }

    /// Why the stream ended, if it failed; nothing after that was read.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Takes the stream back together with what was read of it and not consumed.
    pub(super) fn into_rest(self) -> (Vec<u8>, Stream, Option<io::Error>) {
        let rest = self.window().to_vec();
        match self.source {
            Source::Stream(stream) => (rest, stream, self.failure),
            // Nobody asks for it back once a thread has it.
            Source::Ahead(_) => (rest, Box::new(io::empty()), self.failure),
        }
    }

    fn read_once(&mut self) {
        let read = match &mut self.source {
            Source::Stream(stream) => {
                let end = self.window.end;
                // Made this reader's own before, if others shared it.
                let block = Arc::make_mut(&mut self.block);
                let limit = block.bytes.len().min(end + self.block_bytes);
                let room = block.bytes.get_mut(end..limit).unwrap_or_default();
                // A reader that claims more than it was given room for must not move the window out of the buffer.
                stream.read(room).map(|count| count.min(room.len()))
            }
            Source::Ahead(ahead) => match ahead.next() {
                None => Ok(0),
                Some(Err(error)) => Err(error),
                Some(Ok(block)) => {
                    self.go_on_in(block);
                    return;
                }
            },
        };
        match read {
            Ok(0) => self.ended = true,
            Ok(count) => self.window.end += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if self.follows && error.kind() == io::ErrorKind::WouldBlock => {
                self.waiting = true;
            }
            Err(error) => {
                self.failure = Some(error);
                self.ended = true;
            }
        }
    }

    /// Moves what is left of the window to before the boundary of the block that comes next.
    fn go_on_in(&mut self, mut next: Block) {
        let kept = self.window.len();
        let Some(start) = next.boundary.checked_sub(kept) else {
            self.append(&next);
            return;
        };
        if let Some(target) = next.bytes.get_mut(start..next.boundary) {
            target.copy_from_slice(self.window());
        }
        self.window = start..next.boundary + next.filled;
        self.block = Arc::new(next);
    }

    /// Copies a block to the end of a window that is larger than the room before any boundary. The memory doubles when it
    /// grows: a packet of many blocks must not be copied once a block.
    fn append(&mut self, next: &Block) {
        let more = next.bytes.get(next.boundary..next.boundary + next.filled);
        let block = Arc::make_mut(&mut self.block);
        block.bytes.truncate(self.window.end);
        block.bytes.extend_from_slice(more.unwrap_or_default());
        self.window.end = block.bytes.len();
    }

    /// Moves the window to end at the boundary, and makes sure that `need` bytes fit from its start.
    fn move_to_front(&mut self, need: usize) {
        let kept = self.window.len();
        let missing = need.saturating_sub(kept);
        let fits = kept <= self.block.boundary && missing <= self.block.room();
        if let Some(block) = Arc::get_mut(&mut self.block).filter(|_| fits) {
            let start = block.boundary - kept;
            block.bytes.copy_within(self.window.clone(), start);
            self.window = start..block.boundary;
            return;
        }
        let headroom = kept.next_multiple_of(PAGE_BYTES).max(HEADROOM_BYTES);
        let room = missing.next_multiple_of(PAGE_BYTES).max(self.block_bytes);
        let next = match &mut self.pool {
            Some(pool) => pool.take(headroom, room),
            None => Block::new(headroom, room),
        };
        self.go_on_in(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that hands out at most `step` bytes a read.
    struct Drip {
        bytes: Vec<u8>,
        next: usize,
        step: usize,
    }

    impl Read for Drip {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let rest = &self.bytes[self.next..];
            let count = rest.len().min(self.step).min(room.len());
            room[..count].copy_from_slice(&rest[..count]);
            self.next += count;
            Ok(count)
        }
    }

    fn pattern(length: usize) -> Vec<u8> {
        (0..length)
            .map(|index| u8::try_from(index % 251).unwrap())
            .collect()
    }

    fn reads_back(length: usize, step: usize, piece: usize) {
        for ahead in [false, true] {
            reads_back_once(length, step, piece, ahead);
        }
    }

    fn reads_back_once(length: usize, step: usize, piece: usize, ahead: bool) {
        let bytes = pattern(length);
        let drip = Drip {
            bytes: bytes.clone(),
            next: 0,
            step,
        };
        let mut reader = BlockReader::new(Box::new(drip), MIN_BLOCK_BYTES);
        if ahead {
            reader.fill(10);
            reader.read_ahead(3);
        }
        let mut seen = Vec::new();
        while reader.fill(piece) {
            let at = reader.position();
            assert_eq!(
                reader.at(at..at + piece),
                &bytes[seen.len()..seen.len() + piece]
            );
            seen.extend_from_slice(&reader.window()[..piece]);
            reader.consume(piece);
            assert_eq!(reader.offset(), seen.len() as u64);
        }
        seen.extend_from_slice(reader.window());
        assert_eq!(seen, bytes);
    }

    #[test]
    fn blocks_that_others_keep_stay_as_they_are() {
        let bytes = pattern(3 << 20);
        let drip = Drip {
            bytes: bytes.clone(),
            next: 0,
            step: usize::MAX,
        };
        let mut reader = BlockReader::new(Box::new(drip), MIN_BLOCK_BYTES);
        reader.fill(10);
        reader.lend(3);
        let mut kept: Option<(Arc<Block>, Range<usize>, usize)> = None;
        let (mut blocks, mut last) = (0, std::ptr::null());
        // Now and then a piece of several blocks.
        for piece in [1000; 99].into_iter().chain([150_000]).cycle() {
            if !reader.fill(piece) {
                break;
            }
            let (at, offset) = (reader.position(), usize::try_from(reader.offset()).unwrap());
            let block = reader.block();
            if !std::ptr::eq(block.bytes().as_ptr(), last) {
                (blocks, last) = (blocks + 1, block.bytes().as_ptr());
            }
            // Kept while the reader goes on in another block, and looked at then.
            if let Some((block, range, offset)) = kept.replace((block, at..at + piece, offset)) {
                let length = range.len();
                assert_eq!(block.bytes()[range], bytes[offset..offset + length]);
            }
            reader.consume(piece);
        }
        assert!(blocks > 20, "{blocks}");
    }

    #[test]
    fn pieces_that_straddle_blocks_come_out_whole() {
        reads_back(1 << 20, usize::MAX, 1500);
        reads_back(1 << 20, 4096, 777);
        reads_back(50_000, 1, 1000);
    }

    #[test]
    fn a_piece_larger_than_block_and_headroom_grows_the_buffer() {
        reads_back(3 << 20, usize::MAX, 1 << 20);
        reads_back(3 << 20, 10_000, 700_001);
    }

    #[test]
    fn every_block_is_read_to_a_page_boundary() {
        let mut reader = BlockReader::new(Box::new(io::Cursor::new(pattern(1 << 20))), BLOCK_BYTES);
        assert_eq!(
            reader.block.bytes.as_ptr().align_offset(PAGE_BYTES) % PAGE_BYTES,
            { (PAGE_BYTES - reader.block.bytes.as_ptr() as usize % PAGE_BYTES) % PAGE_BYTES }
        );
        assert_eq!(
            (reader.block.bytes.as_ptr() as usize + reader.block.boundary) % PAGE_BYTES,
            0
        );
        assert!(reader.fill(100));
        reader.consume(reader.window().len() - 3);
        reader.move_to_front(100);
        assert_eq!(
            reader.window,
            reader.block.boundary - 3..reader.block.boundary
        );
    }

    #[test]
    fn what_came_before_a_failure_is_kept() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                if self.0 {
                    return Err(io::Error::other("cable pulled"));
                }
                self.0 = true;
                room[..5].copy_from_slice(b"hello");
                Ok(5)
            }
        }
        for ahead in [false, true] {
            let mut reader = BlockReader::new(Box::new(Broken(false)), BLOCK_BYTES);
            if ahead {
                reader.read_ahead(3);
            }
            assert!(!reader.fill(6));
            assert_eq!(reader.window(), b"hello");
            assert_eq!(reader.take_failure().unwrap().to_string(), "cable pulled");
            assert!(!reader.fill(6));
        }
    }
}
