//! Which process of a Windows computer owns a connection, told by lists that were made on it.
//!
//! Input: output of `tasklist /fo csv` (names by process identifier) and of `netstat -ano` (identifiers by socket), any
//! number of each, in any language and code page, even in one file. Output: the owner of a flow's client end. Lists of
//! one computer belong together, best made in one go: identifiers are used again.
//! Never a guess: a TCP row must name both ends of the flow; a socket that two rows give to different processes belongs
//! to nobody, and an identifier with two names has none. Limits: [`MAX_LIST_BYTES`] a file.

mod error;
mod row;
mod text;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use error::{Fault, ListError};
use row::{Row, Socket};

use crate::transport::Transport;

/// Largest file that is read: a server with a hundred thousand sockets makes some 8 MB.
pub const MAX_LIST_BYTES: usize = 16 << 20;

/// Identifier of the system process of Windows, which always runs: a list without it was filtered.
const SYSTEM: u32 = 4;

/// A process that ran when a list was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Process identifier.
    pub pid: u32,
    /// Name of its program file, not escaped. Letters of a code page that cannot be told are U+FFFD.
    pub name: String,
}

/// The owner of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Process identifier.
    pub pid: u32,
    /// Its name, where exactly one is told.
    pub name: Option<&'a str>,
}

/// What all lists say together.
#[derive(Clone, Debug, Default)]
pub struct ProcessLists {
    running: Vec<Running>,
    /// Index into `running`; `None` where the lists contradict each other.
    names: HashMap<u32, Option<usize>>,
    /// Process identifier; `None` where the lists contradict each other.
    sockets: HashMap<Socket, Option<u32>>,
    /// Addresses that the computer had.
    own: HashSet<IpAddr>,
}

impl ProcessLists {
    /// Adds what a file says; `name` stands for it in messages.
    ///
    /// # Errors
    /// The first fault: not the output of either program, or a row of one that cannot be read.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ListError> {
        let error = |line, fault| ListError {
            file: name.to_owned(),
            line,
            fault,
        };
        if bytes.len() > MAX_LIST_BYTES {
            return Err(error(None, Fault::TooLong));
        }
        let text = text::decode(bytes);
        let mut rows = row::Reader::default();
        for (number, line) in (1..).zip(text.lines()) {
            match rows.read(line) {
                Ok(Some(Row::Task(running))) => self.task(running),
                Ok(Some(Row::Socket(socket, pid))) => self.socket(socket, pid),
                Ok(None) => {}
                Err(fault) => return Err(error(Some(number), fault)),
            }
        }
        if rows.met_any() {
            Ok(())
        } else {
            Err(error(None, Fault::Unrecognised))
        }
    }

    fn task(&mut self, running: Running) {
        let index = self.running.len();
        let name = self.names.entry(running.pid).or_insert(Some(index));
        let known = name.and_then(|known| self.running.get(known));
        if known.is_some_and(|known| !known.name.eq_ignore_ascii_case(&running.name)) {
            *name = None;
        }
        self.running.push(running);
    }

    fn socket(&mut self, socket: Socket, pid: u32) {
        let local = socket.local.0;
        if local.is_loopback() {
            // Every computer has this address: it says nothing about whose it is.
            return;
        }
        if !local.is_unspecified() {
            self.own.insert(local);
        }
        let owner = self.sockets.entry(socket).or_insert(Some(pid));
        if *owner != Some(pid) {
            *owner = None;
        }
    }

    /// The process at the client end of a flow; `None` unless the lists name exactly one.
    #[must_use]
    pub fn owner(
        &self,
        transport: Transport,
        client: (IpAddr, u16),
        server: (IpAddr, u16),
    ) -> Option<Owner<'_>> {
        let local = client;
        let pid = match transport {
            Transport::Tcp => {
                (*self.sockets.get(&Socket {
                    transport,
                    local,
                    remote: Some(server),
                })?)?
            }
            Transport::Udp => self.datagram_owner(local)?,
        };
        let name = self.names.get(&pid).copied().flatten();
        let name = name.and_then(|index| self.running.get(index));
        Some(Owner {
            pid,
            name: name.map(|running| running.name.as_str()),
        })
    }

    /// The one process with a UDP socket on this address, or, if the computer has it, on all addresses.
    fn datagram_owner(&self, local: (IpAddr, u16)) -> Option<u32> {
        let any: IpAddr = match local.0 {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let at = |address| {
            let socket = Socket {
                transport: Transport::Udp,
                local: (address, local.1),
                remote: None,
            };
            self.sockets.get(&socket).copied()
        };
        let wide = at(any).filter(|_| self.own.contains(&local.0));
        match (at(local.0), wide) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other).flatten(),
        }
    }

    /// What ran, in the order of the lists.
    #[must_use]
    pub fn running(&self) -> &[Running] {
        &self.running
    }

    /// A list of everything that ran was among them, so that what is not in it did not run.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.names.contains_key(&SYSTEM)
    }
}

#[cfg(test)]
mod tests;
