//! What to do about a fault, with its names, addresses and ports.

use std::net::IpAddr;

use crate::catalogue::{Catalogue, RemedyFacts};
use crate::side::Side;
use crate::verdict::assemble::JudgedLookup;
use crate::verdict::origin;
use crate::verdict::outcome::{Origin, Where};
use crate::verdict::rows::is_faulty;
use crate::verdict::ruling::Ruling;
use crate::verdict::subject::{self, Subject};

/// The ends of an attempt.
struct Ends {
    client: IpAddr,
    server: IpAddr,
    /// Who sent an ICMP error about it; without one, the server.
    from: IpAddr,
    /// Routers between the capture and who sent the RST.
    hops: Option<u8>,
}

/// What to do about a faulty flow.
#[must_use]
pub(super) fn of_flow(subject: &Subject<'_>, catalogue: &Catalogue) -> Option<String> {
    let flow = &subject.conversation.flow;
    let closing = subject
        .conversation
        .tcp()
        .and_then(|tcp| tcp.closing.as_ref());
    let reset = closing.and_then(|closing| closing.first_from(Side::Server));
    let (client, server) = (subject.client().0, subject.server().0);
    let ends = Ends {
        client,
        server,
        from: flow.icmp.first().map_or(server, |error| error.from),
        hops: reset.map(|reset| origin::hops(reset.ttl)),
    };
    let host = subject.name.as_ref().map(|name| name.host.to_text());
    // The port that failed, not everything the requirement may use.
    let port = subject::service_port(subject.conversation);
    let ports = format!("{port}/{}", subject.transport());
    let broke = subject.broke.map(|broke| broke.at);
    remedy(
        &subject.ruling,
        broke,
        host.as_deref(),
        &ports,
        &ends,
        catalogue,
    )
}

/// What to do about a question that was not answered well.
#[must_use]
pub(super) fn of_question(judged: &JudgedLookup<'_>, catalogue: &Catalogue) -> Option<String> {
    let lookup = judged.lookup;
    let ends = Ends {
        client: lookup.client,
        server: lookup.resolver,
        from: lookup
            .unreachable
            .as_ref()
            .map_or(lookup.resolver, |error| error.from),
        hops: None,
    };
    let entry = catalogue.requirement(judged.requirement?)?;
    if let Some(broke) = judged.broke {
        // What did not come through is the question.
        let ports = if lookup.over_tcp { "53/tcp" } else { "53/udp" };
        let (place, host) = (Some(broke.at), Some("the resolver"));
        return remedy(&judged.ruling, place, host, ports, &ends, catalogue);
    }
    let ports: Vec<String> = entry
        .ports
        .ranges()
        .iter()
        .map(ToString::to_string)
        .collect();
    let host = lookup.name.to_text();
    remedy(
        &judged.ruling,
        None,
        Some(&host),
        &ports.join(", "),
        &ends,
        catalogue,
    )
}

fn remedy(
    ruling: &Ruling,
    broke: Option<Where>,
    host: Option<&str>,
    ports: &str,
    ends: &Ends,
    catalogue: &Catalogue,
) -> Option<String> {
    let cause = ruling.cause.filter(|_| is_faulty(ruling.outcome))?;
    let text = catalogue.remedy_text(cause.as_str(), broke.map(Where::as_str))?;
    Some(text.remedy_with(&RemedyFacts {
        host,
        ports: Some(ports),
        client: Some(&ends.client.to_string()),
        server: Some(&ends.server.to_string()),
        from: Some(&ends.from.to_string()),
        hops: ends.hops,
        by_server: ruling.origin == Some(Origin::Server),
    }))
}
