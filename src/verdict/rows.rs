//! The rows of a summary: one flow, one DNS question, one requirement.
//!
//! Input: judged subjects and lookups. Output: owned rows with every field of the contract. Nothing is decided here
//! but words.

use super::assemble::{JudgedLookup, Options, Source, Tried, interface_name};
use super::outcome::{Outcome, Status, Transport};
use super::requirement;
use super::ruling::Ruling;
use super::subject::{Standing, Subject};
use super::summary::{
    Attempts, Certificate, Client, DnsQuestion, Endpoint, Evidence, Flow, Icmp, Name, PerSide,
    Requirement, RoundTrips, Tls,
};
use crate::catalogue::{Catalogue, RemedyFacts, RequirementId};
use crate::protocol::dns::rcode_name;
use crate::protocol::tls::TlsFacts;
use crate::side::{Both, Side};
use std::time::Duration;

fn milliseconds(gap: Duration) -> f64 {
    gap.as_secs_f64() * 1000.0
}

/// A ruling's evidence as rows.
#[must_use]
pub fn evidence(ruling: &Ruling) -> Vec<Evidence> {
    ruling
        .evidence
        .iter()
        .map(|note| Evidence {
            frame: note.seen.frame.number(),
            time: note.seen.at,
            note: note.text.clone().into_owned(),
        })
        .collect()
}

fn text(why: &str) -> Option<String> {
    (!why.is_empty()).then(|| why.to_owned())
}

fn per_side<T: Copy + Into<u64>>(both: &Both<T>) -> PerSide {
    PerSide {
        client: both.client.into(),
        server: both.server.into(),
    }
}

/// A flow's row.
#[must_use]
pub fn flow(subject: &Subject<'_>, options: &Options<'_>) -> Flow {
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
            .by_port(transport, server.1)
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
            let others: Vec<_> = name
                .others
                .iter()
                .map(crate::hostname::Hostname::to_text)
                .collect();
            format!("; also given for {}", others.join(", "))
        };
        rows.insert(
            0,
            Evidence {
                frame: seen.frame.number(),
                time: seen.at,
                note: format!("DNS gave {} for {}{others}", server.0, name.host.to_text()),
            },
        );
        rows.truncate(super::ruling::MAX_EVIDENCE);
    }
    let vlans = subject.place.vlans.as_slice();
    let tcp = conversation.tcp();
    Flow {
        id: super::community_id::of_flow(flow.key.protocol(), client, server),
        transport,
        client: Endpoint {
            ip: client.0,
            port: client.1,
        },
        server: Endpoint {
            ip: server.0,
            port: server.1,
        },
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
        process: None,
        requirement: requirement.map(|requirement| requirement.pattern.clone()),
        by_port,
        outcome: subject.ruling.outcome,
        stage: subject.ruling.stage,
        cause: subject.ruling.cause,
        origin: subject.ruling.origin,
        recovered: subject.ruling.recovered,
        rtt_ms: round_trips(subject),
        retransmissions: tcp.map_or_else(PerSide::default, |tcp| PerSide {
            client: u64::from(tcp.half.client.retransmissions),
            server: u64::from(tcp.half.server.retransmissions),
        }),
        explanation: explanation(subject),
        wireshark_filter: wireshark_filter(transport, client, server),
        evidence: rows,
    }
}

