//! Ethernet, and what an `EtherType` may announce: VLAN tags, LLC/SNAP, `PPPoE`, MPLS.
//!
//! Input: a frame from its MAC header, or bytes from behind an `EtherType`. Output: the bytes from the IP header on.
//! Limits: at most [`MAX_LINK_HEADERS`] tags before IP; padding stays on (the IP length cuts it off).
//! IEEE 802.3, 802.1Q, 802.1ad, 802.2; RFC 1042 (SNAP), RFC 2516 (`PPPoE`), RFC 3032 (MPLS labels).

use super::{LinkFacts, ppp};
use crate::decode::cursor::Cursor;
use crate::decode::error::{DecodeError, Header};
use crate::decode::view::MacAddr;

/// MAC header.
pub(in crate::decode) mod field {
    pub(in crate::decode) const DESTINATION: usize = 0;
    pub(in crate::decode) const SOURCE: usize = 6;
    pub(in crate::decode) const TYPE: usize = 12;
    pub(in crate::decode) const LEN: usize = 14;
}

/// VLAN tag, from behind the `EtherType` that announces it.
mod vlan {
    pub(super) const CONTROL: usize = 0;
    pub(super) const TYPE: usize = 2;
    pub(super) const LEN: usize = 4;
    /// The identifier's bits in `CONTROL`.
    pub(super) const ID_MASK: u16 = 0x0fff;
}

/// LLC with SNAP.
mod snap {
    pub(super) const LLC_LEN: usize = 3;
    /// Destination and source SNAP, unnumbered information.
    pub(super) const LLC: [u8; LLC_LEN] = [0xaa, 0xaa, 0x03];
    pub(super) const ORGANISATION: usize = 0;
    pub(super) const TYPE: usize = 3;
    pub(super) const LEN: usize = 5;
    /// RFC 1042, and the bridge-tunnel encapsulation of IEEE 802.1H.
    pub(super) const ETHER_TYPE_FOLLOWS: [[u8; 3]; 2] = [[0, 0, 0], [0, 0, 0xf8]];
}

/// `PPPoE` session header.
mod pppoe {
    pub(super) const CODE: usize = 1;
    pub(super) const LENGTH: usize = 4;
    pub(super) const LEN: usize = 6;
    /// The only code of the session stage.
    pub(super) const SESSION: u8 = 0;
}

/// `EtherType`s below this are lengths of an IEEE 802.3 frame (IEEE 802.3 3.2.6).
const FIRST_ETHER_TYPE: u16 = 0x0600;
pub(in crate::decode) const IPV4: u16 = 0x0800;
pub(in crate::decode) const IPV6: u16 = 0x86dd;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
/// What switches used before IEEE 802.1ad had a number.
const OLD_SERVICE_VLAN: u16 = 0x9100;
const MPLS: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
const PPPOE_SESSION: u16 = 0x8864;

/// Tags or labels before IP. Providers stack two tags and up to four labels; more than this is a forgery or noise.
const MAX_LINK_HEADERS: usize = 8;

/// Reads a frame from its MAC header.
#[inline]
pub(in crate::decode) fn decode<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Ethernet)?;
    facts.dst_mac = Some(MacAddr(head.array::<{ field::DESTINATION }, 6>()));
    facts.src_mac = Some(MacAddr(head.array::<{ field::SOURCE }, 6>()));
    let ether_type = head.be16::<{ field::TYPE }>();
    if is_ip(ether_type) {
        return Ok(cursor);
    }
    decode_type(ether_type, cursor, facts)
}

/// Reads what `ether_type` announces.
pub(in crate::decode) fn decode_type<'a>(
    mut ether_type: u16,
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    for _ in 0..=MAX_LINK_HEADERS {
        ether_type = match ether_type {
            IPV4 | IPV6 => return Ok(cursor),
            VLAN | SERVICE_VLAN | OLD_SERVICE_VLAN => {
                let tag = cursor.head::<{ vlan::LEN }>(Header::Vlan)?;
                facts
                    .vlans
                    .push(tag.be16::<{ vlan::CONTROL }>() & vlan::ID_MASK);
                tag.be16::<{ vlan::TYPE }>()
            }
            MPLS | MPLS_MULTICAST => return decode_mpls(cursor),
            PPPOE_SESSION => return decode_pppoe(cursor),
            0..FIRST_ETHER_TYPE => {
                cursor = limit_to_length(cursor, ether_type);
                snap_type(&mut cursor)?
            }
            _ => return Err(DecodeError::NotIp),
        };
    }
    Err(DecodeError::TooManyLinkHeaders)
}

/// Reads LLC and, behind it, what SNAP announces. Used where no `EtherType` comes first (IEEE 802.11).
pub(super) fn decode_llc<'a>(
    mut cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    let ether_type = snap_type(&mut cursor)?;
    decode_type(ether_type, cursor, facts)
}

#[inline]
const fn is_ip(ether_type: u16) -> bool {
    matches!(ether_type, IPV4 | IPV6)
}

/// The `EtherType` in a SNAP header. Other LLC protocols (STP, IS-IS) and organisations (CDP) hold no IP.
fn snap_type(cursor: &mut Cursor<'_>) -> Result<u16, DecodeError> {
    let llc = cursor.head::<{ snap::LLC_LEN }>(Header::Llc)?;
    if llc.array::<0, { snap::LLC_LEN }>() != snap::LLC {
        return Err(DecodeError::NotIp);
    }
    let head = cursor.head::<{ snap::LEN }>(Header::Llc)?;
    if !snap::ETHER_TYPE_FOLLOWS.contains(&head.array::<{ snap::ORGANISATION }, 3>()) {
        return Err(DecodeError::NotIp);
    }
    match head.be16::<{ snap::TYPE }>() {
        // A length here would announce LLC within LLC, which nothing sends.
        0..FIRST_ETHER_TYPE => Err(DecodeError::NotIp),
        ether_type => Ok(ether_type),
    }
}

/// Cuts off what lies behind an IEEE 802.3 length; a length of 0 stands where the writer did not know it.
fn limit_to_length(mut cursor: Cursor<'_>, length: u16) -> Cursor<'_> {
    let length = usize::from(length);
    if length > 0 && length < cursor.wire_len() {
        cursor.limit(length);
    }
    cursor
}

/// Reads labels down to the bottom of the stack. Behind them nothing tells the protocol but the first nibble
/// (RFC 4928 3): anything other than an IP version is a pseudowire.
fn decode_mpls(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, DecodeError> {
    const BOTTOM_OF_STACK: u32 = 0x100;
    for _ in 0..MAX_LINK_HEADERS {
        let label = cursor.head::<4>(Header::Mpls)?.be32::<0>();
        if label & BOTTOM_OF_STACK != 0 {
            return match cursor.peek().map(|byte| byte >> 4) {
                Some(4 | 6) => Ok(cursor),
                Some(_) => Err(DecodeError::NotIp),
                None => Err(DecodeError::Truncated(Header::Ip)),
            };
        }
    }
    Err(DecodeError::TooManyLinkHeaders)
}

/// Reads a `PPPoE` session header and the PPP behind it; discovery holds no IP.
pub(super) fn decode_pppoe(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, DecodeError> {
    let head = cursor.head::<{ pppoe::LEN }>(Header::Pppoe)?;
    if head.u8::<{ pppoe::CODE }>() != pppoe::SESSION {
        return Err(DecodeError::NotIp);
    }
    let length = usize::from(head.be16::<{ pppoe::LENGTH }>());
    if length > 0 && length < cursor.wire_len() {
        cursor.limit(length);
    }
    ppp::decode_protocol(cursor)
}
