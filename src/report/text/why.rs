//! Why a required connection does not work, the frames that prove it, and what to do.

use std::io;

use crate::report::page::{Page, Paint, columns};
use crate::verdict::summary::{Evidence, Requirement};
use crate::words::Times;
use crate::words::made::Made;
use crate::words::row::title;

/// Frames listed for one reason; the JSON has them all.
const FRAMES: usize = 6;

/// Where text begins.
const INDENT: usize = 5;

pub(super) fn write(
    page: &mut Page<'_>,
    row: &Requirement,
    made: &Made<'_>,
    times: Times,
) -> io::Result<()> {
    page.blank()?;
    let line = page
        .line()
        .put(Paint::Strong, "WHY")
        .to(INDENT)
        .put(Paint::Strong, &title(row, made));
    page.end(&line)?;
    if let Some(explanation) = &row.explanation {
        let line = page.line().to(INDENT);
        page.paragraph(line, Paint::Plain, explanation)?;
    }
    frames(page, &row.evidence, times, INDENT)?;
    if let Some(remedy) = &row.remedy {
        let line = page.line().put(Paint::Strong, "DO").to(INDENT);
        page.paragraph(line, Paint::Plain, remedy)?;
    }
    if let Some(filter) = made.filter(row) {
        wireshark(page, &filter, INDENT)?;
    }
    Ok(())
}

/// One line a frame: its number, when, and what it shows.
pub(super) fn frames(
    page: &mut Page<'_>,
    evidence: &[Evidence],
    times: Times,
    indent: usize,
) -> io::Result<()> {
    let mut evidence: Vec<&Evidence> = evidence.iter().collect();
    evidence.sort_by_key(|evidence| (evidence.time, evidence.frame));
    let shown = evidence.iter().copied().take(FRAMES);
    let time = indent
        + 2
        + shown
            .clone()
            .map(|row| columns(&times.frame(row)))
            .max()
            .unwrap_or(0);
    for evidence in shown {
        let line = page
            .line()
            .to(indent)
            .put(Paint::Dim, &times.frame(evidence))
            .to(time)
            .put(Paint::Dim, &times.exact(evidence.time))
            .plain("  ");
        page.paragraph(line, Paint::Plain, &evidence.note)?;
    }
    if evidence.len() > FRAMES {
        let more = evidence.len() - FRAMES;
        let line = page
            .line()
            .to(indent)
            .put(Paint::Dim, &format!("and {more} more frames"));
        page.end(&line)?;
    }
    Ok(())
}

/// A filter on a line of its own, to be pasted whole.
pub(super) fn wireshark(page: &mut Page<'_>, filter: &str, indent: usize) -> io::Result<()> {
    let line = page
        .line()
        .to(indent)
        .put(Paint::Dim, "wireshark: ")
        .plain(filter);
    page.end(&line)
}
