//! Linux cooked capture: the pseudo-header of interface `any`, version 1 and 2.
//!
//! Input: a frame from the cooked header. Output: the bytes from the IP header on, the sender's MAC address, and for
//! version 2 the kernel's interface index, which tells copies of a packet on several interfaces apart.
//! tcpdump.org: `LINKTYPE_LINUX_SLL`, `LINKTYPE_LINUX_SLL2`.

use super::{LinkFacts, ethernet};
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::MacAddr;

/// Version 1.
mod v1 {
    pub(super) const HARDWARE: usize = 2;
    pub(super) const ADDRESS_LEN: usize = 4;
    pub(super) const ADDRESS: usize = 6;
    pub(super) const PROTOCOL: usize = 14;
    pub(super) const LEN: usize = 16;
}

/// Version 2.
mod v2 {
    pub(super) const PROTOCOL: usize = 0;
    pub(super) const IF_INDEX: usize = 4;
    pub(super) const HARDWARE: usize = 8;
    pub(super) const ADDRESS_LEN: usize = 11;
    pub(super) const ADDRESS: usize = 12;
    pub(super) const LEN: usize = 20;
}

/// The hardware type (`ARPHRD_`) whose frames are no packets.
const NETLINK: u16 = 824;
/// Protocol numbers that stand for no `EtherType` (`ETH_P_802_2`: LLC follows).
const LLC_FOLLOWS: u16 = 0x0004;
const FIRST_ETHER_TYPE: u16 = 0x0600;
const MAC_LEN: u16 = 6;

/// Reads version 1.
pub(super) fn decode_v1<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let head = cursor.head::<{ v1::LEN }>(Header::Cooked)?;
    if head.be16::<{ v1::ADDRESS_LEN }>() == MAC_LEN {
        facts.src_mac = Some(MacAddr(head.array::<{ v1::ADDRESS }, 6>()));
    }
    decode_protocol(
        head.be16::<{ v1::HARDWARE }>(),
        head.be16::<{ v1::PROTOCOL }>(),
        cursor,
        facts,
    )
}

/// Reads version 2.
pub(super) fn decode_v2<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let head = cursor.head::<{ v2::LEN }>(Header::Cooked)?;
    facts.if_index = head.be32::<{ v2::IF_INDEX }>();
    if u16::from(head.u8::<{ v2::ADDRESS_LEN }>()) == MAC_LEN {
        facts.src_mac = Some(MacAddr(head.array::<{ v2::ADDRESS }, 6>()));
    }
    decode_protocol(
        head.be16::<{ v2::HARDWARE }>(),
        head.be16::<{ v2::PROTOCOL }>(),
        cursor,
        facts,
    )
}

fn decode_protocol<'a>(
    hardware: u16,
    protocol: u16,
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    match (hardware, protocol) {
        (NETLINK, _) => Err(DecodeError::NotIp),
        (_, LLC_FOLLOWS) => ethernet::decode_llc(cursor, facts),
        (_, 0..FIRST_ETHER_TYPE) => Err(DecodeError::NotIp),
        (_, ether_type) => ethernet::decode_type(ether_type, cursor, facts),
    }
}
