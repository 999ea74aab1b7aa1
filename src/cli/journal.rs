//! Lines as the journal of systemd reads them off standard error: each begins with its priority (`<4>`), none with a
//! time, which the journal notes itself.

use std::io::{self, Write};
use std::sync::OnceLock;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How much a line matters (syslog(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    /// Something cannot be done.
    Error,
    /// Something required fails, or capture is in trouble.
    Warning,
    /// News.
    Info,
    /// For those who look into windfall itself.
    Debug,
}

impl Priority {
    /// What a line begins with (sd-daemon(3)).
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Error => "<3>",
            Self::Warning => "<4>",
            Self::Info => "<6>",
            Self::Debug => "<7>",
        }
    }

    fn of(level: Level) -> Self {
        match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warning,
            Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }
}

/// Whether standard error leads to the journal.
pub(super) fn reads() -> bool {
    static READS: OnceLock<bool> = OnceLock::new();
    *READS.get_or_init(|| {
        let told = std::env::var("JOURNAL_STREAM").ok();
        told.is_some_and(|told| stream().is_ok_and(|stream| stream == told))
    })
}

/// Device and inode of standard error: `JOURNAL_STREAM` is inherited by programs whose output goes elsewhere.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "asks where standard error leads")]
fn stream() -> io::Result<String> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let stderr = io::stderr().as_fd().try_clone_to_owned()?;
    let found = std::fs::File::from(stderr).metadata()?;
    Ok(format!("{}:{}", found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn stream() -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The log, for the journal.
pub(super) struct Log;

impl<'a> MakeWriter<'a> for Log {
    type Writer = Entry;

    fn make_writer(&'a self) -> Entry {
        Entry(Priority::Info)
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Entry {
        Entry(Priority::of(*about.level()))
    }
}

/// One entry of the log: every line of it bears its priority.
pub(super) struct Entry(Priority);

impl Write for Entry {
    #[expect(clippy::disallowed_methods, reason = "logs go to standard error")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self(priority) = self;
        let mut lines = Vec::with_capacity(bytes.len() + 8);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.extend_from_slice(priority.prefix().as_bytes());
            lines.extend_from_slice(line);
        }
        io::stderr().write_all(&lines)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_the_priorities_of_syslog() {
        let prefix = |level| Priority::of(level).prefix();
        assert_eq!(prefix(Level::ERROR), "<3>");
        assert_eq!(prefix(Level::WARN), "<4>");
        assert_eq!(prefix(Level::INFO), "<6>");
        assert_eq!(prefix(Level::DEBUG), "<7>");
        assert_eq!(prefix(Level::TRACE), "<7>");
    }
}
