//! Why a file could not be written: where, why, and what is left.

use std::io;
use std::path::PathBuf;

/// A file that could not be written, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// There is something of that name.
    #[error("{} exists and is not overwritten: give another name or move it away", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// The name is a symbolic link.
    #[error("{} is a symbolic link, which is not followed: give the name of a new file", path.display())]
    Link {
        /// The name.
        path: PathBuf,
    },
    /// It could not be made.
    #[error("{} cannot be made: {source}", path.display())]
    NotMade {
        /// The name.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A write failed: usually the disk is full.
    #[error(
        "{} cannot be written on: {source}; its first {packets} packets are kept and can be read",
        path.display()
    )]
    Stopped {
        /// The file that holds what was written.
        path: PathBuf,
        /// Packets that it holds.
        packets: u64,
        /// Why.
        source: io::Error,
    },
    /// It is whole, but could not be given its name.
    #[error("{} is whole, but cannot be named {}: {source}", partial.display(), path.display())]
    NotNamed {
        /// The file.
        partial: PathBuf,
        /// The name it was to have.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
