//! GRE, version 0: RFC 2784, with the key and sequence number of RFC 2890.
//!
//! Input: bytes from the GRE header. Output: the IP packet inside, in an Ethernet frame or not. Version 1 (PPTP) carries
//! compressed or encrypted PPP, and source routing has been dropped from the standard: neither is followed.

use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::link::{LinkFacts, ethernet};

mod field {
    pub(super) const FLAGS: usize = 0;
    pub(super) const PROTOCOL: usize = 2;
    pub(super) const LEN: usize = 4;
}

const CHECKSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Source routing, and the version.
const NOT_FOLLOWED: u16 = 0x4007;
/// A whole Ethernet frame (transparent bridging).
const BRIDGED: u16 = 0x6558;

/// Reads the header and what leads to IP behind it; nothing where there is no IP.
pub(super) fn decode<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Option<Cursor<'a>>, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Gre)?;
    let flags = head.be16::<{ field::FLAGS }>();
    if flags & NOT_FOLLOWED != 0 {
        return Ok(None);
    }
    for present in [CHECKSUM, KEY, SEQUENCE] {
        if flags & present != 0 {
            cursor.skip(4, Header::Gre)?;
        }
    }
    // The outer addresses stay if nothing inside is IP.
    let mut inner_facts = *facts;
    let inner = match head.be16::<{ field::PROTOCOL }>() {
        BRIDGED => ethernet::decode(cursor, &mut inner_facts),
        ether_type => ethernet::decode_type(ether_type, cursor, &mut inner_facts),
    };
    match inner {
        Ok(inner) => {
            *facts = inner_facts;
            Ok(Some(inner))
        }
        Err(DecodeError::NotIp) => Ok(None),
        Err(error) => Err(error),
    }
}
