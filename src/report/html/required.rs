//! The required connections of each device, worst first, and the requirements that nobody tried.

use maud::{Markup, html};

use super::{EXPLAINED, ROWS, Report, filter, part, rest, shapes, table, timeline, why};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Outcome, Standing, Status};
use crate::verdict::summary::{Client, Requirement};
use crate::words::devices::{device, devices};
use crate::words::row::{attempts, is_shaky, rank, reason, title};
use crate::words::{counted, is_faulty, period};

/// The columns of a device's table.
const COLUMNS: [&str; 6] = [
    "Status",
    "Required connection",
    "Over time",
    "Attempts",
    "Cause and who",
    "Needed for",
];

/// Rows, and how many there are beyond them.
struct Shown<'a> {
    rows: Vec<&'a Requirement>,
    beyond: usize,
}

impl<'a> Shown<'a> {
    /// The worst of these.
    fn of(rows: impl Iterator<Item = &'a Requirement>) -> Self {
        let mut rows: Vec<&Requirement> = rows.collect();
        let beyond = rows.len().saturating_sub(ROWS);
        if beyond > 0 {
            rows.sort_by_key(|row| rank(row));
            rows.truncate(ROWS);
        }
        Self { rows, beyond }
    }
}

pub(super) fn section(report: &Report<'_>) -> Markup {
    let all = || report.summary.requirements.iter();
    let tried = Shown::of(all().filter(|row| row.client.is_some()));
    let not_seen = Shown::of(all().filter(|row| row.client.is_none()));
    let mut explained = 0;
    let content = html! {
        @if tried.rows.is_empty() { p { "No attempt at a required host was seen." } }
        @else { (filter::controls(&tried.rows)) (shapes::legend()) }
        @for (at, (client, rows)) in devices(tried.rows.iter().copied()).into_iter().enumerate() {
            (of_device(report, client, &rows, at, &mut explained))
        }
        (rest(tried.beyond, "required connection", "required connections"))
        (nobody_tried(&not_seen))
    };
    part("required", "Required connections", &content)
}

fn of_device(
    report: &Report<'_>,
    client: &Client,
    rows: &[&Requirement],
    at: usize,
    explained: &mut usize,
) -> Markup {
    let rows: Vec<(&Requirement, Option<String>)> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let has = is_shaky(row.status) && *explained < EXPLAINED;
            *explained += usize::from(has);
            (*row, has.then(|| format!("why-{at}-{place}")))
        })
        .collect();
    let lacks = |(row, id): &&(&Requirement, Option<String>)| is_shaky(row.status) && id.is_none();
    let unexplained = rows.iter().filter(lacks).count();
    let name = device(client);
    html! {
        div.device {
            h3 { (name) }
            (table(&format!("Required connections of {name}"), &COLUMNS, &html! {
                tbody { @for (to, id) in &rows { (row(report, to, id.as_deref())) } }
            }))
            @for (row, id) in &rows {
                @if let Some(id) = id { (why::article(report, row, id)) }
            }
            (rest(unexplained, "explanation", "explanations"))
        }
    }
}

fn row(report: &Report<'_>, row: &Requirement, why: Option<&str>) -> Markup {
    let title = title(row, &report.made);
    let span = period(report.summary);
    html! {
        tr data-status=(row.status) data-id=(row.id) data-why=[why] data-row {
            td { (shapes::status(row.status)) }
            th.host scope="row" {
                @if let Some(why) = why { a href={ "#" (why) } { (title) } } @else { (title) }
            }
            td.over { (timeline::timeline(&tried(report, row), span, report.times)) }
            td { (attempts(&row.attempts)) }
            td.cause {
                (reason(row))
                @if matches!(row.status, Status::Pending | Status::Unjudged) {
                    @if let Some(explanation) = &row.explanation { span.dim { (explanation) } }
                }
            }
            td { (row.service) }
        }
    }
}

/// When each attempt began, and how it ended.
fn tried(report: &Report<'_>, row: &Requirement) -> Vec<(Timestamp, Outcome)> {
    let flows = report
        .made
        .flows(row)
        .filter(|flow| flow.standing == Standing::Own)
        .map(|flow| (flow.first, flow.outcome));
    let questions = report
        .made
        .questions(row)
        .filter(|question| is_faulty(question.outcome))
        .map(|question| (question.first, question.outcome));
    flows.chain(questions).collect()
}

fn nobody_tried(shown: &Shown<'_>) -> Markup {
    let all = shown.rows.len() + shown.beyond;
    let hosts = counted(
        u64::try_from(all).unwrap_or(u64::MAX),
        "required host",
        "required hosts",
    );
    html! {
        @if all > 0 {
            div {
                h3 { "Not seen" }
                details.aside {
                    summary { (hosts) " that nobody tried: this says nothing about them" }
                    (table("Required hosts that nobody tried", &["Status", "Host", "Ports", "Needed for"], &html! {
                        tbody {
                            @for row in &shown.rows {
                                tr data-status=(row.status) data-id=(row.id) data-row {
                                    td { (shapes::status(row.status)) }
                                    th.host scope="row" { (row.pattern) }
                                    td { (row.ports.join(", ")) }
                                    td { (row.service) }
                                }
                            }
                        }
                    }))
                    (rest(shown.beyond, "required host", "required hosts"))
                }
            }
        }
    }
}
