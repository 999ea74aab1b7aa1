//! ICMP and ICMPv6 messages, and the packet that an error among them quotes.
//!
//! Input: bytes from the type field. Output: an [`IcmpView`]. Type, code and checksum must be there; what a cut message
//! lacks behind them is `None`. RFC 792, RFC 1191 4 (next-hop MTU), RFC 4443 2.1 and 3, RFC 1812 4.3.2.3 (at least 8
//! bytes of the quoted transport header, which hold the ports and TCP's sequence number).

use crate::decode::cursor::{Cursor, Head};
use crate::decode::error::{DecodeError, Header};
use crate::decode::network::{self, protocol};
use crate::decode::view::{IcmpView, QuotedPacket};

mod field {
    pub(super) const TYPE: usize = 0;
    pub(super) const CODE: usize = 1;
    /// With the checksum.
    pub(super) const LEN: usize = 4;
    /// The word behind it, which holds the MTU of the two errors that tell one.
    pub(super) const REST_LEN: usize = 4;
}

/// Destination unreachable, and its code "fragmentation needed".
const UNREACHABLE: u8 = 3;
const FRAGMENTATION_NEEDED: u8 = 4;
/// Unreachable, source quench, redirect, time exceeded, parameter problem.
const QUOTING_V4: [u8; 5] = [UNREACHABLE, 4, 5, 11, 12];
const PACKET_TOO_BIG: u8 = 2;
/// `ICMPv6` types below this are errors, and all of them quote (RFC 4443 2.1).
const FIRST_INFORMATIONAL: u8 = 128;

/// Reads an ICMP message.
pub(super) fn decode_v4(mut cursor: Cursor<'_>) -> Result<IcmpView, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Icmp)?;
    let (kind, code) = (head.u8::<{ field::TYPE }>(), head.u8::<{ field::CODE }>());
    let rest = cursor.head::<{ field::REST_LEN }>(Header::Icmp).ok();
    let tells_mtu = kind == UNREACHABLE && code == FRAGMENTATION_NEEDED;
    Ok(IcmpView {
        v6: false,
        kind,
        code,
        // Routers older than RFC 1191 leave it 0.
        mtu: rest
            .filter(|_| tells_mtu)
            .map(|rest| u32::from(rest.be16::<2>()))
            .filter(|&mtu| mtu > 0),
        quoted: rest
            .filter(|_| QUOTING_V4.contains(&kind))
            .and_then(|_| quoted(cursor)),
    })
}

/// Reads an `ICMPv6` message.
pub(super) fn decode_v6(mut cursor: Cursor<'_>) -> Result<IcmpView, DecodeError> {
    let head = cursor.head::<{ field::LEN }>(Header::Icmpv6)?;
    let kind = head.u8::<{ field::TYPE }>();
    let rest = cursor.head::<{ field::REST_LEN }>(Header::Icmpv6).ok();
    Ok(IcmpView {
        v6: true,
        kind,
        code: head.u8::<{ field::CODE }>(),
        mtu: rest.filter(|_| kind == PACKET_TOO_BIG).map(Head::be32::<0>),
        quoted: rest
            .filter(|_| kind < FIRST_INFORMATIONAL)
            .and_then(|_| quoted(cursor)),
    })
}

/// The quoted packet, if it can be matched to a flow: a TCP or UDP packet needs its ports, which only a datagram's
/// first fragment has.
fn quoted(cursor: Cursor<'_>) -> Option<QuotedPacket> {
    let packet = network::decode_quoted(cursor)?;
    let (src_port, dst_port) = match packet.protocol {
        protocol::TCP | protocol::UDP => {
            let first = packet.fragment.is_none_or(|fragment| fragment.start == 0);
            first.then(|| ports(packet.payload)).flatten()?
        }
        _ => (0, 0),
    };
    let seq = (packet.protocol == protocol::TCP)
        .then(|| sequence_number(packet.payload))
        .flatten();
    Some(QuotedPacket {
        src: packet.header.src,
        dst: packet.header.dst,
        protocol: packet.protocol,
        src_port,
        dst_port,
        seq,
    })
}

fn ports(mut cursor: Cursor<'_>) -> Option<(u16, u16)> {
    let head = cursor.head::<4>(Header::Udp).ok()?;
    Some((head.be16::<0>(), head.be16::<2>()))
}

/// Behind the ports.
fn sequence_number(mut cursor: Cursor<'_>) -> Option<u32> {
    Some(cursor.head::<8>(Header::Tcp).ok()?.be32::<4>())
}
