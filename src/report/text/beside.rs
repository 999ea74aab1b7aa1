//! What stands beside the required connections: findings, flows known by port alone, and all others.

use std::io;

use super::why::frames;
use crate::report::listed::Listed;
use crate::report::page::{Page, Paint};
use crate::verdict::outcome::Standing;
use crate::verdict::summary::{Flow, Summary};
use crate::words::{self, Times, counted, length, outcomes};

/// Where the text of a finding begins.
const INDENT: usize = 3;

pub(super) fn findings(page: &mut Page<'_>, summary: &Summary, times: Times) -> io::Result<()> {
    for finding in &summary.findings {
        let clients: Vec<String> = finding.clients.iter().map(ToString::to_string).collect();
        page.heading(
            "FINDING",
            &format!("{} (client {})", finding.code, clients.join(", ")),
        )?;
        let line = page.line().put(Paint::Warn, " !").to(INDENT);
        page.paragraph(line, Paint::Plain, &finding.detail)?;
        frames(page, &finding.evidence, times, INDENT)?;
    }
    Ok(())
}

pub(super) fn by_port(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let by_name = words::beside::by_port(summary);
    if by_name.is_empty() {
        return Ok(());
    }
    page.heading(
        "BY PORT ONLY",
        "known by their port and no listed host; never counted as failing",
    )?;
    for (name, flows) in by_name {
        let line = page
            .line()
            .to(INDENT)
            .put(Paint::Strong, name)
            .plain(&format!("  {flows}"));
        page.end(&line)?;
    }
    Ok(())
}

pub(super) fn not_required(
    page: &mut Page<'_>,
    summary: &Summary,
    listed: Listed,
) -> io::Result<()> {
    let others: Vec<&Flow> = summary
        .flows
        .iter()
        .filter(|flow| flow.standing == Standing::Own)
        .filter(|flow| flow.requirement.is_none() && flow.by_port.is_none())
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let hint = if listed == Listed::All {
        ""
    } else {
        " (--flows all lists them)"
    };
    let flows = counted(length(&others), "flow", "flows");
    let counts = outcomes(others.iter().map(|flow| flow.outcome));
    page.heading("NOT REQUIRED", &format!("{flows}: {counts}{hint}"))
}

/// Flows that are no attempts of their own.
pub(super) fn not_counted(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    match words::beside::not_counted(summary) {
        Some(text) => page.heading("NOT COUNTED", &text),
        None => Ok(()),
    }
}
