//! The record layer: headers walked, contents handed on.
//!
//! Input: the in-order bytes of one direction in pieces of any size. Output: one [`Step`] a call: a record begins, a
//! piece of its content, or bytes that are no record. Nothing is buffered but the five bytes of a header. After a gap
//! in the capture the walk takes up again at a piece that starts like a record. RFC 8446 section 5.1, RFC 5246
//! section 6.2.

use crate::capture::frame::Seen;

/// Content type of a change cipher spec record.
pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
/// Content type of an alert record.
pub(crate) const ALERT: u8 = 21;
/// Content type of a handshake record.
pub(crate) const HANDSHAKE: u8 = 22;
/// Content type of an application data record.
pub(crate) const APPLICATION_DATA: u8 = 23;
/// Content type of a heartbeat record (RFC 6520).
const HEARTBEAT: u8 = 24;

/// Bytes of a record's header.
const HEADER: usize = 5;

/// Longest content: TLS 1.2 allows 2^14 + 2048 once encrypted (RFC 5246 section 6.2.3).
const MAX_CONTENT: u16 = (1 << 14) + 2048;

/// Whether `bytes` may be (the start of) a record: content type, version and length as far as they are there.
pub(crate) fn may_be_header(bytes: &[u8]) -> bool {
    let kind = bytes
        .first()
        .is_none_or(|kind| (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(kind));
    let major = bytes.get(1).is_none_or(|major| *major == 3);
    let minor = bytes.get(2).is_none_or(|minor| *minor <= 4);
    let length = match (bytes.get(3), bytes.get(4)) {
        (Some(&high), Some(&low)) => u16::from_be_bytes([high, low]) <= MAX_CONTENT,
        (Some(&high), None) => u16::from_be_bytes([high, 0]) <= MAX_CONTENT,
        _ => true,
    };
    kind && major && minor && length
}

/// A record of which at least the header was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Content type.
    pub(super) kind: u8,
    /// Length of the content in bytes.
    pub(super) length: u16,
    /// The frame with the header's first byte.
    pub(super) first: Seen,
    /// Number of the piece with the header's first byte.
    pub(super) first_piece: u32,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A header is whole.
    Begin(Record),
    /// Content of the record that began.
    Content(Record, &'a [u8]),
    /// No record: this direction is not TLS, or not any more. What should be a header begins with this byte.
    NotTls(u8),
}

/// One direction's walk over its records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Records {
    header: [u8; HEADER],
    /// Bytes of the header that are there.
    filled: u8,
    state: State,
    /// Bytes of the record under way that are still to come.
    missing: u16,
    /// Where the header began.
    first: Seen,
    first_piece: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    InStep,
    /// Bytes are missing: waiting for a piece that starts like a record.
    Lost,
    /// In step again after a loss: what looked like a record may turn out to be none, which proves nothing.
    Regained,
    /// Not TLS.
    Over,
}

impl Records {
    /// Tells that a new piece begins; `false` when there is nothing to be read in it.
    pub(super) fn begin_piece(&mut self, bytes: &[u8]) -> bool {
        if self.state == State::Lost && bytes.len() >= HEADER && may_be_header(bytes) {
            self.state = State::Regained;
        }
        matches!(self.state, State::InStep | State::Regained)
    }

    /// Takes the next step in `bytes`; `None` when they are used up. Every two steps take at least one byte.
    pub(super) fn step<'a>(
        &mut self,
        bytes: &mut &'a [u8],
        seen: Seen,
        piece: u32,
    ) -> Option<Step<'a>> {
        if self.missing > 0 {
            if bytes.is_empty() {
                return None;
            }
            let (content, rest) = bytes.split_at(usize::from(self.missing).min(bytes.len()));
            *bytes = rest;
            // A piece of content is never longer than what was missing.
            let taken = u16::try_from(content.len()).unwrap_or(u16::MAX);
            self.missing = self.missing.saturating_sub(taken);
            return Some(Step::Content(self.record(), content));
        }
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.filled == 0 {
                (self.first, self.first_piece) = (seen, piece);
            }
            if let Some(slot) = self.header.get_mut(usize::from(self.filled)) {
                *slot = byte;
            }
            self.filled += 1;
            *bytes = rest;
            let filled = usize::from(self.filled);
            if !may_be_header(self.header.get(..filled).unwrap_or_default()) {
                return self.no_record();
            }
            if filled == HEADER {
                self.filled = 0;
                let record = self.record();
                self.missing = record.length;
                return Some(Step::Begin(record));
            }
        }
        None
    }

    /// The record of the latest whole header.
    const fn record(&self) -> Record {
        let [kind, _, _, high, low] = self.header;
        Record {
            kind,
            length: u16::from_be_bytes([high, low]),
            first: self.first,
            first_piece: self.first_piece,
        }
    }

    fn no_record<'a>(&mut self) -> Option<Step<'a>> {
        if self.state == State::Regained {
            self.lose();
            return None;
        }
        self.state = State::Over;
        let [kind, ..] = self.header;
        Some(Step::NotTls(kind))
    }

    /// Bytes of this direction are missing from the capture.
    pub(super) fn lose(&mut self) {
        if self.state != State::Over {
            self.state = State::Lost;
            self.missing = 0;
            self.filled = 0;
        }
    }
}
