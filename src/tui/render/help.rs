//! Help in a frame over the screen.
//!
//! ```text
//!  ┌ keys ────────────────┐
//!  │?           this help │
//!  └──────────────────────┘
//! ```

use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget as _};

use super::Canvas;
use crate::tui::text::width;
use crate::tui::view_model::Help;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, help: &Help) {
    let widest = help.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let columns = u16::try_from(widest + 4)
        .unwrap_or(u16::MAX)
        .min(area.width);
    let rows = u16::try_from(help.lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let frame = area.centered(
        ratatui::layout::Constraint::Length(columns),
        ratatui::layout::Constraint::Length(rows),
    );
    Clear.render(frame, canvas.buffer);
    let more = if usize::from(rows) < help.lines.len() + 2 {
        " keys (↓ more) "
    } else {
        " keys "
    };
    let block = Block::bordered().title(more);
    let inner: Rect = block.inner(frame);
    block.render(frame, canvas.buffer);
    for (line, row) in help.lines.iter().skip(help.top).zip(inner.rows()) {
        canvas.line(row, 1, line);
    }
}
