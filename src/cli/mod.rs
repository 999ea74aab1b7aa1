//! The command line: arguments, one file a command, and what a run comes to.
//!
//! Results go to standard output; progress and diagnostics go to standard error. This is the one place with a clock,
//! and the one that reads the environment. Errors end in one message and an [`Exit`] status.

mod anonymize_flags;
mod arguments;
mod bench;
#[cfg(feature = "live")]
mod capture_flags;
mod catalogue;
mod chosen_catalogue;
mod completions;
mod config;
mod diagnostics;
mod duration;
#[cfg(feature = "live")]
mod events;
mod evidence_flags;
mod exit;
mod explain;
mod fleet;
mod follow;
#[cfg(feature = "live")]
mod interfaces;
mod journal;
mod man;
mod merge;
mod process_lists;
mod progress;
mod replay;
mod report_flags;
#[cfg(feature = "live")]
mod ring_flags;
mod running;
#[cfg(feature = "live")]
mod service;
mod signals;
#[cfg(feature = "live")]
mod size;
mod status_lines;
mod stdout;
#[cfg(feature = "live")]
mod terminals;
#[cfg(feature = "live")]
mod watch;

use clap::error::ErrorKind;

use arguments::{Arguments, Command};
use config::Refused;
pub(crate) use exit::Exit;
use exit::Fault;

/// Runs the program.
pub(crate) fn main() -> Exit {
    let words: Vec<_> = std::env::args_os().collect();
    let arguments = match config::arguments(&words) {
        Ok(arguments) => arguments,
        Err(Refused::CommandLine(error)) => return answer(&error),
        Err(Refused::File(fault)) => return tell(&fault),
    };
    run(&arguments).unwrap_or_else(|fault| tell(&fault))
}

/// Tells what went wrong, and gives its status.
fn tell(fault: &Fault) -> Exit {
    diagnostics::say(&format!("error: {:#}", fault.error));
    fault.exit
}

/// Shows the help that was asked for, or tells what is wrong.
fn answer(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Help asked for by a closed pipe is no fault either.
            let _ = error.print();
            Exit::Fine
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Usage
        }
        _ => {
            diagnostics::refuse(error);
            Exit::Usage
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    diagnostics::start(&arguments.global).map_err(Fault::usage)?;
    match &arguments.command {
        Command::Replay(command) => replay::run(command, &arguments.global),
        #[cfg(feature = "live")]
        Command::Watch(command) => watch::run(command, &arguments.global),
        Command::Catalogue(command) => catalogue::run(command, &arguments.global),
        Command::Merge(command) => merge::run(command, &arguments.global),
        Command::Bench(command) => bench::run(command, &arguments.global),
        Command::Explain(command) => explain::run(command, &arguments.global),
        #[cfg(feature = "live")]
        Command::Interfaces(command) => interfaces::run(command, &arguments.global),
        Command::Config(command) => config::run(command, arguments.global.config.as_deref()),
        Command::Fleet(command) => fleet::run(command, &arguments.global),
        Command::Completions(command) => completions::run(command),
        Command::Man => man::run(),
    }
}
