//! How a fleet stands, for people: which gateways are heard, what fails where and since when, why, and what to do.
//!
//! Input: an [`Overview`]. Output: text, or one JSON object.

use std::io::{self, Write};

use super::page::{Page, Paint, columns};
use crate::capture::frame::Timestamp;
use crate::events::event::StatusNews;
use crate::events::overview::{Overview, Site};
use crate::words::{self, counted};

/// Where text begins.
const INDENT: usize = 5;

/// Frames listed for one reason.
const FRAMES: usize = 6;

/// One JSON object and a line's end.
///
/// # Errors
/// What the writer says.
pub fn json(overview: &Overview, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, overview)?;
    out.write_all(b"\n")
}

/// Text for people.
///
/// # Errors
/// What the writer says.
pub fn text(overview: &Overview, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, colour);
    let gateways = words::length(&overview.gateways);
    let head = format!(
        "windfall fleet · {} · {} UTC",
        counted(gateways, "gateway", "gateways"),
        minute(overview.at)
    );
    page.end(&page.line().put(Paint::Strong, &head))?;
    page.blank()?;
    let (paint, answer) = overview.answer();
    let line = page.line();
    page.paragraph(line, paint, &answer)?;
    if overview.gateways.is_empty() {
        return Ok(());
    }
    sites(page, overview)?;
    requirements(page, overview)?;
    for site in &overview.gateways {
        for row in site.rows.iter().filter(|row| is_shaky(row)) {
            why(page, site, row)?;
        }
    }
    Ok(())
}

/// To the second.
fn minute(at: Timestamp) -> String {
    format!("{} {}", words::day(at), words::clock(at))
}

fn is_shaky(row: &StatusNews) -> bool {
    words::row::is_shaky(row.status)
}

fn sites(page: &mut Page<'_>, overview: &Overview) -> io::Result<()> {
    page.heading("GATEWAYS", "")?;
    let widest = overview.gateways.iter().map(|site| columns(&site.gateway));
    let name = widest.max().unwrap_or(0);
    for site in &overview.gateways {
        let (glyph, paint) = site.presence.glance();
        let state = format!(" {glyph} {}", site.presence.as_str());
        let heard = site.heard.map_or_else(
            || "never heard".to_owned(),
            |heard| format!("heard {} ago", words::span(overview.at.since(heard))),
        );
        let line = page
            .line()
            .put(paint, &state)
            .to(12)
            .plain(&site.gateway)
            .to(14 + name)
            .plain(&heard)
            .to(36 + name)
            .plain(&site.counts());
        page.end(&line)?;
        for remark in site.remarks() {
            page.end(&page.line().to(12).put(Paint::Warn, &remark))?;
        }
    }
    Ok(())
}

fn requirements(page: &mut Page<'_>, overview: &Overview) -> io::Result<()> {
    page.heading("REQUIRED CONNECTIONS", "")?;
    let widest = overview
        .requirements
        .iter()
        .map(|across| columns(&across.pattern));
    let pattern = widest.max().unwrap_or(0);
    for across in &overview.requirements {
        let (glyph, paint) = words::status(across.status);
        let line = page
            .line()
            .put(paint, &format!(" {glyph} {}", across.status))
            .to(13)
            .plain(&across.pattern)
            .to(15 + pattern);
        page.paragraph(line, Paint::Plain, &across.places())?;
    }
    Ok(())
}

fn why(page: &mut Page<'_>, site: &Site, row: &StatusNews) -> io::Result<()> {
    page.blank()?;
    let title = format!(
        "{} · {} · {}",
        site.gateway,
        row.pattern,
        row.client.title()
    );
    let line = page
        .line()
        .put(Paint::Strong, "WHY")
        .to(INDENT)
        .put(Paint::Strong, &title);
    page.end(&line)?;
    let since = format!(
        "{} since {}: {}",
        row.status,
        minute(row.since),
        row.reason()
    );
    page.end(&page.line().to(INDENT).plain(&since))?;
    if let Some(explanation) = &row.explanation {
        let line = page.line().to(INDENT);
        page.paragraph(line, Paint::Plain, explanation)?;
    }
    for proof in row.evidence.iter().take(FRAMES) {
        let text = format!(
            "frame {}  {}  {}",
            proof.frame,
            words::clock(proof.time),
            proof.note
        );
        page.end(&page.line().to(INDENT).plain(&text))?;
    }
    if let Some(remedy) = &row.remedy {
        let line = page.line().put(Paint::Strong, "DO").to(INDENT);
        page.paragraph(line, Paint::Plain, remedy)?;
    }
    Ok(())
}
