//! Reads a configuration file.
//!
//! Input: TOML. Output: for each key that is set, the words that its flag would have on the command line, and the line.
//! A key that is not known, a value of the wrong kind, and one that the flag would refuse are faults with their place.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::{Command, CommandFactory as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::arguments::Arguments;
use super::super::exit::Fault;
use super::keys::{self, Key};

/// A name that is as near as this to a key may have been meant for it.
const ALIKE: f64 = 0.8;

/// A file is some kilobytes; one that is longer is none.
const MOST_BYTES: u64 = 1 << 20;

/// A key that is set.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) key: Key,
    /// As on the command line; none for a switch that is off.
    pub(super) words: Vec<String>,
    pub(super) line: usize,
}

/// What a file sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) path: PathBuf,
    all: Vec<Setting>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or the first fault in it, with its line.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let text = text(path)
            .with_context(|| format!("cannot read the configuration file {}", path.display()))
            .map_err(Fault::usage)?;
        let all = settings(&text)
            .map_err(|(line, error)| error.context(format!("{}:{line}", path.display())))
            .map_err(Fault::usage)?;
        Ok(Self {
            path: path.to_owned(),
            all,
        })
    }

    /// Of a file that is not there.
    #[cfg(all(test, feature = "live"))]
    pub(super) fn made_of(all: Vec<Setting>) -> Self {
        Self {
            path: PathBuf::from("made.toml"),
            all,
        }
    }

    /// How many keys are set.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// What is set of a key.
    pub(super) fn of(&self, key: &Key) -> Option<&Setting> {
        self.all.iter().find(|setting| {
            setting.key.table == key.table && setting.key.flag.get_id() == key.flag.get_id()
        })
    }

    /// The command line, with what is set in place of its defaults.
    pub(super) fn apply(&self, mut command: Command) -> Command {
        for Setting { key, words, .. } in &self.all {
            if words.is_empty() {
                continue;
            }
            let id = key.flag.get_id().clone();
            let words = words.clone();
            command = match key.table {
                None => command.mut_arg(id, |flag| flag.default_values(words)),
                Some(table) => command.mut_subcommand(table, |below| {
                    below.mut_arg(id, |flag| flag.default_values(words))
                }),
            };
        }
        command
    }
}

#[expect(clippy::disallowed_methods, reason = "reads the operator's file")]
fn text(path: &Path) -> anyhow::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(anyhow!("it is longer than {MOST_BYTES} bytes"));
    }
    Ok(text)
}

/// A fault, with its line.
type At = (usize, anyhow::Error);

/// What a text sets.
pub(super) fn settings(text: &str) -> Result<Vec<Setting>, At> {
    let line =
        |span: Range<usize>| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count();
    let tables = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(1, line);
        (at, anyhow!("{}", error.message()))
    })?;
    let reader = Reader {
        keys: keys::all(&Arguments::command()),
        line: &line,
    };
    reader.table(tables.get_ref(), None)
}

struct Reader<'l> {
    keys: Vec<Key>,
    line: &'l dyn Fn(Range<usize>) -> usize,
}

impl Reader<'_> {
    /// The settings of a table, and of those in it, in the order of their lines.
    fn table(&self, table: &DeTable<'_>, name: Option<&str>) -> Result<Vec<Setting>, At> {
        let mut settings = Vec::new();
        for (spelled, value) in table {
            let line = (self.line)(spelled.span());
            let spelled: &str = spelled.get_ref();
            let is_table = |key: &Key| key.table == Some(spelled);
            if let DeValue::Table(below) = value.get_ref()
                && name.is_none()
                && self.keys.iter().any(is_table)
            {
                settings.extend(self.table(below, Some(spelled))?);
                continue;
            }
            let named = |key: &&Key| key.table == name && key.name() == spelled;
            let key = self.keys.iter().find(named);
            let key = key.ok_or_else(|| (line, self.unknown(spelled, name)))?;
            let words = words(key, value).map_err(|error| (line, error))?;
            accepted(key, &words).map_err(|error| (line, error))?;
            settings.push(Setting {
                key: key.clone(),
                words,
                line,
            });
        }
        settings.sort_by_key(|setting| setting.line);
        Ok(settings)
    }

    /// A key that there is not; one that may have been meant.
    fn unknown(&self, spelled: &str, table: Option<&str>) -> anyhow::Error {
        let place = |table: Option<&str>| match table {
            Some(table) => format!("in [{table}]"),
            None => "at the top".to_owned(),
        };
        let here = place(table);
        let likeness = |key: &&Key| strsim::jaro_winkler(key.name(), spelled);
        let nearest = self.keys.iter().max_by(|one, other| {
            let rank = |key: &&Key| (likeness(key), key.table == table);
            rank(one)
                .partial_cmp(&rank(other))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        match nearest.filter(|key| likeness(key) >= ALIKE) {
            Some(key) if key.name() == spelled => {
                anyhow!(
                    "there is no key {spelled:?} {here}: it belongs {}",
                    place(key.table)
                )
            }
            Some(key) if key.table == table => {
                anyhow!(
                    "there is no key {spelled:?} {here}: did you mean {:?}?",
                    key.name()
                )
            }
            Some(key) => anyhow!(
                "there is no key {spelled:?} {here}: did you mean {:?} {}?",
                key.name(),
                place(key.table)
            ),
            None => anyhow!("there is no key {spelled:?} {here}; windfall config show lists all"),
        }
    }
}

/// The words that a flag would have on the command line.
fn words(key: &Key, value: &Spanned<DeValue<'_>>) -> anyhow::Result<Vec<String>> {
    let name = key.name();
    let value = value.get_ref();
    if key.is_switch() {
        return match value {
            DeValue::Boolean(true) => Ok(vec!["true".to_owned()]),
            DeValue::Boolean(false) => Ok(Vec::new()),
            _ => Err(anyhow!("{name:?} is true or false, without quotes")),
        };
    }
    let word = |value: &DeValue<'_>| match value {
        DeValue::String(text) if !key.is_count() => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().replace('_', "")),
        other => Err(anyhow!(
            "{name:?} is {}, this is of another kind ({})",
            if key.is_count() {
                "a number"
            } else {
                "text in quotes, or a number"
            },
            other.type_str()
        )),
    };
    match value {
        DeValue::Array(several) if key.is_list() => {
            several.iter().map(|one| word(one.get_ref())).collect()
        }
        DeValue::Array(_) => Err(anyhow!("{name:?} has one value, not a list of them")),
        one => Ok(vec![word(one)?]),
    }
}

/// Asks the flag itself whether it takes the words.
fn accepted(key: &Key, words: &[String]) -> anyhow::Result<()> {
    let name = key.name();
    if let Some(delimiter) = key.flag.get_value_delimiter()
        && key.is_list()
        && let Some(word) = words.iter().find(|word| word.contains(delimiter))
    {
        return Err(anyhow!(
            "{word:?} in {name:?} would be several: write a list, each value in quotes of its own"
        ));
    }
    if key.is_switch() {
        return Ok(());
    }
    // The flag alone: nothing else of the command line is to be asked, nor the environment.
    let flag = key
        .flag
        .clone()
        .global(false)
        .env(None::<&str>)
        .default_values(words);
    Command::new("windfall")
        .disable_help_flag(true)
        .arg(flag)
        .try_get_matches_from(["windfall"])
        .map(drop)
        .map_err(|error| {
            let told = error.render().to_string();
            let first = told.lines().next().unwrap_or_default();
            anyhow!("{}", first.trim_start_matches("error: "))
        })
}
