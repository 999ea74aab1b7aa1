//! TCP, UDP, ICMP and ICMPv6 headers.
//!
//! Input: an IP packet's payload and its protocol number. Output: a [`TransportView`] that borrows it; any other
//! protocol keeps its number. Payload lengths are those of the wire. Checksums are never verified: a card that computes
//! them leaves them blank in the sender's own captures.

mod icmp;
pub(super) mod tcp;
pub(super) mod udp;

use super::cursor::Cursor;
use super::error::DecodeError;
use super::network::protocol;
use super::view::TransportView;

/// Reads the transport header.
#[inline]
pub(super) fn decode(number: u8, cursor: Cursor<'_>) -> Result<TransportView<'_>, DecodeError> {
    match number {
        protocol::TCP => tcp::decode(cursor).map(TransportView::Tcp),
        protocol::UDP => udp::decode(cursor).map(TransportView::Udp),
        protocol::ICMP => icmp::decode_v4(cursor).map(TransportView::Icmp),
        protocol::ICMPV6 => icmp::decode_v6(cursor).map(TransportView::Icmp),
        other => Ok(TransportView::Other(other)),
    }
}

/// A length on the wire, as views hold it. No frame is as long as 4 GiB.
#[inline]
fn wire_len(cursor: Cursor<'_>) -> u32 {
    u32::try_from(cursor.wire_len()).unwrap_or(u32::MAX)
}
