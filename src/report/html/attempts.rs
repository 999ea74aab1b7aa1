//! Attempts that failed, each with the frames that prove it.

use maud::{Markup, html};

use super::{Report, ladder, shapes, wireshark};
use crate::verdict::summary::{DnsQuestion, Flow, Requirement};
use crate::words::lanes::Drawing;
use crate::words::made::question_filter;
use crate::words::row::{owner, result, socket};

/// A flow, folded but for what it is. `decided`: the row that it decided, which says what is not said again.
pub(super) fn flow(report: &Report<'_>, flow: &Flow, decided: Option<&Requirement>) -> Markup {
    let open = decided.is_some();
    let said = decided.and_then(|row| row.explanation.as_deref());
    let explanation = flow.explanation.as_deref();
    let explanation = explanation.filter(|text| said.is_none_or(|said| !said.contains(text)));
    let drawing = Drawing::of_flow(flow, report.twins.beyond(flow));
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
                (ladder::table(&drawing, report.times))
                p.facts { (facts(flow)) }
                @if !open { p.wireshark { "Wireshark: " (wireshark(&flow.wireshark_filter)) } }
            }
        }
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
    let drawing = Drawing::of_question(question);
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
                (ladder::table(&drawing, report.times))
                @if !open { p.wireshark { "Wireshark: " (wireshark(&question_filter(question))) } }
            }
        }
    }
}
