//! Frames of Initial packets, and the stream that their CRYPTO frames carry pieces of.
//!
//! Input: a decrypted payload; pieces in any order, overlapping. Output: [`Frame`]s; the stream's beginning without
//! gaps. Bounds: [`MAX_CRYPTO_BYTES`] and [`MAX_PIECES`] a side. Of bytes that come twice, the first ones count. RFC 9000
//! section 19; RFC 9001 section 4.1.3.

use super::packet::{take, varint};

/// Bytes of CRYPTO kept a side: post-quantum hellos have 2 KiB.
pub const MAX_CRYPTO_BYTES: usize = 16 * 1024;

/// Pieces with gaps between them kept a side: browsers cut a hello into some ten pieces, on purpose.
pub const MAX_PIECES: usize = 64;

/// What a frame of an Initial says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Crypto {
        offset: u64,
        data: &'a [u8],
    },
    Close {
        code: u64,
        reason: &'a [u8],
    },
    /// PING or ACK.
    Other,
}

/// Splits a payload into frames; one that may not be in an Initial ends it. Every frame takes at least a byte.
pub(super) fn frames(mut payload: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    std::iter::from_fn(move || {
        let padding = payload.iter().take_while(|byte| **byte == 0).count();
        payload = payload.get(padding..)?;
        let frame = frame(&mut payload);
        if frame.is_none() {
            payload = &[];
        }
        frame
    })
}

fn frame<'a>(rest: &mut &'a [u8]) -> Option<Frame<'a>> {
    match varint(rest)? {
        0x01 => Some(Frame::Other),
        kind @ (0x02 | 0x03) => {
            let [_largest, _delay, count, _first] = numbers(rest)?;
            for _ in 0..count {
                let [_gap, _length] = numbers(rest)?;
            }
            if kind == 0x03 {
                let [_ect0, _ect1, _ce] = numbers(rest)?;
            }
            Some(Frame::Other)
        }
        0x06 => {
            let [offset, length] = numbers(rest)?;
            let data = take(rest, usize::try_from(length).ok()?)?;
            Some(Frame::Crypto { offset, data })
        }
        0x1c => {
            let [code, _frame_type, length] = numbers(rest)?;
            let reason = take(rest, usize::try_from(length).ok()?)?;
            Some(Frame::Close { code, reason })
        }
        _ => None,
    }
}

fn numbers<const N: usize>(rest: &mut &[u8]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number = varint(rest)?;
    }
    Some(numbers)
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It brought bytes that were not there.
    New,
    /// All of it was there.
    Known,
    /// Some of it is beyond the bounds and was left out.
    LeftOut,
}

/// One side's CRYPTO stream, from its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct CryptoStream {
    bytes: Vec<u8>,
    /// Start and end of what is there: sorted, with a gap between any two.
    pieces: Vec<(usize, usize)>,
}

impl CryptoStream {
    /// Takes a piece.
    pub(super) fn put(&mut self, offset: u64, data: &[u8]) -> Put {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(data.len());
        if end > MAX_CRYPTO_BYTES {
            return Put::LeftOut;
        }
        let covered = |&(from, to): &(usize, usize)| from <= start && end <= to;
        if start == end || self.pieces.iter().any(covered) {
            return Put::Known;
        }
        let touches = |&(from, to): &(usize, usize)| from <= end && start <= to;
        if self.pieces.len() >= MAX_PIECES && !self.pieces.iter().any(touches) {
            return Put::LeftOut;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.fill(start, data);
        let (mut from, mut to) = (start, end);
        self.pieces.retain(|piece| {
            if touches(piece) {
                from = from.min(piece.0);
                to = to.max(piece.1);
            }
            !touches(piece)
        });
        let at = self.pieces.partition_point(|piece| piece.0 < from);
        self.pieces.insert(at, (from, to));
        Put::New
    }

    /// Writes what is not there yet.
    fn fill(&mut self, start: usize, data: &[u8]) {
        let end = start + data.len();
        let mut at = start;
        let gaps = self.pieces.iter().copied().chain([(end, end)]);
        for (from, to) in gaps {
            let until = from.min(end);
            if until > at
                && let Some(gap) = self.bytes.get_mut(at..until)
                && let Some(new) = data.get(at - start..until - start)
            {
                gap.copy_from_slice(new);
            }
            at = at.max(to);
        }
    }

    /// The stream's beginning, up to the first gap.
    pub(super) fn beginning(&self) -> &[u8] {
        match self.pieces.first() {
            Some(&(0, end)) => self.bytes.get(..end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Bytes held.
    pub(super) fn buffered(&self) -> usize {
        self.bytes.len()
    }
}
