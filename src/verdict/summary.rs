//! The one picture that every output draws: owned, ordered, complete.
//!
//! Field names and nesting are the JSON contract (`data/report.schema.json`, version 1): fields may be added, never
//! renamed; absent values are `null`. Strings hold text as it came off the wire, control characters included; the
//! outputs escape them. Order of every list is total: catalogue order, then first seen, then flow key.

pub mod listed;
mod process;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::device::is_own_v4;
use super::outcome::{
    App, Cause, NameSource, Origin, Outcome, Stage, Standing, Status, Transport, Where,
};
use crate::capture::frame::Timestamp;
pub use process::{BackgroundProcess, Process};

/// Version of the report's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything a report says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Inputs, in the order given.
    pub captures: Vec<Capture>,
    /// One entry a device and requirement, then the requirements nobody tried.
    pub requirements: Vec<Requirement>,
    /// Flows, by first packet.
    pub flows: Vec<Flow>,
    /// DNS questions, by first packet.
    pub dns: Vec<DnsQuestion>,
    /// Bonjour services, by name.
    pub bonjour: Vec<BonjourService>,
    /// What else is worth saying.
    pub findings: Vec<Finding>,
    /// Background processes of iTunes, in catalogue order; none when nothing was told of processes.
    pub processes: Vec<BackgroundProcess>,
    /// Counts over all.
    pub summary: Totals,
}

/// One input.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Capture {
    /// The file's path as given; `-` for standard input.
    pub path: Option<String>,
    /// Interface of a live capture.
    pub interface: Option<String>,
    /// `pcap`, `pcapng` or `live`.
    pub format: String,
    /// Names of the link types met, in order of appearance (`EN10MB`).
    pub link_types: Vec<String>,
    /// Frames read.
    pub frames: u64,
    /// Captured bytes read (frames only, no file headers).
    pub bytes: u64,
    /// Time of the earliest frame.
    pub first: Option<Timestamp>,
    /// Time of the latest frame.
    pub last: Option<Timestamp>,
    /// Frames cut by the snap length.
    pub truncated: u64,
    /// Copies of a frame seen before (not counted anywhere else).
    pub duplicates: u64,
    /// Frames that could not be decoded, by reason.
    pub malformed: BTreeMap<String, u64>,
    /// Frames the kernel dropped for want of buffer.
    pub dropped_kernel: Option<u64>,
    /// Frames the interface dropped.
    pub dropped_interface: Option<u64>,
    /// Frames dropped between capture and analysis.
    pub dropped_pipeline: Option<u64>,
    /// Why reading stopped early, with byte and packet.
    pub error: Option<String>,
}

/// An address with its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// Address.
    pub ip: IpAddr,
    /// Port.
    pub port: u16,
}

/// A count for each end.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct PerSide {
    /// From the client.
    pub client: u64,
    /// From the server.
    pub server: u64,
}

/// A frame that proves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which input, as an index into `captures`.
    pub capture: u32,
    /// Frame number in that input, from 1.
    pub frame: u64,
    /// Capture time.
    pub time: Timestamp,
    /// What it shows.
    pub note: String,
}

/// A flow's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Host name.
    pub host: String,
    /// How it is known.
    pub source: NameSource,
}

/// What a TLS handshake showed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tls {
    /// `1.0` to `1.3`, as negotiated.
    pub version: Option<String>,
    /// Application protocol as negotiated; unknown while encrypted.
    pub alpn: Option<String>,
    /// Application protocols offered.
    pub alpn_offered: Vec<String>,
    /// Encrypted ClientHello offered.
    pub ech: bool,
    /// Segments the ClientHello came in.
    pub hello_segments: Option<u32>,
    /// The server's certificate, where it is visible (TLS 1.2 and earlier).
    pub certificate: Option<Certificate>,
}

/// The server's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Subject, RFC 4514 style.
    pub subject: String,
    /// Issuer, RFC 4514 style.
    pub issuer: String,
}

/// An ICMP error about a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Icmp {
    /// ICMP type.
    #[serde(rename = "type")]
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// Who sent it.
    pub from: IpAddr,
}

/// Round-trip times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundTrips {
    /// SYN to SYN-ACK.
    pub connect: Option<f64>,
    /// ClientHello to the end of the handshake.
    pub handshake: Option<f64>,
    /// First client payload to first server payload.
    pub first_byte: Option<f64>,
}

