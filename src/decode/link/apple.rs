//! PKTAP: Apple's metadata (interface, process) in front of another link type's frame.
//!
//! Input: a frame from the metadata header. Output: the link type of what follows, and the bytes of it.
//! All fields are little-endian: no big-endian system writes this. tcpdump.org: `LINKTYPE_PKTAP`.

use crate::capture::frame::LinkType;
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};

/// The fields that are needed; process name and identifier follow them.
mod field {
    pub(super) const HEADER_LEN: usize = 0;
    pub(super) const NEXT: usize = 4;
    pub(super) const LINK: usize = 8;
    pub(super) const LEN: usize = 12;
    /// A packet follows the header.
    pub(super) const PACKET: u32 = 1;
}

/// Reads the header.
pub(super) fn decode(mut cursor: Cursor<'_>) -> Result<(LinkType, Cursor<'_>), DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Pktap)?;
    let rest = usize::try_from(head.le32::<{ field::HEADER_LEN }>())
        .ok()
        .and_then(|length| length.checked_sub(field::LEN))
        .ok_or(DecodeError::BadPktapHeader)?;
    if head.le32::<{ field::NEXT }>() != field::PACKET {
        return Err(DecodeError::BadPktapHeader);
    }
    let link = u16::try_from(head.le32::<{ field::LINK }>())
        .map(LinkType)
        .map_err(|_| DecodeError::BadPktapHeader)?;
    cursor.skip(rest, Header::Pktap)?;
    Ok((link, cursor))
}
