//! What decoding yields: borrowed views of one packet, all fields already checked.
//!
//! Views borrow the frame (or the reassembly buffer, for a packet that came in fragments). Lengths named `wire_len`
//! are what the headers say travelled; slices hold what was captured of it, which may be less (snap length).

use std::net::IpAddr;

use crate::capture::frame::ProcessId;

/// An IEEE 802 MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl std::fmt::Display for MacAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if i == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

/// 802.1Q/802.1ad VLAN identifiers, outermost first. More than two tags: the first two are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vlans {
    ids: [u16; 2],
    len: u8,
}

impl Vlans {
    /// Adds an inner tag's identifier (12 bits).
    pub fn push(&mut self, id: u16) {
        if let Some(slot) = self.ids.get_mut(usize::from(self.len)) {
            *slot = id;
            self.len += 1;
        }
    }

    /// The identifiers, outermost first; empty without tags.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        self.ids.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// One IP packet with its transport header, decoded.
#[derive(Clone, Copy, Debug)]
pub struct PacketView<'a> {
    /// Sender's MAC address, where the link layer has one.
    pub src_mac: Option<MacAddr>,
    /// Receiver's MAC address, where the link layer has one.
    pub dst_mac: Option<MacAddr>,
    /// VLAN tags.
    pub vlans: Vlans,
    /// Kernel interface index of a cooked capture (SLL2), which tells copies on several interfaces apart; else 0.
    pub if_index: u32,
    /// The process that the capture names for the frame.
    pub process: Option<ProcessId>,
    /// Source address (of the innermost IP header).
    pub src: IpAddr,
    /// Destination address (of the innermost IP header).
    pub dst: IpAddr,
    /// IPv4 TTL or IPv6 hop limit.
    pub ttl: u8,
    /// IPv4 identification; `None` for IPv6.
    pub ip_id: Option<u16>,
    /// The transport header and payload.
    pub transport: TransportView<'a>,
}

/// The transport layer of a packet.
#[derive(Clone, Copy, Debug)]
pub enum TransportView<'a> {
    /// RFC 9293.
    Tcp(TcpView<'a>),
    /// RFC 768.
    Udp(UdpView<'a>),
    /// RFC 792 or RFC 4443.
    Icmp(IcmpView),
    /// Another IP protocol number: counted, not followed.
    Other(u8),
    /// A fragment of a packet that is not complete (yet).
    Fragment,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct TcpView<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number; meaningful when ACK is set.
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Window field, not scaled.
    pub window: u16,
    /// Options, as captured (may be cut).
    pub options: &'a [u8],
    /// Payload, as captured (may be cut).
    pub payload: &'a [u8],
    /// Payload length on the wire in bytes.
    pub wire_len: u32,
}

/// TCP control bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronize sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// The acknowledgment number counts.
    pub const ACK: u8 = 0x10;

    /// FIN is set.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }
    /// SYN is set.
    #[must_use]
    pub const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }
    /// RST is set.
    #[must_use]
    pub const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }
    /// ACK is set.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct UdpView<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Payload, as captured (may be cut).
    pub payload: &'a [u8],
    /// Payload length on the wire in bytes.
    pub wire_len: u32,
}

/// An ICMP or `ICMPv6` message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IcmpView {
    /// `ICMPv6` rather than ICMP.
    pub v6: bool,
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// Next-hop MTU in bytes of "fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443), if it was given.
    pub mtu: Option<u32>,
    /// The packet that an error message quotes, if enough of it was captured.
    pub quoted: Option<QuotedPacket>,
}

/// The start of the packet that an ICMP error quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuotedPacket {
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// IP protocol number: 6 TCP, 17 UDP.
    pub protocol: u8,
    /// Source port; 0 for protocols without ports.
    pub src_port: u16,
    /// Destination port; 0 for protocols without ports.
    pub dst_port: u16,
    /// Sequence number of a quoted TCP segment.
    pub seq: Option<u32>,
}
