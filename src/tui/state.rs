//! What the user chose, and the picture that is shown.
//!
//! Input and output: nothing; [`update`](super::update) changes it, [`view_model`](super::view_model) reads it. After
//! each change [`State::settle`] makes it hold together: the selection is a row that is shown, and in sight.

use std::sync::Arc;

use ratatui::layout::Size;

use super::filter::Filter;
use super::layout::Layout;
use super::listing::{Key, Pane, Sort, failed_at, key, rows};
use super::view_model::{detail, help};
use crate::capture::frame::Timestamp;
use crate::picture::{Picture, Playback};

/// What the keys go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The list with a detail below.
    Lists,
    /// The line after `/`; with the line as it was before.
    Filter(String),
    /// Everything about the selected row.
    Detail,
    /// Help, scrolled down so many lines.
    Help(usize),
}

/// One list's own choices.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) sort: Sort,
    /// The row that was chosen; none to stay on the first, whichever that is.
    pub(crate) selected: Option<Key>,
    /// Place of the selection among the rows that are shown.
    pub(crate) at: usize,
    /// Place of the topmost row in sight.
    pub(crate) top: usize,
}

/// What the user chose, and the picture that is shown.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) latest: Arc<Picture>,
    /// The latest, unless the screen is held.
    pub(crate) shown: Arc<Picture>,
    pub(crate) held: bool,
    pub(crate) size: Size,
    pub(crate) mode: Mode,
    pub(crate) pane: Pane,
    lists: [List; Pane::ALL.len()],
    /// The line after `/`.
    pub(crate) line: String,
    /// The last line that could be understood.
    pub(crate) filter: Filter,
    pub(crate) filter_error: Option<String>,
    pub(crate) only_failing: bool,
    pub(crate) follow: bool,
    /// Lines of the detail above the ones in sight.
    pub(crate) detail_top: usize,
    /// What to tell until the next key.
    pub(crate) note: Option<String>,
    /// Where a replay was last asked to go, until it is there.
    pub(crate) seeking: Option<Timestamp>,
    /// The rows that are shown, as indices into the picture's list.
    pub(crate) listed: Vec<usize>,
}

impl State {
    pub(crate) fn new(picture: Arc<Picture>, size: Size) -> Self {
        let list = List {
            sort: Sort::Worst,
            selected: None,
            at: 0,
            top: 0,
        };
        let mut state = Self {
            latest: Arc::clone(&picture),
            shown: picture,
            held: false,
            size,
            mode: Mode::Lists,
            pane: Pane::Required,
            lists: [(); Pane::ALL.len()].map(|()| list.clone()),
            line: String::new(),
            filter: Filter::default(),
            filter_error: None,
            only_failing: false,
            follow: false,
            detail_top: 0,
            note: None,
            seeking: None,
            listed: Vec::new(),
        };
        state.settle();
        state
    }

    /// Where everything stands; none if the screen is too small.
    pub(crate) fn layout(&self) -> Option<Layout> {
        let zoomed = self.mode == Mode::Detail;
        Layout::of(self.size, self.latest.playback.is_some(), zoomed)
    }

    /// The list in sight.
    pub(crate) fn list(&self) -> &List {
        let [required, flows, dns, bonjour, health] = &self.lists;
        match self.pane {
            Pane::Required => required,
            Pane::Flows => flows,
            Pane::Dns => dns,
            Pane::Bonjour => bonjour,
            Pane::Health => health,
        }
    }

    pub(crate) fn list_mut(&mut self) -> &mut List {
        let [required, flows, dns, bonjour, health] = &mut self.lists;
        match self.pane {
            Pane::Required => required,
            Pane::Flows => flows,
            Pane::Dns => dns,
            Pane::Bonjour => bonjour,
            Pane::Health => health,
        }
    }

    /// Index of the selected row in the picture's list.
    pub(crate) fn selected(&self) -> Option<usize> {
        self.listed.get(self.list().at).copied()
    }

    /// Where the replay stands, whether or not the screen is held.
    pub(crate) fn playback(&self) -> Option<&Playback> {
        self.latest.playback.as_ref()
    }

    /// Selects the row at this place, or the last.
    pub(crate) fn select(&mut self, at: usize) {
        let at = at.min(self.listed.len().saturating_sub(1));
        let chosen = self.listed.get(at);
        let chosen = chosen.and_then(|index| key(&self.shown, self.pane, *index));
        let list = self.list_mut();
        list.at = at;
        list.selected = chosen;
        self.follow = false;
        self.detail_top = 0;
    }

    /// Makes the state hold together after any change.
    pub(crate) fn settle(&mut self) {
        let sort = self.list().sort;
        self.listed = rows(
            &self.shown,
            self.pane,
            &self.filter,
            self.only_failing,
            sort,
        );
        if self.follow {
            self.select_newest_failure();
        }
        let list = self.list();
        let place = |wanted: &Key| {
            let is = |index: &usize| key(&self.shown, self.pane, *index).as_ref() == Some(wanted);
            self.listed.iter().position(is)
        };
        let bottom = self.listed.len().saturating_sub(1);
        let at = match &list.selected {
            None => 0,
            Some(wanted) => place(wanted).unwrap_or(list.at).min(bottom),
        };
        let height = self
            .layout()
            .map_or(1, |layout| usize::from(layout.rows.height));
        let list = self.list_mut();
        list.at = at;
        // As far up as shows the selection and leaves no room below the last row.
        let least = (at + 1).saturating_sub(height);
        let most = at.min((bottom + 1).saturating_sub(height));
        list.top = list.top.clamp(least, most.max(least));
        if self.detail_top > 0 {
            let height = self.layout().map_or(0, |layout| layout.detail.height);
            let lines = detail::lines(self).len();
            let most = lines.saturating_sub(usize::from(height));
            self.detail_top = self.detail_top.min(most);
        }
        if let Mode::Help(top) = self.mode {
            let lines = help::lines(self.playback().is_some()).len();
            let most = lines.saturating_sub(usize::from(help::height(self.size)));
            self.mode = Mode::Help(top.min(most));
        }
    }

    fn select_newest_failure(&mut self) {
        let newest = self
            .listed
            .iter()
            .enumerate()
            .filter_map(|(place, index)| Some((failed_at(&self.shown, self.pane, *index)?, place)))
            // Of equals the first.
            .max_by_key(|(at, place)| (*at, std::cmp::Reverse(*place)));
        if let Some((_, place)) = newest
            && place != self.list().at
        {
            self.select(place);
            self.follow = true;
        }
    }
}
