//! The packets that nearly all are, read in one go: IPv4 without options or fragments, or IPv6 without extension headers,
//! with TCP or UDP in it, on Ethernet.
//!
//! Input: a frame. Output: the very view that the general reader (`link`, then `network`) would give, or none: then that
//! reader looks, and says what is wrong if something is. It spares what the general reader carries from one layer to the
//! next and these packets do not have.

use std::net::IpAddr;

use super::cursor::{Cursor, Head};
use super::error::Header;
use super::link::{ethernet, number};
use super::network::{IpHeader, ipv4, ipv6, protocol};
use super::transport;
use super::view::{MacAddr, PacketView, TransportView, Vlans};
use crate::capture::frame::Frame;

/// Version 4, five words: no options.
const PLAIN_IPV4: u8 = 0x45;

/// Reads a frame if it holds such a packet.
#[inline]
pub(super) fn decode<'a>(frame: &Frame<'a>) -> Option<PacketView<'a>> {
    let wire_len = usize::try_from(frame.original_len).unwrap_or(usize::MAX);
    let mut cursor = Cursor::new(frame.bytes, wire_len);
    let (mac, ip, next) = read_headers(frame, &mut cursor)?;
    let transport = match next {
        protocol::TCP => TransportView::Tcp(transport::tcp::decode(cursor).ok()?),
        protocol::UDP => TransportView::Udp(transport::udp::decode(cursor).ok()?),
        _ => return None,
    };
    Some(PacketView {
        src_mac: Some(MacAddr(mac.array::<{ ethernet::field::SOURCE }, 6>())),
        dst_mac: Some(MacAddr(mac.array::<{ ethernet::field::DESTINATION }, 6>())),
        vlans: Vlans::default(),
        if_index: 0,
        process: frame.process,
        src: ip.src,
        dst: ip.dst,
        ttl: ip.ttl,
        ip_id: ip.ip_id,
        transport,
    })
}

/// Who speaks to whom: IP protocol number, source and destination.
pub type Ends = (u8, (IpAddr, u16), (IpAddr, u16));

/// The ends of such a packet that was captured as far as its ports: all that a look-up of its flow needs, for a fraction
/// of what a view takes. What it says of a packet that [`decode`] refuses means nothing.
#[inline]
pub(super) fn ends(frame: &Frame<'_>) -> Option<Ends> {
    let mut cursor = Cursor::new(frame.bytes, frame.bytes.len());
    let (_, ip, next) = read_headers(frame, &mut cursor)?;
    if !matches!(next, protocol::TCP | protocol::UDP) {
        return None;
    }
    let ports = cursor.head::<4>(Header::Tcp).ok()?;
    Some((
        next,
        (ip.src, ports.be16::<0>()),
        (ip.dst, ports.be16::<2>()),
    ))
}

/// The headers up to the transport's, with its protocol number.
#[inline]
fn read_headers<'a>(
    frame: &Frame<'a>,
    cursor: &mut Cursor<'a>,
) -> Option<(Head<'a, { ethernet::field::LEN }>, IpHeader, u8)> {
    if frame.link.0 != number::ETHERNET {
        return None;
    }
    let mac = cursor
        .head::<{ ethernet::field::LEN }>(Header::Ethernet)
        .ok()?;
    let (ip, next) = match mac.be16::<{ ethernet::field::TYPE }>() {
        ethernet::IPV4 => read_ipv4(cursor)?,
        ethernet::IPV6 => read_ipv6(cursor)?,
        _ => return None,
    };
    Some((mac, ip, next))
}

#[inline]
fn read_ipv4(cursor: &mut Cursor<'_>) -> Option<(IpHeader, u8)> {
    use ipv4::field;
    let head = cursor.head::<{ field::LEN }>(Header::Ipv4).ok()?;
    let part = head.be16::<{ field::FLAGS_AND_OFFSET }>();
    if head.u8::<{ field::VERSION_AND_LENGTH }>() != PLAIN_IPV4
        || part & (ipv4::MORE_FRAGMENTS | ipv4::OFFSET_MASK) != 0
    {
        return None;
    }
    let total_len = usize::from(head.be16::<{ field::TOTAL_LENGTH }>());
    cursor.limit(total_len.checked_sub(field::LEN)?);
    let header = IpHeader {
        src: ipv4::address(head.array::<{ field::SOURCE }, 4>()),
        dst: ipv4::address(head.array::<{ field::DESTINATION }, 4>()),
        ttl: head.u8::<{ field::TTL }>(),
        ip_id: Some(head.be16::<{ field::IDENTIFICATION }>()),
    };
    Some((header, head.u8::<{ field::PROTOCOL }>()))
}

