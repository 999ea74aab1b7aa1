//! `--write`: the latest packets of a live capture, on disk.

use std::path::{Path, PathBuf};

use clap::Args;
use windfall::capture::write::{MIN_RING_BYTES, Ring};

use super::exit::Fault;
use super::size;

/// Arguments of commands that capture.
#[derive(Args, Clone, Debug)]
pub(super) struct WriteRing {
    /// Keep the latest packets on disk: files beside this one, named after it with a number and the time
    /// (ring-00001-20261125T101500Z.pcapng).
    #[arg(
        long,
        value_name = "FILE",
        env = "WINDFALL_WRITE",
        hide_env_values = true
    )]
    write: Option<PathBuf>,
    /// Disk that these files may take together; the oldest is deleted first.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "512MiB",
        value_parser = ring_bytes,
        env = "WINDFALL_WRITE_SIZE",
        hide_env_values = true
    )]
    write_size: u64,
}

impl WriteRing {
    /// The folder that files are made in, if any.
    pub(super) fn folder(&self) -> Option<&Path> {
        let path = self.write.as_deref()?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")))
    }

    /// The ring, if one is asked for.
    ///
    /// # Errors
    /// When no file can be made there.
    pub(super) fn ring(&self, snap_len: u32) -> Result<Option<Ring>, Fault> {
        let ring = self.write.as_deref();
        let ring = ring.map(|path| Ring::new(path, self.write_size, snap_len));
        ring.transpose().map_err(Fault::usage)
    }
}

/// A size that a ring can have.
fn ring_bytes(text: &str) -> Result<u64, String> {
    let bytes = size::parse(text)?;
    if bytes < MIN_RING_BYTES {
        let least = MIN_RING_BYTES >> 20;
        return Err(format!(
            "{text} is too little for a ring; give at least {least}MiB"
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::ring_bytes;

    #[test]
    fn a_ring_has_room_for_its_files() {
        assert_eq!(ring_bytes("8MiB"), Ok(8 << 20));
        let told = ring_bytes("1MiB").unwrap_err();
        assert!(told.contains("at least 8MiB"), "{told}");
    }
}
