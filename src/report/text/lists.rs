//! The listed flows and DNS questions, one line each.

use std::io;

use super::why::wireshark;
use crate::report::listed::Listed;
use crate::report::page::{Page, Paint};
use crate::verdict::outcome::{Outcome, Standing};
use crate::verdict::summary::{DnsQuestion, Flow, Summary};
use crate::words::is_faulty;
use crate::words::made::question_filter;
use crate::words::row::{broke, owner, result};
use crate::words::{Times, counted, length, number, outcome, outcomes};

/// Where the text of a row begins.
const INDENT: usize = 13;

pub(super) fn questions(
    page: &mut Page<'_>,
    summary: &Summary,
    listed: Listed,
    most: usize,
    times: Times,
) -> io::Result<()> {
    if summary.dns.is_empty() {
        return Ok(());
    }
    let all = counted(length(&summary.dns), "question", "questions");
    let counts = outcomes(summary.dns.iter().map(|question| question.outcome));
    page.heading("DNS", &format!("{all}: {counts}"))?;
    let rows: Vec<&DnsQuestion> = summary
        .dns
        .iter()
        .filter(|row| listed.question(row))
        .collect();
    for question in rows.iter().take(most) {
        let line = state(page, question.outcome)
            .put(Paint::Dim, &times.exact(question.first))
            .plain(&format!(
                "  {} asked {} for {} {}",
                question.client, question.resolver, question.name, question.kind
            ))
            .plain(&result(question));
        page.end(&line)?;
        if is_faulty(question.outcome) {
            wireshark(page, &question_filter(question), INDENT)?;
        }
    }
    rest(page, rows.len().saturating_sub(most))
}

/// How many more there are.
fn rest(page: &mut Page<'_>, more: usize) -> io::Result<()> {
    if more == 0 {
        return Ok(());
    }
    let line = page
        .line()
        .to(INDENT)
        .plain(&format!("and {more} more (--flows failing lists them)"));
    page.end(&line)
}

pub(super) fn flows(
    page: &mut Page<'_>,
    summary: &Summary,
    listed: Listed,
    most: usize,
    times: Times,
) -> io::Result<()> {
    let rows: Vec<&Flow> = summary
        .flows
        .iter()
        .filter(|flow| listed.flow(flow))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let of = format!(
        "{} of {}",
        number(length(&rows)),
        counted(length(&summary.flows), "flow", "flows")
    );
    let which = match listed {
        Listed::Failing => {
            "stalled, reset or failed at a required host (--flows required|all lists more)"
        }
        Listed::Required => "at required hosts (--flows all lists all)",
        Listed::All => "in all",
    };
    page.heading("FLOWS", &format!("{of}: {which}"))?;
    for flow in rows.iter().take(most) {
        row(page, flow, times)?;
    }
    rest(page, rows.len().saturating_sub(most))
}

fn row(page: &mut Page<'_>, flow: &Flow, times: Times) -> io::Result<()> {
    let mut line = state(page, flow.outcome)
        .put(Paint::Dim, &times.exact(flow.first))
        .plain(&format!(
            "  {} → {}/{}",
            endpoint(flow.client),
            endpoint(flow.server),
            flow.transport
        ));
    if let Some(name) = &flow.name {
        line = line
            .plain("  ")
            .put(Paint::Strong, &name.host)
            .put(Paint::Dim, &format!(" ({})", name.source));
    }
    if let Some(by_port) = &flow.by_port {
        line = line.plain(&format!("  {by_port} by port"));
    }
    if let Some(why) = broke(flow.cause, flow.whereabouts) {
        line = line.plain(&format!("  {why}"));
    }
    if let Some(process) = &flow.process {
        line = line.put(Paint::Dim, &format!("  by {}", owner(process)));
    }
    line = match flow.standing {
        Standing::Own => line,
        Standing::Twin => line.plain("  copy, not counted"),
        Standing::Subflow => line.plain("  Multipath TCP subflow"),
    };
    if flow.recovered {
        line = line.plain("  recovered after a stall");
    }
    page.end(&line)?;
    if is_faulty(flow.outcome) {
        wireshark(page, &flow.wireshark_filter, INDENT)?;
    }
    Ok(())
}

fn endpoint(endpoint: crate::verdict::summary::Endpoint) -> std::net::SocketAddr {
    std::net::SocketAddr::new(endpoint.ip, endpoint.port)
}

fn state(page: &Page<'_>, of: Outcome) -> crate::report::page::Line {
    let (glyph, paint) = outcome(of);
    page.line()
        .plain(" ")
        .put(paint, &format!("{glyph} {of}"))
        .to(INDENT)
}
