//! What a click or the wheel means where the pointer is.
//!
//! A click selects a list or a row, and opens a row that is selected already; on the timeline it seeks. The wheel
//! scrolls what it is above. Movements mean nothing, so that they cost no redraw.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{Mode, State, Update, playback, set_mode, turn};
use crate::tui::view_model::{tabs, timeline};

/// Rows that one notch of the wheel moves.
const NOTCH: usize = 3;

pub(super) fn point(state: &mut State, mouse: MouseEvent) -> Update {
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => click(state, at),
        MouseEventKind::ScrollDown => scroll(state, at, true),
        MouseEventKind::ScrollUp => scroll(state, at, false),
        _ => Update::default(),
    }
}

fn click(state: &mut State, at: Position) -> Update {
    let Some(layout) = state.layout() else {
        return Update::default();
    };
    if let Mode::Help(_) = state.mode {
        state.mode = Mode::Lists;
        return Update::changed();
    }
    let bar = timeline::bar(layout.timeline);
    if bar.contains(at) {
        return playback::seek(state, at.x - bar.x, bar.width);
    }
    if layout.tabs.contains(at) {
        let Some(pane) = tabs::at(state, at.x) else {
            return Update::default();
        };
        turn(state, pane);
        if state.mode == Mode::Detail {
            set_mode(state, Mode::Lists);
        }
        return Update::changed();
    }
    if let Some(place) = place(state, layout.rows, at) {
        if place == state.list().at {
            set_mode(state, Mode::Detail);
        } else {
            state.select(place);
        }
        return Update::changed();
    }
    Update::default()
}

/// The place of the row there.
fn place(state: &State, rows: Rect, at: Position) -> Option<usize> {
    let place = state.list().top + usize::from(at.y.checked_sub(rows.y)?);
    (rows.contains(at) && place < state.listed.len()).then_some(place)
}

fn scroll(state: &mut State, at: Position, down: bool) -> Update {
    let Some(layout) = state.layout() else {
        return Update::default();
    };
    let moved = |from: usize| {
        if down {
            from + NOTCH
        } else {
            from.saturating_sub(NOTCH)
        }
    };
    if let Mode::Help(top) = state.mode {
        state.mode = Mode::Help(moved(top));
    } else if layout.detail.contains(at) {
        state.detail_top = moved(state.detail_top);
    } else if layout.rows.contains(at) {
        state.select(moved(state.list().at));
    } else {
        return Update::default();
    }
    Update::changed()
}
