//! What a key, a click or a new picture changes, and what it asks of the world.
//!
//! Input: the state and an [`Event`]. Output: the state changed, whether the screen may look different now, and
//! [`Effect`]s for others to carry out. Pure: no clock, no terminal.

mod mouse;
mod playback;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};
use ratatui::layout::Size;

use super::keys::{self, Action};
use super::listing::{Pane, failed_at, flows_of, questions_of};
use super::state::{Mode, State};
use super::view_model::detail;
use crate::picture::{Command, Picture, Question, Selection};

/// What reaches the screen.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run's latest picture.
    Picture(Arc<Picture>),
    /// A key.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal's new size.
    Resize(Size),
}

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// End.
    Quit,
    /// Ask this of the run.
    Ask(Command),
    /// Put this into the clipboard.
    Copy(String),
}

/// What an event led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Update {
    /// The screen may look different.
    pub(crate) changed: bool,
    pub(crate) effects: Vec<Effect>,
}

impl Update {
    fn changed() -> Self {
        Self {
            changed: true,
            effects: Vec::new(),
        }
    }

    fn asks(effect: Effect) -> Self {
        Self {
            changed: true,
            effects: vec![effect],
        }
    }
}

/// Takes in one event.
pub(crate) fn update(state: &mut State, event: Event) -> Update {
    let update = match event {
        Event::Picture(picture) => replace(state, picture),
        Event::Resize(size) if size == state.size => Update::default(),
        Event::Resize(size) => {
            state.size = size;
            Update::changed()
        }
        Event::Key(key) if key.kind == KeyEventKind::Release => Update::default(),
        Event::Key(key) => press(state, &key),
        Event::Mouse(mouse) => mouse::point(state, mouse),
    };
    if update.changed {
        state.settle();
    }
    update
}

fn replace(state: &mut State, picture: Arc<Picture>) -> Update {
    if picture.number == state.latest.number {
        return Update::default();
    }
    let age = |state: &State| state.latest.now.since(state.shown.now).as_secs();
    let before = age(state);
    let messages = |picture: &Picture| picture.health.messages.last().cloned();
    let told = messages(&picture) != messages(&state.latest);
    if told {
        // The run answers what the note said was asked.
        state.note = None;
    }
    state.latest = picture;
    state.seeking = None;
    if !state.held {
        state.shown = Arc::clone(&state.latest);
        return Update::changed();
    }
    // A held screen shows nothing new but its age, messages, and where the replay is.
    Update {
        changed: told || age(state) != before || state.latest.playback.is_some(),
        effects: Vec::new(),
    }
}

fn press(state: &mut State, key: &KeyEvent) -> Update {
    if let Mode::Filter(before) = &state.mode {
        let before = before.clone();
        return edit(state, key, before);
    }
    let Some(action) = keys::action(key, state.playback().is_some()) else {
        return Update::default();
    };
    state.note = None;
    match state.mode {
        Mode::Help(top) => in_help(state, action, top),
        Mode::Lists | Mode::Filter(_) | Mode::Detail => act(state, action),
    }
}

/// Types into the filter's line; it filters as it grows.
fn edit(state: &mut State, key: &KeyEvent, before: String) -> Update {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if control => return Update::asks(Effect::Quit),
        KeyCode::Char('u') if control => state.line.clear(),
        KeyCode::Char(letter) if !control => state.line.push(letter),
        KeyCode::Backspace => {
            state.line.pop();
        }
        KeyCode::Enter => state.mode = Mode::Lists,
        KeyCode::Esc => {
            state.line = before;
            state.mode = Mode::Lists;
        }
        _ => return Update::default(),
    }
    apply_line(state);
    if state.mode == Mode::Lists && state.filter_error.take().is_some() {
        // The line that is shown is the filter that holds.
        state.line.clear();
        apply_line(state);
        state.note = Some("that was no filter: everything is shown".to_owned());
    }
    Update::changed()
}

fn apply_line(state: &mut State) {
    match super::filter::Filter::parse(&state.line) {
        Ok(filter) => {
            state.filter = filter;
            state.filter_error = None;
        }
        Err(error) => state.filter_error = Some(error.to_string()),
    }
}

fn in_help(state: &mut State, action: Action, top: usize) -> Update {
    let page = usize::from(state.size.height / 2);
    state.mode = match action {
        Action::Up => Mode::Help(top.saturating_sub(1)),
        Action::Down => Mode::Help(top + 1),
        Action::PageUp => Mode::Help(top.saturating_sub(page)),
        Action::PageDown => Mode::Help(top + page),
        Action::First => Mode::Help(0),
        Action::Last => Mode::Help(usize::MAX),
        Action::Help | Action::Back | Action::Open => Mode::Lists,
        Action::Quit => return Update::asks(Effect::Quit),
        _ => return Update::default(),
    };
    Update::changed()
}

