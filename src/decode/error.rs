//! Why a frame yields no packet view: one variant for each cause, small and `Copy`.
//!
//! Three classes that a report must not mix: healthy traffic that simply is not IP, link types that are not read, and
//! broken or cut headers. [`DecodeError::reason`] is the key under which the report counts it.

use std::fmt;

use crate::capture::frame::LinkType;

/// The header at which decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Header {
    /// IEEE 802.3 MAC header.
    Ethernet,
    /// IEEE 802.1Q or 802.1ad tag.
    Vlan,
    /// IEEE 802.2 LLC, or SNAP behind it.
    Llc,
    /// RFC 2516.
    Pppoe,
    /// RFC 1661, RFC 1662.
    Ppp,
    /// RFC 3032.
    Mpls,
    /// Linux cooked capture, version 1 or 2.
    Cooked,
    /// Linux netfilter log.
    Nflog,
    /// BSD loopback.
    Loopback,
    /// Apple's packet metadata.
    Pktap,
    /// Radiotap, Prism or AVS, before an IEEE 802.11 header.
    Radio,
    /// IEEE 802.11 MAC header.
    Wireless,
    /// The first byte of an IP header, which tells the version.
    Ip,
    /// RFC 791.
    Ipv4,
    /// RFC 8200.
    Ipv6,
    /// An extension header of RFC 8200, or the authentication header of RFC 4302.
    Extension,
    /// RFC 2784, RFC 2890.
    Gre,
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
    /// RFC 792.
    Icmp,
    /// RFC 4443.
    Icmpv6,
}

/// Why a frame could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecodeError {
    /// Another network protocol than IP (ARP, LLDP, STP, EAPOL, LCP…). Healthy.
    NotIp,
    /// An IEEE 802.11 frame without data: management, control, null function. Healthy.
    NotData80211,
    /// An encrypted IEEE 802.11 data frame. Healthy, and not readable.
    Encrypted80211,
    /// Several packets aggregated in one IEEE 802.11 data frame (A-MSDU): not taken apart.
    Aggregate80211,
    /// One fragment of an IEEE 802.11 data frame: not put together.
    Fragment80211,
    /// This link type is not read. Other interfaces of the capture still are.
    UnsupportedLinkType(LinkType),
    /// The captured bytes end inside this header.
    Truncated(Header),
    /// The IPv4 header says it is shorter than 20 bytes.
    BadIpv4HeaderLength,
    /// The IPv4 total length is shorter than the header that holds it.
    BadIpv4TotalLength,
    /// The TCP header says it is shorter than 20 bytes, or longer than its segment.
    BadTcpDataOffset,
    /// The UDP length is shorter than its header, or longer than its packet.
    BadUdpLength,
    /// A netfilter log attribute is shorter than its own header.
    BadNflogLength,
    /// Apple's packet metadata is shorter than its fixed fields, or marks no packet.
    BadPktapHeader,
    /// A radio header before IEEE 802.11 is shorter than its fixed fields.
    BadRadioHeader,
    /// Neither IPv4 nor IPv6 where IP was announced.
    BadIpVersion,
    /// A fragment that is empty, or not the last and no multiple of 8 bytes long.
    BadFragmentLength,
    /// A fragment that reaches past the largest possible datagram.
    FragmentPastEnd,
    /// The receiving radio found the IEEE 802.11 checksum wrong: the bytes are noise.
    BadChecksum80211,
    /// More tags, labels or `PPPoE` headers before IP than any network has.
    TooManyLinkHeaders,
    /// More IPv6 extension headers than any host sends.
    TooManyExtensions,
    /// IP in IP, deeper than any network nests it.
    TooManyTunnels,
}

/// What a [`DecodeError`] means for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Healthy traffic with nothing in it to judge: counted apart, never as malformed.
    Benign,
    /// A link type that is not read: to be named to the user.
    Unsupported,
    /// Broken, or cut by the snap length: counted as malformed under its reason.
    Malformed,
}

impl DecodeError {
    /// What this means for a report.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::NotIp
            | Self::NotData80211
            | Self::Encrypted80211
            | Self::Aggregate80211
            | Self::Fragment80211 => ErrorClass::Benign,
            Self::UnsupportedLinkType(_) => ErrorClass::Unsupported,
            Self::Truncated(_)
            | Self::BadIpv4HeaderLength
            | Self::BadIpv4TotalLength
            | Self::BadTcpDataOffset
            | Self::BadUdpLength
            | Self::BadNflogLength
            | Self::BadPktapHeader
            | Self::BadRadioHeader
            | Self::BadIpVersion
            | Self::BadFragmentLength
            | Self::FragmentPastEnd
            | Self::BadChecksum80211
            | Self::TooManyLinkHeaders
            | Self::TooManyExtensions
            | Self::TooManyTunnels => ErrorClass::Malformed,
        }
    }

    /// The kebab-case key under which a report counts it; every cause has its own.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotIp => "not-ip",
            Self::NotData80211 => "no-data-802.11",
            Self::Encrypted80211 => "encrypted-802.11",
            Self::Aggregate80211 => "aggregate-802.11",
            Self::Fragment80211 => "fragment-802.11",
            Self::UnsupportedLinkType(_) => "unsupported-link-type",
            Self::Truncated(header) => header.truncated(),
            Self::BadIpv4HeaderLength => "bad-ipv4-header-length",
            Self::BadIpv4TotalLength => "bad-ipv4-total-length",
            Self::BadTcpDataOffset => "bad-tcp-data-offset",
            Self::BadUdpLength => "bad-udp-length",
            Self::BadNflogLength => "bad-nflog-length",
            Self::BadPktapHeader => "bad-pktap-header",
            Self::BadRadioHeader => "bad-radio-header",
            Self::BadIpVersion => "bad-ip-version",
            Self::BadFragmentLength => "bad-fragment-length",
            Self::FragmentPastEnd => "fragment-past-end",
            Self::BadChecksum80211 => "bad-802.11-checksum",
            Self::TooManyLinkHeaders => "too-many-link-headers",
            Self::TooManyExtensions => "too-many-ipv6-extensions",
            Self::TooManyTunnels => "too-many-tunnels",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedLinkType(link) => write!(f, "{} {}", self.reason(), link.0),
            _ => f.write_str(self.reason()),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Header {
    const fn truncated(self) -> &'static str {
        match self {
            Self::Ethernet => "truncated-ethernet-header",
            Self::Vlan => "truncated-vlan-tag",
            Self::Llc => "truncated-llc-header",
            Self::Pppoe => "truncated-pppoe-header",
            Self::Ppp => "truncated-ppp-header",
            Self::Mpls => "truncated-mpls-label",
            Self::Cooked => "truncated-cooked-header",
            Self::Nflog => "truncated-nflog-header",
            Self::Loopback => "truncated-loopback-header",
            Self::Pktap => "truncated-pktap-header",
            Self::Radio => "truncated-radio-header",
            Self::Wireless => "truncated-802.11-header",
            Self::Ip => "truncated-ip-header",
            Self::Ipv4 => "truncated-ipv4-header",
            Self::Ipv6 => "truncated-ipv6-header",
            Self::Extension => "truncated-ip-extension",
            Self::Gre => "truncated-gre-header",
            Self::Tcp => "truncated-tcp-header",
            Self::Udp => "truncated-udp-header",
            Self::Icmp => "truncated-icmp-header",
            Self::Icmpv6 => "truncated-icmpv6-header",
        }
    }
}

#[cfg(test)]
mod tests;
