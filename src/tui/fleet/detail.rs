//! Everything about what is selected: at each gateway and device, why it fails, the frames that prove it, what to do.

use super::state::{Pane, State};
use crate::events::event::StatusNews;
use crate::events::overview::Site;
use crate::tui::text::{Piece, Pieces, labelled};
use crate::words::{self, Paint, row::is_shaky};

/// Lines at most so wide.
pub(super) fn lines(state: &State, width: usize) -> Vec<Pieces> {
    let sites = &state.shown.overview.gateways;
    let selected = state.selected();
    let mut lines = Vec::new();
    match state.pane {
        Pane::Requirements => {
            let all = state.requirements();
            let Some(across) = all.get(selected) else {
                return lines;
            };
            let title = format!("{} · {}", across.pattern, across.service);
            lines.push(vec![Piece::new(Paint::Strong, &title)]);
            for site in sites {
                let rows = site.rows.iter();
                for row in rows.filter(|row| row.requirement == across.requirement) {
                    about(
                        &mut lines,
                        &format!("{} · {}", site.gateway, row.client.title()),
                        row,
                        width,
                    );
                }
            }
        }
        Pane::Gateways => {
            if let Some(site) = state.gateways().get(selected) {
                gateway(&mut lines, site, width);
            }
        }
    }
    lines
}

fn gateway(lines: &mut Vec<Pieces>, site: &Site, width: usize) {
    let (glyph, paint) = site.presence.glance();
    lines.push(vec![
        Piece::new(Paint::Strong, &site.gateway),
        Piece::new(paint, &format!("  {glyph} {}", site.presence.as_str())),
    ]);
    let facts = [
        ("windfall   ", site.version.clone().unwrap_or_default()),
        ("captures on ", site.interfaces.join(", ")),
        (
            "since       ",
            site.session.map(words_of).unwrap_or_default(),
        ),
        (
            "events      ",
            format!(
                "{} came, {} missing, {} dropped there",
                site.received, site.missing, site.lost
            ),
        ),
    ];
    for (label, text) in facts {
        lines.extend(labelled(label, Paint::Plain, &text, width));
    }
    for remark in site.remarks() {
        lines.extend(labelled("!           ", Paint::Warn, &remark, width));
    }
    for row in &site.rows {
        about(
            lines,
            &format!("{} · {}", row.pattern, row.client.title()),
            row,
            width,
        );
    }
}

fn words_of(at: crate::capture::frame::Timestamp) -> String {
    format!("{} {} UTC", words::day(at), words::clock(at))
}

/// One requirement of one device at one gateway.
fn about(lines: &mut Vec<Pieces>, title: &str, row: &StatusNews, width: usize) {
    let (glyph, paint) = words::status(row.status);
    lines.push(Vec::new());
    lines.push(vec![
        Piece::new(paint, &format!("{glyph} {}  ", row.status)),
        Piece::new(Paint::Strong, title),
    ]);
    let since = format!("{}  {}", words_of(row.since), row.reason());
    lines.extend(labelled("  since ", Paint::Plain, &since, width));
    if !is_shaky(row.status) {
        return;
    }
    if let Some(why) = &row.explanation {
        lines.extend(labelled("  why   ", Paint::Plain, why, width));
    }
    for proof in &row.evidence {
        let text = format!(
            "        frame {}  {}  {}",
            proof.frame,
            words::clock(proof.time),
            proof.note
        );
        lines.push(vec![Piece::new(Paint::Dim, &text)]);
    }
    if let Some(remedy) = &row.remedy {
        lines.extend(labelled("  do    ", Paint::Plain, remedy, width));
    }
    if let Some(flow) = row.flows.last() {
        lines.extend(labelled("  flow  ", Paint::Dim, flow, width));
    }
}
