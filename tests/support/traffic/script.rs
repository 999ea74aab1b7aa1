//! How each kind of flow begins: its DNS, its handshake, its request, or its failure.

use std::collections::VecDeque;

use super::bulk::{Bulk, Over};
use super::random::Random;
use super::{SECOND, Session, Truth};
use crate::support::opening::{finished_13, flight_12, flight_13};
use crate::support::packet::Packet;
use crate::support::quic::{ACK_FRAME, Quic, client_hello, crypto, server_hello};
use crate::support::tcp::{From, MSS, Tcp};
use crate::support::{RESOLVER, dns, mdns, tls};

const MILLISECOND: u64 = 1_000_000;

/// Segments of an answer: most are short, some have four megabytes.
const LEAST_SEGMENTS: u32 = 3;
const MOST_SEGMENTS: u32 = 3000;

/// Devices: 192.168.7.30 and on, and `fd07::` with the same last byte.
const DEVICES: u64 = 200;
const FIRST_DEVICE: u64 = 30;

/// Hosts that work, of the catalogue and others.
const REQUIRED: &[&str] = &[
    "itunes.apple.com",
    "gs.apple.com",
    "albert.apple.com",
    "mesu.apple.com",
    "gg.apple.com",
    "swscan.apple.com",
    "xp.apple.com",
    "play.itunes.apple.com",
    "init.itunes.apple.com",
    "buy.itunes.apple.com",
    "humb.apple.com",
    "deimos3.apple.com",
];
const OTHER: &[&str] = &[
    "www.example.org",
    "cdn.example.net",
    "images.example.net",
    "mail.example.com",
    "static.example.org",
    "api.example.com",
    "news.example.org",
    "video.example.net",
];
/// Hosts that are reset, and hosts that nobody answers for.
const RESET: &[&str] = &["skl.apple.com", "reset.example.org", "filtered.example.com"];
const DEAD: &[&str] = &["appldnld.apple.com", "dead.example.net", "gone.example.com"];
/// Hosts that speak QUIC.
const QUIC: &[&str] = &["itunes.apple.com", "www.example.org", "video.example.net"];

/// What a flow is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Tls13,
    Tls12,
    Reset,
    Unanswered,
    Http,
    Quic,
}

impl Kind {
    fn any(random: &mut Random) -> Self {
        if random.permille(100) {
            return Self::Quic;
        }
        match random.below(1000) {
            0..50 => Self::Reset,
            50..85 => Self::Unanswered,
            85..130 => Self::Http,
            130..330 => Self::Tls12,
            _ => Self::Tls13,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tls13 => "tls-1.3",
            Self::Tls12 => "tls-1.2",
            Self::Reset => "reset-after-client-hello",
            Self::Unanswered => "syn-unanswered",
            Self::Http => "http",
            Self::Quic => "quic",
        }
    }

    const fn outcome(self) -> &'static str {
        match self {
            Self::Tls13 | Self::Tls12 | Self::Http | Self::Quic => "succeeded",
            Self::Reset => "reset",
            Self::Unanswered => "stalled",
        }
    }

    fn host(self, random: &mut Random) -> &'static str {
        let required = random.permille(400);
        match self {
            Self::Tls13 if required => random.one_of(REQUIRED),
            // Our certificates name one host: those of the catalogue would seem intercepted.
            Self::Tls13 | Self::Tls12 | Self::Http => random.one_of(OTHER),
            Self::Reset => random.one_of(RESET),
            Self::Unanswered => random.one_of(DEAD),
            Self::Quic => random.one_of(QUIC),
        }
    }
}

/// Makes sessions; every client port is used once, until all are used.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    flows: u64,
}

/// A session in the making.
struct Script<'a> {
    at: u64,
    round_trip: u64,
    queue: VecDeque<(u64, Vec<u8>)>,
    random: &'a mut Random,
}

