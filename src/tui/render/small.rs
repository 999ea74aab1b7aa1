//! What stands on a screen too small for anything else.

use ratatui::layout::Rect;

use super::Canvas;
use crate::tui::layout::SMALLEST;
use crate::tui::text::{Piece, wrap};
use crate::words::Paint;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let text = format!(
        "terminal too small (needs {}×{})",
        SMALLEST.width, SMALLEST.height
    );
    let lines = wrap(&text, usize::from(area.width));
    for (line, row) in lines.iter().zip(area.rows()) {
        canvas.line(row, 0, &vec![Piece::new(Paint::Strong, line)]);
    }
}
