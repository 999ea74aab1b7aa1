//! The lists of processes and sockets that `--processes` names.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use windfall::process_list::{MAX_LIST_BYTES, ProcessLists};

use super::exit::Fault;

/// The flag.
#[derive(Args, Debug)]
pub(super) struct Processes {
    /// Name the processes behind the flows of a Windows computer by lists made on it, while it was failing: the output
    /// of `tasklist /fo csv` and of `netstat -ano`, in any language; may be repeated (or separated by commas).
    #[arg(
        long,
        value_name = "FILE",
        value_delimiter = ',',
        env = "WINDFALL_PROCESSES",
        hide_env_values = true
    )]
    processes: Vec<PathBuf>,
}

impl Processes {
    /// Reads the files; `None` without any.
    ///
    /// # Errors
    /// A file that cannot be read, or the first fault in one, with its line.
    pub(super) fn read(&self) -> Result<Option<ProcessLists>, Fault> {
        let mut lists = ProcessLists::default();
        for path in &self.processes {
            let name = path.display().to_string();
            let bytes = bytes(path)
                .with_context(|| format!("cannot read the process list {name}"))
                .map_err(Fault::usage)?;
            lists.add(&name, &bytes).map_err(Fault::usage)?;
        }
        Ok((!self.processes.is_empty()).then_some(lists))
    }
}

/// The file, or one byte more of it than a list may have.
#[expect(clippy::disallowed_methods, reason = "reads the operator's lists")]
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_LIST_BYTES).unwrap_or(u64::MAX);
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
