//! The screen of a fleet: what fails at which gateway since when, and why.
//!
//! Input: an [`Overview`], keys. Output: cells on a terminal. As on the screen of a run: `update(state, key)`,
//! `view = f(state)`, `render(view) → cells`; a [`FleetSession`] puts them in line.

mod detail;
mod lists;
mod state;
pub(crate) mod view;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use ratatui::Terminal;
use ratatui::backend::Backend;

use super::render::fleet::draw;
use super::session::DRAW_EVERY;
use crate::events::overview::Overview;
use state::State;
use view::view;

/// What is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// How the fleet stands.
    pub overview: Arc<Overview>,
    /// Why it is not up to date.
    pub trouble: Option<String>,
}

/// A fleet on a terminal.
#[derive(Debug)]
pub struct FleetSession<B: Backend> {
    terminal: Terminal<B>,
    state: State,
    colour: bool,
    stale: bool,
    drawn_at: Option<Duration>,
}

impl<B: Backend> FleetSession<B> {
    /// A look at this fleet; nothing is drawn yet.
    ///
    /// # Errors
    /// What the terminal says when asked for its size.
    pub fn new(backend: B, shown: Shown, colour: bool) -> Result<Self, B::Error> {
        let terminal = Terminal::new(backend)?;
        let size = terminal.size()?;
        Ok(Self {
            terminal,
            state: State::new(shown, size),
            colour,
            stale: true,
            drawn_at: None,
        })
    }

    /// Shows the fleet as it stands now.
    pub fn show(&mut self, shown: Shown) {
        self.state.shown = shown;
        self.stale = true;
    }

    /// The terminal has another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.state.size = ratatui::layout::Size { width, height };
        self.stale = true;
    }

    /// Answers a key; false if it asks to quit.
    pub fn press(&mut self, key: &KeyEvent) -> bool {
        self.stale = true;
        self.state.press(key)
    }

    /// Draws if something changed and the last draw was long enough ago. `now` is the time since the start.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn draw(&mut self, now: Duration) -> Result<(), B::Error> {
        let due = self.drawn_at.map_or(Duration::ZERO, |at| at + DRAW_EVERY);
        if !self.stale || now < due {
            return Ok(());
        }
        let view = view(&mut self.state);
        let colour = self.colour;
        self.terminal
            .draw(|frame| draw(frame, view.as_ref(), colour))?;
        self.stale = false;
        self.drawn_at = Some(now);
        Ok(())
    }

    /// What is drawn on.
    #[must_use]
    pub const fn backend(&self) -> &B {
        self.terminal.backend()
    }
}
