//! PPP, bare, in HDLC framing, or behind a direction byte; and Cisco's HDLC, which shares its link types.
//!
//! Input: bytes from the PPP header. Output: the bytes from the IP header on. Control protocols (LCP, IPCP) and
//! compressed or encrypted payload hold no readable IP and end as `NotIp`. RFC 1661 2, RFC 1662 3.1.

use super::{LinkFacts, ethernet};
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};

const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;

/// All stations, unnumbered information: left out where both ends agreed to (RFC 1661 6.6).
const ADDRESS: u8 = 0xff;
/// Cisco HDLC's addresses: unicast and broadcast.
const CISCO: [u8; 2] = [0x0f, 0x8f];

/// Reads PPP that may begin with an HDLC address and control byte.
pub(super) fn decode_framed<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    match cursor.peek() {
        Some(ADDRESS) => {
            cursor.skip(2, Header::Ppp)?;
            decode_protocol(cursor)
        }
        Some(address) if CISCO.contains(&address) => {
            let ether_type = cursor.head::<4>(Header::Ppp)?.be16::<2>();
            ethernet::decode_type(ether_type, cursor, facts)
        }
        _ => decode_protocol(cursor),
    }
}

/// Reads PPP behind one byte that tells the direction.
pub(super) fn decode_with_direction<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    cursor.skip(1, Header::Ppp)?;
    decode_framed(cursor, facts)
}

/// Reads the protocol field, of one byte where it is compressed (odd first byte, RFC 1661 6.5), and what it announces.
pub(super) fn decode_protocol(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, DecodeError> {
    let protocol = match cursor.peek() {
        Some(byte) if byte & 1 == 1 => {
            cursor.skip(1, Header::Ppp)?;
            u16::from(byte)
        }
        _ => cursor.head::<2>(Header::Ppp)?.be16::<0>(),
    };
    match protocol {
        IPV4 | IPV6 => Ok(cursor),
        _ => Err(DecodeError::NotIp),
    }
}
