//! What is wrong with a process list, and where.

use std::fmt;

/// A process list that cannot be used: which file, where in it, and why.
///
/// Displays as `netstat.txt:7: the row has no process identifier (…)`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ListError {
    /// The file's name as it was given.
    pub file: String,
    /// Line of the fault, from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.fault),
            None => write!(f, "{}: {}", self.file, self.fault),
        }
    }
}

/// What is wrong. Nothing of the file is quoted: a line of it may be long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is larger than is read.
    #[error("is larger than 16 MiB: no process list is")]
    TooLong,
    /// No row of either program is in it.
    #[error("is the output of neither `tasklist /fo csv` nor `netstat -ano`")]
    Unrecognised,
    /// A zero character: UTF-16 without its mark, or no text.
    #[error("holds zero characters: save it as text, UTF-16 with a byte order mark")]
    Zeros,
    /// A row of `tasklist` that does not begin with two quoted fields.
    #[error("a row of tasklist begins with a name and a process identifier, both quoted")]
    TaskFields,
    /// A name that no program file has.
    #[error("a program's name has 1 to 260 characters")]
    TaskName,
    /// A process identifier that is no number.
    #[error("the second field of a tasklist row must be a process identifier")]
    TaskPid,
    /// A row of `netstat` whose local address cannot be read.
    #[error(
        "the local address must be one with its port, such as 192.0.2.7:50123 or [fe80::1%7]:443"
    )]
    LocalAddress,
    /// A row of `netstat` whose foreign address cannot be read.
    #[error("the foreign address must be one with its port, or *:*")]
    ForeignAddress,
    /// A row of `netstat` without a process identifier.
    #[error("the row has no process identifier: make the list with `netstat -ano`")]
    SocketPid,
}
