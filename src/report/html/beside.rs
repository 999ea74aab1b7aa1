//! What stands beside the required connections: findings, flows that nobody requires, and flows that were asked for.

use maud::{Markup, html};

use super::{
    FINDINGS, LISTED, OTHER_LADDERS, Report, attempts, part, rest, shapes, some, table, wireshark,
};
use crate::report::listed::Listed;
use crate::verdict::outcome::Standing;
use crate::verdict::summary::{Evidence, Finding, Flow};
use crate::words::beside::{by_port, not_counted};
use crate::words::row::socket;
use crate::words::{Times, counted, is_faulty, length, outcomes};

/// Frames that are told of one finding.
const FRAMES: usize = 32;

pub(super) fn findings(report: &Report<'_>) -> Markup {
    let all = &report.summary.findings;
    if all.is_empty() {
        return html! {};
    }
    let content = html! {
        @for finding in all.iter().take(FINDINGS) { (finding_of(finding, report.times)) }
        (rest(all.len().saturating_sub(FINDINGS), "finding", "findings"))
    };
    part("findings", "Findings", &content)
}

fn finding_of(finding: &Finding, times: Times) -> Markup {
    let more = finding.evidence.len().saturating_sub(FRAMES);
    html! {
        article.finding data-row {
            h3 { span.state.warn { span.sign aria-hidden="true" { "!" } (finding.code) } }
            p { (finding.detail) }
            p.dim { "Client " (some(&finding.clients)) }
            @if !finding.evidence.is_empty() {
                details {
                    summary { (counted(length(&finding.evidence), "frame shows", "frames show")) " it" }
                    (table("Frames that show it", &["Frame", "Time (UTC)", "What it shows"], &html! {
                        tbody { @for one in finding.evidence.iter().take(FRAMES) { (frame(one, times)) } }
                    }))
                    (rest(more, "frame", "frames"))
                }
            }
        }
    }
}

fn frame(evidence: &Evidence, times: Times) -> Markup {
    html! {
        tr {
            th scope="row" { (times.frame(evidence)) }
            td.time { (times.exact(evidence.time)) }
            td { (evidence.note) }
        }
    }
}

pub(super) fn not_required(report: &Report<'_>) -> Markup {
    let own = |flow: &&Flow| flow.standing != Standing::Twin && flow.requirement.is_none();
    let others: Vec<&Flow> = report.summary.flows.iter().filter(own).collect();
    let named: Vec<&Flow> = others
        .iter()
        .copied()
        .filter(|flow| flow.standing == Standing::Own && flow.by_port.is_none())
        .collect();
    let failed: Vec<&Flow> = others
        .iter()
        .copied()
        .filter(|flow| is_faulty(flow.outcome))
        .collect();
    let most = if report.listed == Some(Listed::All) {
        LISTED
    } else {
        OTHER_LADDERS
    };
    let content = html! {
        p {
            @if named.is_empty() { "No other flows." }
            @else {
                (counted(length(&named), "other flow", "other flows")) ": "
                (outcomes(named.iter().map(|flow| flow.outcome))) "."
            }
        }
        @for (name, flows) in by_port(report.summary) {
            p { b { (name) } ", known by its port alone and never counted as failing: " (flows) "." }
        }
        @if let Some(text) = not_counted(report.summary) { p { "Not counted: " (text) "." } }
        @for flow in failed.iter().take(most) { (attempts::flow(report, flow, None)) }
        (rest(failed.len().saturating_sub(most), "flow that failed", "flows that failed"))
        (asked_for(report))
    };
    part("others", "Not required", &content)
}

/// The flows that `--flows` asks for.
fn asked_for(report: &Report<'_>) -> Markup {
    let Some(listed) = report.listed.filter(|listed| *listed != Listed::Failing) else {
        return html! {};
    };
    let mut flows: Vec<&Flow> = report.summary.flows.iter().collect();
    flows.retain(|flow| listed.flow(flow));
    flows.sort_by_key(|flow| !is_faulty(flow.outcome));
    let columns = [
        "Outcome",
        "Time (UTC)",
        "Name",
        "From and to",
        "Cause",
        "Wireshark",
    ];
    let title = if listed == Listed::All {
        "All flows"
    } else {
        "Flows at required hosts"
    };
    html! {
        h3 { (title) }
        (table(title, &columns, &html! {
            tbody { @for flow in flows.iter().take(LISTED) { (row(flow, report.times)) } }
        }))
        (rest(flows.len().saturating_sub(LISTED), "flow", "flows"))
    }
}

fn row(flow: &Flow, times: Times) -> Markup {
    let name = flow.name.as_ref().map_or("", |name| &name.host);
    html! {
        tr data-row {
            td { (shapes::outcome(flow.outcome)) }
            td.time { (times.exact(flow.first)) }
            th.host scope="row" { (name) }
            td {
                (socket(flow.client)) " → " (socket(flow.server)) "/" (flow.transport)
                @if flow.standing == Standing::Twin { " copy, not counted" }
            }
            td { @if let Some(cause) = flow.cause { (cause) } }
            td { (wireshark(&flow.wireshark_filter)) }
        }
    }
}
