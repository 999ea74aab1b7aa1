//! The required connections of each device, worst first, and the requirements that nobody tried.

use std::io;

use super::why;
use crate::report::listed::Listed;
use crate::report::page::{Page, Paint, columns};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Requirement, Summary};
use crate::words::devices::{device, devices};
use crate::words::made::Made;
use crate::words::row::{attempts, is_shaky, reason, title};
use crate::words::{Times, counted, length, some_of, status};

/// Hosts that the line of those not seen names.
const NAMES: usize = 5;

/// Widest that a column is made for its longest entry; longer ones push the rest of their line.
const WIDEST: usize = 40;

pub(super) fn write(
    page: &mut Page<'_>,
    summary: &Summary,
    made: &Made<'_>,
    listed: Listed,
    times: Times,
) -> io::Result<()> {
    for (client, rows) in devices(&summary.requirements) {
        page.heading("REQUIRED CONNECTIONS", &device(client))?;
        table(page, &rows, made)?;
        for row in rows.iter().copied().filter(|row| is_shaky(row.status)) {
            why::write(page, row, made, times)?;
        }
    }
    not_seen(page, summary, listed)
}

fn table(page: &mut Page<'_>, rows: &[&Requirement], made: &Made<'_>) -> io::Result<()> {
    let titles: Vec<String> = rows.iter().map(|row| title(row, made)).collect();
    let counts: Vec<String> = rows.iter().map(|row| attempts(&row.attempts)).collect();
    let reasons: Vec<String> = rows.iter().map(|row| reason(row)).collect();
    let name = 13;
    let tried = name + 2 + widest(&titles, WIDEST);
    let cause = tried + 2 + widest(&counts, WIDEST);
    let service = cause + 2 + widest(&reasons, WIDEST);
    for (((row, title), counts), reason) in rows.iter().zip(&titles).zip(&counts).zip(&reasons) {
        let (glyph, paint) = status(row.status);
        let line = page
            .line()
            .plain(" ")
            .put(paint, &format!("{glyph} {}", row.status))
            .to(name)
            .put(Paint::Strong, title)
            .to(tried)
            .plain(counts)
            .to(cause)
            .put(paint, reason)
            .to(service)
            .put(Paint::Dim, &row.service);
        page.end(&line)?;
        if matches!(row.status, Status::Pending | Status::Unjudged)
            && let Some(explanation) = &row.explanation
        {
            let line = page.line().to(name + 2);
            page.paragraph(line, Paint::Dim, explanation)?;
        }
    }
    Ok(())
}

/// Columns of the widest entry that is not too wide.
fn widest(texts: &[String], most: usize) -> usize {
    let widths = texts.iter().map(|text| columns(text));
    widths.filter(|width| *width <= most).max().unwrap_or(0)
}

fn not_seen(page: &mut Page<'_>, summary: &Summary, listed: Listed) -> io::Result<()> {
    let rows: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.client.is_none())
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let hosts = counted(length(&rows), "required host", "required hosts");
    let names: Vec<&str> = rows.iter().map(|row| row.pattern.as_str()).collect();
    if listed == Listed::All {
        page.heading("NOT SEEN", &format!("{hosts} that nobody tried"))?;
        let service = 5 + names.iter().map(|name| columns(name)).max().unwrap_or(0);
        for row in rows {
            let line = page
                .line()
                .put(Paint::Dim, " · ")
                .plain(&row.pattern)
                .to(service)
                .plain(&row.service);
            page.end(&line)?;
        }
        return Ok(());
    }
    let text = format!(
        "{hosts} that nobody tried: {} (--flows all lists them)",
        some_of(&names, NAMES)
    );
    page.heading("NOT SEEN", &text)
}
