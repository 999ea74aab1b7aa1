//! TCP headers, RFC 9293 3.1.
//!
//! Input: bytes from the source port. Output: a [`TcpView`]. The fixed header must be whole; options and payload may
//! be cut by the snap length, and the payload's length on the wire is still right then.

use super::wire_len;
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::{TcpFlags, TcpView};

mod field {
    pub(super) const SOURCE_PORT: usize = 0;
    pub(super) const DESTINATION_PORT: usize = 2;
    pub(super) const SEQUENCE: usize = 4;
    pub(super) const ACKNOWLEDGMENT: usize = 8;
    pub(super) const DATA_OFFSET: usize = 12;
    pub(super) const FLAGS: usize = 13;
    pub(super) const WINDOW: usize = 14;
    /// Without options.
    pub(super) const LEN: usize = 20;
}

/// Reads one segment.
#[inline]
pub(in crate::decode) fn decode(mut cursor: Cursor<'_>) -> Result<TcpView<'_>, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Tcp)?;
    // The upper half counts 4-byte words.
    let header_len = usize::from(head.u8::<{ field::DATA_OFFSET }>() >> 4) * 4;
    let options_len = header_len
        .checked_sub(field::LEN)
        .filter(|&length| length <= cursor.wire_len())
        .ok_or(DecodeError::BadTcpDataOffset)?;
    let options = cursor.take_captured(options_len);
    Ok(TcpView {
        src_port: head.be16::<{ field::SOURCE_PORT }>(),
        dst_port: head.be16::<{ field::DESTINATION_PORT }>(),
        seq: head.be32::<{ field::SEQUENCE }>(),
        ack: head.be32::<{ field::ACKNOWLEDGMENT }>(),
        flags: TcpFlags(head.u8::<{ field::FLAGS }>()),
        window: head.be16::<{ field::WINDOW }>(),
        options,
        payload: cursor.captured(),
        wire_len: wire_len(cursor),
    })
}
