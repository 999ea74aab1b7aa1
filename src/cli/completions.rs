//! `windfall completions`: what a shell can complete.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::arguments::Arguments;
use super::exit::{Exit, Fault};
use super::stdout;

/// Arguments of `completions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall completions bash > /etc/bash_completion.d/windfall
  windfall completions zsh > \"${fpath[1]}/_windfall\"
  windfall completions fish > ~/.config/fish/completions/windfall.fish")]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(command: &Completions) -> Result<Exit, Fault> {
    // Into memory first: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(
        command.shell,
        &mut Arguments::command(),
        "windfall",
        &mut script,
    );
    stdout::write(Exit::Fine, |out| out.write_all(&script))
}
