//! `windfall man`: the manual page, of the program and then of each command.

use std::io;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::exit::{Exit, Fault};
use super::stdout;

/// Runs the command.
pub(super) fn run() -> Result<Exit, Fault> {
    stdout::write(Exit::Fine, |out| -> io::Result<()> {
        Man::new(Arguments::command()).render(out)
    })
}
