//! The only file that touches the terminal and the clock.
//!
//! Input: a run. Output: its screen on standard output, until the user quits or the caller says so. The terminal is put
//! back as it was on every way out: return, error, and panic of any thread.

mod fleet;

use std::io::{self, IsTerminal as _};
use std::iter;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use crossterm::event::{self, DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;
use thiserror::Error;

pub use fleet::run_fleet;

use super::session::Session;
use super::update::{Effect, Event};
use crate::picture::{Command, Run};

/// Longest wait before the run and the caller are asked again.
const ROUND: Duration = Duration::from_millis(100);

/// Events that wait to be answered; what comes beyond waits in the terminal.
const EVENT_ROOM: usize = 64;

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// In colour. Without, weight and reverse video remain.
    pub colour: bool,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user quit; the run was asked to end.
    Quit,
    /// The caller's `stop` said so.
    Stopped,
}

/// Why there is no screen.
#[derive(Debug, Error)]
pub enum TuiError {
    /// Standard output goes elsewhere.
    #[error("standard output is not a terminal")]
    NotATerminal,
    /// The terminal refused, or is gone.
    #[error("the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// A thread of this process panicked; what it said is on the terminal.
    #[error("a part of windfall failed; the screen ended")]
    Panicked,
}

/// Shows a run until the user quits, or `stop` says so; it is asked ten times a second. A run that ended stays on the
/// screen until then.
///
/// # Errors
/// When standard output is no terminal, the terminal fails, or a thread of this process panics.
pub fn run(run: &dyn Run, options: Options, stop: &dyn Fn() -> bool) -> Result<Ended, TuiError> {
    let out = stdout();
    if !out.is_terminal() {
        return Err(TuiError::NotATerminal);
    }
    let taken = Taken::take()?;
    let events = listen();
    let start = now();
    let backend = CrosstermBackend::new(out);
    let mut session = Session::new(backend, run.picture(), options.colour)?;
    loop {
        if stop() {
            return Ok(Ended::Stopped);
        }
        if taken.panicked.load(Ordering::SeqCst) {
            return Err(TuiError::Panicked);
        }
        let mut effects = session.take(Event::Picture(run.picture()));
        session.draw(start.elapsed())?;
        let wait = session.due_in(start.elapsed()).unwrap_or(ROUND).min(ROUND);
        match events.recv_timeout(wait) {
            // All that wait, so that a held key is answered in one draw.
            Ok(first) => {
                for event in iter::once(first).chain(events.try_iter()) {
                    if let Some(event) = translated(&event?) {
                        effects.extend(session.take(event));
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            // An error comes before the end; this is none.
            Err(RecvTimeoutError::Disconnected) => return Err(TuiError::Panicked),
        }
        for effect in effects {
            match effect {
                Effect::Quit => {
                    run.ask(Command::Quit);
                    return Ok(Ended::Quit);
                }
                Effect::Ask(command) => run.ask(command),
                Effect::Copy(text) => copy(session.backend_mut(), &text)?,
            }
        }
    }
}

/// What the user does, read by a thread of its own that ends with the process: reading from a terminal that hung up
/// never returns (crossterm 0.29 takes its end for no input yet), and then the run must still be told to end.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for keys while the screen is drawn"
)]
fn listen() -> Receiver<io::Result<event::Event>> {
    let (hand, events) = bounded(EVENT_ROOM);
    std::thread::spawn(move || {
        loop {
            let event = event::read();
            let failed = event.is_err();
            if hand.send(event).is_err() || failed {
                break;
            }
        }
    });
    events
}

fn translated(event: &event::Event) -> Option<Event> {
    match *event {
        event::Event::Key(key) => Some(Event::Key(key)),
        event::Event::Mouse(mouse) => Some(Event::Mouse(mouse)),
        event::Event::Resize(width, height) => Some(Event::Resize(Size { width, height })),
        event::Event::FocusGained | event::Event::FocusLost | event::Event::Paste(_) => None,
    }
}

/// Asks the terminal to put text into the clipboard (xterm, OSC 52). One that does not know it, or is told not to obey
/// it, ignores it. Base64 keeps the text from ending the sequence.
fn copy(out: &mut impl io::Write, text: &str) -> io::Result<()> {
    write!(out, "\x1b]52;c;{}\x07", BASE64.encode(text))?;
    out.flush()
}

/// The terminal while it is ours.
struct Taken {
    panicked: Arc<AtomicBool>,
}

impl Taken {
    fn take() -> io::Result<Self> {
        let panicked = Arc::new(AtomicBool::new(false));
        let taken = Self {
            panicked: Arc::clone(&panicked),
        };
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Once: what is said afterwards must stay in sight.
            if !panicked.swap(true, Ordering::SeqCst) {
                give_back();
            }
            hook(info);
        }));
        enable_raw_mode()?;
        execute!(
            stdout(),
            EnterAlternateScreen,
            EnableMouseCapture,
            cursor::Hide
        )?;
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.panicked.swap(true, Ordering::SeqCst) {
            give_back();
        }
        // The hook that was there before is called by ours, which does nothing else from now on.
    }
}

/// Puts the terminal back as it was. What fails here can be told nowhere.
fn give_back() {
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

#[expect(clippy::disallowed_methods, reason = "the screen goes to the terminal")]
fn stdout() -> io::Stdout {
    io::stdout()
}

#[expect(
    clippy::disallowed_methods,
    reason = "draws are timed by the clock on the wall"
)]
fn now() -> Instant {
    Instant::now()
}
