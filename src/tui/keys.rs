//! The keys: one table that input, help and hints are made from.
//!
//! Input: a key event. Output: the [`Action`] it stands for. A key that is not in the table does nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    NextPane,
    PreviousPane,
    Open,
    Back,
    Filter,
    NextFailing,
    PreviousFailing,
    Sort,
    OnlyFailing,
    Follow,
    Stand,
    Write,
    Copy,
    Help,
    Quit,
    Play,
    Faster,
    Slower,
    SeekBack,
    SeekOn,
    FailureBefore,
    FailureAfter,
}

/// A key, whatever Shift says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Plain(KeyCode),
    Control(char),
}

impl Key {
    fn is(self, event: &KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.modifiers.contains(KeyModifiers::ALT) {
            return false;
        }
        match self {
            Self::Plain(code) => !control && code == event.code,
            Self::Control(letter) => control && event.code == KeyCode::Char(letter),
        }
    }

    /// As it is written on a keyboard.
    fn label(self) -> String {
        match self {
            Self::Control(letter) => format!("Ctrl-{}", letter.to_ascii_uppercase()),
            Self::Plain(code) => match code {
                KeyCode::Char(' ') => "Space".to_owned(),
                KeyCode::Char(letter) => letter.to_string(),
                KeyCode::Up => "↑".to_owned(),
                KeyCode::Down => "↓".to_owned(),
                KeyCode::Left => "←".to_owned(),
                KeyCode::Right => "→".to_owned(),
                KeyCode::PageUp => "PgUp".to_owned(),
                KeyCode::PageDown => "PgDn".to_owned(),
                KeyCode::BackTab => "Shift-Tab".to_owned(),
                other => other.to_string(),
            },
        }
    }
}

/// An action with its keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) action: Action,
    pub(crate) keys: &'static [Key],
    /// What help says it does.
    pub(crate) help: &'static str,
    /// A word for the line below the screen, for the actions that are named there.
    pub(crate) hint: Option<&'static str>,
    /// It is for replays alone.
    pub(crate) playback: bool,
}

impl Binding {
    /// `↓ j`.
    pub(crate) fn label(&self) -> String {
        let labels: Vec<String> = self.keys.iter().map(|key| key.label()).collect();
        labels.join(" ")
    }
}

const fn char(letter: char) -> Key {
    Key::Plain(KeyCode::Char(letter))
}

const fn bind(action: Action, keys: &'static [Key], help: &'static str) -> Binding {
    Binding {
        action,
        keys,
        help,
        hint: None,
        playback: false,
    }
}

const fn hinted(binding: Binding, hint: &'static str) -> Binding {
    Binding {
        hint: Some(hint),
        ..binding
    }
}

const fn replay(binding: Binding) -> Binding {
    Binding {
        playback: true,
        ..binding
    }
}

/// Every key there is, in the order of the help.
pub(crate) const BINDINGS: &[Binding] = &[
    hinted(bind(Action::Help, &[char('?')], "this help"), "help"),
    hinted(
        bind(Action::Quit, &[char('q'), Key::Control('c')], "quit"),
        "quit",
    ),
    bind(
        Action::Up,
        &[Key::Plain(KeyCode::Up), char('k')],
        "one row up",
    ),
    bind(
        Action::Down,
        &[Key::Plain(KeyCode::Down), char('j')],
        "one row down",
    ),
    bind(Action::PageUp, &[Key::Plain(KeyCode::PageUp)], "a page up"),
    bind(
        Action::PageDown,
        &[Key::Plain(KeyCode::PageDown)],
        "a page down",
    ),
    bind(Action::First, &[Key::Plain(KeyCode::Home)], "first row"),
    bind(Action::Last, &[Key::Plain(KeyCode::End)], "last row"),
    hinted(
        bind(Action::NextPane, &[Key::Plain(KeyCode::Tab)], "next list"),
        "lists",
    ),
    bind(
        Action::PreviousPane,
        &[Key::Plain(KeyCode::BackTab)],
        "previous list",
    ),
    hinted(
        bind(
            Action::Open,
            &[Key::Plain(KeyCode::Enter)],
            "everything about the selected row",
        ),
        "detail",
    ),
    bind(
        Action::Back,
        &[Key::Plain(KeyCode::Esc)],
        "back; then no filter",
    ),
    hinted(
        bind(Action::Filter, &[char('/')], "filter the rows, see below"),
        "filter",
    ),
    bind(Action::NextFailing, &[char('n')], "next failing row"),
    bind(
        Action::PreviousFailing,
        &[char('N')],
        "previous failing row",
    ),
    hinted(
        bind(Action::OnlyFailing, &[char('f')], "only what fails"),
        "failing",
    ),
    bind(Action::Follow, &[char('F')], "stay on the newest failure"),
    bind(
        Action::Sort,
        &[char('s')],
        "sort: worst, newest, name, client",
    ),
    hinted(
        bind(
            Action::Stand,
            &[char('p')],
            "pause the screen; capture goes on",
        ),
        "pause",
    ),
    hinted(
        bind(
            Action::Write,
            &[char('w')],
            "write the row's packets to a capture file",
        ),
        "write",
    ),
    hinted(
        bind(Action::Copy, &[char('y')], "copy the Wireshark filter"),
        "copy filter",
    ),
    replay(bind(Action::Play, &[char(' ')], "play, or pause")),
    replay(bind(
        Action::Faster,
        &[char('+'), char('=')],
        "faster: 1×, 10×, max",
    )),
    replay(bind(Action::Slower, &[char('-')], "slower")),
    replay(bind(
        Action::SeekBack,
        &[Key::Plain(KeyCode::Left)],
        "back in time",
    )),
    replay(bind(
        Action::SeekOn,
        &[Key::Plain(KeyCode::Right)],
        "on in time",
    )),
    replay(bind(
        Action::FailureBefore,
        &[char('[')],
        "to the failure before",
    )),
    replay(bind(
        Action::FailureAfter,
        &[char(']')],
        "to the failure after",
    )),
];

/// What this key asks for; those for replays only if there is one.
pub(crate) fn action(event: &KeyEvent, playback: bool) -> Option<Action> {
    BINDINGS
        .iter()
        .filter(|binding| playback || !binding.playback)
        .find(|binding| binding.keys.iter().any(|key| key.is(event)))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let keys: Vec<Key> = BINDINGS
            .iter()
            .flat_map(|binding| binding.keys)
            .copied()
            .collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[at + 1..].contains(key), "{key:?}");
        }
    }

    #[test]
    fn shift_is_part_of_the_letter_and_alt_means_nothing() {
        let press = |code, modifiers| action(&KeyEvent::new(code, modifiers), false);
        let follow = press(KeyCode::Char('F'), KeyModifiers::SHIFT);
        assert_eq!(follow, Some(Action::Follow));
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::NONE), None);
        let quit = press(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(quit, Some(Action::Quit));
    }

    #[test]
    fn keys_of_replays_do_nothing_without_one() {
        let space = KeyEvent::new(KeyCode::Char(' '), KeyModifiers::NONE);
        assert_eq!(action(&space, false), None);
        assert_eq!(action(&space, true), Some(Action::Play));
    }
}
