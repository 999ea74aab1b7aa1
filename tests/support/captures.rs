//! The bundled captures.

use std::path::{Path, PathBuf};

/// All of them, by name.
pub(crate) fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 40, "captures/ holds only {}", paths.len());
    paths
}
