//! Why a required connection does not work, who broke it and where, and what to do.

use maud::{Markup, html};

use super::{LADDERS_OF_ONE, Report, attempts, rest, shapes, wireshark};
use crate::verdict::outcome::{Origin, Standing};
use crate::verdict::summary::{DnsQuestion, Flow, Requirement};
use crate::words::is_faulty;
use crate::words::row::{attempts as counts, title};

/// The flows of a row that failed and count as attempts, that which decided first.
fn failed_flows<'a>(report: &Report<'a>, row: &Requirement) -> Vec<&'a Flow> {
    let mut flows: Vec<&Flow> = report
        .made
        .flows(row)
        .filter(|flow| is_faulty(flow.outcome) && flow.standing != Standing::Twin)
        .collect();
    let first = row.evidence.first();
    let decided = |flow: &Flow| first.is_some_and(|first| flow.evidence.contains(first));
    flows.sort_by_key(|flow| !(flow.cause == row.cause && decided(flow)));
    flows
}

fn failed_questions<'a>(report: &Report<'a>, row: &Requirement) -> Vec<&'a DnsQuestion> {
    let questions = report.made.questions(row);
    let mut questions: Vec<_> = questions.filter(|one| is_faulty(one.outcome)).collect();
    let first = row.evidence.first();
    questions.sort_by_key(|one| !first.is_some_and(|first| one.evidence.contains(first)));
    questions
}

/// The explanation of a row, with the address that the row's link has.
pub(super) fn article(report: &Report<'_>, row: &Requirement, id: &str) -> Markup {
    let (flows, questions) = (failed_flows(report, row), failed_questions(report, row));
    let filter = report.made.filter(row);
    let decided_by_flow = flows
        .first()
        .is_some_and(|flow| Some(&flow.wireshark_filter) == filter.as_ref());
    let most = LADDERS_OF_ONE;
    let more = flows.len().saturating_sub(most) + questions.len().saturating_sub(most);
    let heading = format!("{id}-name");
    html! {
        article id=(id) aria-labelledby=(heading) data-state=(row.status) {
            h4 id=(heading) {
                (shapes::status(row.status)) " " (title(row, &report.made))
                " " span.service { (row.service) }
            }
            dl {
                @if let Some(explanation) = &row.explanation { dt { "Why" } dd { (explanation) } }
                @if let Some(cause) = row.cause { dt { "Cause" } dd { code { (cause) } } }
                @if let Some(origin) = row.origin { dt { "Who" } dd { (who(origin)) } }
                @if let Some(place) = row.whereabouts { dt { "Where" } dd { code { (place) } } }
                @if let Some(remedy) = &row.remedy { dt { "Do" } dd.do { (remedy) } }
                dt { "Attempts" } dd { (counts(&row.attempts)) @if row.optional { "; optional" } }
                @if let Some(filter) = &filter { dt { "Wireshark" } dd { (wireshark(filter)) } }
            }
            @for (at, flow) in flows.iter().take(most).enumerate() {
                (attempts::flow(report, flow, (at == 0 && decided_by_flow).then_some(row)))
            }
            @for (at, question) in questions.iter().take(most).enumerate() {
                (attempts::question(report, question, at == 0 && !decided_by_flow))
            }
            (rest(more, "failed attempt", "failed attempts"))
        }
    }
}

const fn who(origin: Origin) -> &'static str {
    match origin {
        Origin::Client => "the client itself",
        Origin::Server => "the server",
        Origin::Middlebox => "a middlebox: a device on the way to the server",
        Origin::LocalNetwork => "a device on the client's own network",
        Origin::Resolver => "the DNS resolver",
        Origin::Unknown => "the capture does not tell",
    }
}
