//! IPv4 headers, RFC 791 3.1.
//!
//! Input: bytes from the version field. Output: addresses, and the payload as long as the total length says, however
//! much of it was captured. A total length of 0 stands in packets that a network card will still cut up (segmentation
//! offload, longer than the field can say): then the frame's length on the wire counts. Checksums are not verified.

use std::net::{IpAddr, Ipv4Addr};

use super::{FragmentField, IpHeader, IpPacket, protocol, skip_authentication};
use crate::decode::cursor::{Cursor, Head};
use crate::decode::error::{DecodeError, Header};

pub(in crate::decode) mod field {
    pub(in crate::decode) const VERSION_AND_LENGTH: usize = 0;
    pub(in crate::decode) const TOTAL_LENGTH: usize = 2;
    pub(in crate::decode) const IDENTIFICATION: usize = 4;
    pub(in crate::decode) const FLAGS_AND_OFFSET: usize = 6;
    pub(in crate::decode) const TTL: usize = 8;
    pub(in crate::decode) const PROTOCOL: usize = 9;
    pub(in crate::decode) const SOURCE: usize = 12;
    pub(in crate::decode) const DESTINATION: usize = 16;
    /// Without options.
    pub(in crate::decode) const LEN: usize = 20;
}

pub(in crate::decode) const MORE_FRAGMENTS: u16 = 0x2000;
/// In units of 8 bytes.
pub(in crate::decode) const OFFSET_MASK: u16 = 0x1fff;

/// Reads one header and its options, and ends the payload where the total length says.
#[inline]
pub(super) fn decode(cursor: Cursor<'_>) -> Result<IpPacket<'_>, DecodeError> {
    let wire_len = cursor.wire_len();
    let (mut packet, head) = decode_header(cursor)?;
    let header_len = wire_len.saturating_sub(packet.payload.wire_len());
    let total_len = match usize::from(head.be16::<{ field::TOTAL_LENGTH }>()) {
        0 => wire_len,
        length => length,
    };
    let payload_len = total_len
        .checked_sub(header_len)
        .ok_or(DecodeError::BadIpv4TotalLength)?;
    packet.payload.limit(payload_len);
    if packet.protocol == protocol::AUTHENTICATION && packet.fragment.is_none() {
        return follow_authentication(packet);
    }
    Ok(packet)
}

/// Reads a header that an ICMP error quotes, whatever total length the router left in it: old ones write it in their
/// own byte order, or without the header.
pub(super) fn decode_quoted(cursor: Cursor<'_>) -> Result<IpPacket<'_>, DecodeError> {
    decode_header(cursor).map(|(packet, _)| packet)
}

/// Passes over an authentication header, where one begins `packet.payload`.
pub(super) fn follow_authentication(mut packet: IpPacket<'_>) -> Result<IpPacket<'_>, DecodeError> {
    if packet.protocol == protocol::AUTHENTICATION {
        packet.protocol = skip_authentication(&mut packet.payload)?;
    }
    Ok(packet)
}

#[inline]
fn decode_header(
    mut cursor: Cursor<'_>,
) -> Result<(IpPacket<'_>, Head<'_, { field::LEN }>), DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Ipv4)?;
    let header_len = usize::from(head.u8::<{ field::VERSION_AND_LENGTH }>() & 0x0f) * 4;
    let options_len = header_len
        .checked_sub(field::LEN)
        .ok_or(DecodeError::BadIpv4HeaderLength)?;
    if options_len > 0 {
        cursor.skip(options_len, Header::Ipv4)?;
    }
    let id = head.be16::<{ field::IDENTIFICATION }>();
    let packet = IpPacket {
        header: IpHeader {
            src: address(head.array::<{ field::SOURCE }, 4>()),
            dst: address(head.array::<{ field::DESTINATION }, 4>()),
            ttl: head.u8::<{ field::TTL }>(),
            ip_id: Some(id),
        },
        protocol: head.u8::<{ field::PROTOCOL }>(),
        payload: cursor,
        fragment: fragment(id, head.be16::<{ field::FLAGS_AND_OFFSET }>()),
    };
    Ok((packet, head))
}

#[inline]
pub(in crate::decode) fn address(bytes: [u8; 4]) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(bytes))
}

#[inline]
fn fragment(id: u16, flags_and_offset: u16) -> Option<FragmentField> {
    let part = flags_and_offset & (MORE_FRAGMENTS | OFFSET_MASK);
    (part != 0).then(|| FragmentField {
        id: u32::from(id),
        start: usize::from(part & OFFSET_MASK) * 8,
        last: part & MORE_FRAGMENTS == 0,
    })
}
