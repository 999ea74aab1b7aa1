//! The lists of processes and sockets that `--processes` names.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use windfall::process_list::{MAX_LIST_BYTES, ProcessLists};

use super::exit::Fault;

/// Reads the files; `None` without any.
///
/// # Errors
/// A file that cannot be read, or the first fault in one, with its line.
pub(super) fn read(paths: &[PathBuf]) -> Result<Option<ProcessLists>, Fault> {
    let mut lists = ProcessLists::default();
    for path in paths {
        let name = path.display().to_string();
        let bytes = bytes(path)
            .with_context(|| format!("cannot read the process list {name}"))
            .map_err(Fault::usage)?;
        lists.add(&name, &bytes).map_err(Fault::usage)?;
    }
    Ok((!paths.is_empty()).then_some(lists))
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
