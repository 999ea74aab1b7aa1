//! From a link type to the network layer: which header a frame begins with, and what follows it.
//!
//! Input: a frame's bytes and its `LINKTYPE_` number. Output: the bytes from the IP header on, and what the link layer
//! told on the way ([`LinkFacts`]). Frames that hold no IP end as `DecodeError::NotIp`, which is no fault.
//! Link types: tcpdump.org/linktypes.html; each encapsulation has its file.

mod apple;
mod cooked;
pub(super) mod ethernet;
mod loopback;
mod nflog;
mod ppp;
mod wireless;

use super::cursor::Cursor;
use super::error::DecodeError;
use super::view::{MacAddr, Vlans};
use crate::capture::frame::{LinkType, ProcessId};

/// `LINKTYPE_` numbers that are read.
pub(super) mod number {
    pub(super) const NULL: u16 = 0;
    pub(in crate::decode) const ETHERNET: u16 = 1;
    pub(super) const PPP: u16 = 9;
    /// `DLT_RAW` of most systems, and of OpenBSD: found in files although `RAW` is the number for files.
    pub(super) const RAW_BSD: u16 = 12;
    pub(super) const RAW_OPENBSD: u16 = 14;
    pub(super) const PPP_HDLC: u16 = 50;
    /// `PPPoE` without the Ethernet header.
    pub(super) const PPP_ETHER: u16 = 51;
    pub(in crate::decode) const RAW: u16 = 101;
    pub(super) const IEEE802_11: u16 = 105;
    pub(super) const LOOP: u16 = 108;
    pub(super) const LINUX_SLL: u16 = 113;
    pub(super) const IEEE802_11_PRISM: u16 = 119;
    pub(super) const IEEE802_11_RADIOTAP: u16 = 127;
    /// `USER2`: Apple's systems wrote `PKTAP` under it before it had a number.
    pub(super) const PKTAP_USER2: u16 = 149;
    pub(super) const IEEE802_11_AVS: u16 = 163;
    pub(super) const PPP_WITH_DIR: u16 = 204;
    pub(super) const IPV4: u16 = 228;
    pub(super) const IPV6: u16 = 229;
    pub(super) const NFLOG: u16 = 239;
    pub(super) const PKTAP: u16 = 258;
    pub(super) const LINUX_SLL2: u16 = 276;
}

/// What the link layer says about a packet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LinkFacts {
    pub(super) src_mac: Option<MacAddr>,
    pub(super) dst_mac: Option<MacAddr>,
    pub(super) vlans: Vlans,
    pub(super) if_index: u32,
    /// Told by the capture, not by a header that is read here.
    pub(super) process: Option<ProcessId>,
}

/// Whether frames of this link type are read at all.
#[must_use]
pub const fn supports(link: LinkType) -> bool {
    matches!(
        link.0,
        number::NULL
            | number::ETHERNET
            | number::PPP
            | number::RAW_BSD
            | number::RAW_OPENBSD
            | number::PPP_HDLC
            | number::PPP_ETHER
            | number::RAW
            | number::IEEE802_11
            | number::LOOP
            | number::LINUX_SLL
            | number::IEEE802_11_PRISM
            | number::IEEE802_11_RADIOTAP
            | number::PKTAP_USER2
            | number::IEEE802_11_AVS
            | number::PPP_WITH_DIR
            | number::IPV4
            | number::IPV6
            | number::NFLOG
            | number::PKTAP
            | number::LINUX_SLL2
    )
}

/// Reads the link-layer headers; what is returned begins with the IP header.
#[inline]
pub(super) fn decode<'a>(
    link: LinkType,
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    if link.0 == number::ETHERNET {
        return ethernet::decode(cursor, facts);
    }
    decode_other(link, cursor, facts)
}

fn decode_other<'a>(
    link: LinkType,
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    match link.0 {
        number::PKTAP | number::PKTAP_USER2 => {
            let (inner, cursor) = apple::decode(cursor)?;
            decode_plain(inner, cursor, facts)
        }
        _ => decode_plain(link, cursor, facts),
    }
}

/// Every link type but those that wrap another one, so that wrapping ends.
fn decode_plain<'a>(
    link: LinkType,
    cursor: Cursor<'a>,
    facts: &mut LinkFacts,
) -> Result<Cursor<'a>, DecodeError> {
    match link.0 {
        number::ETHERNET => ethernet::decode(cursor, facts),
        number::RAW | number::RAW_BSD | number::RAW_OPENBSD | number::IPV4 | number::IPV6 => {
            Ok(cursor)
        }
        number::NULL | number::LOOP => loopback::decode(cursor),
        number::LINUX_SLL => cooked::decode_v1(cursor, facts),
        number::LINUX_SLL2 => cooked::decode_v2(cursor, facts),
        number::PPP | number::PPP_HDLC => ppp::decode_framed(cursor, facts),
        number::PPP_ETHER => ethernet::decode_pppoe(cursor),
        number::PPP_WITH_DIR => ppp::decode_with_direction(cursor, facts),
        number::NFLOG => nflog::decode(cursor, facts),
        number::IEEE802_11 => wireless::decode(cursor, facts),
        number::IEEE802_11_RADIOTAP => wireless::decode_radiotap(cursor, facts),
        number::IEEE802_11_PRISM => wireless::decode_prism(cursor, facts),
        number::IEEE802_11_AVS => wireless::decode_avs(cursor, facts),
        _ => Err(DecodeError::UnsupportedLinkType(link)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_supported_link_types_are_read() {
        for link in (0..=u16::MAX).map(LinkType) {
            let result = decode(link, Cursor::new(&[], 0), &mut LinkFacts::default());
            let refused =
                matches!(result, Err(DecodeError::UnsupportedLinkType(named)) if named == link);
            assert_eq!(supports(link), !refused, "{link:?}");
        }
    }
}
