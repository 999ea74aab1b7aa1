//! What is told beside the result: messages and the log, on standard error or in a file.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;
use tracing::level_filters::LevelFilter;

use super::arguments::Global;

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
#[expect(
    clippy::disallowed_methods,
    reason = "diagnostics go to standard error"
)]
pub(super) fn refuse(error: &clap::Error) {
    let mut lines = String::new();
    for line in error.render().to_string().lines() {
        lines.push_str(&windfall::words::escape::terminal(line));
        lines.push('\n');
    }
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// Tells the operator something that happened, as it is.
#[expect(
    clippy::disallowed_methods,
    reason = "diagnostics go to standard error"
)]
pub(super) fn line(text: &str) {
    let line = format!("{}\n", windfall::words::escape::terminal(text));
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Tells the operator one line. A standard error that is gone cannot be told so.
#[expect(
    clippy::disallowed_methods,
    reason = "diagnostics go to standard error"
)]
pub(super) fn say(message: &str) {
    let mut lines = String::from("windfall: ");
    for (at, line) in message.lines().enumerate() {
        if at > 0 {
            lines.push('\n');
        }
        lines.push_str(&windfall::report::escape::terminal(line));
    }
    lines.push('\n');
    let _ = io::stderr().write_all(lines.as_bytes());
}
