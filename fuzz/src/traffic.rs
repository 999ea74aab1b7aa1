//! Packet sequences out of any bytes: times, sides, flags, and payloads that get past the first checks.
//!
//! A few connections of one device to two servers, its questions to a resolver, errors about them, and after that
//! changes to single bytes. Sequence numbers advance by themselves, so that the fuzzer need not find them.

use arbitrary::Arbitrary;
use windfall::capture::frame::LinkType;

use crate::support::packet::Packet;
use crate::support::tcp::{From, Tcp};
use crate::support::trace::START;
use crate::support::{HOST, RESOLVER, dns, icmp, tls};

const ETHERNET: LinkType = LinkType(1);

/// Destinations: TLS, HTTP, a proxy's port, DNS over TCP.
const SERVERS: [(&str, u16); 4] = [
    ("203.0.113.10", 443),
    ("203.0.113.11", 80),
    ("192.168.7.3", 3128),
    (RESOLVER, 53),
];

const HOSTS: [&str; 4] = [HOST, "example.org", "captive.apple.com", "a.push.apple.com"];

/// A capture in the making.
#[derive(Arbitrary, Debug)]
pub struct Traffic {
    events: Vec<Event>,
    /// Bytes changed at the end: packet, place, new value.
    changes: Vec<(u8, u8, u8)>,
    /// Bounds that bite.
    pub small: bool,
}

#[derive(Arbitrary, Debug)]
struct Event {
    after: Pause,
    what: What,
}

#[derive(Arbitrary, Debug)]
enum Pause {
    None,
    Micros(u16),
    Millis(u16),
    Seconds(u16),
    Back(u16),
    /// Any time that can be expressed.
    Anywhere(i64),
}

#[derive(Arbitrary, Debug)]
enum What {
    Opens(u8),
    Data(u8, bool, Payload),
    Again(u8, bool, u8, Payload),
    Ends(u8, bool, bool),
    Segment {
        flow: u8,
        server: bool,
        flags: u8,
        skip: i16,
        ack: i16,
        options: Vec<u8>,
        payload: Payload,
    },
    Datagram(bool, u16, u8, Payload),
    Asks(u8, u16),
    Answers(u8, u16, u8, Vec<[u8; 4]>),
    IcmpError(u8, u8, u8, u16),
    Repeats(u8),
    Frame(u16, Vec<u8>),
}

#[derive(Arbitrary, Debug)]
enum Payload {
    Raw(Vec<u8>),
    Many(u16, u8),
    ClientHello(u8),
    LargeClientHello(u8, u16),
    ServerHello(bool),
    Retry,
    Certificates(bool),
    Cipher,
    Encrypted,
    Application(u8),
    Alert(bool, u8),
    Request(u8, bool),
    Response(u16, Vec<u8>),
    Dns(u8, u16),
}

/// A packet of the sequence: when, of which link type, which bytes.
pub type Captured = (i64, LinkType, Vec<u8>);

/// Connections by their number.
struct Made {
    now: i64,
    connections: Vec<Tcp>,
    packets: Vec<Captured>,
    /// The latest packet, for errors to quote.
    latest: Option<Packet>,
}

impl Traffic {
    /// The packets in order of capture.
    pub fn packets(&self) -> Vec<Captured> {
        let connection =
            |n: u16| Tcp::between(("192.168.7.20", 50_000 + n), SERVERS[usize::from(n % 4)]);
        let mut made = Made {
            now: START,
            connections: (0..8).map(connection).collect(),
            packets: Vec::new(),
            latest: None,
        };
        for event in &self.events {
            made.wait(&event.after);
            made.happen(&event.what);
        }
        let count = made.packets.len().max(1);
        for &(packet, place, value) in &self.changes {
            let packet = made.packets.get_mut(usize::from(packet) % count);
            if let Some(byte) = packet.and_then(|packet| packet.2.get_mut(usize::from(place))) {
                *byte = value;
            }
        }
        made.packets
    }
}

impl Made {
    fn wait(&mut self, pause: &Pause) {
        let micros = match *pause {
            Pause::None => 0,
            Pause::Micros(n) => i64::from(n),
            Pause::Millis(n) => i64::from(n) * 1000,
            Pause::Seconds(n) => i64::from(n) * 1_000_000,
            Pause::Back(n) => -i64::from(n) * 1000,
            Pause::Anywhere(at) => {
                self.now = at;
                0
            }
        };
        self.now = self.now.saturating_add(micros * 1000);
    }

    fn send(&mut self, packet: Packet) {
        self.packets.push((self.now, ETHERNET, packet.frame()));
        self.latest = Some(packet);
    }

    fn connection(&mut self, flow: u8) -> &mut Tcp {
        let count = self.connections.len();
        &mut self.connections[usize::from(flow) % count]
    }

