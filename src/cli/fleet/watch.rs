//! Shows a fleet: once, or on the screen for as long as somebody looks.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use windfall::capture::frame::Timestamp;
use windfall::events::overview::Overview;
use windfall::report;
use windfall::tui::{self, Shown, TuiError};

use super::reader::{Console, Desk, read};
use super::{Fleet, Form};
use crate::cli::arguments::Global;
use crate::cli::exit::{Exit, Fault};
use crate::cli::replay::colour;
use crate::cli::signals::Asked;
use crate::cli::stdout;

/// Longest wait for all that a stream holds, beside the time that it takes to read it.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often it is looked whether something came.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Runs the command.
pub(super) fn run(command: &Fleet, global: &Global) -> Result<Exit, Fault> {
    let asked = Asked::listen().map_err(Fault::usage)?;
    let options = command
        .flags
        .options(&command.broker)
        .map_err(Fault::usage)?;
    let (console, over) = (Mutex::default(), AtomicBool::new(false));
    let desk = Desk {
        console: &console,
        over: &over,
    };
    std::thread::scope(|scope| {
        scope.spawn(|| read(&command.broker, options, &desk));
        let _over = Over(&over);
        if command.format.is_none() && stdout::is_terminal() {
            show(global, &console, &asked)
        } else {
            once(command, global, &console, &asked)
        }
    })
}

/// Set when dropped.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

fn locked(console: &Mutex<Console>) -> MutexGuard<'_, Console> {
    console.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows it until the user quits.
fn show(global: &Global, console: &Mutex<Console>, asked: &Asked) -> Result<Exit, Fault> {
    let look = || {
        let console = locked(console);
        let reading = (!console.caught_up).then(|| "reading…".to_owned());
        Shown {
            overview: Arc::new(console.overview(day())),
            trouble: console.trouble.clone().or(reading),
        }
    };
    let options = tui::Options {
        colour: colour(global.color),
    };
    match tui::run_fleet(&look, options, &|| asked.is_set()) {
        Ok(_) => Ok(status(&locked(console).overview(day()))),
        Err(error) => Err(Fault {
            exit: if matches!(error, TuiError::Panicked) {
                Exit::Broken
            } else {
                Exit::Unwritten
            },
            error: error.into(),
        }),
    }
}

/// Waits until all was read, and writes how the fleet stands.
fn once(
    command: &Fleet,
    global: &Global,
    console: &Mutex<Console>,
    asked: &Asked,
) -> Result<Exit, Fault> {
    let overview = caught_up(console, asked)?;
    let exit = status(&overview);
    stdout::write(exit, |out| match command.format {
        Some(Form::Json) => report::fleet::json(&overview, out),
        Some(Form::Text) | None => report::fleet::text(&overview, colour(global.color), out),
    })
}

fn status(overview: &Overview) -> Exit {
    if overview.is_failing() {
        Exit::Failing
    } else {
        Exit::Fine
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "waits for the broker, by the wall clock"
)]
fn caught_up(console: &Mutex<Console>, asked: &Asked) -> Result<Overview, Fault> {
    let (mut edition, mut since) = (0, Instant::now());
    loop {
        {
            let console = locked(console);
            if console.caught_up {
                return Ok(console.overview(day()));
            }
            if console.edition != edition && console.trouble.is_none() {
                // It comes, however much there is of it.
                (edition, since) = (console.edition, Instant::now());
            }
            if since.elapsed() >= PATIENCE || asked.is_set() {
                let why = console.trouble.clone();
                let why = why.unwrap_or_else(|| "the broker did not answer in time".to_owned());
                return Err(Fault {
                    exit: Exit::Unreadable,
                    error: anyhow::anyhow!(why),
                });
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "gateways may be silent")]
fn day() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(0).after(since)
}
