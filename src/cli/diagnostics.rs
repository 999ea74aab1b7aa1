//! What is told beside the result: messages and the log, on standard error or in a file.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;
use tracing::level_filters::LevelFilter;

use super::arguments::Global;
use super::journal::{self, Priority};

/// Starts the log: warnings always, more with each `-v`.
///
/// # Errors
/// When the log file cannot be opened.
#[expect(clippy::disallowed_methods, reason = "logs go to standard error")]
pub(super) fn start(global: &Global) -> anyhow::Result<()> {
    let level = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false);
    let started = match &global.log_file {
        Some(path) => {
            let file = open(path)
                .with_context(|| format!("cannot write the log file {}", path.display()))?;
            log.with_writer(Mutex::new(file)).try_init()
        }
        None if journal::reads() => log
            .without_time()
            .with_level(false)
            .with_writer(journal::Log)
            .try_init(),
        None => log.with_writer(io::stderr).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!(error).context("cannot start the log"))
}

/// Opens a log, or events, which name hosts and files: for its owner alone, and nowhere that somebody's link points to.
#[expect(
    clippy::disallowed_methods,
    reason = "logs and events may go to a file"
)]
pub(super) fn open(path: &Path) -> io::Result<File> {
    let is_link = || std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::libc::O_NOFOLLOW);
    if is_link() {
        return Err(io::Error::other(
            "it is a symbolic link, which is not followed: give the name of the file itself",
        ));
    }
    options.open(path)
}

/// Tells what is wrong with the command line, as clap words it: it quotes arguments.
pub(super) fn refuse(error: &clap::Error) {
    write(&error.render().to_string(), Priority::Error);
}

/// Tells the operator something that happened, as it is.
pub(super) fn line(text: &str, priority: Priority) {
    write(text, priority);
}

/// Tells the operator one line. A standard error that is gone cannot be told so.
pub(super) fn say(message: &str) {
    let priority = if message.starts_with("error: ") {
        Priority::Error
    } else {
        Priority::Info
    };
    // The journal says itself who speaks.
    if journal::reads() {
        write(message, priority);
    } else {
        write(&format!("windfall: {message}"), priority);
    }
}

/// Writes lines, what might hide in them made visible, with their priority where the journal reads it.
#[expect(
    clippy::disallowed_methods,
    reason = "diagnostics go to standard error"
)]
fn write(text: &str, priority: Priority) {
    let prefix = if journal::reads() {
        priority.prefix()
    } else {
        ""
    };
    let mut lines = String::new();
    for line in text.lines() {
        lines.push_str(prefix);
        lines.push_str(&windfall::words::escape::terminal(line));
        lines.push('\n');
    }
    let _ = io::stderr().write_all(lines.as_bytes());
}
