//! The last minutes of attempts at required hosts, a cell for one or more seconds.

use crate::picture::Picture;
use crate::tui::attempts::{Cell, Span, cells};
use crate::tui::text::{Piece, Pieces, width};
use crate::words::{Paint, clock};

/// Columns of the two times, and the blanks beside the cells.
const TIMES: usize = 18;

pub(super) fn strip(picture: &Picture, columns: usize) -> Pieces {
    let span = Span::before(picture.now, &picture.summary, columns.saturating_sub(TIMES));
    let mut line = vec![Piece::new(Paint::Dim, &format!("{} ", clock(span.since)))];
    line.extend(drawn(&cells(&picture.summary, span, None)));
    line.push(Piece::new(Paint::Dim, &format!(" {}", clock(span.until))));
    let legend = legend();
    if width(&line) + width(&legend) <= columns {
        line.extend(legend);
    }
    line
}

/// One piece for each run of equal cells.
pub(super) fn drawn(cells: &[Cell]) -> Pieces {
    let runs = cells.chunk_by(|one, next| one == next);
    runs.filter_map(|run| {
        let (glyph, paint) = run.first()?.glyph();
        Some(Piece::new(paint, &glyph.repeat(run.len())))
    })
    .collect()
}

fn legend() -> Pieces {
    let mut line = vec![Piece::plain("  ")];
    for (cell, word) in [
        (Cell::Succeeded, " ok "),
        (Cell::Mixed, " mixed "),
        (Cell::Failed, " failed"),
    ] {
        let (glyph, paint) = cell.glyph();
        line.push(Piece::new(paint, glyph));
        line.push(Piece::new(Paint::Dim, word));
    }
    line
}