fn act(state: &mut State, action: Action) -> Update {
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => step(state, action),
        Action::First | Action::Last => jump(state, action == Action::Last),
        Action::NextPane => turn(state, state.pane.step(1)),
        Action::PreviousPane => turn(state, state.pane.step(Pane::ALL.len() - 1)),
        Action::Open => set_mode(state, Mode::Detail),
        Action::Back => back(state),
        Action::Filter => {
            let before = state.line.clone();
            set_mode(state, Mode::Filter(before));
        }
        Action::Help => state.mode = Mode::Help(0),
        Action::NextFailing => to_failing(state, true),
        Action::PreviousFailing => to_failing(state, false),
        Action::Sort => {
            let list = state.list_mut();
            list.sort = list.sort.next();
        }
        Action::OnlyFailing => state.only_failing = !state.only_failing,
        Action::Follow => state.follow = !state.follow,
        Action::Stand => {
            state.held = !state.held;
            state.shown = Arc::clone(&state.latest);
        }
        Action::Write => return write(state),
        Action::Copy => return copy(state),
        Action::Quit => return Update::asks(Effect::Quit),
        Action::Play
        | Action::Faster
        | Action::Slower
        | Action::SeekBack
        | Action::SeekOn
        | Action::FailureBefore
        | Action::FailureAfter => return playback::control(state, action),
    }
    Update::changed()
}

fn set_mode(state: &mut State, mode: Mode) {
    state.mode = mode;
    state.detail_top = 0;
}

pub(super) fn turn(state: &mut State, pane: Pane) {
    state.pane = pane;
    state.detail_top = 0;
}

/// Rows in the list, lines in the detail.
fn step(state: &mut State, action: Action) {
    let layout = state.layout().unwrap_or_default();
    let zoomed = state.mode == Mode::Detail;
    let height = if zoomed {
        layout.detail.height
    } else {
        layout.rows.height
    };
    let page = usize::from(height).saturating_sub(1).max(1);
    let from = if zoomed {
        state.detail_top
    } else {
        state.list().at
    };
    let to = match action {
        Action::Up => from.saturating_sub(1),
        Action::PageUp => from.saturating_sub(page),
        Action::PageDown => from + page,
        _ => from + 1,
    };
    if zoomed {
        state.detail_top = to;
    } else {
        state.select(to);
    }
}

fn jump(state: &mut State, to_last: bool) {
    if state.mode == Mode::Detail {
        state.detail_top = if to_last { usize::MAX } else { 0 };
    } else if to_last {
        state.select(usize::MAX);
    } else {
        state.select(0);
        state.list_mut().selected = None;
    }
}

fn back(state: &mut State) {
    if state.mode == Mode::Detail {
        set_mode(state, Mode::Lists);
    } else {
        state.line.clear();
        state.only_failing = false;
        apply_line(state);
    }
}

/// The next failing row, round the end.
fn to_failing(state: &mut State, forward: bool) {
    let rows = state.listed.len();
    let fails = |place: &usize| {
        let index = state.listed.get(*place);
        index.is_some_and(|index| failed_at(&state.shown, state.pane, *index).is_some())
    };
    let from = state.list().at;
    let mut places = (1..=rows).map(|step| {
        let step = if forward { step } else { rows - step };
        (from + step) % rows
    });
    match places.find(fails) {
        Some(place) => state.select(place),
        None => state.note = Some("nothing here fails".to_owned()),
    }
}

fn write(state: &mut State) -> Update {
    let summary = &state.shown.summary;
    let mut selection = Selection::default();
    match (state.pane, state.selected()) {
        (Pane::Required, Some(at)) => {
            if let Some(row) = summary.requirements.get(at) {
                // Its own list leaves out copies; the file should hold what the capture holds.
                let flows = flows_of(summary, row).map(|flow| flow.id.clone());
                selection.flows.extend(flows);
                let questions = questions_of(summary, row).map(Question::of);
                selection.questions.extend(questions);
            }
        }
        (Pane::Flows, Some(at)) => {
            let flow = summary.flows.get(at);
            selection.flows.extend(flow.map(|flow| flow.id.clone()));
        }
        (Pane::Dns, Some(at)) => {
            let question = summary.dns.get(at);
            selection.questions.extend(question.map(Question::of));
        }
        _ => {}
    }
    if selection.is_empty() {
        state.note = Some("nothing here whose packets could be written".to_owned());
        return Update::changed();
    }
    state.note = Some("asked for these packets to be written".to_owned());
    let path = None;
    Update::asks(Effect::Ask(Command::Write { selection, path }))
}

fn copy(state: &mut State) -> Update {
    let Some(filter) = detail::wireshark(state) else {
        state.note = Some("no Wireshark filter here".to_owned());
        return Update::changed();
    };
    state.note =
        Some("the Wireshark filter is in the clipboard, if the terminal allows it".to_owned());
    Update::asks(Effect::Copy(filter))
}
