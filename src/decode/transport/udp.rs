//! UDP headers, RFC 768.
//!
//! Input: bytes from the source port. Output: a [`UdpView`]. A length of 0 stands in jumbograms (RFC 2675 4) and
//! packets of segmentation offload: then the IP packet's length counts.

use super::wire_len;
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::UdpView;

mod field {
    pub(super) const SOURCE_PORT: usize = 0;
    pub(super) const DESTINATION_PORT: usize = 2;
    pub(super) const LENGTH: usize = 4;
    pub(super) const LEN: usize = 8;
}

/// Reads one datagram.
#[inline]
pub(in crate::decode) fn decode(mut cursor: Cursor<'_>) -> Result<UdpView<'_>, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Udp)?;
    match usize::from(head.be16::<{ field::LENGTH }>()) {
        0 => {}
        length => {
            let payload_len = length
                .checked_sub(field::LEN)
                .filter(|&payload_len| payload_len <= cursor.wire_len())
                .ok_or(DecodeError::BadUdpLength)?;
            cursor.limit(payload_len);
        }
    }
    Ok(UdpView {
        src_port: head.be16::<{ field::SOURCE_PORT }>(),
        dst_port: head.be16::<{ field::DESTINATION_PORT }>(),
        payload: cursor.captured(),
        wire_len: wire_len(cursor),
    })
}
