//! Attempts that failed, each with the frames that prove it.

use std::collections::HashMap;

use maud::{Markup, html};

use super::ladder::Drawing;
use super::{Report, shapes, wireshark};
use crate::verdict::outcome::Standing;
use crate::verdict::summary::{DnsQuestion, Endpoint, Evidence, Flow, Requirement, Summary, Twin};
use crate::words::ladder::Seen;
use crate::words::made::question_filter;
use crate::words::row::{owner, result};
use crate::words::way::{Way, way};

/// Copies of flows, captured on the other side of a gateway, by their Community IDs; several where ports were used again.
pub(super) struct Twins<'a>(HashMap<&'a str, Vec<&'a Flow>>);

impl<'a> Twins<'a> {
    /// Finds them all.
    pub(super) fn of(summary: &'a Summary) -> Self {
        let mut by_id: HashMap<&str, Vec<&Flow>> = HashMap::new();
        for flow in &summary.flows {
            if flow.standing == Standing::Twin {
                by_id.entry(&flow.id).or_default().push(flow);
            }
        }
        Self(by_id)
    }

    /// The copy of this flow: of those that say so, that which began with it.
    fn of_flow(&self, flow: &Flow) -> Option<&'a Flow> {
        let Self(by_id) = self;
        let copies = by_id.get(flow.twin.as_ref()?.id.as_str())?;
        let is_of_it = |copy: &&&Flow| copy.twin.as_ref().is_some_and(|twin| twin.id == flow.id);
        let apart = |copy: &&&Flow| {
            copy.first
                .since(flow.first)
                .max(flow.first.since(copy.first))
        };
        copies.iter().filter(is_of_it).min_by_key(apart).copied()
    }
}

/// An endpoint as it is written.
pub(super) fn socket(end: Endpoint) -> std::net::SocketAddr {
    std::net::SocketAddr::new(end.ip, end.port)
}

/// A flow, folded but for what it is. `decided`: the row that it decided, which says what is not said again.
pub(super) fn flow(report: &Report<'_>, flow: &Flow, decided: Option<&Requirement>) -> Markup {
    let open = decided.is_some();
    let said = decided.and_then(|row| row.explanation.as_deref());
    let explanation = flow.explanation.as_deref();
    let explanation = explanation.filter(|text| said.is_none_or(|said| !said.contains(text)));
    let crosses = crosses_gateway(flow);
    let beyond = report.twins.of_flow(flow).filter(|_| crosses);
    let drawing = Drawing {
        client: flow.client.ip.to_string(),
        server: flow.name.as_ref().map_or_else(
            || socket(flow.server).to_string(),
            |name| format!("{}:{}", name.host, flow.server.port),
        ),
        first: flow.first,
        here: seen(flow),
        whereabouts: flow.whereabouts,
        twin: flow.twin.as_ref().filter(|_| crosses),
        beyond: beyond.map(seen),
    };
    let (client, server) = (socket(flow.client), socket(flow.server));
    html! {
        details.attempt open[open] data-flow=(flow.id) data-row {
            summary {
                (shapes::outcome(flow.outcome))
                " " span.time { (report.times.exact(flow.first)) }
                " " span.ends { (client) " → " (server) "/" (flow.transport) }
                @if let Some(name) = &flow.name { " " b { (name.host) } span.dim { " (" (name.source) ")" } }
                @if let Some(cause) = flow.cause { " " code { (cause) } }
                @if let Some(place) = flow.whereabouts { " " code { (place) } }
            }
            div.inside {
                @if let Some(explanation) = explanation { p { (explanation) } }
                (drawing.table(report.times))
                p.facts { (facts(flow)) }
                @if !open { p.wireshark { "Wireshark: " (wireshark(&flow.wireshark_filter)) } }
            }
        }
    }
}

/// Whether the flow's twin is on the other side of a gateway: the evidence has a frame from there, or the address was
/// translated. Else it is a copy from the same side, as of a bridge and its ports.
fn crosses_gateway(flow: &Flow) -> bool {
    let is_of_other_side = |one: &Evidence| {
        let way = way(&one.note, flow.origin);
        matches!(way, Way::GatewayToServer | Way::ServerToGateway)
    };
    let translated = |twin: &Twin| twin.client != flow.client;
    flow.evidence.iter().any(is_of_other_side)
        || (flow.whereabouts.is_none() && flow.twin.as_ref().is_some_and(translated))
}

const fn seen(flow: &Flow) -> Seen<'_> {
    Seen {
        evidence: flow.evidence.as_slice(),
        origin: flow.origin,
    }
}

fn facts(flow: &Flow) -> String {
    let mut facts = vec![format!("came as far as {}", flow.stage)];
    let version = flow.tls.as_ref().and_then(|tls| tls.version.as_deref());
    facts.extend(version.map(|version| format!("TLS {version}")));
    if let Some(certificate) = flow.tls.as_ref().and_then(|tls| tls.certificate.as_ref()) {
        let (subject, issuer) = (&certificate.subject, &certificate.issuer);
        facts.push(format!("certificate of {subject} from {issuer}"));
    }
    facts.extend(
        flow.process
            .as_ref()
            .map(|one| format!("by {}", owner(one))),
    );
    facts.extend(flow.interface.as_ref().map(|name| format!("on {name}")));
    if flow.recovered {
        facts.push("recovered after a stall".to_owned());
    }
    facts.push(format!("Community ID {}", flow.id));
    facts.join(" · ")
}

/// A DNS question, folded but for what it is; `open` where it decided.
pub(super) fn question(report: &Report<'_>, question: &DnsQuestion, open: bool) -> Markup {
    let drawing = Drawing {
        client: question.client.to_string(),
        server: format!("resolver {}", question.resolver),
        first: question.first,
        here: Seen {
            evidence: &question.evidence,
            origin: None,
        },
        whereabouts: question.whereabouts,
        twin: None,
        beyond: None,
    };
    html! {
        details.attempt open[open] data-row {
            summary {
                (shapes::outcome(question.outcome))
                " " span.time { (report.times.exact(question.first)) }
                " " span.ends { (question.client) " asked " (question.resolver) }
                " for " b { (question.name) } " " (question.kind)
                (result(question))
                @if let Some(place) = question.whereabouts { " " code { (place) } }
            }
            div.inside {
                (drawing.table(report.times))
                @if !open { p.wireshark { "Wireshark: " (wireshark(&question_filter(question))) } }
            }
        }
    }
}
