//! One row of `tasklist /fo csv` or of `netstat -ano`.
//!
//! Input: a line. Output: a [`Row`], or nothing for a line that is no row of either: headings in any language, blank
//! lines, what `netstat -b` adds. A row of `tasklist` begins with a quote, one of `netstat` with `TCP` or `UDP`; columns
//! after these are told by what they look like and not by their place, since states are words of the computer's language
//! and some have none.

use std::net::{IpAddr, Ipv6Addr};

use super::Running;
use super::error::Fault;
use crate::transport::Transport;

/// Longest name that is kept: what Windows allows (`MAX_PATH`).
const MAX_NAME_CHARS: usize = 260;

/// A socket of the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Socket {
    pub(super) transport: Transport,
    pub(super) local: (IpAddr, u16),
    /// `None` for a socket that listens, or takes datagrams from anyone.
    pub(super) remote: Option<(IpAddr, u16)>,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A process runs.
    Task(Running),
    /// A socket belongs to the process with this identifier.
    Socket(Socket, u32),
}

/// Reads the lines of one file.
#[derive(Debug, Default)]
pub(super) struct Reader {
    tasks: bool,
    sockets: bool,
}

impl Reader {
    /// Whether a row was among the lines.
    pub(super) const fn met_any(&self) -> bool {
        self.tasks || self.sockets
    }

    /// What the next line says.
    pub(super) fn read(&mut self, line: &str) -> Result<Option<Row>, Fault> {
        let line = line.trim();
        if line.contains('\0') {
            return Err(Fault::Zeros);
        }
        if line.starts_with('"') {
            return self.task(line);
        }
        let mut words = line.split_whitespace();
        let transport = match words.next() {
            Some(word) if word.eq_ignore_ascii_case("TCP") => Transport::Tcp,
            Some(word) if word.eq_ignore_ascii_case("UDP") => Transport::Udp,
            _ => return Ok(None),
        };
        self.sockets = true;
        socket(transport, words)
    }

    fn task(&mut self, line: &str) -> Result<Option<Row>, Fault> {
        let (name, rest) = quoted(line).ok_or(Fault::TaskFields)?;
        let rest = rest.strip_prefix(',').ok_or(Fault::TaskFields)?;
        let (pid, _) = quoted(rest).ok_or(Fault::TaskFields)?;
        let is_first = !std::mem::replace(&mut self.tasks, true);
        match pid.parse() {
            // Checked after the identifier: headings may be of any kind.
            Ok(_) if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) => Err(Fault::TaskName),
            Ok(pid) => Ok(Some(Row::Task(Running {
                pid,
                name: name.to_owned(),
            }))),
            Err(_) if is_first => Ok(None),
            Err(_) => Err(Fault::TaskPid),
        }
    }
}

/// The quoted field that `text` begins with, and what follows it. No program's name has a quote in it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('"')?.split_once('"')
}

/// The columns after the protocol: local and foreign address, state, process identifier, and more with other flags.
fn socket<'a>(
    transport: Transport,
    mut words: impl Iterator<Item = &'a str>,
) -> Result<Option<Row>, Fault> {
    let local = words.next().and_then(endpoint).ok_or(Fault::LocalAddress)?;
    let remote = match words.next() {
        Some("*:*") => None,
        Some(word) => Some(endpoint(word).ok_or(Fault::ForeignAddress)?),
        None => return Err(Fault::ForeignAddress),
    };
    let pid: u32 = words
        .filter_map(|word| word.parse().ok())
        .last()
        .ok_or(Fault::SocketPid)?;
    let socket = Socket {
        transport,
        local,
        remote: remote.filter(|(address, port)| !address.is_unspecified() || *port != 0),
    };
    // What is left of a closed connection (TIME_WAIT) is nobody's.
    Ok((pid != 0).then_some(Row::Socket(socket, pid)))
}

/// `192.0.2.7:50123`, `[2001:db8::7]:443`, `[fe80::1%7]:443`.
fn endpoint(word: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = word.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let Some(inner) = address.strip_prefix('[') else {
        return Some((address.parse().ok()?, port));
    };
    let inner = inner.strip_suffix(']')?;
    let (inner, _scope) = inner.split_once('%').unwrap_or((inner, ""));
    let address: Ipv6Addr = inner.parse().ok()?;
    Some((address.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(IpAddr, u16)> {
        endpoint(text)
    }

    #[test]
    fn endpoints_lose_their_scope_and_their_brackets() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(at("192.0.2.7:50123"), Some((ip("192.0.2.7"), 50123)));
        assert_eq!(at("[fe80::1%17]:546"), Some((ip("fe80::1"), 546)));
        assert_eq!(at("[::]:0"), Some((ip("::"), 0)));
        assert_eq!(at("[::ffff:192.0.2.7]:80"), Some((ip("192.0.2.7"), 80)));
        for wrong in [
            "",
            ":",
            "192.0.2.7",
            "192.0.2:80",
            "[::1]80",
            "[::1:80",
            "1.2.3.4:65536",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_first_csv_row_may_be_a_heading_and_no_other() {
        let mut reader = Reader::default();
        assert_eq!(reader.read("\"Název\",\"PID\",\"x\""), Ok(None));
        assert_eq!(reader.read("\"a.exe\",\"PID\""), Err(Fault::TaskPid));
        let mut reader = Reader::default();
        let row = reader.read("\"a, b.exe\",\"17\",\"Services\",\"0\",\"1,024 K\"");
        let running = Running {
            pid: 17,
            name: "a, b.exe".into(),
        };
        assert_eq!(row, Ok(Some(Row::Task(running))));
        for line in [
            "\"a.exe",
            "\"a.exe\"",
            "\"a.exe\";\"1\"",
            "\"a.exe\",1",
            "\"",
        ] {
            assert_eq!(reader.read(line), Err(Fault::TaskFields), "{line}");
        }
        assert_eq!(reader.read("\"\",\"1\""), Err(Fault::TaskName));
    }
}
