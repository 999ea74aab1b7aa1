//! TCP options, one after the other.
//!
//! Input: a header's option bytes, perhaps cut. Output: [`TcpOption`]s; unknown kinds, and known ones of an unexpected
//! length, are kept as they are. Every option takes at least one byte, so the walk ends; a length that cannot be ends it.
//! RFC 9293 3.1, RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 8684 (MPTCP), RFC 7413 (Fast Open).

/// Option kinds of the IANA registry.
mod kind {
    pub(super) const END: u8 = 0;
    pub(super) const NO_OPERATION: u8 = 1;
    pub(super) const MAX_SEGMENT_SIZE: u8 = 2;
    pub(super) const WINDOW_SCALE: u8 = 3;
    pub(super) const SACK_PERMITTED: u8 = 4;
    pub(super) const SACK: u8 = 5;
    pub(super) const TIMESTAMPS: u8 = 8;
    pub(super) const MULTIPATH: u8 = 30;
    pub(super) const FAST_OPEN: u8 = 34;
}

/// The largest shift that counts (RFC 7323 2.3): a larger one is to be taken as this.
const MAX_WINDOW_SHIFT: u8 = 14;

/// Kind and length.
const OPTION_HEADER_LEN: usize = 2;

/// One TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// Largest segment the sender takes, in bytes.
    MaxSegmentSize(u16),
    /// The sender's windows count in units of 2 to this power, 14 at most.
    WindowScale(u8),
    /// Selective acknowledgments may be sent.
    SackPermitted,
    /// What arrived beyond the acknowledgment number.
    Sack(SackBlocks<'a>),
    /// RFC 7323 3.
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The peer's clock, as the sender saw it last.
        echo: u32,
    },
    /// RFC 8684.
    Multipath(Multipath),
    /// A Fast Open cookie; empty when one is asked for.
    FastOpen(&'a [u8]),
    /// Another option.
    Unknown {
        /// Its kind.
        kind: u8,
        /// Its bytes behind kind and length.
        data: &'a [u8],
    },
}

/// Blocks of a SACK option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SackBlocks<'a>(&'a [u8]);

impl<'a> SackBlocks<'a> {
    /// First sequence number of each block, and the one behind its last; at most four.
    pub fn iter(self) -> impl Iterator<Item = (u32, u32)> + 'a {
        let (blocks, _) = self.0.as_chunks::<8>();
        blocks.iter().map(|&[a, b, c, d, e, f, g, h]| {
            (
                u32::from_be_bytes([a, b, c, d]),
                u32::from_be_bytes([e, f, g, h]),
            )
        })
    }
}

/// A Multipath TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multipath {
    /// This is the first subflow of a multipath connection.
    Capable {
        /// Protocol version: 0 (RFC 6824) or 1.
        version: u8,
        /// The sender's key, if given here.
        sender_key: Option<u64>,
        /// The receiver's key, if given here.
        receiver_key: Option<u64>,
    },
    /// This is a further subflow.
    Join {
        /// The sender's identifier of its address.
        address_id: u8,
        /// To be used only if other subflows fail.
        backup: bool,
        /// Which connection it joins: the receiver's token. In the SYN only.
        token: Option<u32>,
    },
    /// Another subtype.
    Other(u8),
}

/// Yields the options of one header.
#[derive(Clone, Debug)]
pub struct TcpOptions<'a> {
    rest: &'a [u8],
}

impl<'a> TcpOptions<'a> {
    /// Over a header's option bytes ([`TcpView::options`](super::TcpView::options)).
    #[must_use]
    pub const fn new(options: &'a [u8]) -> Self {
        Self { rest: options }
    }

    /// Takes the next option's kind and data off; nothing where options end, or go on beyond what was captured.
    fn take(&mut self) -> Option<(u8, &'a [u8])> {
        while let [kind::NO_OPERATION, rest @ ..] = self.rest {
            self.rest = rest;
        }
        let [kind, length, ..] = *self.rest else {
            return None;
        };
        if kind == kind::END {
            return None;
        }
        let (option, rest) = self.rest.split_at_checked(usize::from(length))?;
        let data = option.get(OPTION_HEADER_LEN..)?;
        self.rest = rest;
        Some((kind, data))
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        let Some((kind, data)) = self.take() else {
            self.rest = &[];
            return None;
        };
        Some(match (kind, data) {
            (kind::MAX_SEGMENT_SIZE, &[a, b]) => {
                TcpOption::MaxSegmentSize(u16::from_be_bytes([a, b]))
            }
            (kind::WINDOW_SCALE, &[shift]) => TcpOption::WindowScale(shift.min(MAX_WINDOW_SHIFT)),
            (kind::SACK_PERMITTED, []) => TcpOption::SackPermitted,
            (kind::SACK, blocks) if !blocks.is_empty() && blocks.len().is_multiple_of(8) => {
                TcpOption::Sack(SackBlocks(blocks))
            }
            (kind::TIMESTAMPS, data) => {
                timestamps(data).unwrap_or(TcpOption::Unknown { kind, data })
            }
            (kind::MULTIPATH, [first, rest @ ..]) => TcpOption::Multipath(multipath(*first, rest)),
            (kind::FAST_OPEN, cookie) => TcpOption::FastOpen(cookie),
            (kind, data) => TcpOption::Unknown { kind, data },
        })
    }
}

impl std::iter::FusedIterator for TcpOptions<'_> {}

/// RFC 7323 3.2.
fn timestamps(data: &[u8]) -> Option<TcpOption<'_>> {
    let (value, echo) = data.split_first_chunk::<4>()?;
    Some(TcpOption::Timestamps {
        value: u32::from_be_bytes(*value),
        echo: u32::from_be_bytes(echo.try_into().ok()?),
    })
}

/// Reads behind kind and length: `first` holds the subtype in its upper half. RFC 8684 3.1, 3.2.
fn multipath(first: u8, rest: &[u8]) -> Multipath {
    const CAPABLE: u8 = 0;
    const JOIN: u8 = 1;
    const BACKUP: u8 = 0x01;
    /// Behind `first`, in a SYN: address, token, random number.
    const JOIN_SYN_LEN: usize = 9;

    let low = first & 0x0f;
    match (first >> 4, rest) {
        (CAPABLE, [_flags, keys @ ..]) => {
            let (sender_key, keys) = key(keys);
            let (receiver_key, _) = key(keys);
            Multipath::Capable {
                version: low,
                sender_key,
                receiver_key,
            }
        }
        (JOIN, &[address_id, a, b, c, d, ..]) => Multipath::Join {
            address_id,
            backup: low & BACKUP != 0,
            token: (rest.len() == JOIN_SYN_LEN).then(|| u32::from_be_bytes([a, b, c, d])),
        },
        (subtype, _) => Multipath::Other(subtype),
    }
}

/// The key that `bytes` begin with, and what follows it.
fn key(bytes: &[u8]) -> (Option<u64>, &[u8]) {
    match bytes.split_first_chunk::<8>() {
        Some((key, rest)) => (Some(u64::from_be_bytes(*key)), rest),
        None => (None, bytes),
    }
}

#[cfg(test)]
mod tests;
