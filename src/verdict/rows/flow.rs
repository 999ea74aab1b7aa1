//! The row of a flow.

use super::{evidence, milliseconds, remedy, sides};
use crate::capture::frame::InterfaceId;
use crate::flow::key::PlaceInfo;
use crate::protocol::tls::TlsFacts;
use crate::side::Both;
use crate::verdict::assemble::Options;
use crate::verdict::device::Devices;
use crate::verdict::outcome::Transport;
use crate::verdict::ruling::MAX_EVIDENCE;
use crate::verdict::subject::{Standing, Subject, service_port};
use crate::verdict::summary::{
    Certificate, Endpoint, Evidence, Flow, Icmp, Name, PerSide, RoundTrips, Tls,
};

fn per_side<T: Copy + Into<u64>>(both: &Both<T>) -> PerSide {
    PerSide {
        client: both.client.into(),
        server: both.server.into(),
    }
}

/// A flow's row.
#[must_use]
pub fn flow(subject: &Subject<'_>, devices: &Devices, options: &Options<'_>) -> Flow {
    let conversation = subject.conversation;
    let flow = &conversation.flow;
    let (client, server) = (subject.client(), subject.server());
    let transport = subject.transport();
    let requirement = subject
        .requirement
        .filter(|_| subject.standing == Standing::Own)
        .and_then(|id| options.catalogue.requirement(id));
    let by_port = if subject.requirement.is_none() {
        options
            .catalogue
            .by_port(transport, service_port(conversation))
            .map(|entry| entry.name.clone())
    } else {
        None
    };
    let mut rows = evidence(&subject.ruling);
    if let Some(name) = &subject.name
        && let Some(seen) = name.seen
    {
        let others = if name.others.is_empty() {
            String::new()
        } else {
            let others: Vec<_> = name.others.iter().map(|other| other.to_text()).collect();
            format!("; also given for {}", others.join(", "))
        };
        rows.insert(
            0,
            Evidence {
                capture: seen.frame.capture().into(),
                frame: seen.frame.number(),
                time: seen.at,
                note: format!("DNS gave {} for {}{others}", server.0, name.host.to_text()),
            },
        );
        rows.truncate(MAX_EVIDENCE);
    }
    let vlans = subject.place.vlans.as_slice();
    let tcp = conversation.tcp();
    Flow {
        id: subject.id(),
        transport,
        client: Endpoint {
            ip: client.0,
            port: client.1,
        },
        server: Endpoint {
            ip: server.0,
            port: server.1,
        },
        service_port: service_port(conversation),
        device: devices.label(subject.device),
        interface: interface_name(options, subject.place),
        vlan: (!vlans.is_empty()).then(|| vlans.to_vec()),
        first: flow.first.at,
        last: flow.last.at,
        frames: per_side(&flow.frames),
        bytes: per_side(&flow.bytes),
        midstream: flow.midstream,
        app: conversation.app(),
        name: subject.name.as_ref().map(|name| Name {
            host: name.host.to_text(),
            source: name.source,
        }),
        tls: conversation.tls().map(tls),
        icmp: flow.icmp.first().map(|error| Icmp {
            kind: error.kind,
            code: error.code,
            from: error.from,
        }),
        process: options.processes.owner(conversation),
        requirement: requirement.map(|requirement| requirement.pattern.clone()),
        by_port,
        standing: subject.standing,
        outcome: subject.ruling.outcome,
        stage: subject.ruling.stage,
        cause: subject.ruling.cause,
        origin: subject.ruling.origin,
        whereabouts: subject.broke.map(|broke| broke.at),
        twin: sides::twin(subject, options),
        recovered: subject.ruling.recovered,
        rtt_ms: round_trips(subject),
        retransmissions: tcp.map_or_else(PerSide::default, |tcp| PerSide {
            client: u64::from(tcp.half.client.retransmissions),
            server: u64::from(tcp.half.server.retransmissions),
        }),
        explanation: explanation(subject, options),
        remedy: requirement.and_then(|_| remedy::of_flow(subject, options.catalogue)),
        wireshark_filter: wireshark_filter(transport, client, server),
        evidence: rows,
    }
}

