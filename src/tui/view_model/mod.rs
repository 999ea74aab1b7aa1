//! What the screen says, before it is drawn: a function of the state, which holds the picture.
//!
//! Input: a [`State`]. Output: a [`ViewModel`]: pieces of escaped text for each part of the [`Layout`]. All words are
//! made here; [`render`](super::render) only places them.

mod answer;
pub(crate) mod detail;
mod footer;
mod header;
pub(crate) mod help;
mod ladder;
mod lists;
mod row_of_lanes;
mod strip;
pub(crate) mod tabs;
pub(crate) mod timeline;

use super::layout::Layout;
use super::state::{Mode, State};
use super::text::{Piece, Pieces};

/// A column of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Columns without which it is left out.
    pub(crate) least: usize,
    /// Those with a higher rank are left out, and cut, first.
    pub(crate) rank: u8,
}

/// A list: the rows in sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    /// As many cells as there are columns.
    pub(crate) rows: Vec<Vec<Piece>>,
    /// Which of them is selected.
    pub(crate) selected: Option<usize>,
    /// What is said instead if there are no rows.
    pub(crate) empty: &'static str,
}

/// Help over everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Help {
    pub(crate) lines: Vec<Pieces>,
    pub(crate) top: usize,
}

/// A whole screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) layout: Layout,
    pub(crate) header: Pieces,
    pub(crate) answer: Pieces,
    pub(crate) strip: Pieces,
    pub(crate) timeline: Pieces,
    pub(crate) tabs: Pieces,
    pub(crate) table: Table,
    pub(crate) rule: Pieces,
    /// Lines in sight.
    pub(crate) detail: Vec<Pieces>,
    pub(crate) footer: Pieces,
    /// Where the next letter goes, in columns of the footer.
    pub(crate) cursor: Option<usize>,
    pub(crate) help: Option<Help>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ViewModel {
    /// The terminal is too small for anything else.
    TooSmall,
    Screen(Box<Screen>),
}

/// What the screen says.
pub(crate) fn view_model(state: &State) -> ViewModel {
    let Some(layout) = state.layout() else {
        return ViewModel::TooSmall;
    };
    let width = usize::from(state.size.width);
    let (footer, cursor) = footer::footer(state, width);
    let detail = if layout.detail.is_empty() {
        Vec::new()
    } else {
        let lines = detail::lines(state).into_iter();
        let height = usize::from(layout.detail.height);
        lines.skip(state.detail_top).take(height).collect()
    };
    let help = match state.mode {
        Mode::Help(top) => Some(Help {
            lines: help::lines(state.playback().is_some()),
            top,
        }),
        Mode::Lists | Mode::Filter(_) | Mode::Detail => None,
    };
    ViewModel::Screen(Box::new(Screen {
        layout,
        header: header::header(state, width),
        answer: answer::answer(&state.shown.summary, width),
        strip: strip::strip(&state.shown, width),
        timeline: timeline::timeline(state, layout.timeline),
        tabs: tabs::tabs(state, width),
        table: lists::table(state, usize::from(layout.rows.height)),
        rule: detail::rule(state, width),
        detail,
        footer,
        cursor,
        help,
    }))
}
