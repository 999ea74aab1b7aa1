//! DNS questions that failed; those for required names first.

use maud::{Markup, html};

use super::{LISTED, QUESTIONS, Report, part, rest, shapes, table, wireshark};
use crate::report::listed::Listed;
use crate::verdict::summary::DnsQuestion;
use crate::words::made::question_filter;
use crate::words::row::result;
use crate::words::{counted, is_faulty, length, outcomes};

const COLUMNS: [&str; 6] = [
    "Outcome",
    "Time (UTC)",
    "Name and type",
    "Who asked whom",
    "Answer",
    "Wireshark",
];

pub(super) fn section(report: &Report<'_>) -> Markup {
    let all = &report.summary.dns;
    if all.is_empty() {
        return html! {};
    }
    let asked = report.listed.filter(|listed| *listed != Listed::Failing);
    let mut rows: Vec<&DnsQuestion> = all
        .iter()
        .filter(|row| is_faulty(row.outcome) || asked.is_some_and(|listed| listed.question(row)))
        .collect();
    // Stable: by time within each.
    rows.sort_by_key(|row| (!is_faulty(row.outcome), row.requirement.is_none()));
    let most = if asked.is_some() { LISTED } else { QUESTIONS };
    let content = html! {
        p {
            (counted(length(all), "question", "questions")) ": "
            (outcomes(all.iter().map(|question| question.outcome))) "."
        }
        @if !rows.is_empty() {
            (table(if asked.is_some() { "DNS questions" } else { "DNS questions that failed" }, &COLUMNS, &html! {
                tbody { @for question in rows.iter().take(most) { (row(report, question)) } }
            }))
        }
        (rest(rows.len().saturating_sub(most), "question", "questions"))
    };
    part("dns", "DNS", &content)
}

fn row(report: &Report<'_>, question: &DnsQuestion) -> Markup {
    let answer = result(question);
    html! {
        tr data-row {
            td { (shapes::outcome(question.outcome)) }
            td.time { (report.times.exact(question.first)) }
            th.host scope="row" { (question.name) " " (question.kind) }
            td {
                (question.client) " asked " (question.resolver)
                @if let Some(pattern) = &question.requirement { ", required as " (pattern) }
            }
            td { (answer.trim_start_matches([',', ':', ' '])) }
            td { (wireshark(&question_filter(question))) }
        }
    }
}
