//! The decoder agrees with `etherparse` wherever that crate accepts a packet.
//!
//! Packets come from `etherparse`'s own builder (Ethernet, VLAN tags, both versions of IP with extension headers, TCP,
//! UDP, ICMP), as they are, cut, and with bytes changed. What it does not follow (tunnels, fragments) is left out.
#![expect(clippy::unwrap_used, reason = "a test asserts by panicking")]

use std::net::IpAddr;

use etherparse::{
    IpAuthHeader, IpHeaders, IpNumber, Ipv4Extensions, Ipv4Header, Ipv6Extensions, Ipv6Header,
    Ipv6RawExtHeader, LinkExtSlice, NetSlice, PacketBuilder, PacketBuilderStep, SlicedPacket,
    TcpHeader, TransportSlice, VlanId,
};
use proptest::prelude::*;
use windfall::capture::frame::{Frame, InterfaceId, LinkType, Seen};
use windfall::decode::{Decoder, TransportView};

/// What both must say of a packet.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    macs: [[u8; 6]; 2],
    vlans: Vec<u16>,
    addresses: [IpAddr; 2],
    ttl: u8,
    transport: Transport,
}

#[derive(Debug, PartialEq, Eq)]
enum Transport {
    Tcp {
        ports: [u16; 2],
        numbers: [u32; 2],
        flags: u8,
        window: u16,
        options: Vec<u8>,
        payload: Vec<u8>,
    },
    Udp {
        ports: [u16; 2],
        payload: Vec<u8>,
    },
    Icmp {
        v6: bool,
        kind: u8,
        code: u8,
    },
}

/// What `etherparse` finds, if it finds a packet that both are meant to read.
fn by_oracle(bytes: &[u8]) -> Option<Facts> {
    let packet = SlicedPacket::from_ethernet(bytes).ok()?;
    let encrypted = |ext: &LinkExtSlice<'_>| matches!(ext, LinkExtSlice::Macsec(_));
    if packet.link_exts.iter().any(encrypted) {
        return None;
    }
    let ethernet = packet.link.as_ref()?.to_header()?.ethernet2()?;
    let (addresses, ttl): ([IpAddr; 2], u8) = match packet.net.as_ref()? {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            let ends = [
                header.source_addr().into(),
                header.destination_addr().into(),
            ];
            (ends, header.ttl())
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header();
            let ends = [
                header.source_addr().into(),
                header.destination_addr().into(),
            ];
            (ends, header.hop_limit())
        }
        NetSlice::Arp(_) => return None,
    };
    let transport = match packet.transport.as_ref()? {
        TransportSlice::Tcp(tcp) => Transport::Tcp {
            ports: [tcp.source_port(), tcp.destination_port()],
            numbers: [tcp.sequence_number(), tcp.acknowledgment_number()],
            flags: *tcp.slice().get(13)?,
            window: tcp.window_size(),
            options: tcp.options().to_vec(),
            payload: tcp.payload().to_vec(),
        },
        TransportSlice::Udp(udp) => Transport::Udp {
            ports: [udp.source_port(), udp.destination_port()],
            payload: udp.payload().to_vec(),
        },
        TransportSlice::Icmpv4(icmp) => Transport::Icmp {
            v6: false,
            kind: icmp.type_u8(),
            code: icmp.code_u8(),
        },
        TransportSlice::Icmpv6(icmp) => Transport::Icmp {
            v6: true,
            kind: icmp.type_u8(),
            code: icmp.code_u8(),
        },
        TransportSlice::Igmp(_) => return None,
    };
    Some(Facts {
        macs: [ethernet.source, ethernet.destination],
        // Of more than two tags, windfall keeps the two outermost.
        vlans: packet
            .vlan_ids()
            .iter()
            .take(2)
            .map(|id| id.value())
            .collect(),
        addresses,
        ttl,
        transport,
    })
}