#[inline]
fn read_ipv6(cursor: &mut Cursor<'_>) -> Option<(IpHeader, u8)> {
    use ipv6::field;
    let version = cursor.peek()? >> 4;
    let head = cursor.head::<{ field::LEN }>(Header::Ipv6).ok()?;
    let length = usize::from(head.be16::<{ field::PAYLOAD_LENGTH }>());
    // Another version, or a length that is not told.
    if version != 6 || length == 0 {
        return None;
    }
    cursor.limit(length);
    let header = IpHeader {
        src: ipv6::address(head.array::<{ field::SOURCE }, 16>()),
        dst: ipv6::address(head.array::<{ field::DESTINATION }, 16>()),
        ttl: head.u8::<{ field::HOP_LIMIT }>(),
        ip_id: None,
    };
    Some((header, head.u8::<{ field::NEXT_HEADER }>()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::glance_at;
    use super::*;
    use crate::capture::frame::{InterfaceId, LinkType, Seen};

    fn frame(bytes: &[u8], link: u16, beyond: u32) -> Frame<'_> {
        Frame {
            seen: Seen::default(),
            interface: InterfaceId(0),
            link: LinkType(link),
            process: None,
            bytes,
            original_len: u32::try_from(bytes.len()).unwrap() + beyond,
        }
    }

    /// An Ethernet frame with these headers and a payload.
    fn packet(ip: &[u8], transport: &[u8]) -> Vec<u8> {
        let kind = if ip.len() == 40 {
            ethernet::IPV6
        } else {
            ethernet::IPV4
        };
        let mut bytes = vec![2; 12];
        bytes.extend(kind.to_be_bytes());
        bytes.extend(ip);
        bytes.extend(transport);
        bytes.extend([0xab; 60]);
        bytes
    }

    fn packets() -> Vec<Vec<u8>> {
        let mut v4 = [7; 20];
        let mut v6 = [8; 40];
        let mut tcp = [9; 32];
        tcp[12] = 0x80;
        let udp = [0x1f, 0x40, 0, 53, 0, 68, 0, 0];
        let mut all = Vec::new();
        for (number, transport) in [(protocol::TCP, &tcp[..]), (protocol::UDP, &udp[..])] {
            let length = u16::try_from(transport.len() + 60).unwrap();
            v4[0] = PLAIN_IPV4;
            v4[2..4].copy_from_slice(&(length + 20).to_be_bytes());
            v4[6..8].copy_from_slice(&[0x40, 0]);
            v4[9] = number;
            v6[0] = 0x60;
            v6[4..6].copy_from_slice(&length.to_be_bytes());
            v6[6] = number;
            all.push(packet(&v4, transport));
            all.push(packet(&v6, transport));
        }
        all
    }

    fn agrees(frame: &Frame<'_>) {
        let general = glance_at(frame);
        if let Some(view) = decode(frame) {
            assert_eq!(
                format!("{:?}", Ok::<_, ()>(Some(view))),
                format!("{general:?}")
            );
            assert!(ends(frame).is_some());
        }
        if let (Ok(Some(view)), Some(ends)) = (general, ends(frame)) {
            let (number, src, dst) = match view.transport {
                TransportView::Tcp(tcp) => (protocol::TCP, tcp.src_port, tcp.dst_port),
                TransportView::Udp(udp) => (protocol::UDP, udp.src_port, udp.dst_port),
                other => unreachable!("{other:?}"),
            };
            assert_eq!(ends, (number, (view.src, src), (view.dst, dst)));
        }
    }

    #[test]
    fn such_packets_are_read() {
        for bytes in packets() {
            let frame = frame(&bytes, number::ETHERNET, 0);
            assert!(decode(&frame).is_some(), "{bytes:02x?}");
            agrees(&frame);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_in_one_go_is_what_the_general_reader_reads(
            which in 0..4usize,
            spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            kept in any::<prop::sample::Index>(),
            whole in any::<bool>(),
            beyond in prop::sample::select(vec![0, 1, 60, 5000]),
            link in prop::sample::select(vec![number::ETHERNET, number::ETHERNET, number::RAW]),
        ) {
            let mut bytes = packets().swap_remove(which);
            for (at, byte) in spoilt {
                // Headers are where it matters.
                let at = at.index(bytes.len().min(80));
                bytes[at] = byte;
            }
            if !whole {
                bytes.truncate(kept.index(bytes.len()));
            }
            agrees(&frame(&bytes, link, beyond));
        }
    }
}