fn explanation(subject: &Subject<'_>) -> Option<String> {
    match subject.standing {
        Standing::Own => text(&subject.ruling.why),
        Standing::Twin => {
            Some("the same conversation, captured at another place, is the one that counts".into())
        }
        Standing::Subflow => {
            Some("a subflow of a Multipath TCP connection, not an attempt of its own".into())
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
            .map(|hello| hello.alpn.iter().map(|name| protocol(name)).collect())
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
    let Some(tcp) = subject.conversation.tcp() else {
        return RoundTrips::default();
    };
    let tls = subject.conversation.tls();
    let handshake = tls.and_then(|tls| {
        let (hello, finished) = (tls.client_hello.as_ref()?, tls.finished?);
        Some(milliseconds(finished.at.since(hello.first.at)))
    });
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

/// A DNS question's row.
#[must_use]
pub fn dns(judged: &JudgedLookup<'_>, catalogue: &Catalogue) -> DnsQuestion {
    let lookup = judged.lookup;
    let answer = lookup.answer.as_ref();
    DnsQuestion {
        client: lookup.client,
        resolver: lookup.resolver,
        transport: if lookup.over_tcp {
            Transport::Tcp
        } else {
            Transport::Udp
        },
        name: lookup.name.to_text(),
        kind: lookup.kind.to_string(),
        first: lookup.first().at,
        transmissions: lookup.sent.count,
        answered_ms: answer
            .filter(|_| lookup.sent.count > 0)
            .map(|answer| milliseconds(answer.seen.at.since(lookup.first().at))),
        recovered: judged.ruling.recovered,
        rcode: answer.map(|answer| rcode_name(answer.rcode).into_owned()),
        addresses: answer
            .map(|answer| answer.answer.addresses.clone())
            .unwrap_or_default(),
        cname: answer
            .and_then(|answer| answer.answer.cname.as_ref())
            .map(crate::hostname::Hostname::to_text),
        requirement: judged
            .requirement
            .and_then(|id| catalogue.requirement(id))
            .map(|requirement| requirement.pattern.clone()),
        outcome: judged.ruling.outcome,
        cause: judged.ruling.cause,
        evidence: evidence(&judged.ruling),
    }
}

/// The row of a requirement that a device tried.
#[must_use]
pub fn requirement(
    id: RequirementId,
    client: Client,
    tried: &Tried<'_>,
    catalogue: &Catalogue,
) -> Option<Requirement> {
    let standing = requirement::sum_up(&tried.attempts);
    let deciding = standing
        .deciding
        .and_then(|at| tried.sources.get(at))
        .copied();
    let ruling = deciding.map(ruling_of);
    let mut row = Requirement {
        client: Some(client),
        status: standing.status,
        attempts: standing.attempts,
        cause: ruling.and_then(|ruling| ruling.cause),
        origin: ruling.and_then(|ruling| ruling.origin),
        evidence: ruling.map(evidence).unwrap_or_default(),
        flows: flow_ids(tried),
        ..not_seen(id, catalogue)?
    };
    row.explanation = why(&row, ruling, standing.fallback, tried);
    row.remedy = deciding.and_then(|source| remedy(source, &row, catalogue));
    if let Some(note) = catalogue
        .requirement(id)
        .and_then(|entry| entry.note.as_ref())
        && row.status != Status::Ok
        && row.optional
    {
        row.explanation = Some(match row.explanation.take() {
            Some(why) => format!("{why}. {note}"),
            None => note.clone(),
        });
    }
    Some(row)
}

fn flow_ids(tried: &Tried<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    for source in &tried.sources {
        if let Source::Flow(subject) = source {
            let id = super::community_id::of_flow(
                subject.conversation.flow.key.protocol(),
                subject.client(),
                subject.server(),
            );
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

fn ruling_of(source: Source<'_>) -> &Ruling {
    match source {
        Source::Flow(subject) => &subject.ruling,
        Source::Lookup(judged) => &judged.ruling,
    }
}

fn why(
    row: &Requirement,
    ruling: Option<&Ruling>,
    fallback: Option<String>,
    tried: &Tried<'_>,
) -> Option<String> {
    let reason = ruling.and_then(|ruling| text(&ruling.why));
    let reason = match (fallback, reason) {
        (Some(path), Some(reason)) => Some(format!("{path}: {reason}")),
        (Some(path), None) => Some(path),
        (None, reason) => reason,
    };
    match row.status {
        Status::Flaky => {
            let failed = row.attempts.stalled + row.attempts.reset + row.attempts.failed;
            let of = failed + row.attempts.succeeded;
            Some(format!(
                "{failed} of {of} attempts failed: {}",
                reason.unwrap_or_default()
            ))
        }
        Status::Unjudged => {
            let shown = tried.sources.iter().find_map(|source| match source {
                Source::Flow(subject) => text(&subject.ruling.why),
                Source::Lookup(_) => None,
            });
            Some(shown.unwrap_or_else(|| {
                "the name was resolved, but no connection to it was captured".into()
            }))
        }
        Status::Failing | Status::Degraded | Status::Pending | Status::Ok | Status::NotSeen => {
            reason
        }
    }
}

/// What to do about the deciding fault.
fn remedy(source: Source<'_>, row: &Requirement, catalogue: &Catalogue) -> Option<String> {
    let ruling = ruling_of(source);
    let cause = catalogue.explain_cause(ruling.cause?.as_str())?;
    let (host, client, server, from, hops) = match source {
        Source::Flow(subject) => {
            let flow = &subject.conversation.flow;
            let reset = subject
                .conversation
                .tcp()
                .and_then(|tcp| tcp.closing.as_ref())
                .and_then(|closing| closing.first_from(Side::Server));
            let from = flow
                .icmp
                .first()
                .map_or(subject.server().0, |error| error.from);
            (
                subject.name.as_ref().map(|name| name.host.to_text()),
                subject.client().0,
                subject.server().0,
                from,
                reset.map(|reset| super::origin::hops(reset.ttl)),
            )
        }
        Source::Lookup(judged) => {
            let lookup = judged.lookup;
            let from = lookup
                .unreachable
                .map_or(lookup.resolver, |error| error.from);
            (
                Some(lookup.name.to_text()),
                lookup.client,
                lookup.resolver,
                from,
                None,
            )
        }
    };
    // The port that failed, not everything the requirement may use.
    let ports = match source {
        Source::Flow(subject) => {
            format!(
                "{}/{}",
                super::subject::service_port(subject.conversation),
                subject.transport()
            )
        }
        Source::Lookup(_) => row.ports.join(", "),
    };
    Some(cause.remedy_with(&RemedyFacts {
        host: host.as_deref(),
        ports: Some(&ports),
        client: Some(&client.to_string()),
        server: Some(&server.to_string()),
        from: Some(&from.to_string()),
        hops,
    }))
}

/// The row of a requirement that nobody tried.
#[must_use]
pub fn not_seen(id: RequirementId, catalogue: &Catalogue) -> Option<Requirement> {
    let entry = catalogue.requirement(id)?;
    let mut transports: Vec<Transport> = entry
        .ports
        .ranges()
        .iter()
        .map(|range| range.transport())
        .collect();
    transports.sort_unstable();
    transports.dedup();
    Some(Requirement {
        id: entry.id.clone(),
        pattern: entry.pattern.clone(),
        ports: entry
            .ports
            .ranges()
            .iter()
            .map(ToString::to_string)
            .collect(),
        transport: transports,
        service: entry.service.clone(),
        profiles: entry
            .profiles
            .iter()
            .map(|listing| listing.as_str().to_owned())
            .collect(),
        optional: entry.optional,
        client: None,
        status: Status::NotSeen,
        attempts: Attempts::default(),
        cause: None,
        origin: None,
        explanation: None,
        remedy: None,
        flows: Vec::new(),
        evidence: Vec::new(),
    })
}

/// Whether a row makes the exit status 1.
#[must_use]
pub fn is_fault(row: &Requirement) -> bool {
    row.status == Status::Failing && !row.optional
}

/// Whether an outcome is a fault.
#[must_use]
pub const fn is_faulty(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Stalled | Outcome::Reset | Outcome::Failed)
}