    fn happen(&mut self, what: &What) {
        let packet = match what {
            What::Opens(flow) => {
                let syn = self.connection(*flow).syn();
                let syn_ack = self.connection(*flow).syn_ack();
                self.send(syn);
                self.send(syn_ack);
                self.connection(*flow).ack(From::Client)
            }
            What::Data(flow, server, payload) => {
                self.connection(*flow).data(end(*server), &payload.bytes())
            }
            What::Again(flow, server, back, payload) => {
                self.connection(*flow)
                    .again(end(*server), usize::from(*back), &payload.bytes())
            }
            What::Ends(flow, server, true) => self.connection(*flow).fin(end(*server)),
            What::Ends(flow, server, false) => self.connection(*flow).rst(end(*server)),
            What::Segment {
                flow,
                server,
                flags,
                skip,
                ack,
                options,
                payload,
            } => {
                let tcp = self.connection(*flow);
                let (seq, acked) = (tcp.next(end(*server)), tcp.next(end(!server)));
                let seq = seq.wrapping_add_signed((*skip).into());
                let acked = acked.wrapping_add_signed((*ack).into());
                let options = &options[..options.len().min(40)];
                tcp.with_options(end(*server), *flags, seq, acked, options, &payload.bytes())
            }
            What::Datagram(back, from, to, payload) => {
                let ends = [("192.168.7.20", *from), ("203.0.113.12", service(*to))];
                let (src, dst) = if *back {
                    (ends[1], ends[0])
                } else {
                    (ends[0], ends[1])
                };
                Packet::udp(src, dst, &payload.bytes())
            }
            What::Asks(host, kind) => dns::ask(5300, &dns::query(7, name(*host), *kind)),
            What::Answers(host, kind, rcode, addresses) => {
                let owner = name(*host);
                let records: Vec<Vec<u8>> = addresses
                    .iter()
                    .take(40)
                    .map(|address| dns::record(owner, dns::A, address))
                    .collect();
                dns::answer(5300, &dns::response(7, owner, *kind, rcode & 15, &records))
            }
            What::IcmpError(kind, code, from, rest) => {
                let Some(quoted) = &self.latest else { return };
                let from = ["192.168.7.1", "198.51.100.1"][usize::from(from & 1)];
                icmp::error(from, *kind, *code, (*rest).into(), quoted)
            }
            What::Repeats(back) => {
                let place = self.packets.len().checked_sub(usize::from(*back) + 1);
                if let Some((_, link, bytes)) = place.map(|place| self.packets[place].clone()) {
                    self.packets.push((self.now, link, bytes));
                }
                return;
            }
            What::Frame(link, bytes) => {
                self.packets
                    .push((self.now, LinkType(*link), bytes.clone()));
                return;
            }
        };
        self.send(packet);
    }
}

fn end(server: bool) -> From {
    if server { From::Server } else { From::Client }
}

/// Ports of DNS, NTP, QUIC, NAT-PMP, mDNS, and others.
fn service(choice: u8) -> u16 {
    [53, 123, 443, 5350, 5351, 5353]
        .get(usize::from(choice))
        .copied()
        .unwrap_or(choice.into())
}

fn name(host: u8) -> &'static str {
    HOSTS[usize::from(host) % HOSTS.len()]
}

impl Payload {
    /// The bytes, few enough for one packet.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = match self {
            Self::Raw(bytes) => bytes.clone(),
            Self::Many(count, byte) => vec![*byte; usize::from(*count)],
            Self::ClientHello(host) => tls::client_hello(name(*host)),
            Self::LargeClientHello(host, bytes) => {
                tls::large_client_hello(name(*host), usize::from(*bytes / 8))
            }
            Self::ServerHello(true) => tls::server_hello_13(),
            Self::ServerHello(false) => tls::server_hello_12(),
            Self::Retry => tls::hello_retry_request(),
            Self::Certificates(true) => tls::certificates(&tls::GENUINE),
            Self::Certificates(false) => tls::certificates(&tls::INTERCEPTED),
            Self::Cipher => tls::change_cipher_spec(),
            Self::Encrypted => tls::encrypted_handshake(),
            Self::Application(bytes) => tls::application(usize::from(*bytes)),
            Self::Alert(fatal, description) => tls::alert(*fatal, *description),
            Self::Request(host, true) => {
                format!("CONNECT {}:443 HTTP/1.1\r\n\r\n", name(*host)).into_bytes()
            }
            Self::Request(host, false) => {
                format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", name(*host)).into_bytes()
            }
            Self::Response(status, rest) => {
                let mut head = format!("HTTP/1.1 {} \r\n", status % 1000).into_bytes();
                head.extend(rest);
                head
            }
            Self::Dns(host, kind) => {
                let message = dns::query(9, name(*host), *kind);
                let length = u16::try_from(message.len()).unwrap_or(0);
                [&length.to_be_bytes()[..], &message].concat()
            }
        };
        bytes.truncate(60_000);
        bytes
    }
}
