//! The one way bytes are read here: bounded, never by index.
//!
//! Input: captured bytes, and how many bytes travelled. Output: fixed headers ([`Head`]) and what follows them.
//! Invariant: `wire_len() >= captured().len()`; each read either shortens the cursor or fails, so a loop that reads
//! ends. A field's offset is checked against its header's size when the program is compiled.

use super::error::{DecodeError, Header};

/// What is left of a packet: the captured bytes, and how long it was on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// Bytes that travelled from here on, captured or not.
    wire_len: usize,
}

impl<'a> Cursor<'a> {
    /// Over `bytes`, of a packet that was `wire_len` bytes long. A shorter `wire_len` is a mistake of the capture's
    /// writer: what was captured did travel.
    #[inline]
    pub(super) fn new(bytes: &'a [u8], wire_len: usize) -> Self {
        Self {
            bytes,
            wire_len: wire_len.max(bytes.len()),
        }
    }

    /// The captured bytes that are left.
    #[inline]
    pub(super) const fn captured(self) -> &'a [u8] {
        self.bytes
    }

    /// Bytes left on the wire.
    #[inline]
    pub(super) const fn wire_len(self) -> usize {
        self.wire_len
    }

    /// The next byte, not consumed.
    #[inline]
    pub(super) fn peek(self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// Reads the `N` bytes of `header`; fails with its truncation error.
    #[inline]
    pub(super) fn head<const N: usize>(
        &mut self,
        header: Header,
    ) -> Result<Head<'a, N>, DecodeError> {
        let (head, rest) = self
            .bytes
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated(header))?;
        self.bytes = rest;
        self.wire_len = self.wire_len.saturating_sub(N);
        Ok(Head(head))
    }

    /// Passes over `count` bytes of `header`; fails with its truncation error.
    #[inline]
    pub(super) fn skip(&mut self, count: usize, header: Header) -> Result<(), DecodeError> {
        self.bytes = self
            .bytes
            .get(count..)
            .ok_or(DecodeError::Truncated(header))?;
        self.wire_len = self.wire_len.saturating_sub(count);
        Ok(())
    }

    /// Passes over `count` bytes of which perhaps not all were captured, and returns those that were.
    #[inline]
    pub(super) fn take_captured(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .unwrap_or((self.bytes, &[]));
        self.bytes = rest;
        self.wire_len = self.wire_len.saturating_sub(count);
        taken
    }

    /// Ends the packet after `wire_len` more bytes, as a length field of its header says: padding behind it is cut
    /// off, and what is missing of it counts as not captured.
    #[inline]
    pub(super) fn limit(&mut self, wire_len: usize) {
        self.bytes = self.bytes.get(..wire_len).unwrap_or(self.bytes);
        self.wire_len = wire_len;
    }
}

/// A header of `N` bytes, read field by field at offsets known to the compiler.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a, const N: usize>(&'a [u8; N]);

impl<const N: usize> Head<'_, N> {
    /// The `LEN` bytes at offset `AT`.
    #[inline]
    pub(super) fn array<const AT: usize, const LEN: usize>(self) -> [u8; LEN] {
        const { assert!(AT + LEN <= N, "the field lies inside its header") };
        self.0
            .get(AT..)
            .and_then(<[u8]>::first_chunk::<LEN>)
            .copied()
            .unwrap_or([0; LEN])
    }

    /// The byte at offset `AT`.
    #[inline]
    pub(super) fn u8<const AT: usize>(self) -> u8 {
        let [byte] = self.array::<AT, 1>();
        byte
    }

    /// The big-endian 16-bit field at offset `AT`.
    #[inline]
    pub(super) fn be16<const AT: usize>(self) -> u16 {
        u16::from_be_bytes(self.array::<AT, 2>())
    }

    /// The big-endian 32-bit field at offset `AT`.
    #[inline]
    pub(super) fn be32<const AT: usize>(self) -> u32 {
        u32::from_be_bytes(self.array::<AT, 4>())
    }

    /// The little-endian 16-bit field at offset `AT`.
    #[inline]
    pub(super) fn le16<const AT: usize>(self) -> u16 {
        u16::from_le_bytes(self.array::<AT, 2>())
    }

    /// The little-endian 32-bit field at offset `AT`.
    #[inline]
    pub(super) fn le32<const AT: usize>(self) -> u32 {
        u32::from_le_bytes(self.array::<AT, 4>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_consumed() {
        let mut cursor = Cursor::new(&[1, 2, 3, 4, 5], 9);
        let head = cursor.head::<4>(Header::Udp).unwrap();
        assert_eq!(head.u8::<0>(), 1);
        assert_eq!(head.be16::<1>(), 0x0203);
        assert_eq!(head.le16::<1>(), 0x0302);
        assert_eq!(head.be32::<0>(), 0x0102_0304);
        assert_eq!(head.le32::<0>(), 0x0403_0201);
        assert_eq!((cursor.captured(), cursor.wire_len()), (&[5][..], 5));
    }

    #[test]
    fn a_header_that_does_not_fit_is_named_and_nothing_is_consumed() {
        let mut cursor = Cursor::new(&[1, 2, 3], 100);
        assert_eq!(
            cursor.head::<4>(Header::Gre).unwrap_err(),
            DecodeError::Truncated(Header::Gre)
        );
        assert_eq!(
            cursor.skip(4, Header::Llc).unwrap_err(),
            DecodeError::Truncated(Header::Llc)
        );
        assert_eq!((cursor.captured().len(), cursor.wire_len()), (3, 100));
    }

    #[test]
    fn a_limit_cuts_padding_and_remembers_what_was_not_captured() {
        let mut padded = Cursor::new(&[1, 2, 3, 4], 4);
        padded.limit(2);
        assert_eq!((padded.captured(), padded.wire_len()), (&[1, 2][..], 2));

        let mut cut = Cursor::new(&[1, 2, 3, 4], 4);
        cut.limit(1000);
        assert_eq!((cut.captured().len(), cut.wire_len()), (4, 1000));
        assert_eq!(cut.take_captured(10), &[1, 2, 3, 4]);
        assert_eq!((cut.captured().len(), cut.wire_len()), (0, 990));
    }

    #[test]
    fn what_was_captured_did_travel() {
        assert_eq!(Cursor::new(&[0; 6], 2).wire_len(), 6);
    }
}
