//! The configuration file, and `windfall config`: whether it is right, and what holds with it.
//!
//! Every flag of all commands is a key of the file, and every flag of `watch` is one of its table `[watch]`: both are
//! read off the command line's own description, so that none can be missing. What the file says takes the place of the
//! flag's default: the environment and the command line have the last word.

mod file;
mod keys;
mod show;
#[cfg(test)]
#[cfg(feature = "live")]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Subcommand};

use super::arguments::Arguments;
use super::exit::{Exit, Fault};
use super::{chosen_catalogue, stdout};
use file::Settings;

/// Where the packages put it, and the service reads it.
const USUAL: &str = "/etc/windfall/windfall.toml";

/// Arguments of `config`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall config check /etc/windfall/windfall.toml     before the service is restarted
  windfall --config windfall.toml config show           every key with its value, and where that comes from

The command line comes before the environment, that before the file, and the file before the defaults:
  profile = \"itunes\"            # a flag of all commands
  [watch]
  interface = [\"br-lan\"]        # a flag of watch
  metrics = \"127.0.0.1:9477\"")]
pub(super) struct Config {
    #[command(subcommand)]
    what: What,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum What {
    /// Whether a configuration file is right; a fault is told with its line
    #[command(after_help = "Example:\n  windfall config check /etc/windfall/windfall.toml")]
    Check {
        /// The file [default: that of --config, else /etc/windfall/windfall.toml]
        file: Option<PathBuf>,
    },
    /// Show what holds for each key, and whether a flag, the environment, the file or a default says so
    #[command(after_help = "Example:\n  windfall --config windfall.toml config show")]
    Show,
}

/// Why there are no arguments.
pub(super) enum Refused {
    /// The command line is wrong, or asks for help.
    CommandLine(clap::Error),
    /// The configuration file is wrong.
    File(Fault),
}

/// Reads the command line, and the configuration file that it or the environment names.
pub(super) fn arguments(words: &[OsString]) -> Result<Arguments, Refused> {
    let bare = Arguments::try_parse_from_words(Arguments::command(), words);
    let bare = bare.map_err(Refused::CommandLine)?;
    let Some(path) = &bare.global.config else {
        return Ok(bare);
    };
    let settings = Settings::read(path).map_err(Refused::File)?;
    Arguments::try_parse_from_words(settings.apply(Arguments::command()), words)
        .map_err(Refused::CommandLine)
}

impl Arguments {
    fn try_parse_from_words(command: Command, words: &[OsString]) -> Result<Self, clap::Error> {
        Self::from_arg_matches(&command.try_get_matches_from(words)?)
    }
}

/// Runs the command.
pub(super) fn run(command: &Config, named: Option<&Path>) -> Result<Exit, Fault> {
    match &command.what {
        What::Check { file } => check(file.as_deref().or(named).unwrap_or(Path::new(USUAL))),
        What::Show => {
            let settings = named.map(Settings::read).transpose()?.unwrap_or_default();
            show::run(&settings)
        }
    }
}

/// Reads the file, and what it names that is read at the start.
fn check(path: &Path) -> Result<Exit, Fault> {
    let settings = Settings::read(path)?;
    let words = ["windfall", "config", "show"].map(OsString::from);
    let arguments = Arguments::try_parse_from_words(settings.apply(Arguments::command()), &words);
    let arguments = arguments.map_err(Fault::usage)?;
    chosen_catalogue::build(&arguments.global, &[])?;
    stdout::write(Exit::Fine, |out| {
        let set = settings.len();
        let keys = if set == 1 { "key is" } else { "keys are" };
        writeln!(out, "{} is right: {set} {keys} set", path.display())
    })
}
