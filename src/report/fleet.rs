//! How a fleet stands, for people: which gateways are heard, what fails where and since when, why, and what to do.
//!
//! Input: an [`Overview`]. Output: text, or one JSON object.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::page::{Page, Paint, columns};
use crate::capture::frame::Timestamp;
use crate::events::event::StatusNews;
use crate::events::overview::{Across, Overview, Presence, Site};
use crate::verdict::outcome::Status;
use crate::words::{self, counted, number};

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
        let (glyph, paint) = presence(site.presence);
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
            .plain(&counts(site));
        page.end(&line)?;
        for remark in remarks(site) {
            page.end(&page.line().to(12).put(Paint::Warn, &remark))?;
        }
    }
    Ok(())
}

/// How a gateway is, as a sign and in colour.
#[must_use]
pub fn presence(presence: Presence) -> (&'static str, Paint) {
    match presence {
        Presence::Up => ("✓", Paint::Good),
        Presence::Stopped => ("·", Paint::Dim),
        Presence::Deaf | Presence::Silent => ("!", Paint::Bad),
    }
}

/// `2 failing, 12 ok`, worst first.
#[must_use]
pub fn counts(site: &Site) -> String {
    let each = Status::ALL.iter().map(|status| {
        let count = site.status.get(status.as_str());
        (status.as_str(), count.copied().unwrap_or(0))
    });
    let text = words::list(each);
    if text.is_empty() {
        "nothing tried yet".to_owned()
    } else {
        text
    }
}

/// What is not as it should be with a gateway's events, or with its capture.
#[must_use]
pub fn remarks(site: &Site) -> Vec<String> {
    let mut remarks = Vec::new();
    if site.missing > 0 {
        remarks.push(format!(
            "{} did not come: what is shown may be old",
            counted(site.missing, "event", "events")
        ));
    }
    if site.lost > 0 {
        remarks.push(format!(
            "{} dropped by the gateway while the broker was away",
            counted(site.lost, "event was", "events were")
        ));
    }
    remarks.extend(site.trouble.clone());
    remarks
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
        page.paragraph(line, Paint::Plain, &places(across))?;
    }
    Ok(())
}

/// `failing at berlin since 2026-11-25 10:36:20 (2 devices), paris …; ok at rome`.
#[must_use]
pub fn places(across: &Across) -> String {
    let mut text = String::new();
    let mut last = None;
    for place in &across.gateways {
        if last == Some(place.status) {
            text.push_str(", ");
        } else {
            if last.is_some() {
                text.push_str("; ");
            }
            text.push_str(place.status.as_str());
            text.push_str(" at ");
        }
        last = Some(place.status);
        text.push_str(&place.gateway);
        if words::row::is_shaky(place.status) {
            text.push_str(" since ");
            text.push_str(&minute(place.since));
            if place.devices > 1 {
                let _ = write!(text, " ({} devices)", number(place.devices));
            }
        }
    }
    text
}

/// A reason in short: `reset-after-client-hello (middlebox, beyond-gateway)`.
#[must_use]
pub fn reason(row: &StatusNews) -> String {
    let cause = row.cause.clone().unwrap_or_default();
    let by = [row.origin.as_deref(), row.whereabouts.as_deref()];
    let by: Vec<&str> = by.into_iter().flatten().collect();
    if by.is_empty() {
        cause
    } else {
        format!("{cause} ({})", by.join(", "))
    }
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
        reason(row)
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
