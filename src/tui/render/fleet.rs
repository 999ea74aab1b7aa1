//! The screen of a fleet.
//!
//! ```text
//!  windfall fleet · 3 gateways · 10:36:20 UTC
//!  ✗ 1 required connection is failing: gs.apple.com
//!   required 14   gateways 3
//!  status     connection    where, since when
//!  ✗ failing  gs.apple.com  failing at berlin since 2026-11-25 10:36:20
//!  ↑↓ move  Enter detail  Tab lists  f failing  ? help  q quit
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};

use super::{Canvas, help, list, small};
use crate::tui::fleet::view::{FleetView, Main};

/// Draws the whole screen.
pub(crate) fn draw(frame: &mut Frame<'_>, view: Option<&FleetView>, colour: bool) {
    let area = frame.area();
    let canvas = &mut Canvas {
        buffer: frame.buffer_mut(),
        colour,
    };
    let Some(view) = view else {
        return small::draw(canvas, area);
    };
    let line = Constraint::Length(1);
    let [header, answer, tabs, heading, rows, footer] =
        Layout::vertical([line, line, line, line, Constraint::Min(0), line]).areas(area);
    canvas.line(header, 0, &view.header);
    canvas.line(answer, 0, &view.answer);
    canvas.line(tabs, 0, &view.tabs);
    canvas.line(footer, 0, &view.footer);
    match &view.main {
        Main::List(table) => list::draw(canvas, heading, rows, table),
        Main::Detail(lines) => {
            let rows = std::iter::once(heading).chain(rows.rows());
            for (line, row) in lines.iter().zip(rows) {
                canvas.line(row, 0, line);
            }
        }
    }
    if let Some(lines) = &view.help {
        help::draw(canvas, area, lines);
    }
}
