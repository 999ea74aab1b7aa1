//! Whether declared paths will be usable, told beforehand by owners and modes (`path_resolution(7)`).
//!
//! Input: paths, and who will use them, without any capability. Output: nothing, or the first step that would fail.
//! Limits: access control lists are not read; a path that only they open is refused.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::{Allowed, PrivilegeError};

/// Of a mode: what a class of users may do.
mod may {
    pub(super) const READ: u32 = 4;
    pub(super) const WRITE: u32 = 2;
    pub(super) const ENTER: u32 = 1;
}

/// Who will use the paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// For messages: `the user nobody`.
    pub(super) name: String,
    /// User id.
    pub(super) user: u32,
    /// Group ids.
    pub(super) groups: Vec<u32>,
    /// It is somebody else than who runs now.
    pub(super) changes: bool,
}

/// A path on its way through the checks.
struct Declared<'a> {
    path: &'a Path,
    what: &'static str,
    who: &'a Identity,
}

/// The first path that will not be usable.
pub(super) fn check(allowed: &Allowed, who: &Identity) -> Result<(), PrivilegeError> {
    for path in &allowed.read {
        let declared = Declared {
            path,
            what: "read",
            who,
        };
        let (found, place) = declared.there(path)?;
        declared.reachable(&place)?;
        declared.needs(&found, &place, may::READ, "read")?;
    }
    for path in &allowed.write {
        let declared = Declared {
            path,
            what: "written",
            who,
        };
        declared.writable()?;
    }
    Ok(())
}

/// Where something is made when `path` is: its directory.
pub(super) fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => path.to_owned(),
    }
}

impl Declared<'_> {
    fn writable(&self) -> Result<(), PrivilegeError> {
        let exists = !matches!(
            self.path.metadata(),
            Err(error) if error.kind() == io::ErrorKind::NotFound
        );
        let directory = directory_of(self.path);
        let (found, place) = self.there(if exists { self.path } else { &directory })?;
        self.reachable(&place)?;
        if found.is_dir() {
            self.needs(&found, &place, may::WRITE | may::ENTER, "make files in")
        } else {
            self.needs(&found, &place, may::WRITE, "write to")
        }
    }

    /// What is at a place, which is named without links.
    fn there(&self, place: &Path) -> Result<(Metadata, PathBuf), PrivilegeError> {
        let found = place
            .metadata()
            .and_then(|found| Ok((found, place.canonicalize()?)));
        found.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => self.closed(place, "enter"),
            _ => PrivilegeError::NotThere {
                path: self.path.to_owned(),
                part: if place == self.path {
                    "it".to_owned()
                } else {
                    format!("the directory {}", place.display())
                },
            },
        })
    }

    /// Every directory on the way there may be entered.
    fn reachable(&self, place: &Path) -> Result<(), PrivilegeError> {
        for directory in place.ancestors().skip(1) {
            let found = directory
                .metadata()
                .map_err(|_| self.closed(directory, "enter"))?;
            self.needs(&found, directory, may::ENTER, "enter")?;
        }
        Ok(())
    }

    /// The user has a right at a place, as its owner, by a group, or as anybody.
    fn needs(
        &self,
        found: &Metadata,
        at: &Path,
        rights: u32,
        step: &'static str,
    ) -> Result<(), PrivilegeError> {
        use std::os::unix::fs::MetadataExt as _;
        let class = if found.uid() == self.who.user {
            6
        } else if self.who.groups.contains(&found.gid()) {
            3
        } else {
            0
        };
        if (found.mode() >> class) & rights == rights {
            Ok(())
        } else {
            Err(self.closed(at, step))
        }
    }

    fn closed(&self, at: &Path, step: &'static str) -> PrivilegeError {
        PrivilegeError::NotAllowed {
            path: self.path.to_owned(),
            what: self.what,
            user: self.who.name.clone(),
            step,
            at: at.to_owned(),
            hint: if self.who.changes {
                ", or become its owner with --user"
            } else {
                ""
            },
        }
    }
}
