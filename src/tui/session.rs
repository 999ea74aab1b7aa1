//! One look at a run on some terminal: takes in events, draws when something changed, not too often.
//!
//! Input: events, pictures and the time since the start, from whoever owns the terminal and the clock. Output: effects,
//! and cells to the backend. Draws nothing while nothing changes, and at most ten times a second.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;

use super::render::render;
use super::state::State;
use super::update::{Effect, Event, update};
use super::view_model::view_model;
use crate::picture::Picture;

/// Shortest time between two draws.
pub const DRAW_EVERY: Duration = Duration::from_millis(100);

/// A run on a terminal.
#[derive(Debug)]
pub struct Session<B: Backend> {
    terminal: Terminal<B>,
    state: State,
    colour: bool,
    /// Something changed since the last draw.
    stale: bool,
    drawn_at: Option<Duration>,
    draws: u64,
}

impl<B: Backend> Session<B> {
    /// A look at this picture; nothing is drawn yet.
    ///
    /// # Errors
    /// What the terminal says when asked for its size.
    pub fn new(backend: B, picture: Arc<Picture>, colour: bool) -> Result<Self, B::Error> {
        let terminal = Terminal::new(backend)?;
        let size = terminal.size()?;
        Ok(Self {
            terminal,
            state: State::new(picture, size),
            colour,
            stale: true,
            drawn_at: None,
            draws: 0,
        })
    }

    /// Takes in an event.
    pub fn take(&mut self, event: Event) -> Vec<Effect> {
        let update = update(&mut self.state, event);
        self.stale |= update.changed;
        update.effects
    }

    /// How long until a draw is due; none while nothing changed. `now` is the time since the start.
    #[must_use]
    pub fn due_in(&self, now: Duration) -> Option<Duration> {
        let due = self.drawn_at.map_or(Duration::ZERO, |at| at + DRAW_EVERY);
        self.stale.then(|| due.saturating_sub(now))
    }

    /// Draws if something changed and the last draw was long enough ago. `now` is the time since the start.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn draw(&mut self, now: Duration) -> Result<(), B::Error> {
        if self.due_in(now) != Some(Duration::ZERO) {
            return Ok(());
        }
        let view = view_model(&self.state);
        let colour = self.colour;
        self.terminal.draw(|frame| render(frame, &view, colour))?;
        self.stale = false;
        self.drawn_at = Some(now);
        self.draws += 1;
        Ok(())
    }

    /// How often was drawn.
    #[must_use]
    pub const fn draws(&self) -> u64 {
        self.draws
    }

    /// What is drawn on.
    #[must_use]
    pub const fn backend(&self) -> &B {
        self.terminal.backend()
    }

    /// What is drawn on, to change it: its size, or to write past the cells.
    pub const fn backend_mut(&mut self) -> &mut B {
        self.terminal.backend_mut()
    }
}