/// One flow with its verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flow {
    /// Community ID version 1.
    pub id: String,
    /// TCP or UDP.
    pub transport: Transport,
    /// The opening end.
    pub client: Endpoint,
    /// The answering end.
    pub server: Endpoint,
    /// The port of what was asked for: the server's, or behind a proxy the one that the proxy was asked for.
    pub service_port: u16,
    /// The device that the client is, see [`Client::device`].
    pub device: String,
    /// Name of the capture interface, where the capture tells.
    pub interface: Option<String>,
    /// VLAN identifiers, outermost first.
    pub vlan: Option<Vec<u16>>,
    /// First packet.
    pub first: Timestamp,
    /// Last packet.
    pub last: Timestamp,
    /// Packets.
    pub frames: PerSide,
    /// Transport payload bytes.
    pub bytes: PerSide,
    /// The capture does not show the flow's start.
    pub midstream: bool,
    /// What it speaks.
    pub app: App,
    /// Its name.
    pub name: Option<Name>,
    /// Its TLS handshake.
    pub tls: Option<Tls>,
    /// The ICMP error that quotes it.
    pub icmp: Option<Icmp>,
    /// The process that owns it.
    pub process: Option<Process>,
    /// The requirement it is an attempt at: its pattern.
    pub requirement: Option<String>,
    /// What its port alone says it is for, if no requirement owns it.
    pub by_port: Option<String>,
    /// What it counts as.
    pub standing: Standing,
    /// How it ended.
    pub outcome: Outcome,
    /// How far it came.
    pub stage: Stage,
    /// Why it did not succeed.
    pub cause: Option<Cause>,
    /// Who ended or blocked it.
    pub origin: Option<Origin>,
    /// On which side of the gateway it broke, where both were captured.
    #[serde(rename = "where")]
    pub whereabouts: Option<Where>,
    /// The same conversation at another place: on the other side of the gateway, if it was captured there.
    pub twin: Option<Twin>,
    /// A stall rule had been met before it went on to succeed.
    pub recovered: bool,
    /// Round-trip times.
    pub rtt_ms: RoundTrips,
    /// Retransmitted segments.
    pub retransmissions: PerSide,
    /// One sentence why.
    pub explanation: Option<String>,
    /// One sentence what to do about a fault at a required host.
    pub remedy: Option<String>,
    /// A Wireshark display filter that shows it.
    pub wireshark_filter: String,
    /// The frames that prove it.
    pub evidence: Vec<Evidence>,
}

/// A conversation as it is at another place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// Its Community ID there.
    pub id: String,
    /// The opening end there.
    pub client: Endpoint,
    /// Name of the capture interface, where the capture tells.
    pub interface: Option<String>,
    /// VLAN identifiers, outermost first.
    pub vlan: Option<Vec<u16>>,
}

/// One DNS question with its answer and verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DnsQuestion {
    /// Who asked.
    pub client: IpAddr,
    /// The device that asked, see [`Client::device`].
    pub device: String,
    /// Who was asked.
    pub resolver: IpAddr,
    /// TCP or UDP.
    pub transport: Transport,
    /// Name asked for.
    pub name: String,
    /// Record type (`A`, `HTTPS`, `TYPE123`).
    #[serde(rename = "type")]
    pub kind: String,
    /// First transmission.
    pub first: Timestamp,
    /// Last transmission.
    pub last: Timestamp,
    /// How often it was sent.
    pub transmissions: u32,
    /// Milliseconds from the first transmission to the answer.
    pub answered_ms: Option<f64>,
    /// Answered after the DNS timer.
    pub recovered: bool,
    /// Response code (`NOERROR`, `NXDOMAIN`).
    pub rcode: Option<String>,
    /// Addresses in the answer.
    pub addresses: Vec<IpAddr>,
    /// Last name of the CNAME chain.
    pub cname: Option<String>,
    /// The requirement whose name it asks for: its pattern.
    pub requirement: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not succeed.
    pub cause: Option<Cause>,
    /// Who refused it.
    pub origin: Option<Origin>,
    /// On which side of the gateway it broke, where both were captured.
    #[serde(rename = "where")]
    pub whereabouts: Option<Where>,
    /// One sentence why.
    pub explanation: Option<String>,
    /// One sentence what to do about a fault at a required host.
    pub remedy: Option<String>,
    /// The frames that prove it.
    pub evidence: Vec<Evidence>,
}

/// One Bonjour service instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BonjourService {
    /// Instance name.
    pub instance: String,
    /// Service type (`_airplay._tcp`).
    pub service: String,
    /// Host that offers it.
    pub host: Option<String>,
    /// Port it is offered on.
    pub port: Option<u16>,
    /// The host's addresses.
    pub addresses: Vec<IpAddr>,
    /// TXT entries.
    pub txt: BTreeMap<String, String>,
    /// Last announcement.
    pub last_seen: Timestamp,
    /// Withdrawn (TTL 0).
    pub goodbye: bool,
    /// Who asked for it.
    pub asked_by: Vec<IpAddr>,
}

