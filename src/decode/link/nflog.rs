//! Linux netfilter log: attributes, one of which is the packet.
//!
//! Input: a frame from the log header. Output: the bytes from the IP header on, the sender's MAC address and the
//! interface index where they are among the attributes. Every attribute is at least its header long, so the walk ends.
//! Attribute headers are in the byte order of the machine that captured. tcpdump.org: `LINKTYPE_NFLOG`.

use super::LinkFacts;
use crate::decode::cursor::{Cursor, Head};
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::MacAddr;

/// Log header: family, version, resource.
const LOG_LEN: usize = 4;
const VERSION: usize = 1;

/// Attribute header.
mod attribute {
    pub(super) const LENGTH: usize = 0;
    pub(super) const KIND: usize = 2;
    pub(super) const LEN: usize = 4;

    pub(super) const PACKET: u16 = 1;
    pub(super) const INPUT_INTERFACE: u16 = 4;
    pub(super) const OUTPUT_INTERFACE: u16 = 5;
    pub(super) const HARDWARE_ADDRESS: u16 = 8;
    pub(super) const PAYLOAD: u16 = 9;
}

/// Reads attributes up to the packet. The kernel writes the packet last.
pub(super) fn decode<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let log = cursor.head::<LOG_LEN>(Header::Nflog)?;
    if log.u8::<VERSION>() != 0 {
        return Err(DecodeError::NotIp);
    }
    let mut is_ip = true;
    while cursor.wire_len() > 0 {
        let head = cursor.head::<{ attribute::LEN }>(Header::Nflog)?;
        let (length, kind) = length_and_kind(head);
        let value_len = usize::from(length)
            .checked_sub(attribute::LEN)
            .ok_or(DecodeError::BadNflogLength)?;
        if kind == attribute::PAYLOAD {
            cursor.limit(value_len);
            return if is_ip {
                Ok(cursor)
            } else {
                Err(DecodeError::NotIp)
            };
        }
        let mut value = cursor;
        value.limit(value_len);
        match kind {
            attribute::PACKET => {
                is_ip = is_ip_protocol(value.head::<4>(Header::Nflog)?.be16::<0>());
            }
            attribute::INPUT_INTERFACE => {
                facts.if_index = value.head::<4>(Header::Nflog)?.be32::<0>();
            }
            attribute::OUTPUT_INTERFACE if facts.if_index == 0 => {
                facts.if_index = value.head::<4>(Header::Nflog)?.be32::<0>();
            }
            attribute::HARDWARE_ADDRESS => facts.src_mac = hardware_address(value),
            _ => {}
        }
        // Values are padded to 4 bytes; the padding of the last one may be missing.
        cursor.skip(value_len, Header::Nflog)?;
        let _padding = cursor.take_captured(value_len.wrapping_neg() % 4);
    }
    Err(DecodeError::NotIp)
}

/// Kinds are below 256 and never 0, so the byte that is 0 tells the order.
fn length_and_kind(head: Head<'_, { attribute::LEN }>) -> (u16, u16) {
    let kind = head.be16::<{ attribute::KIND }>();
    if kind < 0x0100 {
        (head.be16::<{ attribute::LENGTH }>(), kind)
    } else {
        (head.le16::<{ attribute::LENGTH }>(), kind.swap_bytes())
    }
}

/// The `EtherType` of the logged packet; 0 where the hook did not know it.
const fn is_ip_protocol(ether_type: u16) -> bool {
    matches!(ether_type, 0 | 0x0800 | 0x86dd)
}

/// Length, padding, address.
fn hardware_address(mut value: Cursor<'_>) -> Option<MacAddr> {
    let head = value.head::<10>(Header::Nflog).ok()?;
    (head.be16::<0>() == 6).then(|| MacAddr(head.array::<4, 6>()))
}
