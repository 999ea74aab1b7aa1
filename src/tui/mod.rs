//! The screen of a run: what fails, why, and what to do, live.
//!
//! Input: a [`Run`](crate::picture::Run), keys, the mouse. Output: cells on a terminal, and
//! [`Command`](crate::picture::Command)s to the run. Three pure steps: `update(state, event) → effects`,
//! `view model = f(state)`, `render(view model) → cells`; a [`Session`] puts them in line, and `terminal` alone
//! touches the terminal and the clock. Text off the wire is escaped where it becomes a piece of text, in `text`.

mod attempts;
mod filter;
mod fleet;
mod health;
mod keys;
mod layout;
mod listing;
mod render;
mod session;
mod state;
mod terminal;
mod text;
mod update;
mod view_model;

pub use fleet::{FleetSession, Shown};
pub use session::{DRAW_EVERY, Session};
pub use terminal::{Ended, Options, TuiError, run, run_fleet};
pub use update::{Effect, Event};
