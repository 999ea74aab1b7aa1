//! `windfall config show`: what holds, key by key, as a configuration file would say it.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _};

use super::super::arguments::Arguments;
use super::super::exit::{Exit, Fault};
use super::super::stdout;
use super::file::Settings;
use super::keys::{self, Key};

/// Column at which it is told where a value comes from.
const SOURCE_COLUMN: usize = 44;

/// Runs the command.
pub(super) fn run(settings: &Settings) -> Result<Exit, Fault> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let called = settings
        .apply(Arguments::command())
        .try_get_matches_from(words)
        .map_err(Fault::usage)?;
    let watch = settings.apply(Arguments::command());
    let watch = watch.try_get_matches_from(["windfall", "watch"]);
    let page = page(settings, leaf(&called), watch.as_ref().ok().map(leaf));
    stdout::write(Exit::Fine, |out| out.write_all(page.as_bytes()))
}

/// The matches of the innermost command: flags of all commands are known there, too.
fn leaf(matches: &ArgMatches) -> &ArgMatches {
    matches
        .subcommand()
        .map_or(matches, |(_, below)| leaf(below))
}

fn page(settings: &Settings, called: &ArgMatches, watch: Option<&ArgMatches>) -> String {
    let mut page = String::new();
    let mut table = None;
    for key in keys::all(&Arguments::command()) {
        if key.table != table {
            table = key.table;
            let _ = writeln!(page, "\n[{}]", table.unwrap_or_default());
        }
        let matches = if key.table.is_none() {
            Some(called)
        } else {
            watch
        };
        if let Some(matches) = matches {
            page.push_str(&line(settings, &key, matches));
        }
    }
    page
}

/// `profile = "itunes"      # windfall.toml:3`.
fn line(settings: &Settings, key: &Key, matches: &ArgMatches) -> String {
    let id = key.flag.get_id().as_str();
    let words: Vec<String> = matches
        .get_raw(id)
        .into_iter()
        .flatten()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "command line".to_owned(),
        Some(ValueSource::EnvVariable) => {
            let variable = key.flag.get_env().unwrap_or_default();
            variable.to_string_lossy().into_owned()
        }
        _ => match settings.of(key) {
            Some(set) => format!("{}:{}", settings.path.display(), set.line),
            None => "default".to_owned(),
        },
    };
    let set = match value(key, &words, matches) {
        Some(value) => format!("{} = {value}", key.name()),
        None => format!("# {} is not set", key.name()),
    };
    format!("{set:SOURCE_COLUMN$} # {source}\n")
}

/// A value as the file spells it; none if there is none.
fn value(key: &Key, words: &[String], matches: &ArgMatches) -> Option<String> {
    let id = key.flag.get_id().as_str();
    if key.is_switch() {
        return Some(matches.get_flag(id).to_string());
    }
    if key.is_count() {
        return Some(matches.get_count(id).to_string());
    }
    let quoted = |word: &String| format!("{word:?}");
    if key.is_list() {
        let all: Vec<String> = words.iter().map(quoted).collect();
        return Some(format!("[{}]", all.join(", ")));
    }
    let word = words.first()?;
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_number && !word.is_empty() {
        word.clone()
    } else {
        quoted(word)
    })
}
