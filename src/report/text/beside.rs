//! What stands beside the required connections: findings, flows known by port alone, and all others.

use std::collections::BTreeMap;
use std::io;

use super::why::frames;
use crate::report::listed::Listed;
use crate::report::page::{Page, Paint};
use crate::verdict::outcome::{Outcome, Standing};
use crate::verdict::summary::{Flow, Summary};
use crate::words::{Times, counted, length, outcomes};

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
    let mut by_name: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    for flow in &summary.flows {
        if let (Some(name), Standing::Own) = (&flow.by_port, flow.standing) {
            by_name.entry(name).or_default().push(flow.outcome);
        }
    }
    if by_name.is_empty() {
        return Ok(());
    }
    page.heading(
        "BY PORT ONLY",
        "known by their port and no listed host; never counted as failing",
    )?;
    for (name, of_name) in by_name {
        let flows = counted(length(&of_name), "flow", "flows");
        let line = page
            .line()
            .to(INDENT)
            .put(Paint::Strong, name)
            .plain(&format!("  {flows}: {}", outcomes(of_name)));
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
    let of = |standing: Standing| {
        let flows = summary
            .flows
            .iter()
            .filter(|flow| flow.standing == standing);
        u64::try_from(flows.count()).unwrap_or(u64::MAX)
    };
    let (twins, subflows) = (of(Standing::Twin), of(Standing::Subflow));
    let mut texts = Vec::new();
    if twins > 0 {
        let flows = counted(
            twins,
            "flow is the copy of another",
            "flows are copies of others",
        );
        texts.push(format!("{flows}, captured on another interface or VLAN"));
    }
    if subflows > 0 {
        texts.push(counted(
            subflows,
            "Multipath TCP subflow",
            "Multipath TCP subflows",
        ));
    }
    if texts.is_empty() {
        return Ok(());
    }
    page.heading("NOT COUNTED", &texts.join("; "))
}
