//! A summary, row by row.
//!
//! Every field is named, so that a new one does not compile before somebody says what becomes of it. Words that must
//! agree with others (Community IDs, Wireshark filters) are made anew from the pseudonyms.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::Anonymizer;
use super::text::{Known, is_service};
use crate::transport::Transport;
use crate::verdict::summary::{
    BackgroundProcess, BonjourService, Capture, Certificate, Client, DnsQuestion, Endpoint,
    Evidence, Finding, Flow, Icmp, Name, Process, Requirement, Summary, Tls, Twin,
};
use crate::verdict::{community_id, rows};

/// Application protocols with a registered name (RFC 7301), as hellos of Apple's devices offer them.
const KNOWN_PROTOCOLS: &[&str] = &[
    "h2",
    "http/1.1",
    "http/1.0",
    "h3",
    "apns-security-v2",
    "apns-security-v3",
    "apns-pack-v1",
    "acme-tls/1",
    "dot",
    "doq",
];

/// One summary on its way.
pub(super) struct Rewriting<'a> {
    to: &'a Anonymizer<'a>,
    known: Known,
    /// Community IDs, and what they become.
    flows: HashMap<String, String>,
}

impl<'a> Rewriting<'a> {
    /// Looks through the summary for what its sentences may name.
    pub(super) fn of(to: &'a Anonymizer<'a>, summary: &Summary) -> Self {
        let mut rewriting = Self {
            to,
            known: Known::default(),
            flows: HashMap::new(),
        };
        rewriting.gather(summary);
        rewriting.known.sort();
        rewriting
    }

    fn gather(&mut self, summary: &Summary) {
        let to = self.to;
        for capture in &summary.captures {
            if let Some(path) = &capture.path {
                self.known.add(path, &file(to, path));
            }
            if let Some(name) = &capture.interface {
                self.known.add(name, &interface(to, name));
            }
        }
        for flow in &summary.flows {
            let id = id(flow, |ip| to.address(ip));
            self.flows.insert(flow.id.clone(), id);
            for ip in [flow.client.ip, flow.server.ip] {
                self.known.address(ip);
            }
            if let Some(name) = &flow.name {
                self.known.add(&name.host, &to.host(&name.host));
            }
            for name in flow
                .process
                .iter()
                .filter_map(|process| process.name.as_ref())
            {
                self.known.add(name, &to.process(name));
            }
            let certificate = flow.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
            for name in certificate
                .iter()
                .flat_map(|both| [&both.subject, &both.issuer])
            {
                self.known.add(name, &to.pseudonyms.of("certificate", name));
            }
            if let Some(name) = &flow.interface {
                self.known.add(name, &interface(to, name));
            }
        }
        for question in &summary.dns {
            for name in std::iter::once(&question.name).chain(&question.cname) {
                self.known.add(name, &to.host(name));
            }
        }
        for service in &summary.bonjour {
            let instance = to.pseudonyms.of("instance", &service.instance);
            self.known.add(&service.instance, &instance);
            if let Some(host) = &service.host {
                self.known.add(host, &to.host(host));
            }
        }
    }

    /// The summary with pseudonyms.
    pub(super) fn summary(&self, summary: &Summary) -> Summary {
        let Summary {
            schema,
            captures,
            requirements,
            flows,
            dns,
            bonjour,
            findings,
            processes,
            summary,
        } = summary;
        let mut bonjour: Vec<_> = bonjour.iter().map(|row| self.bonjour(row)).collect();
        // Their order would tell how the names were spelt.
        bonjour.sort_by(|a, b| (&a.instance, &a.service).cmp(&(&b.instance, &b.service)));
        Summary {
            schema: *schema,
            captures: captures.iter().map(|row| self.capture(row)).collect(),
            requirements: requirements
                .iter()
                .map(|row| self.requirement(row))
                .collect(),
            flows: flows.iter().map(|row| self.flow(row)).collect(),
            dns: dns.iter().map(|row| self.dns(row)).collect(),
            bonjour,
            findings: findings.iter().map(|row| self.finding(row)).collect(),
            processes: processes.iter().map(|row| self.background(row)).collect(),
            summary: summary.clone(),
        }
    }

    fn ip(&self, ip: IpAddr) -> IpAddr {
        self.to.address(ip)
    }

