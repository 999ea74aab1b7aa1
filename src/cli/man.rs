//! `windfall man`: the manual page, with a chapter for each command.

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::arguments::Arguments;
use super::exit::{Exit, Fault};
use super::stdout;

/// Runs the command.
pub(super) fn run() -> Result<Exit, Fault> {
    stdout::write(Exit::Fine, |out| {
        let program = Arguments::command();
        Man::new(program.clone()).render(out)?;
        program
            .get_subcommands()
            .try_for_each(|command| chapter(command, "windfall", out))
    })
}

/// The chapter of a command, and of each of its own.
fn chapter(command: &Command, parent: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    let page = Man::new(command.clone().bin_name(&name).disable_help_flag(true));
    writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
    let mut sections = Vec::new();
    page.render_synopsis_section(&mut sections)?;
    page.render_description_section(&mut sections)?;
    page.render_options_section(&mut sections)?;
    page.render_extra_section(&mut sections)?;
    // Sections of a chapter are a level down.
    out.write_all(
        String::from_utf8_lossy(&sections)
            .replace("\n.SH ", "\n.SS ")
            .trim_start_matches(".SH ")
            .as_bytes(),
    )?;
    command
        .get_subcommands()
        .try_for_each(|below| chapter(below, &name, out))
}
