//! Handshake messages, put together from the records they span.
//!
//! Input: the contents of one direction's handshake records, in order. Output: [`Event`]: a message begins; a message
//! that was asked for is whole. Others are passed over by their length, unbuffered. At most [`MAX_MESSAGE`] bytes of
//! one message are kept. RFC 8446 section 4, RFC 5246 section 7.4.

use crate::capture::frame::Seen;

use super::record::Record;

/// Bytes of a message that are kept: post-quantum hellos have 2 KiB, certificate chains 3 to 6.
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Message type of a `ClientHello`.
pub(in crate::protocol) const CLIENT_HELLO: u8 = 1;
/// Message type of a `ServerHello`, and of a `HelloRetryRequest`.
pub(in crate::protocol) const SERVER_HELLO: u8 = 2;
/// Message type of a Certificate.
pub(super) const CERTIFICATE: u8 = 11;

/// Bytes of a message's header: type and 24-bit length.
pub(in crate::protocol) const HEADER: usize = 4;

/// What the next bytes of the handshake are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The first byte of a message: its type.
    Begin(Started),
    /// A message that is kept is whole.
    Whole(Message),
}

/// A message of which the type is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Started {
    /// Message type.
    pub(super) kind: u8,
    /// The frame with its record's first byte.
    pub(super) first: Seen,
    /// Number of the piece with its record's first byte.
    pub(super) first_piece: u32,
}

/// A whole message, or the kept start of a very long one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Where it began.
    pub(super) started: Started,
    /// Length of the body in bytes, as its header says.
    pub(super) length: u32,
    /// The body; shorter than `length` when that exceeds [`MAX_MESSAGE`].
    pub(super) body: Vec<u8>,
}

/// One direction's handshake messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Messages {
    header: [u8; HEADER],
    filled: u8,
    started: Started,
    length: u32,
    /// Bytes of the body still to come.
    missing: u32,
    keep: bool,
    body: Vec<u8>,
}

impl Messages {
    /// Takes the next event from `content`, a piece of `record`; `None` when it is used up. `wanted` says which types
    /// are kept. Every two events take at least one byte.
    pub(super) fn next(
        &mut self,
        content: &mut &[u8],
        record: Record,
        wanted: impl Fn(u8) -> bool,
    ) -> Option<Event> {
        while !content.is_empty() {
            if usize::from(self.filled) < HEADER {
                if let Some(event) = self.header(content, record, &wanted) {
                    return Some(event);
                }
            } else {
                self.take(content);
            }
            if usize::from(self.filled) == HEADER && self.missing == 0 {
                self.filled = 0;
                if self.keep {
                    return Some(Event::Whole(Message {
                        started: self.started,
                        length: self.length,
                        body: std::mem::take(&mut self.body),
                    }));
                }
            }
        }
        None
    }

    /// Takes one byte of the header.
    fn header(
        &mut self,
        content: &mut &[u8],
        record: Record,
        wanted: impl Fn(u8) -> bool,
    ) -> Option<Event> {
        let (&byte, rest) = content.split_first()?;
        *content = rest;
        if let Some(slot) = self.header.get_mut(usize::from(self.filled)) {
            *slot = byte;
        }
        self.filled += 1;
        if self.filled == 1 {
            self.started = Started {
                kind: byte,
                first: record.first,
                first_piece: record.first_piece,
            };
            return Some(Event::Begin(self.started));
        }
        if usize::from(self.filled) == HEADER {
            let [kind, high, middle, low] = self.header;
            self.length = u32::from_be_bytes([0, high, middle, low]);
            self.missing = self.length;
            self.keep = wanted(kind);
            self.body = Vec::new();
        }
        None
    }

    /// Takes bytes of the body.
    fn take(&mut self, content: &mut &[u8]) {
        let length = usize::try_from(self.missing)
            .unwrap_or(usize::MAX)
            .min(content.len());
        let (piece, rest) = content.split_at(length);
        *content = rest;
        self.missing = self
            .missing
            .saturating_sub(u32::try_from(length).unwrap_or(u32::MAX));
        if self.keep {
            let room = MAX_MESSAGE.saturating_sub(self.body.len()).min(piece.len());
            self.body
                .extend_from_slice(piece.get(..room).unwrap_or_default());
        }
    }

    /// Gives up the message under way: its type, and as much of its body as is there, if it was one to keep.
    pub(super) fn abandon(&mut self) -> Option<(Started, Vec<u8>)> {
        let under_way = usize::from(self.filled) == HEADER && self.keep;
        let body = std::mem::take(&mut self.body);
        self.filled = 0;
        self.missing = 0;
        under_way.then_some((self.started, body))
    }

    /// Bytes that wait for the rest of their message.
    pub(super) fn buffered(&self) -> usize {
        self.body.len()
    }
}
