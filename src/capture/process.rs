//! The processes that a capture names: the table of one input.
//!
//! Input: identifier and name, from an Apple system's packet headers (`pktap`) or process blocks (`pcapng`). Output: a
//! number for each pair, which frames carry ([`super::frame::ProcessId`]). A packet whose process is known costs one
//! look-up and no memory. Limits: [`MAX_PROCESSES`] an input, names cut to [`MAX_TEXT_BYTES`]; what found no room is
//! counted.

use std::collections::HashMap;

use super::info::{MAX_TEXT_BYTES, kept_text};

/// Processes told apart in one input: a computer runs hundreds at a time, and a capture may span days.
pub const MAX_PROCESSES: usize = 16 * 1024;

/// A process as a capture names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownProcess {
    /// Process identifier.
    pub pid: u32,
    /// Command name as it stands in the file; Apple's systems cut it to 16 bytes. Empty where it is not told.
    name: Box<[u8]>,
}

impl KnownProcess {
    /// Its name, not escaped; `None` where only the identifier is told.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| kept_text(&self.name))
    }
}

/// The processes of one input, by number.
#[derive(Clone, Debug, Default)]
pub struct ProcessTable {
    processes: Vec<KnownProcess>,
    /// The latest process that had this identifier: systems use them again.
    latest: HashMap<u32, u16, foldhash::fast::RandomState>,
    refused: u64,
}

impl ProcessTable {
    /// The number of a process, new or known; `None` when the table is full. The name ends at its first zero byte.
    pub(super) fn intern(&mut self, pid: u32, name: &[u8]) -> Option<u16> {
        let end = name.iter().position(|&byte| byte == 0);
        let end = end.unwrap_or(name.len()).min(MAX_TEXT_BYTES);
        let name = name.get(..end).unwrap_or_default();
        if let Some(&number) = self.latest.get(&pid)
            && self.get(number).is_some_and(|known| *known.name == *name)
        {
            return Some(number);
        }
        match u16::try_from(self.processes.len()) {
            Ok(number) if self.processes.len() < MAX_PROCESSES => {
                self.processes.push(KnownProcess {
                    pid,
                    name: name.into(),
                });
                self.latest.insert(pid, number);
                Some(number)
            }
            _ => {
                self.refuse();
                None
            }
        }
    }

    /// Counts a process that found no room.
    pub(super) fn refuse(&mut self) {
        self.refused += 1;
    }

    /// The process a frame is told of: the one that work is done for (effective) before the one that does it, as long as
    /// its name is known.
    pub(super) fn prefer(&self, effective: Option<u16>, real: Option<u16>) -> Option<u16> {
        let is_named = |number: &u16| {
            self.get(*number)
                .is_some_and(|known| !known.name.is_empty())
        };
        effective.filter(is_named).or(real).or(effective)
    }

    /// The process with this number.
    #[must_use]
    pub fn get(&self, number: u16) -> Option<&KnownProcess> {
        self.processes.get(usize::from(number))
    }

    /// All of them, by number.
    #[must_use]
    pub fn as_slice(&self) -> &[KnownProcess] {
        &self.processes
    }

    /// How often a process found no room.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_used_again_is_another_process() {
        let mut table = ProcessTable::default();
        let itunes = table.intern(71, b"iTunes\0rest");
        assert_eq!(table.intern(71, b"iTunes"), itunes);
        let other = table.intern(71, b"curl");
        assert_ne!(other, itunes);
        assert_eq!(table.intern(71, b"curl"), other);
        assert_eq!(table.get(0).unwrap().name().as_deref(), Some("iTunes"));
    }

    #[test]
    fn a_name_cut_within_a_letter_stays_one_process() {
        let mut table = ProcessTable::default();
        let cut = "ミュージック".as_bytes().get(..16).unwrap();
        let first = table.intern(9, cut);
        assert_eq!(table.intern(9, cut), first);
        assert_eq!(
            table.as_slice()[0].name().as_deref(),
            Some("ミュージッ\u{fffd}")
        );
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut table = ProcessTable::default();
        for pid in 0..u32::try_from(MAX_PROCESSES).unwrap() {
            assert!(table.intern(pid, b"x").is_some());
        }
        assert_eq!(table.intern(1_000_000, b"x"), None);
        assert_eq!(table.intern(3, b"x"), Some(3));
        assert_eq!(
            (table.as_slice().len(), table.refused()),
            (MAX_PROCESSES, 1)
        );
    }

    #[test]
    fn the_effective_process_comes_first_where_it_has_a_name() {
        let mut table = ProcessTable::default();
        let named = table.intern(1, b"Music");
        let nameless = table.intern(2, b"");
        assert_eq!(table.prefer(named, nameless), named);
        assert_eq!(table.prefer(nameless, named), named);
        assert_eq!(table.prefer(nameless, None), nameless);
        assert_eq!(table.prefer(None, named), named);
    }
}
