//! The keys that a configuration file may have, read off the description of the command line.

use clap::{Arg, ArgAction, Command};

/// Flags that say something about this one call, not about how windfall is to work.
const OF_A_CALL: [&str; 3] = ["config", "help", "version"];

/// Commands whose own flags are in the file, in a table of that name.
const TABLES: [&str; 1] = ["watch"];

/// One key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The table it is in; none at the top.
    pub(super) table: Option<&'static str>,
    /// The flag.
    pub(super) flag: Arg,
}

impl Key {
    /// As the file spells it.
    pub(super) fn name(&self) -> &str {
        self.flag.get_long().unwrap_or_default()
    }

    /// It is there, or not.
    pub(super) fn is_switch(&self) -> bool {
        matches!(self.flag.get_action(), ArgAction::SetTrue)
    }

    /// It counts how often it is there.
    pub(super) fn is_count(&self) -> bool {
        matches!(self.flag.get_action(), ArgAction::Count)
    }

    /// It may be repeated.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.flag.get_action(), ArgAction::Append)
    }
}

/// All keys, those at the top first, in the order of the help.
pub(super) fn all(command: &Command) -> Vec<Key> {
    let mut keys = Vec::new();
    keys.extend(own(command, None));
    for table in TABLES {
        if let Some(below) = command.find_subcommand(table) {
            keys.extend(own(below, Some(table)));
        }
    }
    keys
}

/// The flags of a command that are keys.
fn own(command: &Command, table: Option<&'static str>) -> impl Iterator<Item = Key> {
    let flags = command.get_arguments().filter(|flag| {
        let of_a_call = |name: &str| OF_A_CALL.contains(&name);
        flag.get_long().is_some_and(|name| !of_a_call(name))
    });
    flags.cloned().map(move |flag| Key { table, flag })
}
