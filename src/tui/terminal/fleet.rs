//! The screen of a fleet on a terminal.

use std::io::IsTerminal as _;
use std::iter;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use crossterm::event;
use ratatui::backend::CrosstermBackend;

use super::{Ended, Options, ROUND, Taken, TuiError, listen, now, stdout};
use crate::tui::fleet::{FleetSession, Shown};

/// What is not changed by events changes with time: who was heard how long ago.
const SHOW_EVERY: Duration = Duration::from_millis(500);

/// Shows a fleet until the user quits, or `stop` says so. `look` tells how it stands; it is asked twice a second.
///
/// # Errors
/// When standard output is no terminal, the terminal fails, or a thread of this process panics.
pub fn run_fleet(
    look: &dyn Fn() -> Shown,
    options: Options,
    stop: &dyn Fn() -> bool,
) -> Result<Ended, TuiError> {
    let out = stdout();
    if !out.is_terminal() {
        return Err(TuiError::NotATerminal);
    }
    let taken = Taken::take()?;
    let events = listen();
    let start = now();
    let mut session = FleetSession::new(CrosstermBackend::new(out), look(), options.colour)?;
    let mut shown_at = Duration::ZERO;
    loop {
        if stop() {
            return Ok(Ended::Stopped);
        }
        if taken.panicked.load(Ordering::SeqCst) {
            return Err(TuiError::Panicked);
        }
        if start.elapsed().saturating_sub(shown_at) >= SHOW_EVERY {
            shown_at = start.elapsed();
            session.show(look());
        }
        session.draw(start.elapsed())?;
        match events.recv_timeout(ROUND) {
            Ok(first) => {
                for event in iter::once(first).chain(events.try_iter()) {
                    match event? {
                        event::Event::Key(key) if !session.press(&key) => return Ok(Ended::Quit),
                        event::Event::Resize(width, height) => session.resize(width, height),
                        _ => {}
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(TuiError::Panicked),
        }
    }
}
