//! `--save-failing`: the packets that prove what a report says.
//!
//! Input: the flag, a summary, packets. Output: evidence files, and a line on standard error for each.

use std::path::{Path, PathBuf};

use clap::Args;
use windfall::anonymize::Anonymizer;
use windfall::pipeline::evidence::{self, EvidenceError, Packets, Saved};
use windfall::verdict::summary::Summary;

use super::diagnostics;
use super::exit::Fault;

/// Arguments of commands that can write evidence.
#[derive(Args, Clone, Debug)]
pub(super) struct SaveFailing {
    /// Write the packets that prove it for each requirement and device that is failing, degraded or flaky: one pcapng
    /// file each in this folder, which is made if absent, with comments that Wireshark shows. While watching, as soon as
    /// it fails, and again at the end if more was seen.
    #[arg(
        long,
        value_name = "DIR",
        env = "WINDFALL_SAVE_FAILING",
        hide_env_values = true
    )]
    save_failing: Option<PathBuf>,
}

impl SaveFailing {
    /// Refuses what cannot work, before any packet is read: standard input cannot be read a second time.
    ///
    /// # Errors
    /// With what to do instead.
    pub(super) fn check(&self, paths: &[PathBuf]) -> Result<(), Fault> {
        if self.save_failing.is_some() && paths.iter().any(|path| path == Path::new("-")) {
            return Err(Fault::usage(anyhow::anyhow!(
                "--save-failing reads captures a second time, which standard input cannot be: save it in a file first"
            )));
        }
        Ok(())
    }

    /// The folder, if evidence is asked for.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.save_failing.as_deref()
    }

    /// Writes the evidence if it is asked for, and says what was written. Whether all of it was.
    pub(super) fn save(
        &self,
        summary: &Summary,
        packets: &dyn Packets,
        anonymizer: Option<&Anonymizer<'_>>,
    ) -> bool {
        let folder = self.save_failing.as_deref();
        folder.is_none_or(|folder| {
            tell(match anonymizer {
                Some(to) => evidence::save_anonymous(summary, packets, folder, to),
                None => evidence::save(summary, packets, folder),
            })
        })
    }
}

/// Says what was written. Whether all of it was.
pub(super) fn tell(saved: Result<Vec<Saved>, EvidenceError>) -> bool {
    match saved {
        Ok(all) => {
            for saved in &all {
                let error = if saved.file.is_err() { "error: " } else { "" };
                diagnostics::say(&format!("{error}{saved}"));
            }
            all.iter().all(|saved| saved.file.is_ok())
        }
        Err(error) => {
            diagnostics::say(&format!("error: {error}"));
            false
        }
    }
}
