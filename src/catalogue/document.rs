//! Reads the tables of a catalogue file and keeps the place of every key and value.
//!
//! Input: TOML text and its file name. Output: [`Fields`], one table at a time, whose readers check the kind of each
//! value and whose [`Fields::finish`] refuses the keys that nobody read. Every error names file, line, column, the
//! key, and what is allowed. Tables are read by hand, not derived, because a derived reader knows the place of a
//! fault but not its key.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::CatalogueError;

/// A file's name and text: what turns a byte offset into a line and column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    /// Parses the text into tables.
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'a>>, CatalogueError> {
        DeTable::parse(self.text).map_err(|error| {
            self.error(
                error.span().map_or(0, |span| span.start),
                None,
                error.message(),
            )
        })
    }

    /// An error at this byte offset of the text.
    pub(super) fn error(
        self,
        offset: usize,
        key: Option<&str>,
        message: impl Into<String>,
    ) -> CatalogueError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        CatalogueError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before
                .get(line_start..)
                .map_or(0, |line| line.chars().count())
                + 1,
            key: key.map(str::to_owned),
            message: message.into(),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

/// One table, read key by key.
pub(super) struct Fields<'a> {
    source: Source<'a>,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// The document's own table.
    pub(super) fn root(source: Source<'a>, document: &'a Spanned<DeTable<'a>>) -> Self {
        Self::new(source, document.get_ref(), document.span())
    }

    fn new(source: Source<'a>, table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self {
            source,
            table,
            span,
            known: RefCell::default(),
        }
    }

    /// An error about the table as a whole.
    pub(super) fn error(&self, key: Option<&str>, message: impl Into<String>) -> CatalogueError {
        self.source.error(self.span.start, key, message)
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.table.get(key)
    }

    fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> CatalogueError {
        let found = value.get_ref().type_str();
        self.source.error(
            value.span().start,
            Some(key),
            format!("must be {wanted}, not {found}"),
        )
    }

    /// A text; never blank.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<At<&'a str>>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        self.text_value(key, value).map(Some)
    }

    fn text_value(
        &self,
        key: &str,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Result<At<&'a str>, CatalogueError> {
        match value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => {
                Err(self
                    .source
                    .error(value.span().start, Some(key), "must not be blank"))
            }
            Some(text) => Ok(At {
                value: text,
                offset: value.span().start,
            }),
            None => Err(self.wrong_kind(key, value, "a string in quotes")),
        }
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, key: &'static str) -> Result<At<&'a str>, CatalogueError> {
        self.text(key)?
            .ok_or_else(|| self.error(Some(key), "is missing"))
    }

    /// A list of texts; never empty.
    pub(super) fn texts(
        &self,
        key: &'static str,
    ) -> Result<Option<At<Vec<At<&'a str>>>>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let offset = value.span().start;
        let Some(list) = value.get_ref().as_array() else {
            return Err(self.wrong_kind(key, value, "a list of strings in brackets"));
        };
        let texts = list
            .iter()
            .map(|item| self.text_value(key, item))
            .collect::<Result<Vec<_>, _>>()?;
        if texts.is_empty() {
            return Err(self.source.error(offset, Some(key), "must not be empty"));
        }
        Ok(Some(At {
            value: texts,
            offset,
        }))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Result<Option<bool>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let flag = value
            .get_ref()
            .as_bool()
            .ok_or_else(|| self.wrong_kind(key, value, "true or false"))?;
        Ok(Some(flag))
    }

    /// A whole number, zero or more.
    pub(super) fn number(&self, key: &'static str) -> Result<Option<At<u32>>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        self.number_value(key, value).map(Some)
    }

    fn number_value(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<At<u32>, CatalogueError> {
        value
            .get_ref()
            .as_integer()
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .map(|number| At {
                value: number,
                offset: value.span().start,
            })
            .ok_or_else(|| self.wrong_kind(key, value, "a whole number"))
    }

    /// A list of whole numbers; empty where the key is absent.
    pub(super) fn numbers(&self, key: &'static str) -> Result<Vec<u32>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let Some(list) = value.get_ref().as_array() else {
            return Err(self.wrong_kind(key, value, "a list of whole numbers in brackets"));
        };
        list.iter()
            .map(|item| Ok(self.number_value(key, item)?.value))
            .collect()
    }

    /// The tables under `[[key]]`, in the order of the file; none where the key is absent.
    pub(super) fn tables(&self, key: &'static str) -> Result<Vec<Fields<'a>>, CatalogueError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let wanted = format!("a list of tables, each headed [[{key}]]");
        let Some(list) = value.get_ref().as_array() else {
            return Err(self.wrong_kind(key, value, &wanted));
        };
        list.iter()
            .map(|item| match item.get_ref().as_table() {
                Some(table) => Ok(Self::new(self.source, table, item.span())),
                None => Err(self.wrong_kind(key, item, &wanted)),
            })
            .collect()
    }

    /// Refuses keys that were not asked for.
    pub(super) fn finish(self) -> Result<(), CatalogueError> {
        let known = self.known.borrow();
        let unknown = self
            .table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        match unknown {
            None => Ok(()),
            Some(key) => Err(self.source.error(
                key.span().start,
                Some(key.get_ref()),
                format!("is not a key here; allowed are {}", known.join(", ")),
            )),
        }
    }
}
