//! A screen in memory, with a user in front of it.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use windfall::picture::Picture;
use windfall::tui::{Effect, Event, Session};

pub(crate) struct Seen {
    pub(crate) session: Session<TestBackend>,
    pub(crate) now: Duration,
    /// What was asked for since the start.
    pub(crate) effects: Vec<Effect>,
}

impl Seen {
    pub(crate) fn new(picture: Picture, (width, height): (u16, u16)) -> Self {
        Self::looking(picture, (width, height), true)
    }

    pub(crate) fn looking(picture: Picture, size: (u16, u16), colour: bool) -> Self {
        let mut seen = Self::begun(picture, size, colour);
        seen.draw();
        seen
    }

    /// Before the first draw.
    pub(crate) fn unseen(picture: Picture, size: (u16, u16)) -> Self {
        Self::begun(picture, size, true)
    }

    fn begun(picture: Picture, (width, height): (u16, u16), colour: bool) -> Self {
        let backend = TestBackend::new(width, height);
        Self {
            session: Session::new(backend, Arc::new(picture), colour).unwrap(),
            now: Duration::ZERO,
            effects: Vec::new(),
        }
    }

    /// Lets enough time pass for a draw.
    pub(crate) fn draw(&mut self) {
        self.now += Duration::from_secs(1);
        self.session.draw(self.now).unwrap();
    }

    pub(crate) fn take(&mut self, event: Event) {
        self.effects.extend(self.session.take(event));
        self.draw();
    }

    pub(crate) fn show(&mut self, picture: Picture) {
        self.take(Event::Picture(Arc::new(picture)));
    }

    pub(crate) fn press(&mut self, code: KeyCode) {
        self.take(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// Types letters.
    pub(crate) fn keys(&mut self, letters: &str) -> &mut Self {
        for letter in letters.chars() {
            self.press(KeyCode::Char(letter));
        }
        self
    }

    pub(crate) fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) {
        self.take(Event::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    }

    pub(crate) fn click(&mut self, column: u16, row: u16) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row);
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.session.backend_mut().resize(width, height);
        self.take(Event::Resize(Size { width, height }));
    }

    pub(crate) fn buffer(&self) -> &Buffer {
        self.session.backend().buffer()
    }

    /// The screen, a line each, blanks at their ends left out.
    pub(crate) fn lines(&self) -> Vec<String> {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width).max(1);
        buffer
            .content()
            .chunks(width)
            .map(|row| {
                let mut line = String::new();
                let mut covered = 0;
                for cell in row {
                    if covered == 0 {
                        line.push_str(cell.symbol());
                        covered = unicode_width::UnicodeWidthStr::width(cell.symbol());
                    }
                    covered = covered.saturating_sub(1);
                }
                line.trim_end().to_owned()
            })
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The selected row, which alone is reversed from end to end.
    pub(crate) fn selected(&self) -> String {
        let buffer = self.buffer();
        let reversed = |y: u16| {
            (0..buffer.area.width).all(|x| {
                let style = buffer[(x, y)].style();
                style
                    .add_modifier
                    .contains(ratatui::style::Modifier::REVERSED)
            })
        };
        let mut rows = (0..buffer.area.height).filter(|y| reversed(*y));
        let row = rows.next().expect("a row is selected");
        assert_eq!(rows.next(), None, "one row is selected");
        self.lines()[usize::from(row)].clone()
    }

    /// The first line that holds this.
    pub(crate) fn line(&self, part: &str) -> String {
        let found = self.lines().into_iter().find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("no {part:?} on\n{}", self.text()))
    }

    /// Row of the first line that holds this.
    pub(crate) fn row(&self, part: &str) -> u16 {
        let place = self.lines().iter().position(|line| line.contains(part));
        let place = place.unwrap_or_else(|| panic!("no {part:?} on\n{}", self.text()));
        u16::try_from(place).unwrap()
    }
}
