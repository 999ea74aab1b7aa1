//! One pcapng file on disk.
//!
//! Input: frames. Output: a new file that only its owner may read (mode 0600). [`PcapngFile::create`] writes under the
//! final name, for a ring that is to be read while it grows; [`PcapngFile::begin`] writes `NAME.partial` and gives the
//! name at the end, so that a file of that name is whole. Blocks are gathered to [`FLUSH_BYTES`] before they go out.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::blocks::{About, Encoder};
use super::error::WriteError;
use crate::capture::frame::{Frame, Timestamp};
use crate::capture::interface::Interface;

/// Bytes gathered before they are written.
const FLUSH_BYTES: usize = 256 << 10;

/// A file being written.
#[derive(Debug)]
pub struct PcapngFile {
    file: File,
    /// The name it has now.
    path: PathBuf,
    /// The name it is to have, if that is another.
    named: Option<PathBuf>,
    encoder: Encoder,
    /// What is on disk, whole blocks.
    bytes: u64,
    packets: u64,
    /// Packets that were gathered and could not be written.
    lost: u64,
    /// A write failed: nothing more is taken.
    broken: bool,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name.
    pub path: PathBuf,
    /// Packets in it.
    pub packets: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

impl PcapngFile {
    /// Makes a file of this name.
    ///
    /// # Errors
    /// When there is one, or it cannot be made.
    pub fn create(path: &Path, about: &About) -> Result<Self, WriteError> {
        Ok(Self::over(new_file(path)?, path, None, about))
    }

    /// Makes `NAME.partial`, which becomes `NAME` when it is finished.
    ///
    /// # Errors
    /// When there is a file of either name, or it cannot be made.
    pub fn begin(path: &Path, about: &About) -> Result<Self, WriteError> {
        absent(path)?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        Ok(Self::over(new_file(&partial)?, &partial, Some(path), about))
    }

    fn over(file: File, path: &Path, named: Option<&Path>, about: &About) -> Self {
        Self {
            file,
            path: path.to_owned(),
            named: named.map(ToOwned::to_owned),
            encoder: Encoder::new(about),
            bytes: 0,
            packets: 0,
            lost: 0,
            broken: false,
        }
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// When what was gathered cannot be written.
    pub fn packet<C: AsRef<str>>(
        &mut self,
        frame: &Frame<'_>,
        interface: Option<&Interface>,
        comments: &[C],
    ) -> Result<(), WriteError> {
        self.encoder.packet(frame, interface, comments);
        if self.encoder.bytes().len() >= FLUSH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Says until when its interfaces were listened to.
    pub fn ended(&mut self, at: Timestamp) {
        self.encoder.ended(at);
    }

    /// Writes what was gathered.
    ///
    /// # Errors
    /// When that fails: the file is then cut back to its last whole block, and takes nothing more.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        let blocks = self.encoder.bytes();
        let mut written = 0;
        let outcome = if self.broken {
            Err(io::Error::other("an earlier write failed"))
        } else {
            write_counted(&mut self.file, blocks, &mut written)
        };
        let whole = self.encoder.whole(written);
        self.bytes += whole as u64;
        let packets = self.encoder.packets(whole);
        self.packets += packets;
        self.lost += self.encoder.packets(blocks.len()) - packets;
        self.encoder.clear();
        outcome.map_err(|source| {
            self.broken = true;
            // A device has no length to cut; a file that cannot be cut ends in part of a block, which readers expect.
            let _ = self.file.set_len(self.bytes);
            WriteError::Stopped {
                path: self.path.clone(),
                packets: self.packets,
                source,
            }
        })
    }

    /// Its length in bytes once everything gathered is written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes + self.encoder.bytes().len() as u64
    }

    /// Packets that it took and could not write.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// The name it has now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the rest and gives the file its name.
    ///
    /// # Errors
    /// When either fails; what was written stays.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        self.flush()?;
        if let Some(path) = self.named.take() {
            name(&self.path, &path)?;
            self.path = path;
        }
        Ok(Written {
            path: self.path,
            packets: self.packets,
            bytes: self.bytes,
        })
    }
}

/// As `write_all`, but tells how far it came.
fn write_counted(file: &mut File, mut bytes: &[u8], written: &mut usize) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                *written += count;
                bytes = bytes.get(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes a file that was not there; a symbolic link of that name counts as there (`O_EXCL`).
fn new_file(path: &Path) -> Result<File, WriteError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[expect(
        clippy::disallowed_methods,
        reason = "capture is where captures are written"
    )]
    let made = options.open(path);
    made.map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            taken(path)
        } else {
            WriteError::NotMade {
                path: path.to_owned(),
                source,
            }
        }
    })
}

/// Says that there is something of that name.
fn taken(path: &Path) -> WriteError {
    let path = path.to_owned();
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => WriteError::Link { path },
        _ => WriteError::Exists { path },
    }
}

fn absent(path: &Path) -> Result<(), WriteError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(WriteError::NotMade {
            path: path.to_owned(),
            source,
        }),
        Ok(_) => Err(taken(path)),
    }
}

/// Gives a finished file its name. A hard link never replaces a file; where there are none (FAT), the name is looked for
/// first.
fn name(partial: &Path, path: &Path) -> Result<(), WriteError> {
    let linked = fs::hard_link(partial, path);
    let outcome = match linked {
        Ok(()) => fs::remove_file(partial),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => absent(path)
            .and_then(|()| {
                fs::rename(partial, path).map_err(|source| WriteError::NotMade {
                    path: path.to_owned(),
                    source,
                })
            })
            .map_err(io::Error::other),
    };
    outcome.map_err(|source| WriteError::NotNamed {
        partial: partial.to_owned(),
        path: path.to_owned(),
        source,
    })
}
