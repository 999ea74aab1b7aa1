//! DNS over TCP: messages behind length prefixes.
//!
//! Input: the in-order bytes of one direction, in pieces of any size. Output: each message as it becomes whole,
//! several in one piece, one over many. At most [`MAX_BUFFERED`] bytes wait: of a longer message the start is read and
//! the rest passed over. RFC 1035 section 4.2.2, RFC 7766 section 8.

use super::{DnsError, Message, parse};

/// Bytes of one message that are kept until it is whole; enough for any answer a client asks for (zone transfers are
/// longer, and of no interest here).
pub const MAX_BUFFERED: usize = 16 * 1024;

/// One direction of DNS over TCP.
#[derive(Clone, Debug, Default)]
pub struct DnsTcp {
    state: State,
    /// The start of a message that is not whole yet.
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    /// Before a length prefix.
    #[default]
    Prefix,
    /// One byte of the prefix came.
    HalfPrefix(u8),
    /// In a message: so many bytes are still to come.
    Body(usize),
    /// Bytes are missing: waiting for a piece that starts like a message.
    Lost,
}

impl DnsTcp {
    /// A direction of which nothing has been seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and hands over every message that they complete.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        mut on_message: impl FnMut(Result<Message, DnsError>),
    ) {
        if self.state == State::Lost {
            if !starts_like_a_message(bytes) {
                return;
            }
            self.state = State::Prefix;
        }
        // Each turn takes at least one byte, or returns.
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.state {
                State::Prefix | State::Lost => {
                    self.state = State::HalfPrefix(byte);
                    bytes = rest;
                }
                State::HalfPrefix(high) => {
                    let length = usize::from(u16::from_be_bytes([high, byte]));
                    self.state = if length == 0 {
                        State::Prefix
                    } else {
                        State::Body(length)
                    };
                    bytes = rest;
                }
                State::Body(missing) => {
                    let (body, rest) = bytes.split_at(missing.min(bytes.len()));
                    bytes = rest;
                    self.body(body, missing, &mut on_message);
                }
            }
        }
    }

    fn body(
        &mut self,
        body: &[u8],
        missing: usize,
        on_message: &mut impl FnMut(Result<Message, DnsError>),
    ) {
        let whole = body.len() == missing;
        if whole && self.buffer.is_empty() {
            // The bound is the same however the message is cut.
            on_message(parse(body.get(..MAX_BUFFERED).unwrap_or(body)));
        } else {
            let room = MAX_BUFFERED.saturating_sub(self.buffer.len());
            self.buffer
                .extend_from_slice(body.get(..room.min(body.len())).unwrap_or_default());
            if whole {
                on_message(parse(&self.buffer));
                self.buffer = Vec::new();
            }
        }
        self.state = if whole {
            State::Prefix
        } else {
            State::Body(missing - body.len())
        };
    }

    /// Bytes of this direction are missing from the capture: the message under way is lost, and the next piece that
    /// starts like a message is taken for one.
    pub fn gap(&mut self) {
        self.buffer = Vec::new();
        self.state = State::Lost;
    }

    /// Bytes that wait for the rest of their message.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }
}

/// A length prefix and a header with a known opcode, no reserved bit and few questions.
fn starts_like_a_message(bytes: &[u8]) -> bool {
    match *bytes {
        [high, low, _, _, flags, more, questions_high, questions, ..] => {
            let length = u16::from_be_bytes([high, low]);
            let opcode = (flags >> 3) & 0xf;
            length >= 12
                && opcode <= 6
                && opcode != 3
                && more & 0x40 == 0
                && questions_high == 0
                && questions <= 1
        }
        _ => false,
    }
}
