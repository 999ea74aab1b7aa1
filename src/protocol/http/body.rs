//! Where a message's body ends.
//!
//! Input: what the head says of the body, and the bytes after it in pieces of any size. Output: the content, piece by
//! piece, chunked coding removed, and word of its end. Nothing is buffered. RFC 9112 sections 6.3 and 7.1.

/// A body under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes are still to come.
    Length(u64),
    /// Chunks.
    Chunked(Chunk),
    /// Until the connection ends.
    UntilClose,
}

/// Where in the chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the size: its value and number of digits so far.
    Size(u64, u8),
    /// After the size, to the end of the line.
    Extension(u64),
    /// In the data: so many bytes are still to come.
    Data(u64),
    /// In the line end after the data.
    DataEnd,
    /// In the lines after the last chunk: bytes of this line so far.
    Trailer(u64),
}

impl Chunk {
    /// Before the first chunk.
    pub(super) const START: Self = Self::Size(0, 0);
}

/// What the next bytes were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken<'a> {
    /// Content.
    Data(&'a [u8]),
    /// The body is over.
    End,
    /// These are no chunks.
    Broken,
}

impl Body {
    /// Whether there is nothing to come.
    pub(super) fn is_over(self) -> bool {
        self == Self::Length(0)
    }

    /// Takes the next content, or the end, from `bytes`; `None` when they are used up.
    pub(super) fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Taken<'a>> {
        match self {
            Self::Length(0) => Some(Taken::End),
            _ if bytes.is_empty() => None,
            Self::Length(missing) => Some(Taken::Data(split_off(bytes, missing))),
            Self::UntilClose => Some(Taken::Data(std::mem::take(bytes))),
            Self::Chunked(chunk) => {
                let taken = chunk.take(bytes);
                if taken == Some(Taken::End) {
                    *self = Self::Length(0);
                }
                taken
            }
        }
    }
}

impl Chunk {
    fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Taken<'a>> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Self::Data(missing) = self {
                let data = split_off(bytes, missing);
                if *missing == 0 {
                    *self = Self::DataEnd;
                }
                return Some(Taken::Data(data));
            }
            *bytes = rest;
            match self.after(byte) {
                Some(next) => *self = next,
                None if matches!(self, Self::Trailer(0)) => return Some(Taken::End),
                None => return Some(Taken::Broken),
            }
        }
        None
    }

    /// The state after `byte` outside of data; `None` at the end of the last line, or when it does not fit.
    fn after(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Size(0, 1..) | Self::Extension(0), b'\n') => Self::Trailer(0),
            (Self::Size(size, 1..) | Self::Extension(size), b'\n') => Self::Data(size),
            (Self::Size(size, 1..), b';' | b' ' | b'\t' | b'\r') => Self::Extension(size),
            (Self::Size(size, digits @ 0..=14), byte) => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size(size * 16 + u64::from(digit), digits + 1)
            }
            (Self::DataEnd, b'\n') => Self::START,
            (Self::Trailer(0), b'\n') | (Self::Size(..), _) => return None,
            (Self::Trailer(_), b'\n') => Self::Trailer(0),
            (Self::Trailer(length), byte) if byte != b'\r' => {
                Self::Trailer(length.saturating_add(1))
            }
            (Self::DataEnd, byte) if byte != b'\r' => return None,
            (same, _) => same,
        })
    }
}

/// Splits at most `missing` bytes off and counts them.
fn split_off<'a>(bytes: &mut &'a [u8], missing: &mut u64) -> &'a [u8] {
    let length = usize::try_from(*missing)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let (data, rest) = bytes.split_at(length);
    *bytes = rest;
    *missing = missing.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks `pieces` and returns the content, the bytes after the body, and whether it ended.
    fn walk(mut body: Body, pieces: &[&[u8]]) -> (Vec<u8>, Vec<u8>, Option<bool>) {
        let (mut content, mut after, mut ended) = (Vec::new(), Vec::new(), None);
        for piece in pieces {
            let mut bytes = *piece;
            while ended.is_none() {
                match body.take(&mut bytes) {
                    None => break,
                    Some(Taken::Data(data)) => content.extend_from_slice(data),
                    Some(Taken::End) => ended = Some(true),
                    Some(Taken::Broken) => ended = Some(false),
                }
            }
            after.extend_from_slice(bytes);
        }
        (content, after, ended)
    }

    #[test]
    fn chunks_end_at_any_cut() {
        let wire = b"4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nTrailer: 1\r\n\r\nNEXT";
        for cut in 0..wire.len() {
            let (content, after, ended) =
                walk(Body::Chunked(Chunk::START), &[&wire[..cut], &wire[cut..]]);
            assert_eq!(content, b"Wikipedia", "cut at {cut}");
            assert_eq!(after, b"NEXT", "cut at {cut}");
            assert_eq!(ended, Some(true), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_chunk_is_broken() {
        for wire in [
            &b"\r\n"[..],
            b"x\r\n",
            b"10000000000000000\r\n",
            b"1\r\nab\r\n",
        ] {
            assert_eq!(
                walk(Body::Chunked(Chunk::START), &[wire]).2,
                Some(false),
                "{wire:?}"
            );
        }
    }

    #[test]
    fn a_length_is_counted_and_no_length_never_ends() {
        assert_eq!(
            walk(Body::Length(3), &[b"ab", b"cd"]),
            (b"abc".to_vec(), b"d".to_vec(), Some(true))
        );
        assert_eq!(
            walk(Body::UntilClose, &[b"ab", b"cd"]),
            (b"abcd".to_vec(), vec![], None)
        );
    }
}