/// Something worth saying that is no requirement's status.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// Devices it is about.
    pub clients: Vec<IpAddr>,
    /// One sentence.
    pub detail: String,
    /// The frames that show it.
    pub evidence: Vec<Evidence>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    /// Its addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// Its MAC address, where one device owns it.
    pub mac: Option<String>,
}

impl Client {
    /// By what flows and questions refer to the device: the IPv4 address it owns and its MAC address, as far as both are
    /// known (`192.168.7.20 02:00:00:00:07:14`); without either, its address.
    #[must_use]
    pub fn device(&self) -> String {
        label(&self.addresses, self.mac.as_ref())
    }

    /// What it is known by from one summary of a run to the next: its MAC address where it has one, else its first
    /// address. More of its addresses may become known; that makes it no other device.
    #[must_use]
    pub fn key(&self) -> String {
        self.mac.clone().unwrap_or_else(|| self.title())
    }

    /// What people know it by: its first address.
    #[must_use]
    pub fn title(&self) -> String {
        let first = self.addresses.first().map(ToString::to_string);
        first.or_else(|| self.mac.clone()).unwrap_or_default()
    }
}

/// See [`Client::device`].
pub(super) fn label(addresses: &[IpAddr], mac: Option<&impl ToString>) -> String {
    let own = addresses.iter().find(|addr| is_own_v4(**addr));
    match (own, mac) {
        (Some(own), Some(mac)) => format!("{own} {}", mac.to_string()),
        (None, Some(mac)) => mac.to_string(),
        (own, None) => {
            let address = own.or(addresses.first());
            address.map(IpAddr::to_string).unwrap_or_default()
        }
    }
}

/// Attempts by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// See [`Outcome::Succeeded`].
    pub succeeded: u64,
    /// See [`Outcome::Stalled`].
    pub stalled: u64,
    /// See [`Outcome::Reset`].
    pub reset: u64,
    /// See [`Outcome::Failed`].
    pub failed: u64,
    /// See [`Outcome::Abandoned`].
    pub abandoned: u64,
    /// See [`Outcome::Pending`].
    pub pending: u64,
    /// See [`Outcome::Unjudged`].
    pub unjudged: u64,
}

impl Attempts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.succeeded
            .saturating_add(self.stalled)
            .saturating_add(self.reset)
            .saturating_add(self.failed)
            .saturating_add(self.abandoned)
            .saturating_add(self.pending)
            .saturating_add(self.unjudged)
    }
}

/// One requirement as one device experienced it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requirement {
    /// Stable identifier.
    pub id: String,
    /// Host pattern.
    pub pattern: String,
    /// Ports and transports that count, as text (`443/tcp`).
    pub ports: Vec<String>,
    /// Transports that count.
    pub transport: Vec<Transport>,
    /// What it serves.
    pub service: String,
    /// Profiles that list it.
    pub profiles: Vec<String>,
    /// Its failure never makes the exit status 1.
    pub optional: bool,
    /// What the catalogue says of it besides.
    pub note: Option<String>,
    /// The device; `null` when nobody tried.
    pub client: Option<Client>,
    /// What the attempts come to.
    pub status: Status,
    /// Attempts by outcome.
    pub attempts: Attempts,
    /// The same of all attempts that are still known, where `attempts` looks at the latest alone; no part of a report.
    #[serde(skip)]
    pub all_attempts: Attempts,
    /// The dominant cause.
    pub cause: Option<Cause>,
    /// Who ended or blocked it.
    pub origin: Option<Origin>,
    /// On which side of the gateway it broke, where both were captured.
    #[serde(rename = "where")]
    pub whereabouts: Option<Where>,
    /// The deciding connection at another place, as in a flow.
    pub twin: Option<Twin>,
    /// One sentence why.
    pub explanation: Option<String>,
    /// One sentence what to do.
    pub remedy: Option<String>,
    /// Community IDs of its flows.
    pub flows: Vec<String>,
    /// The frames that prove the dominant cause.
    pub evidence: Vec<Evidence>,
}

/// Counts over the whole report.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Requirements by status.
    pub status: BTreeMap<String, u64>,
    /// Flows by outcome (all flows, listed or not).
    pub outcome: BTreeMap<String, u64>,
    /// Bounds that were hit, by name.
    pub limits_hit: BTreeMap<String, u64>,
    /// Frames read.
    pub frames: u64,
    /// Time the run took, in milliseconds of wall clock; filled in by the command.
    pub wall_ms: Option<f64>,
    /// Frames a second of wall clock; filled in by the command.
    pub packets_per_second: Option<f64>,
}
