//! How far a replay is, on a terminal alone.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the bytes of all files, or a count where their size is not known.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar if standard error is a terminal.
    #[expect(
        clippy::disallowed_methods,
        reason = "asks whether standard error is a terminal"
    )]
    pub(super) fn over(paths: &[PathBuf]) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let (bar, template) = match size(paths) {
            Some(bytes) => (
                ProgressBar::new(bytes),
                "{bar:30} {bytes}/{total_bytes} {msg} {bytes_per_sec} {eta}",
            ),
            None => (
                ProgressBar::new_spinner(),
                "{spinner} {bytes} {msg} {bytes_per_sec}",
            ),
        };
        // Drawn with the first progress: what is read in a moment needs no bar.
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Self(Some(bar))
    }

    /// So many frames and bytes were read.
    pub(super) fn at(&self, frames: u64, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(bytes);
            bar.set_message(format!("{frames} frames"));
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Bytes of all files; unknown for standard input, and for compressed files, which are longer than they look.
fn size(paths: &[PathBuf]) -> Option<u64> {
    paths
        .iter()
        .map(|path| {
            let compressed = path
                .extension()
                .is_some_and(|ending| ending == "gz" || ending == "zst");
            let facts = std::fs::metadata(path).ok()?;
            (facts.is_file() && !compressed).then_some(facts.len())
        })
        .sum()
}
