//! A view model to cells. No words are made here, and nothing is read but the view model.
//!
//! Colours are the terminal's own sixteen on its own background, so that they can be read on dark and light; without
//! colour weight and reverse video remain, and every state has a glyph and a word as well.

pub(crate) mod fleet;
mod help;
mod list;
mod small;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use super::text::{Pieces, columns, cut};
use super::view_model::{Screen, ViewModel};
use crate::words::Paint;

/// Draws the whole screen.
pub(crate) fn render(frame: &mut Frame<'_>, view: &ViewModel, colour: bool) {
    let area = frame.area();
    let canvas = &mut Canvas {
        buffer: frame.buffer_mut(),
        colour,
    };
    match view {
        ViewModel::TooSmall => small::draw(canvas, area),
        ViewModel::Screen(screen) => {
            draw(canvas, screen);
            if let Some(help) = &screen.help {
                help::draw(canvas, area, help);
            } else if let Some(cursor) = screen.cursor {
                let last = screen.layout.footer.right().saturating_sub(1);
                let column = u16::try_from(cursor).unwrap_or(last).min(last);
                frame.set_cursor_position(Position::new(column, screen.layout.footer.y));
            }
        }
    }
}

fn draw(canvas: &mut Canvas<'_>, screen: &Screen) {
    let layout = &screen.layout;
    for (line, area) in [
        (&screen.header, layout.header),
        (&screen.answer, layout.answer),
        (&screen.strip, layout.strip),
        (&screen.timeline, layout.timeline),
        (&screen.tabs, layout.tabs),
        (&screen.rule, layout.rule),
        (&screen.footer, layout.footer),
    ] {
        canvas.line(area, 0, line);
    }
    list::draw(canvas, layout.heading, layout.rows, &screen.table);
    for (line, row) in screen.detail.iter().zip(layout.detail.rows()) {
        canvas.line(row, 0, line);
    }
}

/// Where is drawn, and whether in colour.
pub(crate) struct Canvas<'b> {
    buffer: &'b mut Buffer,
    colour: bool,
}

impl Canvas<'_> {
    /// Puts pieces beside each other into the first row of an area, from a column of it; what does not fit is cut.
    fn line(&mut self, area: Rect, from: usize, line: &Pieces) {
        let mut at = from;
        for piece in line {
            let room = usize::from(area.width).saturating_sub(at);
            let text = cut(piece.text(), room);
            let style = self.style(piece.paint, piece.reverse);
            self.put(area, at, &text, style);
            at += columns(&text);
        }
    }

    /// Puts escaped text into the first row of an area.
    fn put(&mut self, area: Rect, from: usize, text: &str, style: Style) {
        let Ok(from) = u16::try_from(from) else {
            return;
        };
        if area.is_empty() || from >= area.width {
            return;
        }
        let room = usize::from(area.width - from);
        self.buffer
            .set_stringn(area.x + from, area.y, text, room, style);
    }

    fn style(&self, paint: Paint, reverse: bool) -> Style {
        let style = match (paint, self.colour) {
            (Paint::Strong, _) | (Paint::Bad, false) => Style::new().add_modifier(Modifier::BOLD),
            (Paint::Dim, _) => Style::new().add_modifier(Modifier::DIM),
            (Paint::Good, true) => Style::new().fg(Color::Green),
            (Paint::Warn, true) => Style::new().fg(Color::Yellow),
            (Paint::Bad, true) => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            (Paint::Plain, _) | (Paint::Good | Paint::Warn, false) => Style::new(),
        };
        if reverse {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style
        }
    }
}
