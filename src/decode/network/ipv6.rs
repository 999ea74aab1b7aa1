//! IPv6 headers and extension headers, RFC 8200 3 and 4.
//!
//! Input: bytes from the version field. Output: addresses, and what follows the last extension header. A payload length
//! of 0 stands in jumbograms (RFC 2675) and packets of segmentation offload: then the frame's length on the wire counts.
//! Limits: [`MAX_EXTENSIONS`]. Encrypted payload (ESP) and unknown headers end the walk as the packet's protocol.

use std::net::{IpAddr, Ipv6Addr};

use super::{FragmentField, IpHeader, IpPacket, protocol, skip_authentication};
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};

pub(in crate::decode) mod field {
    pub(in crate::decode) const PAYLOAD_LENGTH: usize = 4;
    pub(in crate::decode) const NEXT_HEADER: usize = 6;
    pub(in crate::decode) const HOP_LIMIT: usize = 7;
    pub(in crate::decode) const SOURCE: usize = 8;
    pub(in crate::decode) const DESTINATION: usize = 24;
    pub(in crate::decode) const LEN: usize = 40;
}

/// Extension headers in general.
mod extension {
    pub(super) const NEXT_HEADER: usize = 0;
    /// In units of 8 bytes, the first not counted.
    pub(super) const LENGTH: usize = 1;
    pub(super) const LEN: usize = 2;
}

/// Fragment header.
mod fragment {
    pub(super) const NEXT_HEADER: usize = 0;
    pub(super) const OFFSET_AND_MORE: usize = 2;
    pub(super) const IDENTIFICATION: usize = 4;
    pub(super) const LEN: usize = 8;
    /// The offset in place is already in bytes: its unit is 8, its lowest bit is bit 3.
    pub(super) const OFFSET_MASK: u16 = 0xfff8;
    pub(super) const MORE: u16 = 0x0001;
}

/// Extension headers in one packet: each of the eight kinds (IANA's registry) once, and destination options twice
/// (RFC 8200 4.1), is 9.
const MAX_EXTENSIONS: usize = 9;

/// Reads one header and its extension headers.
#[inline]
pub(super) fn decode(mut cursor: Cursor<'_>) -> Result<IpPacket<'_>, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Ipv6)?;
    match usize::from(head.be16::<{ field::PAYLOAD_LENGTH }>()) {
        0 => {}
        length => cursor.limit(length),
    }
    let packet = IpPacket {
        header: IpHeader {
            src: address(head.array::<{ field::SOURCE }, 16>()),
            dst: address(head.array::<{ field::DESTINATION }, 16>()),
            ttl: head.u8::<{ field::HOP_LIMIT }>(),
            ip_id: None,
        },
        protocol: head.u8::<{ field::NEXT_HEADER }>(),
        payload: cursor,
        fragment: None,
    };
    match packet.protocol {
        protocol::TCP | protocol::UDP => Ok(packet),
        _ => follow_extensions(packet),
    }
}

/// Follows extension headers in `packet.payload`, beginning with `packet.protocol`.
pub(super) fn follow_extensions(mut packet: IpPacket<'_>) -> Result<IpPacket<'_>, DecodeError> {
    for _ in 0..=MAX_EXTENSIONS {
        let cursor = &mut packet.payload;
        packet.protocol = match packet.protocol {
            protocol::HOP_BY_HOP
            | protocol::ROUTING
            | protocol::DESTINATION_OPTIONS
            | protocol::MOBILITY
            | protocol::HOST_IDENTITY
            | protocol::SHIM6 => {
                let head = cursor.head::<{ extension::LEN }>(Header::Extension)?;
                let rest = usize::from(head.u8::<{ extension::LENGTH }>()) * 8 + 6;
                cursor.skip(rest, Header::Extension)?;
                head.u8::<{ extension::NEXT_HEADER }>()
            }
            protocol::AUTHENTICATION => skip_authentication(cursor)?,
            protocol::FRAGMENT => {
                let head = cursor.head::<{ fragment::LEN }>(Header::Extension)?;
                let part = head.be16::<{ fragment::OFFSET_AND_MORE }>();
                let next = head.u8::<{ fragment::NEXT_HEADER }>();
                // Neither offset nor more: a whole datagram, independent of all others (RFC 6946).
                if part & (fragment::OFFSET_MASK | fragment::MORE) != 0 {
                    packet.protocol = next;
                    packet.fragment = Some(FragmentField {
                        id: head.be32::<{ fragment::IDENTIFICATION }>(),
                        start: usize::from(part & fragment::OFFSET_MASK),
                        last: part & fragment::MORE == 0,
                    });
                    return Ok(packet);
                }
                next
            }
            _ => return Ok(packet),
        };
    }
    Err(DecodeError::TooManyExtensions)
}

#[inline]
pub(in crate::decode) fn address(bytes: [u8; 16]) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from(bytes))
}