/// What the decoder finds.
fn by_us(bytes: &[u8]) -> Result<Facts, String> {
    let frame = Frame {
        seen: Seen::default(),
        interface: InterfaceId(0),
        link: LinkType(1),
        process: None,
        bytes,
        original_len: u32::try_from(bytes.len()).unwrap(),
    };
    let mut decoder = Decoder::new();
    let view = decoder.decode(&frame).map_err(|error| error.to_string())?;
    let transport = match view.transport {
        TransportView::Tcp(tcp) => {
            assert_eq!(tcp.wire_len as usize, tcp.payload.len());
            Transport::Tcp {
                ports: [tcp.src_port, tcp.dst_port],
                numbers: [tcp.seq, tcp.ack],
                flags: tcp.flags.0,
                window: tcp.window,
                options: tcp.options.to_vec(),
                payload: tcp.payload.to_vec(),
            }
        }
        TransportView::Udp(udp) => {
            assert_eq!(udp.wire_len as usize, udp.payload.len());
            Transport::Udp {
                ports: [udp.src_port, udp.dst_port],
                payload: udp.payload.to_vec(),
            }
        }
        TransportView::Icmp(icmp) => Transport::Icmp {
            v6: icmp.v6,
            kind: icmp.kind,
            code: icmp.code,
        },
        other => return Err(format!("{other:?}")),
    };
    Ok(Facts {
        macs: [view.src_mac, view.dst_mac].map(|mac| mac.unwrap().0),
        vlans: view.vlans.as_slice().to_vec(),
        addresses: [view.src, view.dst],
        ttl: view.ttl,
        transport,
    })
}

