//! One flow with everything the report says of it: name, requirement, device, ruling.

use std::net::IpAddr;

use super::community_id;
use super::conversation::Conversation;
use super::device::{DeviceId, Devices};
pub use super::outcome::Standing;
use super::outcome::{NameSource, Transport};
use super::ruling::Ruling;
use super::sides::{Broke, Twin};
use crate::capture::frame::{Seen, Timestamp};
use crate::catalogue::{Catalogue, RequirementId};
use crate::flow::key::PlaceInfo;
use crate::hostname::Hostname;
use crate::protocol::names::NameIndex;
use crate::side::Side;

/// A flow's host name and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowName<'a> {
    /// The name.
    pub host: &'a Hostname,
    /// How it is known.
    pub source: NameSource,
    /// The DNS answer that told it.
    pub seen: Option<Seen>,
    /// Other names that the same address was given for.
    pub others: Vec<&'a Hostname>,
}

/// A flow with its verdict.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The flow and its payload's facts.
    pub conversation: &'a Conversation,
    /// Where it was captured.
    pub place: PlaceInfo,
    /// Its client.
    pub device: DeviceId,
    /// Its name.
    pub name: Option<FlowName<'a>>,
    /// The requirement that owns it.
    pub requirement: Option<RequirementId>,
    /// Its relation to other flows.
    pub standing: Standing,
    /// The same conversation at another place.
    pub twin: Option<Twin>,
    /// On which side of the gateway it broke, where that is proved.
    pub broke: Option<Broke>,
    /// The verdict.
    pub ruling: Ruling,
}

impl Subject<'_> {
    /// Address and port of the client.
    #[must_use]
    pub fn client(&self) -> (IpAddr, u16) {
        self.conversation.flow.endpoint(Side::Client)
    }

    /// Address and port of the server.
    #[must_use]
    pub fn server(&self) -> (IpAddr, u16) {
        self.conversation.flow.endpoint(Side::Server)
    }

    /// Its Community ID.
    #[must_use]
    pub fn id(&self) -> String {
        let protocol = self.conversation.flow.key.protocol();
        community_id::of_flow(protocol, self.client(), self.server())
    }

    /// TCP or UDP.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        transport(self.conversation)
    }

    /// First packet.
    #[must_use]
    pub const fn first(&self) -> Timestamp {
        self.conversation.flow.first.at
    }

    /// When the connection was open.
    #[must_use]
    pub fn connected(&self) -> Option<Seen> {
        match self.conversation.tcp() {
            Some(tcp) => tcp.opening.established,
            None => self.conversation.quic()?.finished,
        }
    }
}

/// TCP or UDP.
#[must_use]
pub const fn transport(conversation: &Conversation) -> Transport {
    if conversation.flow.tcp.is_some() {
        Transport::Tcp
    } else {
        Transport::Udp
    }
}

/// The port of the service that a flow is for: behind a proxy, the one the request names.
#[must_use]
pub fn service_port(conversation: &Conversation) -> u16 {
    let direct = conversation.flow.endpoint(Side::Server).1;
    if let Some((_, port, _)) = conversation.tunnel_target() {
        return port;
    }
    let Some(http) = conversation.http() else {
        return direct;
    };
    match &http.request {
        // Absolute form: the request goes to a proxy (RFC 9112 section 3.2.2).
        Some(request) if request.target.starts_with(b"http://") => {
            request.host_port.unwrap_or(HTTP_PORT)
        }
        _ => direct,
    }
}

/// The port of plain HTTP (RFC 9110 section 4.2.1).
const HTTP_PORT: u16 = 80;

/// The name that the flow's own payload gives.
#[must_use]
pub fn spoken_name(conversation: &Conversation) -> Option<(&Hostname, NameSource)> {
    let tls = conversation.tls();
    if let Some(sni) = tls.and_then(|tls| {
        tls.client_hello
            .as_ref()
            .map_or(tls.seldom.partial_sni.as_ref(), |hello| hello.sni.as_ref())
    }) {
        let source = match conversation.quic() {
            Some(_) => NameSource::QuicSni,
            None => NameSource::Sni,
        };
        return Some((sni, source));
    }
    if let Some((host, _, _)) = conversation.tunnel_target() {
        return Some((host, NameSource::Connect));
    }
    let request = conversation.http().and_then(|http| http.request.as_ref());
    if let Some(host) = request.and_then(|request| request.host.as_ref()) {
        return Some((host, NameSource::HttpHost));
    }
    let certificate = tls?.certificate.as_ref()?;
    Some((certificate.names.first()?, NameSource::Certificate))
}

/// The flow's name, by its payload or else by what its client had asked DNS for.
#[must_use]
pub fn name<'a>(
    conversation: &'a Conversation,
    names: &NameIndex<'a>,
    devices: &Devices,
) -> Option<FlowName<'a>> {
    let spoken = spoken_name(conversation).map(|(host, source)| FlowName {
        host,
        source,
        seen: None,
        others: Vec::new(),
    });
    // A proxy that is given an address may be going to a host whose name the client had looked up itself.
    let tunnelled = spoken
        .as_ref()
        .and_then(|name| target_address(conversation, name));
    if spoken.is_some() && tunnelled.is_none() {
        return spoken;
    }
    let client = conversation.flow.endpoint(Side::Client).0;
    let direct = (
        conversation.flow.endpoint(Side::Server).0,
        conversation.flow.first.at,
    );
    let (server, at) = tunnelled.unwrap_or(direct);
    let hit = names.lookup_device(devices.addresses_of(&client), server, at);
    let Some(hit) = hit else { return spoken };
    Some(FlowName {
        host: hit.name,
        source: if hit.own {
            NameSource::Dns
        } else {
            NameSource::DnsOtherClient
        },
        seen: Some(hit.seen),
        others: hit.others,
    })
}

/// The address that a CONNECT names in a host's place, and when.
fn target_address(conversation: &Conversation, name: &FlowName<'_>) -> Option<(IpAddr, Timestamp)> {
    let (host, _, seen) = conversation.tunnel_target()?;
    let text = std::str::from_utf8(host.as_bytes()).ok()?;
    (name.source == NameSource::Connect).then(|| Some((text.parse().ok()?, seen.at)))?
}

/// The requirement that owns a flow of this name.
#[must_use]
pub fn owner(
    conversation: &Conversation,
    name: Option<&FlowName<'_>>,
    catalogue: &Catalogue,
) -> Option<RequirementId> {
    catalogue.owner(
        name?.host.as_bytes(),
        transport(conversation),
        service_port(conversation),
    )
}
