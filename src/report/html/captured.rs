//! What was captured and how, the answer, and what the page holds.

use maud::{Markup, html};

use super::{INPUTS, Report, part, rest, some, table};
use crate::report::html::shapes::class;
use crate::verdict::summary::Capture;
use crate::words::inputs::{between, limits, remarks, source};
use crate::words::{answer, counted, length, number, period, status};

/// The facts of an input.
const COLUMNS: [&str; 9] = [
    "Input",
    "Format",
    "Link types",
    "Frames",
    "Bytes",
    "From and to (UTC)",
    "Lost or cut",
    "Not decoded",
    "Twice",
];

/// The heading: what this is about, and the answer.
pub(super) fn banner(report: &Report<'_>) -> Markup {
    let summary = report.summary;
    let input = match summary.captures.as_slice() {
        [one] => source(one).to_owned(),
        several => counted(length(several), "input", "inputs"),
    };
    html! {
        a.skip href="#report" { "Skip to the report" }
        header {
            h1 { "windfall: connections that Apple devices need" }
            p.input {
                b { (input) } " · " (counted(summary.summary.frames, "frame", "frames"))
                @if let Some(period) = period(summary) { " · " (between(period)) }
            }
            ul.answer {
                @for (state, text) in answer::lines(summary) {
                    @let (glyph, paint) = status(state);
                    li.(class(paint)) { span.sign aria-hidden="true" { (glyph) } (text) }
                }
                @if let Some(beside) = answer::beside(summary) {
                    li.warn { span.sign aria-hidden="true" { "!" } (beside) }
                }
            }
            @for warning in warnings(report) { p.warning { span.sign aria-hidden="true" { "!" } (warning) } }
        }
    }
}

/// What limits the trust in all of it.
fn warnings(report: &Report<'_>) -> Vec<String> {
    let captures = &report.summary.captures;
    let mut warnings = Vec::new();
    for capture in captures.iter().take(INPUTS) {
        let name = |text: &str| match captures.as_slice() {
            [_] => text.to_owned(),
            _ => format!("{}: {text}", source(capture)),
        };
        warnings.extend(capture.error.as_deref().map(name));
        warnings.extend(remarks(capture).iter().map(|text| name(text)));
    }
    warnings.extend(limits(report.summary));
    warnings
}

/// The table of contents.
pub(super) fn contents(report: &Report<'_>) -> Markup {
    let summary = report.summary;
    html! {
        nav aria-label="Contents" {
            ul {
                li { a href="#required" { "Required connections" } }
                @if !summary.findings.is_empty() { li { a href="#findings" { "Findings" } } }
                @if !summary.dns.is_empty() { li { a href="#dns" { "DNS" } } }
                @if !summary.bonjour.is_empty() { li { a href="#bonjour" { "Bonjour" } } }
                @if !summary.processes.is_empty() { li { a href="#processes" { "Processes" } } }
                li { a href="#others" { "Not required" } }
                li { a href="#captured" { "How it was captured" } }
            }
        }
    }
}

/// Each input, with how much of it there was and what is missing.
pub(super) fn section(report: &Report<'_>) -> Markup {
    let captures = &report.summary.captures;
    let limits = limits(report.summary);
    let content = html! {
        (table("Inputs", &COLUMNS, &html! {
            tbody { @for capture in captures.iter().take(INPUTS) { (row(capture)) } }
        }))
        (rest(captures.len().saturating_sub(INPUTS), "input", "inputs"))
        p {
            @if limits.is_empty() { "No limit of windfall was hit: all that was read was kept." }
            @else { (limits.join("; ")) "." }
        }
    };
    part("captured", "How it was captured", &content)
}

fn row(capture: &Capture) -> Markup {
    let path = capture.path.is_some();
    html! {
        tr {
            th.host scope="row" { (if path { "file " } else { "interface " }) (source(capture)) }
            td { (capture.format) }
            td { (some(&capture.link_types)) }
            td.number { (number(capture.frames)) }
            td.number { (number(capture.bytes)) }
            td { (capture.first.zip(capture.last).map_or_else(|| "nothing".to_owned(), between)) }
            td { (missing(capture)) }
            td {
                @if capture.malformed.is_empty() { "none" }
                @else { (crate::words::list(capture.malformed.iter().map(|(why, count)| (why, *count)))) }
            }
            td.number { (number(capture.duplicates)) }
        }
        @if let Some(error) = &capture.error {
            tr { th scope="row" { "Error" } td colspan="8" { (error) } }
        }
    }
}

/// Frames that were dropped, as far as the capture tells, and that were cut.
fn missing(capture: &Capture) -> String {
    let told = [
        (capture.dropped_kernel, "dropped by the kernel"),
        (capture.dropped_interface, "dropped by the interface"),
        (capture.dropped_pipeline, "dropped before analysis"),
        (Some(capture.truncated), "cut by the snap length"),
    ];
    let told: Vec<String> = told
        .iter()
        .filter_map(|(count, what)| count.map(|count| format!("{} {what}", number(count))))
        .collect();
    let unknown = capture
        .dropped_kernel
        .or(capture.dropped_interface)
        .is_none();
    let drops = if unknown {
        "; drops are not told by this capture"
    } else {
        ""
    };
    format!("{}{drops}", told.join(", "))
}

/// Who wrote it.
pub(super) fn footer() -> Markup {
    html! {
        footer {
            p {
                "Written by windfall " (env!("CARGO_PKG_VERSION"))
                ". Times are UTC, of the packets. Frame numbers count the packets of a file from 1, as Wireshark does. \
                 This page makes no request. "
                code { "windfall explain CAUSE" } " tells what a cause means."
            }
        }
    }
}
