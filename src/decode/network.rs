//! IP, and IP in IP, down to the innermost packet.
//!
//! Input: bytes from an IP header. Output: the innermost packet's addresses and its transport, or the fragment that it
//! is. At most [`MAX_IP_HEADERS`] headers are followed. A tunnel that carries something else than IP is a packet of
//! its own protocol (`TransportView::Other`). RFC 2003 (IP in IP), RFC 4213 3 (6in4), RFC 2784 and RFC 2890 (GRE).

mod gre;
pub(super) mod ipv4;
pub(super) mod ipv6;

use std::net::IpAddr;

use super::cursor::Cursor;
use super::error::{DecodeError, Header};
use super::link::LinkFacts;
use super::transport;
use super::view::TransportView;

/// Assigned protocol numbers that are followed, or told apart, here.
pub(super) mod protocol {
    pub(in crate::decode) const HOP_BY_HOP: u8 = 0;
    pub(in crate::decode) const ICMP: u8 = 1;
    pub(in crate::decode) const IPV4: u8 = 4;
    pub(in crate::decode) const TCP: u8 = 6;
    pub(in crate::decode) const UDP: u8 = 17;
    pub(in crate::decode) const IPV6: u8 = 41;
    pub(in crate::decode) const ROUTING: u8 = 43;
    pub(in crate::decode) const FRAGMENT: u8 = 44;
    pub(in crate::decode) const GRE: u8 = 47;
    pub(in crate::decode) const AUTHENTICATION: u8 = 51;
    pub(in crate::decode) const ICMPV6: u8 = 58;
    pub(in crate::decode) const DESTINATION_OPTIONS: u8 = 60;
    pub(in crate::decode) const MOBILITY: u8 = 135;
    pub(in crate::decode) const HOST_IDENTITY: u8 = 139;
    pub(in crate::decode) const SHIM6: u8 = 140;
}

/// IP headers in one frame. A tunnel in a tunnel in a tunnel is already a mistake; each level costs a header's work.
pub(super) const MAX_IP_HEADERS: usize = 4;

/// The innermost IP header.
#[derive(Clone, Copy, Debug)]
pub(super) struct IpHeader {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) ttl: u8,
    pub(super) ip_id: Option<u16>,
}

/// One IP packet, its header and extension headers read.
#[derive(Clone, Copy, Debug)]
pub(super) struct IpPacket<'a> {
    pub(super) header: IpHeader,
    /// What `payload` holds, or the start of the datagram of which it is a fragment.
    pub(super) protocol: u8,
    pub(super) payload: Cursor<'a>,
    pub(super) fragment: Option<FragmentField>,
}

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FragmentField {
    /// Identification: 16 bits in IPv4, 32 in IPv6.
    pub(super) id: u32,
    /// Offset in bytes, a multiple of 8 below 2^16.
    pub(super) start: usize,
    /// No fragment follows.
    pub(super) last: bool,
}

/// The innermost packet of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Innermost<'a> {
    /// A whole packet.
    Packet(IpHeader, TransportView<'a>),
    /// A fragment: `IpPacket::fragment` is there.
    Fragment(IpPacket<'a>, FragmentField),
}

/// Reads IP headers from `cursor` on.
#[inline]
pub(super) fn decode<'a>(
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Innermost<'a>, DecodeError> {
    follow(decode_ip(cursor)?, facts)
}

/// Follows `packet` through its tunnels to the transport layer.
#[inline]
fn follow<'a>(
    mut packet: IpPacket<'a>,
    facts: &mut LinkFacts,
) -> Result<Innermost<'a>, DecodeError> {
    for _ in 0..MAX_IP_HEADERS {
        if let Some(fragment) = packet.fragment {
            return Ok(Innermost::Fragment(packet, fragment));
        }
        let inner = match packet.protocol {
            protocol::TCP | protocol::UDP => None,
            other => tunnelled(other, packet.payload, facts)?,
        };
        match inner {
            None => {
                let view = transport::decode(packet.protocol, packet.payload)?;
                return Ok(Innermost::Packet(packet.header, view));
            }
            Some(cursor) => packet = decode_ip(cursor)?,
        }
    }
    Err(DecodeError::TooManyTunnels)
}

/// The IP packet inside a tunnel's packet, if this is one.
fn tunnelled<'a>(
    protocol: u8,
    payload: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Option<Cursor<'a>>, DecodeError> {
    match protocol {
        protocol::IPV4 | protocol::IPV6 => Ok(Some(payload)),
        protocol::GRE => gre::decode(payload, facts),
        _ => Ok(None),
    }
}

#[inline]
fn decode_ip(cursor: Cursor<'_>) -> Result<IpPacket<'_>, DecodeError> {
    match cursor.peek().map(|byte| byte >> 4) {
        Some(4) => ipv4::decode(cursor),
        Some(6) => ipv6::decode(cursor),
        Some(_) => Err(DecodeError::BadIpVersion),
        None => Err(DecodeError::Truncated(Header::Ip)),
    }
}

/// Goes on behind the fragment header of a reassembled datagram.
pub(super) fn resume<'a>(
    packet: IpPacket<'a>,
    facts: &mut LinkFacts,
) -> Result<Innermost<'a>, DecodeError> {
    let packet = match packet.header.src {
        IpAddr::V4(_) => ipv4::follow_authentication(packet)?,
        IpAddr::V6(_) => ipv6::follow_extensions(packet)?,
    };
    follow(packet, facts)
}

/// Reads the packet that an ICMP error quotes, which may be cut anywhere behind its header.
pub(super) fn decode_quoted(cursor: Cursor<'_>) -> Option<IpPacket<'_>> {
    match cursor.peek()? >> 4 {
        4 => ipv4::decode_quoted(cursor).ok(),
        6 => ipv6::decode(cursor).ok(),
        _ => None,
    }
}

/// Passes over an authentication header (RFC 4302 2), whose length counts 4-byte words less 2; returns what follows it.
fn skip_authentication(cursor: &mut Cursor<'_>) -> Result<u8, DecodeError> {
    let head = cursor.head::<2>(Header::Extension)?;
    cursor.skip(usize::from(head.u8::<1>()) * 4 + 6, Header::Extension)?;
    Ok(head.u8::<0>())
}