    fn ips(&self, ips: &[IpAddr]) -> Vec<IpAddr> {
        ips.iter().map(|ip| self.ip(*ip)).collect()
    }

    fn end(&self, end: Endpoint) -> Endpoint {
        Endpoint {
            ip: self.ip(end.ip),
            port: end.port,
        }
    }

    /// A sentence with pseudonyms.
    pub(super) fn sentence(&self, text: &str) -> String {
        self.to.sentence(text, &self.known)
    }

    fn sentences(&self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.sentence(text))
    }

    fn evidence(&self, rows: &[Evidence]) -> Vec<Evidence> {
        let rows = rows.iter().map(|row| Evidence {
            capture: row.capture,
            frame: row.frame,
            time: row.time,
            note: self.sentence(&row.note),
        });
        rows.collect()
    }

    fn flow_ids(&self, ids: &[String]) -> Vec<String> {
        let other = |id: &String| self.to.pseudonyms.of("text", id);
        let ids = ids
            .iter()
            .map(|id| self.flows.get(id).cloned().unwrap_or_else(|| other(id)));
        ids.collect()
    }

    fn capture(&self, row: &Capture) -> Capture {
        Capture {
            path: row.path.as_ref().map(|path| file(self.to, path)),
            interface: row.interface.as_ref().map(|name| interface(self.to, name)),
            error: self.sentences(row.error.as_ref()),
            format: row.format.clone(),
            link_types: row.link_types.clone(),
            frames: row.frames,
            bytes: row.bytes,
            first: row.first,
            last: row.last,
            truncated: row.truncated,
            duplicates: row.duplicates,
            malformed: row.malformed.clone(),
            dropped_kernel: row.dropped_kernel,
            dropped_interface: row.dropped_interface,
            dropped_pipeline: row.dropped_pipeline,
        }
    }

    /// A device. Addresses stay in their order, IPv4 first.
    fn client(&self, client: &Client) -> Client {
        let mut addresses = self.ips(&client.addresses);
        addresses.sort_unstable();
        Client {
            addresses,
            mac: client.mac.as_ref().map(|mac| self.sentence(mac)),
        }
    }

    fn requirement(&self, row: &Requirement) -> Requirement {
        Requirement {
            client: row.client.as_ref().map(|client| self.client(client)),
            explanation: self.sentences(row.explanation.as_ref()),
            remedy: self.sentences(row.remedy.as_ref()),
            flows: self.flow_ids(&row.flows),
            evidence: self.evidence(&row.evidence),
            id: row.id.clone(),
            pattern: row.pattern.clone(),
            ports: row.ports.clone(),
            transport: row.transport.clone(),
            service: row.service.clone(),
            profiles: row.profiles.clone(),
            optional: row.optional,
            note: row.note.clone(),
            status: row.status,
            attempts: row.attempts,
            all_attempts: row.all_attempts,
            cause: row.cause,
            origin: row.origin,
            whereabouts: row.whereabouts,
            twin: row.twin.as_ref().map(|twin| self.twin(twin)),
        }
    }

    fn twin(&self, twin: &Twin) -> Twin {
        Twin {
            id: self.flow_ids(std::slice::from_ref(&twin.id)).concat(),
            client: self.end(twin.client),
            interface: twin.interface.as_ref().map(|name| interface(self.to, name)),
            vlan: twin.vlan.clone(),
        }
    }

    fn flow(&self, row: &Flow) -> Flow {
        let (client, server) = (self.end(row.client), self.end(row.server));
        Flow {
            id: id(row, |ip| self.ip(ip)),
            client,
            server,
            interface: row.interface.as_ref().map(|name| interface(self.to, name)),
            name: row.name.as_ref().map(|name| Name {
                host: self.to.host(&name.host),
                source: name.source,
            }),
            tls: row.tls.as_ref().map(|tls| self.tls(tls)),
            icmp: row.icmp.map(|icmp| Icmp {
                from: self.ip(icmp.from),
                ..icmp
            }),
            process: row.process.as_ref().map(|process| Process {
                name: process.name.as_ref().map(|name| self.to.process(name)),
                pid: process.pid,
            }),
            explanation: self.sentences(row.explanation.as_ref()),
            remedy: self.sentences(row.remedy.as_ref()),
            device: self.sentence(&row.device),
            service_port: row.service_port,
            wireshark_filter: rows::wireshark_filter(
                row.transport,
                (client.ip, client.port),
                (server.ip, server.port),
            ),
            evidence: self.evidence(&row.evidence),
            transport: row.transport,
            vlan: row.vlan.clone(),
            first: row.first,
            last: row.last,
            frames: row.frames,
            bytes: row.bytes,
            midstream: row.midstream,
            app: row.app,
            requirement: row.requirement.clone(),
            by_port: row.by_port.clone(),
            standing: row.standing,
            outcome: row.outcome,
            stage: row.stage,
            cause: row.cause,
            origin: row.origin,
            whereabouts: row.whereabouts,
            twin: row.twin.as_ref().map(|twin| self.twin(twin)),
            recovered: row.recovered,
            rtt_ms: row.rtt_ms,
            retransmissions: row.retransmissions,
        }
    }

    fn tls(&self, tls: &Tls) -> Tls {
        let protocol = |name: &String| {
            if KNOWN_PROTOCOLS.contains(&name.as_str()) {
                name.clone()
            } else {
                self.to.pseudonyms.of("protocol", name)
            }
        };
        let named = |name: &str| self.to.pseudonyms.of("certificate", name);
        Tls {
            alpn: tls.alpn.as_ref().map(protocol),
            alpn_offered: tls.alpn_offered.iter().map(protocol).collect(),
            certificate: tls.certificate.as_ref().map(|both| Certificate {
                subject: named(&both.subject),
                issuer: named(&both.issuer),
            }),
            version: tls.version.clone(),
            ech: tls.ech,
            hello_segments: tls.hello_segments,
        }
    }

    fn dns(&self, row: &DnsQuestion) -> DnsQuestion {
        DnsQuestion {
            client: self.ip(row.client),
            device: self.sentence(&row.device),
            resolver: self.ip(row.resolver),
            explanation: self.sentences(row.explanation.as_ref()),
            remedy: self.sentences(row.remedy.as_ref()),
            last: row.last,
            origin: row.origin,
            name: self.to.host(&row.name),
            addresses: self.ips(&row.addresses),
            cname: row.cname.as_ref().map(|name| self.to.host(name)),
            evidence: self.evidence(&row.evidence),
            transport: row.transport,
            kind: row.kind.clone(),
            first: row.first,
            transmissions: row.transmissions,
            answered_ms: row.answered_ms,
            recovered: row.recovered,
            rcode: row.rcode.clone(),
            requirement: row.requirement.clone(),
            outcome: row.outcome,
            cause: row.cause,
            whereabouts: row.whereabouts,
        }
    }

    /// TXT entries hold serial numbers, models and addresses: they are left out.
    fn bonjour(&self, row: &BonjourService) -> BonjourService {
        let service = if is_service(&row.service) {
            row.service.clone()
        } else {
            self.to.pseudonyms.of("text", &row.service)
        };
        BonjourService {
            instance: self.to.pseudonyms.of("instance", &row.instance),
            service,
            host: row.host.as_ref().map(|host| self.to.host(host)),
            addresses: self.ips(&row.addresses),
            txt: BTreeMap::new(),
            asked_by: self.ips(&row.asked_by),
            port: row.port,
            last_seen: row.last_seen,
            goodbye: row.goodbye,
        }
    }

    fn finding(&self, row: &Finding) -> Finding {
        Finding {
            code: row.code.clone(),
            clients: self.ips(&row.clients),
            detail: self.sentence(&row.detail),
            evidence: self.evidence(&row.evidence),
        }
    }

    /// Names and words of these are the catalogue's.
    fn background(&self, row: &BackgroundProcess) -> BackgroundProcess {
        BackgroundProcess {
            failing_flows: self.flow_ids(&row.failing_flows),
            ..row.clone()
        }
    }
}

fn file(to: &Anonymizer<'_>, path: &str) -> String {
    match path {
        "-" => path.to_owned(),
        _ => to.pseudonyms.of("file", path),
    }
}

fn interface(to: &Anonymizer<'_>, name: &str) -> String {
    to.pseudonyms.of("interface", name)
}

/// The Community ID between what addresses become.
fn id(flow: &Flow, address: impl Fn(IpAddr) -> IpAddr) -> String {
    let protocol = match flow.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    let end = |end: Endpoint| (address(end.ip), end.port);
    community_id::of_flow(protocol, end(flow.client), end(flow.server))
}
