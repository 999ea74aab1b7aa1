//! The byte order of a capture file, found from its magic number.
//!
//! Input: fixed-size pieces of headers. Output: integers. Nothing here can fail: lengths are checked by whoever cuts
//! the pieces.

/// How a file (pcap) or a section (pcapng) writes its integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// A 16-bit integer.
    #[inline]
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    /// A 32-bit integer.
    #[inline]
    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// A 64-bit integer, if `bytes` are as long as one.
    pub(super) fn u64(self, bytes: &[u8]) -> Option<u64> {
        let bytes = bytes.try_into().ok()?;
        Some(match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }

    /// Two 16-bit integers that share one 32-bit word, in file order.
    #[inline]
    pub(super) fn halves(self, [a, b, c, d]: [u8; 4]) -> (u16, u16) {
        (self.u16([a, b]), self.u16([c, d]))
    }
}

/// The first `N` 32-bit words of `bytes`, undecoded; `None` when there are fewer.
#[inline]
pub(super) fn words<const N: usize>(bytes: &[u8]) -> Option<&[[u8; 4]; N]> {
    bytes.as_chunks::<4>().0.first_chunk::<N>()
}
