//! One IP packet with its Ethernet frame around it.

use std::net::IpAddr;

use super::{CLIENT, CLIENT_MAC, GATEWAY_MAC};

const ETHERTYPE_IPV4: [u8; 2] = [0x08, 0x00];
const ETHERTYPE_IPV6: [u8; 2] = [0x86, 0xdd];
const ETHERTYPE_VLAN: [u8; 2] = [0x81, 0x00];

/// What goes into a frame; every field can be changed before the packet is put on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    pub(crate) src_mac: [u8; 6],
    pub(crate) ttl: u8,
    pub(crate) ip_id: u16,
    /// Flags and fragment offset of IPv4: "don't fragment" unless told otherwise.
    pub(crate) fragment: u16,
    pub(crate) vlan: Option<u16>,
    /// Capture interface.
    pub(crate) interface: u16,
    /// IP protocol number.
    pub(crate) protocol: u8,
    /// Transport header and payload.
    pub(crate) transport: Vec<u8>,
    /// Captured bytes of the frame, if a snap length cut it.
    pub(crate) snap: Option<usize>,
}

impl Packet {
    pub(crate) fn new(src: IpAddr, dst: IpAddr, protocol: u8, transport: Vec<u8>) -> Self {
        let from_lan =
            src.to_string().starts_with("192.168.7.") || src.to_string().starts_with("fd07:");
        Self {
            src,
            dst,
            src_mac: match (from_lan, src.to_string() == CLIENT) {
                (true, true) => CLIENT_MAC,
                (true, false) => mac_of(src),
                (false, _) => GATEWAY_MAC,
            },
            ttl: if from_lan { 64 } else { 56 },
            ip_id: 0,
            fragment: 0x4000,
            vlan: None,
            interface: 0,
            protocol,
            transport,
            snap: None,
        }
    }

    pub(crate) fn udp(src: (&str, u16), dst: (&str, u16), payload: &[u8]) -> Self {
        let mut datagram = Vec::new();
        datagram.extend(src.1.to_be_bytes());
        datagram.extend(dst.1.to_be_bytes());
        datagram.extend(u16::try_from(payload.len() + 8).unwrap().to_be_bytes());
        datagram.extend([0, 0]);
        datagram.extend(payload);
        Self::new(src.0.parse().unwrap(), dst.0.parse().unwrap(), 17, datagram)
    }

    pub(crate) fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = ttl;
        self
    }

    pub(crate) fn ip_id(mut self, ip_id: u16) -> Self {
        self.ip_id = ip_id;
        self
    }

    /// The first fragment of a larger datagram.
    pub(crate) fn first_fragment(mut self) -> Self {
        self.fragment = 0x2000;
        self
    }

    pub(crate) fn vlan(mut self, id: u16) -> Self {
        self.vlan = Some(id);
        self
    }

    pub(crate) fn on_interface(mut self, interface: u16) -> Self {
        self.interface = interface;
        self
    }

    #[expect(
        clippy::wrong_self_convention,
        reason = "the packet comes from there; nothing is converted"
    )]
    pub(crate) fn from_mac(mut self, mac: [u8; 6]) -> Self {
        self.src_mac = mac;
        self
    }

    /// Captured only up to this many bytes of the frame.
    pub(crate) fn snapped(mut self, bytes: usize) -> Self {
        self.snap = Some(bytes);
        self
    }

    /// The IP packet.
    pub(crate) fn ip(&self) -> Vec<u8> {
        let mut ip = Vec::new();
        match (self.src, self.dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                let total = u16::try_from(20 + self.transport.len()).unwrap();
                ip.extend([0x45, 0]);
                ip.extend(total.to_be_bytes());
                ip.extend(self.ip_id.to_be_bytes());
                ip.extend(self.fragment.to_be_bytes());
                ip.extend([self.ttl, self.protocol, 0, 0]);
                ip.extend(src.octets());
                ip.extend(dst.octets());
            }
            (IpAddr::V6(src), IpAddr::V6(dst)) => {
                let length = u16::try_from(self.transport.len()).unwrap();
                ip.extend([0x60, 0, 0, 0]);
                ip.extend(length.to_be_bytes());
                ip.extend([self.protocol, self.ttl]);
                ip.extend(src.octets());
                ip.extend(dst.octets());
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {
                unreachable!("one family a packet")
            }
        }
        ip.extend(&self.transport);
        ip
    }

    /// The Ethernet frame.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 0xff];
        frame.extend(self.src_mac);
        if let Some(id) = self.vlan {
            frame.extend(ETHERTYPE_VLAN);
            frame.extend(id.to_be_bytes());
        }
        frame.extend(if self.src.is_ipv4() {
            ETHERTYPE_IPV4
        } else {
            ETHERTYPE_IPV6
        });
        frame.extend(self.ip());
        frame
    }
}

/// A MAC address that belongs to one LAN address.
fn mac_of(addr: IpAddr) -> [u8; 6] {
    let last = match addr {
        IpAddr::V4(v4) => v4.octets()[3],
        IpAddr::V6(v6) => v6.octets()[15],
    };
    [2, 0, 0, 0, 8, last]
}
