//! A list in columns.
//!
//! ```text
//!  status     connection            attempts  why
//!  ✗ failing  gs.apple.com:443/tcp  4 reset   reset-after-client-hello (middlebox)
//! ```
//!
//! Columns of a high rank are left out first where there is no room; the others grow to what their cells need, the
//! lowest rank first. A cell that is still too narrow ends with `…`.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::Canvas;
use crate::tui::text::{Piece, columns, cut};
use crate::tui::view_model::{Column, Table};
use crate::words::Paint;

/// Columns between two columns.
const GAP: usize = 2;

pub(super) fn draw(canvas: &mut Canvas<'_>, heading: Rect, rows: Rect, table: &Table) {
    let widths = widths(table, usize::from(rows.width));
    let titles = table.columns.iter().map(|column| column.title);
    let mut at = 0;
    for (title, width) in titles.zip(&widths) {
        if let Some(width) = width {
            let style = canvas.style(Paint::Dim, false);
            canvas.put(heading, at, &cut(title, *width), style);
            at += width + GAP;
        }
    }
    if table.rows.is_empty() {
        canvas.line(rows, 0, &vec![Piece::new(Paint::Dim, table.empty)]);
        return;
    }
    for (place, (cells, row)) in table.rows.iter().zip(rows.rows()).enumerate() {
        let mut at = 0;
        for (cell, width) in cells.iter().zip(&widths) {
            if let Some(width) = width {
                let style = canvas.style(cell.paint, cell.reverse);
                canvas.put(row, at, &cut(cell.text(), *width), style);
                at += width + GAP;
            }
        }
        if table.selected == Some(place) {
            canvas.buffer.set_style(row, Modifier::REVERSED);
        }
    }
}

/// How wide each column is; none if it is left out.
fn widths(table: &Table, room: usize) -> Vec<Option<usize>> {
    let wanted: Vec<usize> = (0..table.columns.len())
        .map(|at| {
            let cells = table.rows.iter().filter_map(|row| row.get(at));
            cells.map(Piece::width).max().unwrap_or(0)
        })
        .collect();
    // A column takes no more than its widest cell, or its title.
    let least = |(column, wanted): (&Column, &usize)| {
        column.least.min((*wanted).max(columns(column.title)))
    };
    let mut widths: Vec<Option<usize>> = table
        .columns
        .iter()
        .zip(&wanted)
        .map(|pair| Some(least(pair)))
        .collect();
    let used = |widths: &[Option<usize>]| {
        let kept = widths.iter().flatten();
        (kept.clone().sum::<usize>() + GAP * kept.count()).saturating_sub(GAP)
    };
    let mut by_rank: Vec<usize> = (0..table.columns.len()).collect();
    by_rank.sort_by_key(|at| table.columns.get(*at).map(|column| column.rank));
    for at in by_rank.iter().rev() {
        if used(&widths) <= room {
            break;
        }
        if let Some(width) = widths.get_mut(*at) {
            *width = None;
        }
    }
    for at in by_rank {
        let free = room.saturating_sub(used(&widths));
        let wanted = wanted.get(at).copied().unwrap_or(0);
        if let Some(Some(width)) = widths.get_mut(at) {
            *width += wanted.saturating_sub(*width).min(free);
        }
    }
    widths
}
