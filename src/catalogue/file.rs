//! One catalogue file: its hosts, ports and processes as written.
//!
//! Input: the text of `data/itunes.toml`, `data/enterprise.toml` or an operator's file. Output: a [`CatalogueFile`]
//! in the order of the file. A shipped file must say everything about an entry; an operator's file may say only what
//! it changes, so almost everything is optional there, and `remove = true` exists there alone.

use std::collections::BTreeSet;

use super::document::{At, Fields, Source};
use super::error::CatalogueError;
use super::pattern::Pattern;
use super::port_set::{PortRange, PortSet};

/// Who wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// Shipped with the program.
    Builtin,
    /// The operator.
    Custom,
}

/// What every kind of entry may say.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    pub(super) service: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) source: Option<String>,
    pub(super) edition: Option<String>,
    pub(super) optional: Option<bool>,
    pub(super) note: Option<String>,
    pub(super) remove: bool,
}

/// A `[[host]]` table.
#[derive(Clone, Debug)]
pub(super) struct HostTable {
    pub(super) pattern: Pattern,
    pub(super) ports: Option<PortSet>,
    pub(super) operator: Option<String>,
    pub(super) description: Description,
    pub(super) offset: usize,
}

/// A `[[port]]` table.
#[derive(Clone, Debug)]
pub(super) struct PortTable {
    pub(super) ports: PortSet,
    pub(super) name: Option<String>,
    pub(super) indirect: Option<bool>,
    pub(super) lan_only: Option<bool>,
    pub(super) radio: Option<bool>,
    pub(super) by_port: Option<bool>,
    pub(super) description: Description,
    pub(super) offset: usize,
}

/// A `[[process]]` table.
#[derive(Clone, Debug)]
pub(super) struct ProcessTable {
    pub(super) name: String,
    pub(super) same_as: Option<String>,
    pub(super) description: Description,
    pub(super) offset: usize,
}

/// Everything one file says.
#[derive(Clone, Debug, Default)]
pub(super) struct CatalogueFile {
    pub(super) hosts: Vec<HostTable>,
    pub(super) ports: Vec<PortTable>,
    pub(super) processes: Vec<ProcessTable>,
}

impl CatalogueFile {
    /// Reads the file.
    pub(super) fn read(source: Source<'_>, author: Author) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut file = Self::default();
        let mut seen = Seen::default();
        for table in root.tables("host")? {
            file.hosts.push(host(source, table, author, &mut seen)?);
        }
        for table in root.tables("port")? {
            file.ports.push(port(source, table, author, &mut seen)?);
        }
        for table in root.tables("process")? {
            file.processes
                .push(process(source, table, author, &mut seen)?);
        }
        root.finish()?;
        Ok(file)
    }

    /// The ports that each host of a file takes which lists hosts and ports apart: all but radio streams and what
    /// stays inside the local network.
    pub(super) fn ports_for_hosts(&self) -> PortSet {
        let for_hosts = |port: &&PortTable| port.lan_only != Some(true) && port.radio != Some(true);
        PortSet::from_ranges(
            self.ports
                .iter()
                .filter(for_hosts)
                .flat_map(|port| port.ports.ranges().iter().copied()),
        )
    }
}

/// Keys of the entries met so far in a file.
#[derive(Debug, Default)]
struct Seen(BTreeSet<(&'static str, String)>);

impl Seen {
    fn add(
        &mut self,
        source: Source<'_>,
        kind: &'static str,
        key: &str,
        text: &str,
        offset: usize,
    ) -> Result<(), CatalogueError> {
        if self.0.insert((kind, text.to_ascii_lowercase())) {
            return Ok(());
        }
        Err(source.error(
            offset,
            Some(key),
            format!("{text:?} stands in this file already; each {kind} may have one entry"),
        ))
    }
}

fn host(
    source: Source<'_>,
    table: Fields<'_>,
    author: Author,
    seen: &mut Seen,
) -> Result<HostTable, CatalogueError> {
    let pattern = table.required_text("pattern")?;
    let offset = pattern.offset;
    let pattern =
        Pattern::parse(pattern.value).map_err(|why| source.error(offset, Some("pattern"), why))?;
    seen.add(source, "host", "pattern", pattern.as_str(), offset)?;
    let ports = table
        .texts("ports")?
        .map(|texts| port_set(source, &texts))
        .transpose()?;
    let operator = owned(table.text("operator")?);
    if author == Author::Builtin && operator.is_none() {
        return Err(table.error(Some("operator"), "is missing"));
    }
    let description = description(table, author)?;
    Ok(HostTable {
        pattern,
        ports,
        operator,
        description,
        offset,
    })
}

fn port(
    source: Source<'_>,
    table: Fields<'_>,
    author: Author,
    seen: &mut Seen,
) -> Result<PortTable, CatalogueError> {
    let Some(texts) = table.texts("ports")? else {
        return Err(table.error(Some("ports"), "is missing"));
    };
    let ports = port_set(source, &texts)?;
    seen.add(source, "port", "ports", &ports.to_string(), texts.offset)?;
    let name = owned(table.text("name")?);
    if author == Author::Builtin && name.is_none() {
        return Err(table.error(Some("name"), "is missing"));
    }
    Ok(PortTable {
        ports,
        name,
        indirect: table.flag("indirect")?,
        lan_only: table.flag("lan_only")?,
        radio: table.flag("radio")?,
        by_port: table.flag("by_port")?,
        offset: texts.offset,
        description: description(table, author)?,
    })
}

fn process(
    source: Source<'_>,
    table: Fields<'_>,
    author: Author,
    seen: &mut Seen,
) -> Result<ProcessTable, CatalogueError> {
    let name = table.required_text("name")?;
    seen.add(source, "process", "name", name.value, name.offset)?;
    let (offset, name) = (name.offset, name.value.to_owned());
    Ok(ProcessTable {
        name,
        same_as: owned(table.text("same_as")?),
        description: description(table, author)?,
        offset,
    })
}

fn owned(text: Option<At<&str>>) -> Option<String> {
    text.map(|text| text.value.to_owned())
}

fn port_set(source: Source<'_>, texts: &At<Vec<At<&str>>>) -> Result<PortSet, CatalogueError> {
    let range = |text: &At<&str>| {
        PortRange::parse(text.value).map_err(|why| source.error(text.offset, Some("ports"), why))
    };
    Ok(PortSet::from_ranges(
        texts
            .value
            .iter()
            .map(range)
            .collect::<Result<Vec<_>, _>>()?,
    ))
}

/// Reads the common keys, and refuses what is left.
fn description(table: Fields<'_>, author: Author) -> Result<Description, CatalogueError> {
    let description = Description {
        service: owned(table.text("use")?),
        failure: owned(table.text("failure")?),
        groups: table.texts("groups")?.map(|groups| {
            groups
                .value
                .into_iter()
                .map(|group| group.value.to_owned())
                .collect()
        }),
        source: owned(table.text("source")?),
        edition: owned(table.text("edition")?),
        optional: table.flag("optional")?,
        note: owned(table.text("note")?),
        remove: author == Author::Custom && table.flag("remove")?.unwrap_or_default(),
    };
    if author == Author::Builtin {
        let said = [
            ("use", description.service.is_some()),
            ("failure", description.failure.is_some()),
            ("groups", description.groups.is_some()),
            ("source", description.source.is_some()),
            ("edition", description.edition.is_some()),
        ];
        if let Some((key, _)) = said.into_iter().find(|(_, said)| !said) {
            return Err(table.error(Some(key), "is missing"));
        }
    }
    table.finish()?;
    Ok(description)
}
