//! The background processes of iTunes: which ran, which own flows that failed, which did not run and what that means.
//!
//! Left out when nothing can be said: no list and no capture names one of them.

use std::io;

use crate::report::page::{Page, Paint};
use crate::verdict::summary::{BackgroundProcess, Summary};
use crate::words::{counted, length};

/// Where names begin.
const INDENT: usize = 16;

/// Where what follows the name begins.
const AFTER_NAME: usize = INDENT + 38;

/// The group of those that run by the person's choice of what is synchronised.
const BY_CHOICE: &str = "by-sync-configuration";

pub(super) fn write(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let rows = &summary.processes;
    let ran: Vec<_> = of(rows, |row| row.seen == Some(true));
    let missing = |row: &BackgroundProcess| row.seen == Some(false);
    let absent = of(rows, |row| missing(row) && !is_by_choice(row));
    let by_choice = of(rows, |row| missing(row) && is_by_choice(row));
    if ran.is_empty() && absent.is_empty() && by_choice.is_empty() {
        return Ok(());
    }
    let untold = rows.iter().any(|row| row.seen.is_none());
    let remark = if untold {
        format!(
            "{} seen; no complete list tells which others ran",
            length(&ran)
        )
    } else {
        format!(
            "{} of {} running; beside the others: what goes wrong without them (some start only when needed)",
            length(&ran),
            length(rows)
        )
    };
    page.heading("ITUNES BACKGROUND PROCESSES", &remark)?;
    for row in ran {
        running(page, row)?;
    }
    for row in absent {
        let line = page
            .line()
            .plain(" ")
            .put(Paint::Warn, "~ not running")
            .to(INDENT)
            .plain(&row.name)
            .to(AFTER_NAME);
        page.paragraph(line, Paint::Plain, &row.failure)?;
    }
    if !by_choice.is_empty() {
        let names: Vec<&str> = by_choice.iter().map(|row| row.name.as_str()).collect();
        let line = page.line().put(Paint::Dim, " · by choice").to(INDENT);
        page.paragraph(line, Paint::Dim, &names.join(", "))?;
    }
    Ok(())
}

fn of(
    rows: &[BackgroundProcess],
    is_wanted: impl Fn(&BackgroundProcess) -> bool,
) -> Vec<&BackgroundProcess> {
    rows.iter().filter(|row| is_wanted(row)).collect()
}

/// Nothing is amiss while it does not run.
fn is_by_choice(row: &BackgroundProcess) -> bool {
    row.optional || row.groups.iter().any(|group| group == BY_CHOICE)
}

fn running(page: &mut Page<'_>, row: &BackgroundProcess) -> io::Result<()> {
    let pids: Vec<String> = row.pids.iter().map(ToString::to_string).collect();
    let failing = length(&row.failing_flows);
    let mut line = page
        .line()
        .plain(" ")
        .put(Paint::Good, "✓ running")
        .to(INDENT)
        .put(Paint::Strong, &row.name)
        .to(AFTER_NAME)
        .plain(&format!("PID {}", pids.join(" ")));
    if failing > 0 {
        let flows = counted(failing, "flow", "flows");
        let text = format!("{flows} stalled, reset or failed");
        line = line.plain("  ").put(Paint::Bad, &text);
    }
    page.end(&line)
}