/// What the packet is built from.
#[derive(Clone, Debug)]
struct Plan {
    vlans: Vec<u16>,
    v6: bool,
    addresses: [[u8; 16]; 2],
    ttl: u8,
    /// Words of IPv4 options, or of the data of each IPv6 extension header that is there.
    extension: usize,
    /// Which there are: hop-by-hop options, routing, destination options, authentication.
    headers: [bool; 4],
    inner: Inner,
    payload: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Inner {
    Tcp {
        ports: (u16, u16),
        numbers: (u32, u32),
        flags: u8,
        window: u16,
        options: Vec<u8>,
    },
    Udp {
        ports: (u16, u16),
    },
    Echo {
        id: u16,
    },
}

fn inner() -> impl Strategy<Value = Inner> {
    let options = (0usize..11).prop_flat_map(|words| prop::collection::vec(any::<u8>(), words * 4));
    prop_oneof![
        (
            any::<(u16, u16)>(),
            any::<(u32, u32)>(),
            any::<u8>(),
            any::<u16>(),
            options
        )
            .prop_map(|(ports, numbers, flags, window, options)| Inner::Tcp {
                ports,
                numbers,
                flags,
                window,
                options,
            }),
        any::<(u16, u16)>().prop_map(|ports| Inner::Udp { ports }),
        any::<u16>().prop_map(|id| Inner::Echo { id }),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::collection::vec(0u16..4096, 0..3),
        any::<(bool, [[u8; 16]; 2], u8)>(),
        0usize..11,
        any::<[bool; 4]>(),
        inner(),
        prop::collection::vec(any::<u8>(), 0..100),
    )
        .prop_map(
            |(vlans, (v6, addresses, ttl), extension, headers, inner, payload)| Plan {
                vlans,
                v6,
                addresses,
                ttl,
                extension,
                headers,
                inner,
                payload,
            },
        )
}

impl Plan {
    fn ip(&self) -> IpHeaders {
        let [hop_by_hop, routing, destination_options, authentication] = self.headers;
        let auth =
            authentication.then(|| IpAuthHeader::new(IpNumber::UDP, 1, 2, &[7; 12]).unwrap());
        let [source, destination] = self.addresses;
        if self.v6 {
            let raw = |wanted: bool| {
                let data = vec![0; 6 + 8 * self.extension];
                wanted.then(|| Ipv6RawExtHeader::new_raw(IpNumber::UDP, &data).unwrap())
            };
            let header = Ipv6Header {
                source,
                destination,
                hop_limit: self.ttl,
                ..Ipv6Header::default()
            };
            let extensions = Ipv6Extensions {
                hop_by_hop_options: raw(hop_by_hop),
                destination_options: raw(destination_options),
                routing: raw(routing).map(|routing| etherparse::Ipv6RoutingExtensions {
                    routing,
                    final_destination_options: None,
                }),
                fragment: None,
                auth,
            };
            IpHeaders::Ipv6(header, extensions)
        } else {
            let first = |bytes: [u8; 16]| *bytes.first_chunk::<4>().unwrap();
            let mut header = Ipv4Header::new(
                0,
                self.ttl,
                IpNumber::UDP,
                first(source),
                first(destination),
            )
            .unwrap();
            header.options = vec![1; 4 * self.extension.min(10)]
                .as_slice()
                .try_into()
                .unwrap();
            IpHeaders::Ipv4(header, Ipv4Extensions { auth })
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
        let id = |vlan: &u16| VlanId::try_new(*vlan).unwrap();
        let ip = match self.vlans.as_slice() {
            [] => link.ip(self.ip()),
            [one] => link.single_vlan(id(one)).ip(self.ip()),
            [outer, inner, ..] => link.double_vlan(id(outer), id(inner)).ip(self.ip()),
        };
        self.finish(ip)
    }

    fn finish(&self, ip: PacketBuilderStep<IpHeaders>) -> Vec<u8> {
        let mut bytes = Vec::new();
        match &self.inner {
            Inner::Tcp {
                ports,
                numbers,
                flags,
                window,
                options,
            } => {
                let mut header = TcpHeader::new(ports.0, ports.1, numbers.0, *window);
                header.acknowledgment_number = numbers.1;
                let bit = |at: u8| flags & (1 << at) != 0;
                (header.fin, header.syn, header.rst, header.psh) = (bit(0), bit(1), bit(2), bit(3));
                (header.ack, header.urg, header.ece, header.cwr) = (bit(4), bit(5), bit(6), bit(7));
                header.set_options_raw(options).unwrap();
                ip.tcp_header(header)
                    .write(&mut bytes, &self.payload)
                    .unwrap();
            }
            Inner::Udp { ports } => {
                ip.udp(ports.0, ports.1)
                    .write(&mut bytes, &self.payload)
                    .unwrap();
            }
            Inner::Echo { id } if self.v6 => {
                ip.icmpv6_echo_request(*id, 1)
                    .write(&mut bytes, &self.payload)
                    .unwrap();
            }
            Inner::Echo { id } => {
                ip.icmpv4_echo_request(*id, 1)
                    .write(&mut bytes, &self.payload)
                    .unwrap();
            }
        }
        bytes
    }
}

/// Bytes changed: where, to what; the headers are more likely than the payload.
fn changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    let at = prop_oneof![4 => 12usize..80, 1 => 0usize..300];
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0, 1, 6, 17, 43, 51, 60, 0x45, 0x81])
    ];
    prop::collection::vec((at, byte), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_what_its_builder_makes(plan in plan(), padding in 0usize..20) {
        let mut bytes = plan.bytes();
        bytes.resize(bytes.len() + padding, 0xaa);
        let expected = by_oracle(&bytes);
        prop_assert!(expected.is_some(), "the oracle reads what its builder made");
        prop_assert_eq!(by_us(&bytes).ok(), expected);
    }

    #[test]
    fn on_whatever_is_left_of_it_after_cuts_and_changes(
        plan in plan(),
        changes in changes(),
        cut in 0usize..300,
        cuts in any::<bool>(),
    ) {
        let mut bytes = plan.bytes();
        for (at, byte) in changes {
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        if cuts {
            bytes.truncate(cut);
        }
        if let Some(expected) = by_oracle(&bytes) {
            prop_assert_eq!(by_us(&bytes), Ok(expected));
        }
    }
}
