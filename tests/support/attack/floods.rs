//! What each attack sends: its packet of any number, made of a template.

use super::Attack;
use super::template::{End, Frame, MARK, Template, mixed, spoofed};
use crate::support::mdns::{self, Service};
use crate::support::packet::Packet;
use crate::support::quic::{Quic, client_hello, crypto};
use crate::support::tcp::{From, Tcp};
use crate::support::{CLIENT, RESOLVER, SERVER, dns, tls};

/// Gives the packet of a number, as a frame.
pub(crate) type Flood = Box<dyn FnMut(u64) -> Vec<u8>>;

/// Stands for a port in templates.
const PORT: u16 = 50_000;

/// Where the TCP sequence number, acknowledgment and payload lie in an Ethernet frame with IPv4, neither with options.
const SEQUENCE: usize = 38;
const TCP_PAYLOAD: usize = 54;

/// Where a datagram's payload lies.
const UDP_PAYLOAD: usize = 42;

/// Bytes of each hello that are sent, one a segment; it says that it has more.
const TINY: usize = 200;

/// The packets of one attack; `servers` are those that the devices talk to.
pub(crate) fn flood(attack: Attack, packets: u64, servers: &[u32]) -> Flood {
    let servers = servers.to_vec();
    match attack {
        Attack::SynFlood => syn_flood(servers),
        Attack::DnsRandom => dns_random(),
        Attack::MdnsStorm => mdns_storm(),
        Attack::Fragments => fragments(),
        Attack::TinyHellos => tiny_hellos(packets / tiny_hello_packets(), servers),
        Attack::QuicInitials => quic_initials(servers),
        Attack::ControlNames => control_names(servers),
    }
}

fn one_of(servers: &[u32], number: u64) -> u32 {
    servers[usize::try_from(number % servers.len() as u64).unwrap()]
}

fn syn_flood(servers: Vec<u32>) -> Flood {
    let syn = Template::new(&Tcp::between((SERVER, PORT), (SERVER, 443)).syn());
    Box::new(move |number| {
        let (from, port) = spoofed(number);
        let to = if number.is_multiple_of(2) {
            one_of(&servers, number / 2)
        } else {
            spoofed(number.wrapping_neg()).0
        };
        syn.marked(0)
            .end(End::Sender, from, port)
            .end(End::Receiver, to, 443)
            .put(SEQUENCE, &mixed(number).to_be_bytes()[4..])
            .0
    })
}

/// Below these domains; what is below the first two is required.
const DOMAINS: [&str; 4] = [
    "push.apple.com",
    "itunes.apple.com",
    "example.com",
    "example.org",
];

/// Of eight questions two are for required names, and every fourth packet is an answer.
fn dns_random() -> Flood {
    let question = |domain: &&str| {
        let message = dns::query(1, &format!("{MARK}.{domain}"), dns::A);
        Template::new(&Packet::udp((SERVER, PORT), (RESOLVER, 53), &message))
    };
    let answer = |domain: &&str| {
        let name = format!("{MARK}.{domain}");
        let message = dns::addresses(1, &name, dns::A, &["203.0.113.77"]);
        Template::new(&Packet::udp((RESOLVER, 53), (SERVER, PORT), &message))
    };
    let questions = DOMAINS.each_ref().map(question);
    let answers = DOMAINS.each_ref().map(answer);
    Box::new(move |number| {
        // The answer to the question before it, or a question.
        let (about, answers_it) = if number % 4 == 3 {
            (number - 1, true)
        } else {
            (number, false)
        };
        let domain = match about % 8 {
            0 => 0,
            6 => 1,
            other => 2 + usize::from(other % 2 == 1),
        };
        let (client, port) = spoofed(about);
        let (template, end) = if answers_it {
            (&answers[domain], End::Receiver)
        } else {
            (&questions[domain], End::Sender)
        };
        let mut frame = template.marked(mixed(about)).end(end, client, port);
        frame = frame.put(UDP_PAYLOAD, &mixed(about).to_be_bytes()[6..]);
        if answers_it {
            let address = frame.0.len() - 4;
            frame = frame.put(address, &spoofed(about + 1).0.to_be_bytes());
        }
        frame.0
    })
}