impl Script<'_> {
    fn put(&mut self, packet: &Packet) {
        self.queue.push_back((self.at, packet.frame()));
        self.at += 15_000;
    }

    fn wait(&mut self, nanos: u64) {
        self.at += nanos;
    }

    /// The other end's turn.
    fn travel(&mut self) {
        self.at += self.round_trip / 2;
    }

    fn send(&mut self, tcp: &mut Tcp, from: From, payload: &[u8]) {
        for piece in payload.chunks(MSS) {
            let packet = tcp.data(from, piece);
            self.put(&packet);
        }
    }

    fn question(&mut self, client: &str, port: u16, host: &str, addr: &str) {
        let kind = if addr.contains(':') {
            dns::AAAA
        } else {
            dns::A
        };
        let id = u16::try_from(self.random.below(0x1_0000)).unwrap();
        let question = dns::query(id, host, kind);
        let answer = dns::addresses(id, host, kind, &[addr]);
        self.put(&Packet::udp((client, port), (RESOLVER, 53), &question));
        self.wait(self.round_trip / 3);
        self.put(&Packet::udp((RESOLVER, 53), (client, port), &answer));
        self.wait(MILLISECOND);
    }

    fn connect(&mut self, tcp: &mut Tcp) {
        let packet = tcp.syn();
        self.put(&packet);
        self.wait(self.round_trip);
        let packet = tcp.syn_ack();
        self.put(&packet);
        self.put(&tcp.ack(From::Client));
    }

    fn hello(&mut self, tcp: &mut Tcp, host: &str) {
        let hello = if self.random.permille(350) {
            tls::large_client_hello(host, 1700)
        } else {
            tls::client_hello(host)
        };
        self.send(tcp, From::Client, &hello);
        self.travel();
    }
}

impl Scripts {
    /// A flow that begins at this time.
    pub(crate) fn flow(&mut self, at: u64, random: &mut Random, truth: &mut Truth) -> Session {
        let kind = Kind::any(random);
        let host = kind.host(random);
        *truth.outcome.entry(kind.outcome()).or_default() += 1;
        *truth.kind.entry(kind.name()).or_default() += 1;
        let v6 = random.permille(300);
        let (client, port) = self.client(v6);
        let server = server_of(host, v6, random);
        let mut script = Script {
            at,
            round_trip: random.between(8, 80) * MILLISECOND,
            queue: VecDeque::new(),
            random,
        };
        if script.random.permille(800) {
            truth.questions += 1;
            // DNS travels by IPv4, whatever it asks for.
            let asks = client.replace("fd07::", "192.168.7.");
            let asks = if v6 { from_hex(&asks) } else { asks };
            script.question(&asks, port, host, &server);
        }
        let bulk = match kind {
            Kind::Quic => Some(quic(&mut script, &client, port, &server, host)),
            Kind::Http => Some(http(&mut script, between(&client, port, &server, 80), host)),
            _ => tls(
                &mut script,
                kind,
                between(&client, port, &server, 443),
                host,
            ),
        };
        Session {
            queue: script.queue,
            bulk,
        }
    }

    /// A question and its answer.
    pub(crate) fn question(&mut self, at: u64, random: &mut Random, truth: &mut Truth) -> Session {
        truth.questions += 1;
        let (client, port) = self.client(false);
        let mut script = Script {
            at,
            round_trip: 20 * MILLISECOND,
            queue: VecDeque::new(),
            random,
        };
        script.question(&client, port, "www.example.org", "198.18.0.1");
        Session {
            queue: script.queue,
            bulk: None,
        }
    }

    /// A device announces a service.
    pub(crate) fn service(at: u64, random: &mut Random) -> Session {
        let device = FIRST_DEVICE + random.below(DEVICES);
        let addr = format!("192.168.7.{device}");
        let host = format!("device-{device}");
        let service = mdns::Service::new(&host, "_airplay", &host, 7000, &addr);
        let frames = [
            (at, mdns::to_all(&addr, &service.announcement()).frame()),
            (
                at + SECOND,
                mdns::to_all(&addr, &mdns::question("_airplay")).frame(),
            ),
        ];
        Session {
            queue: frames.into(),
            bulk: None,
        }
    }

    fn client(&mut self, v6: bool) -> (String, u16) {
        let device = FIRST_DEVICE + self.flows % DEVICES;
        let port = 2000 + (self.flows / DEVICES) % 60_000;
        self.flows += 1;
        let addr = if v6 {
            format!("fd07::{device:x}")
        } else {
            format!("192.168.7.{device}")
        };
        (addr, u16::try_from(port).unwrap())
    }
}

/// `192.168.7.` and a last byte in hexadecimal digits, in decimal ones.
fn from_hex(addr: &str) -> String {
    let (net, last) = addr.rsplit_once('.').unwrap();
    format!("{net}.{}", u8::from_str_radix(last, 16).unwrap())
}

fn between(client: &str, port: u16, server: &str, server_port: u16) -> Tcp {
    Tcp::between((client, port), (server, server_port))
}

