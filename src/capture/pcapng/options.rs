//! The options of a pcapng block (draft-ietf-opsawg-pcapng 3.5).
//!
//! Input: the bytes after a block's fixed fields. Output: code and value, until the end option or the end of the bytes.
//! Ends by construction: each step shortens the rest by four bytes at least. [`Options::overran`] tells whether the last
//! one claimed more than there was.

use crate::capture::byte_order::{ByteOrder, words};

/// A comment, in every kind of block.
pub(super) const OPTION_COMMENT: u16 = 1;

/// The end of the options.
const OPTION_END: u16 = 0;

/// Walks the options of one block.
pub(super) struct Options<'a> {
    rest: &'a [u8],
    order: ByteOrder,
    overran: bool,
}

impl<'a> Options<'a> {
    pub(super) fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self {
            rest: bytes,
            order,
            overran: false,
        }
    }

    /// Whether an option, once all were walked, ran beyond the block.
    pub(super) fn overran(&self) -> bool {
        self.overran
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            return None;
        }
        let Some(&[head]) = words::<1>(rest) else {
            self.overran = true;
            return None;
        };
        let (code, length) = self.order.halves(head);
        if code == OPTION_END {
            return None;
        }
        let length = usize::from(length);
        let Some(value) = rest.get(4..4 + length) else {
            self.overran = true;
            return None;
        };
        self.rest = rest
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
        Some((code, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_padded_to_four_bytes_and_end_at_the_end_option() {
        let bytes = b"\x02\0\x03\0en0\0\x09\0\x01\0\x09\0\0\0\0\0\0\0\x01\0\x01\0x\0\0\0";
        let mut options = Options::new(bytes, ByteOrder::Little);
        assert_eq!(options.next(), Some((2, &b"en0"[..])));
        assert_eq!(options.next(), Some((9, &b"\x09"[..])));
        assert_eq!(options.next(), None);
        assert_eq!(options.next(), None);
        assert!(!options.overran());
    }

    #[test]
    fn an_option_longer_than_its_block_ends_the_walk() {
        let mut options = Options::new(b"\0\x01\0\x09comment\0", ByteOrder::Big);
        assert_eq!(options.next(), None);
        assert!(options.overran());
        let mut options = Options::new(b"\0\x01\0", ByteOrder::Big);
        assert_eq!(options.next(), None);
        assert!(options.overran());
    }
}