/// Half of it announces services, a quarter asks for a type that is known, a quarter for a type of its own.
fn mdns_storm() -> Flood {
    const FROM: &str = "192.168.7.30";
    let service = Service::new(MARK, "_airplay", MARK, 7000, FROM);
    let to_all = |message: &[u8]| Template::new(&mdns::to_all(FROM, message));
    let announces = to_all(&service.announcement());
    let asks = to_all(&mdns::question("_airplay"));
    let asks_anew = to_all(&mdns::question(&format!("_{MARK}")));
    Box::new(move |number| {
        let template = match number % 4 {
            0 | 1 => &announces,
            2 => &asks,
            _ => &asks_anew,
        };
        let (from, _) = spoofed(number);
        template.marked(mixed(number)).address(End::Sender, from).0
    })
}

/// Of each datagram one fragment comes: the first, or one from its middle.
fn fragments() -> Flood {
    let mut packet = Packet::udp((SERVER, PORT), (CLIENT, 443), &[0x5a; 1400]).first_fragment();
    let first = Template::new(&packet);
    packet.fragment |= 0x64;
    let middle = Template::new(&packet);
    Box::new(move |number| {
        let template = if number.is_multiple_of(3) {
            &middle
        } else {
            &first
        };
        let (from, id) = spoofed(number);
        template
            .marked(0)
            .address(End::Sender, from)
            .put(18, &id.to_be_bytes())
            .0
    })
}

/// SYN, SYN-ACK, acknowledgment, and the bytes.
pub(super) const fn tiny_hello_packets() -> u64 {
    3 + TINY as u64
}

fn tiny_hellos(flows: u64, servers: Vec<u32>) -> Flood {
    let mut tcp = Tcp::between((SERVER, PORT), (CLIENT, 443));
    let opening = [tcp.syn(), tcp.syn_ack(), tcp.ack(From::Client)];
    let opening = opening.each_ref().map(Template::new);
    let begins = tcp.client_next;
    let byte = Template::new(&tcp.data(From::Client, &[0]));
    let hello = tls::large_client_hello("itunes.apple.com", 2 * TINY);
    let flows = flows.max(1);
    Box::new(move |number| {
        let (flow, step) = (number % flows, usize::try_from(number / flows).unwrap());
        let frame = if let Some(template) = opening.get(step) {
            template.marked(0)
        } else {
            let sent = step - opening.len();
            let sequence = begins.wrapping_add(u32::try_from(sent).unwrap());
            byte.marked(0)
                .put(SEQUENCE, &sequence.to_be_bytes())
                .put(TCP_PAYLOAD, &[hello[sent % TINY]])
        };
        let ends = if step == 1 {
            [End::Receiver, End::Sender]
        } else {
            [End::Sender, End::Receiver]
        };
        between(frame, ends, spoofed(flow), (one_of(&servers, flow), 443)).0
    })
}

/// Puts in the addresses of a client and a server, who are the ends in this order.
fn between(frame: Frame, ends: [End; 2], client: (u32, u16), server: (u32, u16)) -> Frame {
    frame
        .end(ends[0], client.0, client.1)
        .end(ends[1], server.0, server.1)
}

/// Initials that open: sealing takes as long as opening, so some are made in advance.
const SEALED: u64 = 256;

/// Where the client's destination connection ID of eight bytes lies in a datagram with an Initial.
const CONNECTION_ID: usize = UDP_PAYLOAD + 6;

fn quic_initials(servers: Vec<u32>) -> Flood {
    let sealed: Vec<Template> = (0..SEALED)
        .map(|number| {
            let mut quic = Quic::between((SERVER, PORT), (CLIENT, 443));
            quic.made_up = mixed(number + 1).to_be_bytes().to_vec();
            let hello = crypto(0, &client_hello("itunes.apple.com"));
            let initial = quic.initial(From::Client, &hello);
            Template::new(&quic.datagram(From::Client, &[initial]))
        })
        .collect();
    Box::new(move |number| {
        let template = &sealed[usize::try_from(number / 4 % SEALED).unwrap()];
        let mut frame = template.marked(0);
        if number % 4 != 0 {
            frame = frame.put(CONNECTION_ID, &mixed(number).to_be_bytes());
        }
        let ends = [End::Sender, End::Receiver];
        let server = (one_of(&servers, number), 443);
        between(frame, ends, spoofed(number), server).0
    })
}