/// Why it ended so, and on which side of the gateway.
pub(super) fn explanation(subject: &Subject<'_>, options: &Options<'_>) -> Option<String> {
    match subject.standing {
        Standing::Own => {
            let broke = subject.broke.map(|broke| (broke, subject.place));
            sides::explanation(&subject.ruling, broke, options)
        }
        Standing::Twin => {
            Some("The same conversation, captured at another place, is the one that counts.".into())
        }
        Standing::Subflow => {
            Some("A subflow of a Multipath TCP connection, not an attempt of its own.".into())
        }
    }
}

fn tls(facts: &TlsFacts) -> Tls {
    let hello = facts.client_hello.as_ref();
    let protocol = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    Tls {
        version: facts
            .server_hello
            .as_ref()
            .map(|hello| version(hello.version)),
        alpn: facts
            .server_hello
            .as_ref()
            .and_then(|hello| hello.alpn.as_deref())
            .map(protocol),
        alpn_offered: hello
            .map(|hello| hello.alpn.iter().map(protocol).collect())
            .unwrap_or_default(),
        ech: hello.is_some_and(|hello| hello.ech),
        hello_segments: hello.map(|hello| hello.segments),
        certificate: facts.certificate.as_ref().map(|certificate| Certificate {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
        }),
    }
}

/// A TLS version's usual name (RFC 8446 section 4.2.1).
fn version(code: u16) -> String {
    match code {
        0x0300 => "SSL 3.0".into(),
        0x0301 => "1.0".into(),
        0x0302 => "1.1".into(),
        0x0303 => "1.2".into(),
        0x0304 => "1.3".into(),
        other => format!("0x{other:04x}"),
    }
}

fn round_trips(subject: &Subject<'_>) -> RoundTrips {
    let tls = subject.conversation.tls();
    let handshake = tls.and_then(|tls| {
        let (hello, finished) = (tls.client_hello.as_ref()?, tls.finished?);
        Some(milliseconds(finished.at.since(hello.first.at)))
    });
    let Some(tcp) = subject.conversation.tcp() else {
        return RoundTrips {
            handshake,
            ..RoundTrips::default()
        };
    };
    let first_byte = tcp
        .half
        .client
        .first_payload
        .zip(tcp.half.server.first_payload);
    RoundTrips {
        connect: tcp.connect_time().map(milliseconds),
        handshake,
        first_byte: first_byte
            .filter(|(asked, answered)| answered >= asked)
            .map(|(asked, answered)| milliseconds(answered.at.since(asked.at))),
    }
}

/// A Wireshark display filter that shows one flow.
#[must_use]
pub fn wireshark_filter(
    transport: Transport,
    client: (std::net::IpAddr, u16),
    server: (std::net::IpAddr, u16),
) -> String {
    let ip = if client.0.is_ipv6() { "ipv6" } else { "ip" };
    let ports = if client.1 == server.1 {
        format!(
            "{transport}.srcport == {0} && {transport}.dstport == {0}",
            client.1
        )
    } else {
        format!(
            "{transport}.port == {} && {transport}.port == {}",
            client.1, server.1
        )
    };
    format!(
        "{ip}.addr == {} && {ip}.addr == {} && {ports}",
        client.0, server.0
    )
}

/// The name of a capture interface.
pub(super) fn interface_name(options: &Options<'_>, place: PlaceInfo) -> Option<String> {
    let InterfaceId(number) = place.interface;
    let name = options
        .interfaces
        .get(usize::from(number))
        .cloned()
        .flatten();
    match (name, place.if_index) {
        (name, 0) => name,
        (None, index) => Some(format!("if{index}")),
        (Some(name), index) => Some(format!("{name}:if{index}")),
    }
}