/// One of the addresses of a host; no two hosts share one.
fn server_of(host: &str, v6: bool, random: &mut Random) -> String {
    let all = [REQUIRED, OTHER, RESET, DEAD].concat();
    let number = all.iter().position(|known| *known == host).unwrap() + 1;
    let replica = random.between(1, 33);
    // Apple's own networks for its names, those set aside for benchmarks (RFC 2544) for others.
    let apple = host.ends_with("apple.com");
    match (apple, v6) {
        (true, false) => format!("17.57.{number}.{replica}"),
        (true, true) => format!("2a01:b740:a00::{number:x}:{replica:x}"),
        (false, false) => format!("198.18.{number}.{replica}"),
        (false, true) => format!("2001:db8:aa::{number:x}:{replica:x}"),
    }
}

fn bulk(script: &mut Script<'_>, left: u32, over: Over) -> Bulk {
    Bulk {
        at: script.at,
        every: script.random.between(150_000, 3_000_000),
        left,
        over,
    }
}

fn tls(script: &mut Script<'_>, kind: Kind, mut tcp: Tcp, host: &str) -> Option<Bulk> {
    if matches!(kind, Kind::Unanswered) {
        let packet = tcp.syn();
        script.put(&packet);
        for pause in [1, 2, 4] {
            script.wait(pause * SECOND);
            script.put(&tcp.syn_again());
        }
        return None;
    }
    script.connect(&mut tcp);
    script.hello(&mut tcp, host);
    if matches!(kind, Kind::Reset) {
        if script.random.permille(500) {
            tcp.server_ttl = 62;
        }
        script.put(&tcp.rst(From::Server));
        return None;
    }
    script.travel();
    if matches!(kind, Kind::Tls12) {
        script.send(&mut tcp, From::Server, &flight_12(&tls::GENUINE));
        script.put(&tcp.ack(From::Client));
        let keys = [
            tls::client_key_exchange(),
            tls::change_cipher_spec(),
            tls::encrypted_handshake(),
        ];
        script.send(&mut tcp, From::Client, &keys.concat());
        script.wait(script.round_trip);
        let finished = [tls::change_cipher_spec(), tls::encrypted_handshake()].concat();
        script.send(&mut tcp, From::Server, &finished);
        script.send(&mut tcp, From::Client, &tls::application(400));
    } else {
        script.send(&mut tcp, From::Server, &flight_13());
        script.put(&tcp.ack(From::Client));
        let request = [finished_13(), tls::application(400)].concat();
        script.send(&mut tcp, From::Client, &request);
    }
    script.wait(script.round_trip);
    script.send(&mut tcp, From::Server, &tls::application(300));
    script.put(&tcp.ack(From::Client));
    let segments = script.random.heavy_tailed(LEAST_SEGMENTS, MOST_SEGMENTS);
    let closes = script.random.permille(900);
    let over = Over::tcp(tcp, &tls::application(MSS - 5), closes);
    Some(bulk(script, segments, over))
}

fn http(script: &mut Script<'_>, mut tcp: Tcp, host: &str) -> Bulk {
    script.connect(&mut tcp);
    let request = format!("GET /index.html HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n");
    script.send(&mut tcp, From::Client, request.as_bytes());
    script.wait(script.round_trip);
    let segments = script.random.heavy_tailed(LEAST_SEGMENTS, MOST_SEGMENTS);
    let length = segments as usize * MSS;
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n");
    script.send(&mut tcp, From::Server, head.as_bytes());
    script.put(&tcp.ack(From::Client));
    bulk(script, segments, Over::tcp(tcp, &[b'x'; MSS], true))
}

fn quic(script: &mut Script<'_>, client: &str, port: u16, server: &str, host: &str) -> Bulk {
    let mut quic = Quic::between((client, port), (server, 443));
    // A number that no other connection has: the same opening elsewhere would be a copy.
    quic.made_up = script.random.next().to_be_bytes().to_vec();
    let hello = quic.initial(From::Client, &crypto(0, &client_hello(host)));
    script.put(&quic.datagram(From::Client, &[hello]));
    script.wait(script.round_trip);
    let frames = [&ACK_FRAME[..], &crypto(0, &server_hello())].concat();
    let initial = quic.initial_of(From::Server, &frames, 0);
    quic.answered = true;
    let rest = quic.handshake(From::Server, 900);
    script.put(&quic.datagram(From::Server, &[initial, rest]));
    let initial = quic.initial_of(From::Client, &ACK_FRAME, 0);
    let handshake = quic.handshake(From::Client, 60);
    let request = quic.one_rtt(From::Client, 300);
    script.put(&quic.datagram(From::Client, &[initial, handshake, request]));
    script.wait(script.round_trip);
    let datagrams = script.random.heavy_tailed(LEAST_SEGMENTS, MOST_SEGMENTS);
    let over = Over::quic(&quic, 1200);
    bulk(script, datagrams, over)
}
