//! The two lists: requirements across gateways, and gateways.

use super::state::{Pane, State};
use crate::events::overview::{Across, Presence, Site};
use crate::tui::text::Piece;
use crate::tui::view_model::{Column, Table};
use crate::verdict::outcome::Status;
use crate::words::{self, Paint, span};

const fn column(title: &'static str, least: usize, rank: u8) -> Column {
    Column { title, least, rank }
}

/// The list in so many rows, with what is selected in sight.
pub(super) fn table(state: &State, height: usize) -> Table {
    let selected = state.selected();
    let top = (selected + 1).saturating_sub(height);
    let (columns, rows): (_, Vec<Vec<Piece>>) = match state.pane {
        Pane::Requirements => {
            let all = state.requirements().into_iter().skip(top).take(height);
            let columns = vec![
                column("status", 10, 0),
                column("connection", 12, 1),
                column("where, since when", 20, 2),
                column("what for", 10, 5),
            ];
            (columns, all.map(requirement).collect())
        }
        Pane::Gateways => {
            let at = state.shown.overview.at;
            let all = state.gateways().into_iter().skip(top).take(height);
            let columns = vec![
                column("gateway", 8, 0),
                column("state", 9, 1),
                column("required connections", 12, 2),
                column("heard", 8, 3),
                column("remarks", 10, 4),
            ];
            (columns, all.map(|site| gateway(site, at)).collect())
        }
    };
    Table {
        columns,
        rows,
        selected: Some(selected - top),
        empty: if state.only_failing {
            "nothing fails (f shows all)"
        } else {
            "nothing was told yet"
        },
    }
}

fn requirement(across: &Across) -> Vec<Piece> {
    let (glyph, paint) = words::status(across.status);
    vec![
        Piece::new(paint, &format!("{glyph} {}", across.status)),
        Piece::plain(&across.pattern),
        Piece::plain(&across.places()),
        Piece::new(Paint::Dim, &across.service),
    ]
}

fn gateway(site: &Site, at: crate::capture::frame::Timestamp) -> Vec<Piece> {
    let (glyph, paint) = site.presence.glance();
    let failing = site.status.contains_key(Status::Failing.as_str());
    let counts = if failing { Paint::Bad } else { Paint::Plain };
    let heard = site
        .heard
        .map(|heard| format!("{} ago", span(at.since(heard))));
    let quiet = site.presence == Presence::Silent;
    vec![
        Piece::new(Paint::Strong, &site.gateway),
        Piece::new(paint, &format!("{glyph} {}", site.presence.as_str())),
        Piece::new(counts, &site.counts()),
        Piece::new(
            if quiet { Paint::Bad } else { Paint::Dim },
            &heard.unwrap_or_default(),
        ),
        Piece::new(Paint::Warn, &site.remarks().join("; ")),
    ]
}
