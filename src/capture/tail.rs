//! A file that is still being written.
//!
//! Output: its bytes; at its end, for now, `WouldBlock`. It ends with an error once it cannot grow any more: another
//! file (or none) has its name, or it is shorter than what was read of it. What it held until then was read.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes that any capture's header has at least: less of a file tells nothing about it.
const LEAST_BYTES: u64 = 24;

/// The file at a path, for as long as it is that file.
pub(super) struct Tail {
    file: File,
    path: PathBuf,
    /// Bytes read.
    read: u64,
}

impl Tail {
    /// Opens the file; `None` while it is too short for a header.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        #[expect(
            clippy::disallowed_methods,
            reason = "capture is where files are opened"
        )]
        let file = File::open(path)?;
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(io::Error::other(
                "only a file can be followed; read a pipe or device without --follow",
            ));
        }
        Ok((facts.len() >= LEAST_BYTES).then(|| Self {
            file,
            path: path.to_owned(),
            read: 0,
        }))
    }

    /// Why it can grow no more, if it cannot.
    fn gone(&self) -> Option<&'static str> {
        let (Ok(named), Ok(own)) = (fs::metadata(&self.path), self.file.metadata()) else {
            return Some("it was renamed or removed while it was followed; follow its successor");
        };
        if !is_same(&named, &own) {
            Some("another file has taken its name while it was followed; follow that one")
        } else if own.len() < self.read {
            Some("it was cut while it was followed; follow it anew")
        } else {
            None
        }
    }
}

impl Read for Tail {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(room)?;
        self.read = self.read.saturating_add(count as u64);
        if count > 0 || room.is_empty() {
            return Ok(count);
        }
        Err(match self.gone() {
            Some(why) => io::Error::other(why),
            None => io::ErrorKind::WouldBlock.into(),
        })
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Where files have no number that is easily had, one that is cut is still noticed.
#[cfg(not(unix))]
const fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
