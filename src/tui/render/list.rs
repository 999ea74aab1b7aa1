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

/// Columns of this rank and higher are shown only where the others need not be cut for them.
const EXTRA: u8 = 5;

/// More than this no cell needs to be understood.
const FULL: usize = 40;

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
            let widest = cells.map(Piece::width).max().unwrap_or(0);
            let title = table
                .columns
                .get(at)
                .map_or(0, |column| columns(column.title));
            // A column without anything in it is not shown.
            if widest == 0 { 0 } else { widest.max(title) }
        })
        .collect();
    let mut by_rank: Vec<(usize, &Column)> = table.columns.iter().enumerate().collect();
    by_rank.sort_by_key(|(_, column)| column.rank);
    let mut widths = vec![None; wanted.len()];
    for (at, column) in &by_rank {
        let wanted = |at: usize| wanted.get(at).copied().unwrap_or(0);
        if wanted(*at) == 0 {
            continue;
        }
        let least = column.least.min(wanted(*at));
        let before: usize = if column.rank < EXTRA {
            used(&widths)
        } else {
            let full = widths.iter().enumerate();
            used(
                &full
                    .map(|(at, width)| width.map(|_| wanted(at).min(FULL)))
                    .collect::<Vec<_>>(),
            )
        };
        let gap = if before == 0 { 0 } else { GAP };
        if before + gap + least > room {
            break;
        }
        if let Some(width) = widths.get_mut(*at) {
            *width = Some(least);
        }
    }
    for (at, _) in by_rank {
        let free = room.saturating_sub(used(&widths));
        let wanted = wanted.get(at).copied().unwrap_or(0);
        if let Some(Some(width)) = widths.get_mut(at) {
            *width += wanted.saturating_sub(*width).min(free);
        }
    }
    widths
}

/// Columns of these with the gaps between them.
fn used(widths: &[Option<usize>]) -> usize {
    let kept = widths.iter().flatten();
    (kept.clone().sum::<usize>() + GAP * kept.count()).saturating_sub(GAP)
}
