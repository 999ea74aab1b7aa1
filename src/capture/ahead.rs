//! Reading a stream in a thread of its own, a little ahead of whoever walks its records.
//!
//! The kernel's copy of a capture (and unpacking it, all the more) takes as long as a good part of its analysis; here it
//! runs beside it. Input: a byte stream. Output: its bytes in order, in [`Block`]s that go round between the two
//! threads, by way of everybody who keeps them for a while. Bound: so many blocks; a reader that has none waits. The thread
//! ends with the stream, or once nobody takes its blocks any more.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::memory::{Block, HEADROOM_BYTES};

/// What is read.
pub(super) type Stream = Box<dyn Read + Send>;

/// A stream that a thread reads.
pub(super) struct ReadAhead {
    full: Receiver<io::Result<Block>>,
    empty: Sender<Block>,
}

impl ReadAhead {
    /// Reads `stream` in so many blocks of `room` bytes, or gives it back if there can be no thread.
    pub(super) fn start(stream: Stream, room: usize, blocks: usize) -> Result<Self, Stream> {
        let (empty, emptied) = bounded(blocks);
        let (filled, full) = bounded(blocks);
        for _ in 0..blocks {
            // There is room for all of them.
            let _ = empty.send(Block::new(HEADROOM_BYTES, room));
        }
        let shared = Arc::new(Mutex::new(Some(stream)));
        let lent = Arc::clone(&shared);
        let started = std::thread::Builder::new()
            .name("read".to_owned())
            .spawn(move || {
                let stream = lent.lock().ok().and_then(|mut lent| lent.take());
                if let Some(stream) = stream {
                    read(stream, room, &emptied, &filled);
                }
            });
        let kept = match started {
            Ok(_) => None,
            Err(_) => shared.lock().ok().and_then(|mut kept| kept.take()),
        };
        kept.map_or(Ok(Self { full, empty }), Err)
    }

    /// The next bytes; none at the end of the stream, and after an error.
    pub(super) fn next(&self) -> Option<io::Result<Block>> {
        let mut next = self.full.recv().ok()?;
        if let Ok(block) = &mut next {
            block.home = Some(self.empty.clone());
        }
        Some(next)
    }
}

/// Fills blocks until the stream ends.
fn read(
    mut stream: Stream,
    room: usize,
    empty: &Receiver<Block>,
    full: &Sender<io::Result<Block>>,
) {
    for block in empty {
        // One that grew for a large packet is not kept.
        let mut block = block.fitting(HEADROOM_BYTES, room);
        let filled = loop {
            match block.fill_from(&mut stream) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let (is_last, sent) = match filled {
            Ok(0) => return,
            Ok(_) => (false, full.send(Ok(block))),
            Err(error) => (true, full.send(Err(error))),
        };
        if is_last || sent.is_err() {
            return;
        }
    }
}