/// Every control character, what turns or hides text, and line ends beyond ASCII; no dot, which ends a label.
pub(crate) fn control_characters() -> impl Iterator<Item = char> + Clone {
    let ascii = (0..0x20).chain([0x7f]);
    let others = (0x80..0xa0).chain([
        0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff,
    ]);
    ascii.chain(others).filter_map(char::from_u32)
}

/// Labels of at most 63 bytes, 253 in all with the dots: [`MARK`], then control characters again and again, then a domain.
fn hostile_name(domain: &str) -> String {
    let mut name = format!("{MARK}.");
    let mut label = 0;
    for character in control_characters().cycle() {
        // A dot before the character, and one before the domain.
        if name.len() + character.len_utf8() + 2 + domain.len() > 253 {
            break;
        }
        if label + character.len_utf8() > 63 {
            name.push('.');
            label = 0;
        }
        name.push(character);
        label += character.len_utf8();
    }
    format!("{name}.{domain}")
}

/// A label of as many of these as it holds.
fn hostile_label(characters: impl Iterator<Item = char>) -> String {
    let mut label = MARK.to_owned();
    for character in characters {
        if label.len() + character.len_utf8() <= 63 {
            label.push(character);
        }
    }
    label
}

/// What one client sends with one name: a question and its answer, an announcement, a TLS and an HTTP connection.
fn hostile_session(domain: &str) -> [(Template, [End; 2]); 8] {
    const OUT: [End; 2] = [End::Sender, End::Receiver];
    const BACK: [End; 2] = [End::Receiver, End::Sender];
    let name = hostile_name(domain);
    let last_first = control_characters().collect::<Vec<_>>().into_iter().rev();
    let (instance, host) = (
        hostile_label(control_characters()),
        hostile_label(last_first),
    );
    let service = Service::new(&instance, "_airplay", &host, 7000, CLIENT);
    let (mut secure, mut plain) = (
        Tcp::between((SERVER, PORT), (CLIENT, 443)),
        Tcp::between((SERVER, PORT), (CLIENT, 80)),
    );
    // A line end would end the header field.
    let host = name.replace(['\r', '\n', '\0'], "");
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let question = dns::query(1, &name, dns::A);
    let answer = dns::addresses(1, &name, dns::A, &["203.0.113.77"]);
    [
        (Packet::udp((SERVER, PORT), (RESOLVER, 53), &question), OUT),
        (Packet::udp((RESOLVER, 53), (SERVER, PORT), &answer), BACK),
        (mdns::to_all(CLIENT, &service.announcement()), OUT),
        (secure.syn(), OUT),
        (secure.syn_ack(), BACK),
        (secure.data(From::Client, &tls::client_hello(&name)), OUT),
        (plain.syn(), OUT),
        (plain.data(From::Client, request.as_bytes()), OUT),
    ]
    .map(|(packet, ends)| (Template::new(&packet), ends))
}

fn control_names(servers: Vec<u32>) -> Flood {
    let sessions = [hostile_session(DOMAINS[0]), hostile_session(DOMAINS[2])];
    Box::new(move |number| {
        let (session, step) = (number / 8, usize::try_from(number % 8).unwrap());
        let (template, ends) = &sessions[usize::from(session % 2 == 1)][step];
        let frame = template.marked(mixed(session));
        let (client, port) = spoofed(session);
        match step {
            0 | 1 => frame.end(ends[0], client, port).0,
            2 => frame.address(End::Sender, client).0,
            _ => {
                let server = (one_of(&servers, session), if step < 6 { 443 } else { 80 });
                between(frame, *ends, (client, port), server).0
            }
        }
    })
}
