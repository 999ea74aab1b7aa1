//! Makes one catalogue of several files: profiles unite, the operator's files have the last word.
//!
//! Input: the shipped lists, then the operator's files in order. Output: requirements, ports and processes in
//! catalogue order (iTunes, enterprise, custom). Merging lists unites: a host that both name is one requirement with
//! the ports of both, optional only where both say so. An operator's entry overrides: what it says replaces what was
//! there, ports included, and what it does not say stays.

use std::collections::BTreeMap;

use super::document::Source;
use super::entry::{Listing, PortEntry, ProcessEntry, Profile, Requirement};
use super::error::CatalogueError;
use super::file::{CatalogueFile, Description, HostTable, PortTable, ProcessTable};
use super::pattern::Pattern;
use super::port_set::PortSet;

/// Most requirements of one catalogue: their identifiers are 16-bit.
const REQUIREMENTS: usize = u16::MAX as usize;

/// The lists under construction.
#[derive(Debug, Default)]
pub(super) struct Merge {
    pub(super) hosts: Vec<(Pattern, Requirement)>,
    pub(super) ports: Vec<PortEntry>,
    pub(super) processes: Vec<ProcessEntry>,
    /// Place of a host in `hosts`, by its pattern.
    places: BTreeMap<String, usize>,
    /// What the shipped lists name outside the chosen profile: an operator's file may speak of it without effect.
    elsewhere: Vec<String>,
}

impl Merge {
    /// Adds a shipped list, or remembers what it names if the profile leaves it out.
    pub(super) fn add_list(&mut self, profile: Profile, listing: Listing, file: CatalogueFile) {
        if !profile.includes(listing) {
            self.elsewhere.extend(
                file.hosts
                    .iter()
                    .map(|host| host.pattern.as_str().to_owned()),
            );
            self.elsewhere
                .extend(file.ports.iter().map(|port| port.ports.to_string()));
            self.elsewhere.extend(
                file.processes
                    .iter()
                    .map(|process| process.name.to_ascii_lowercase()),
            );
            return;
        }
        let shared_ports = file.ports_for_hosts();
        for host in file.hosts {
            let ports = host.ports.clone().unwrap_or_else(|| shared_ports.clone());
            match self.place(&host.pattern) {
                Some(known) => unite(known, host, &ports, listing),
                None => self.push(new_requirement(host, ports, listing, "")),
            }
        }
        self.ports
            .extend(file.ports.into_iter().map(|port| new_port(port, "")));
        self.processes.extend(
            file.processes
                .into_iter()
                .map(|process| new_process(process, "")),
        );
    }

    /// Applies an operator's file.
    ///
    /// # Errors
    /// An entry that removes what no list names, a new host without ports, or too many hosts.
    pub(super) fn apply(
        &mut self,
        source: Source<'_>,
        file: CatalogueFile,
    ) -> Result<(), CatalogueError> {
        for host in file.hosts {
            self.apply_host(source, host)?;
        }
        for port in file.ports {
            let key = port.ports.to_string();
            let (offset, remove) = (port.offset, port.description.remove);
            match self
                .ports
                .iter_mut()
                .find(|known| known.ports == port.ports)
            {
                Some(_) if remove => self.ports.retain(|known| known.ports != port.ports),
                Some(known) => override_port(known, port),
                None if remove => self.check_known(source, offset, "ports", &key)?,
                None => self.ports.push(new_port(port, source.file)),
            }
        }
        for process in file.processes {
            let key = process.name.to_ascii_lowercase();
            let (offset, remove) = (process.offset, process.description.remove);
            match self
                .processes
                .iter_mut()
                .find(|known| known.name.eq_ignore_ascii_case(&key))
            {
                Some(_) if remove => self
                    .processes
                    .retain(|known| !known.name.eq_ignore_ascii_case(&key)),
                Some(known) => override_process(known, process),
                None if remove => self.check_known(source, offset, "name", &key)?,
                None => self.processes.push(new_process(process, source.file)),
            }
        }
        Ok(())
    }

    fn apply_host(&mut self, source: Source<'_>, host: HostTable) -> Result<(), CatalogueError> {
        let offset = host.offset;
        let pattern = host.pattern.as_str().to_owned();
        if host.description.remove {
            return match self.places.remove(&pattern) {
                Some(place) => {
                    self.hosts.remove(place);
                    self.places
                        .values_mut()
                        .filter(|other| **other > place)
                        .for_each(|other| *other -= 1);
                    // Removed by one file, it may be spoken of by the next.
                    self.elsewhere.push(pattern);
                    Ok(())
                }
                None => self.check_known(source, offset, "pattern", &pattern),
            };
        }
        if let Some(known) = self.place(&host.pattern) {
            override_requirement(known, host, source.file);
            return Ok(());
        }
        let Some(ports) = host.ports.clone() else {
            if self.elsewhere.contains(&pattern) {
                return Ok(());
            }
            let why = format!(
                "is missing: {pattern:?} is new to the catalogue, say which ports it needs (ports = [\"443/tcp\"])"
            );
            return Err(source.error(offset, Some("ports"), why));
        };
        if self.hosts.len() >= REQUIREMENTS {
            return Err(source.error(
                offset,
                Some("pattern"),
                format!("is one host too many: a catalogue holds {REQUIREMENTS}"),
            ));
        }
        self.push(new_requirement(host, ports, Listing::Custom, source.file));
        Ok(())
    }

    fn place(&mut self, pattern: &Pattern) -> Option<&mut Requirement> {
        let place = *self.places.get(pattern.as_str())?;
        self.hosts
            .get_mut(place)
            .map(|(_, requirement)| requirement)
    }

    fn push(&mut self, host: (Pattern, Requirement)) {
        self.places
            .insert(host.0.as_str().to_owned(), self.hosts.len());
        self.hosts.push(host);
    }

    /// Accepts the removal of what the chosen profile leaves out; refuses that of what no list names.
    fn check_known(
        &self,
        source: Source<'_>,
        offset: usize,
        key: &str,
        text: &str,
    ) -> Result<(), CatalogueError> {
        if self.elsewhere.iter().any(|known| known == text) {
            return Ok(());
        }
        Err(source.error(
            offset,
            Some(key),
            format!("{text:?} is in no list, so it cannot be removed"),
        ))
    }
}

fn add_missing(list: &mut Vec<String>, items: impl IntoIterator<Item = String>) {
    for item in items {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}

/// A second list names the host too.
fn unite(known: &mut Requirement, host: HostTable, ports: &PortSet, listing: Listing) {
    known.ports = known.ports.union(ports);
    if !known.profiles.contains(&listing) {
        known.profiles.push(listing);
    }
    known.optional &= host.description.optional.unwrap_or_default();
    add_missing(
        &mut known.groups,
        host.description.groups.unwrap_or_default(),
    );
    add_missing(&mut known.sources, host.description.source);
    add_missing(&mut known.editions, host.description.edition);
    known.note = known.note.take().or(host.description.note);
}

/// The source of an entry that names none: the file it stands in, if that is the operator's.
fn source_of(description: &Description, file: &str) -> String {
    description
        .source
        .clone()
        .unwrap_or_else(|| file.to_owned())
}

fn edition_of(description: &Description) -> String {
    description
        .edition
        .clone()
        .unwrap_or_else(|| "added".to_owned())
}

fn new_requirement(
    host: HostTable,
    ports: PortSet,
    listing: Listing,
    file: &str,
) -> (Pattern, Requirement) {
    let pattern = host.pattern.as_str().to_owned();
    let about = host.description;
    let requirement = Requirement {
        sources: vec![source_of(&about, file)],
        editions: vec![edition_of(&about)],
        ports,
        service: about.service.unwrap_or_else(|| format!("listed in {file}")),
        failure: about
            .failure
            .unwrap_or_else(|| format!("What needs {pattern} does not work.")),
        profiles: vec![listing],
        optional: about.optional.unwrap_or_default(),
        groups: about.groups.unwrap_or_default(),
        operator: host.operator,
        note: about.note,
        id: pattern.clone(),
        pattern,
    };
    (host.pattern, requirement)
}

fn new_port(port: PortTable, file: &str) -> PortEntry {
    let about = port.description;
    let lan_only = port.lan_only.unwrap_or_default();
    let radio = port.radio.unwrap_or_default();
    // Hosts bring their own ports: a port that the operator adds is there to be told by its number.
    let custom = !file.is_empty();
    PortEntry {
        name: port.name.unwrap_or_else(|| "custom".to_owned()),
        source: source_of(&about, file),
        edition: edition_of(&about),
        service: about.service.unwrap_or_else(|| format!("listed in {file}")),
        failure: about
            .failure
            .unwrap_or_else(|| format!("What needs {} does not work.", port.ports)),
        ports: port.ports,
        groups: about.groups.unwrap_or_default(),
        indirect: port.indirect.unwrap_or_default(),
        optional: about.optional.unwrap_or_default(),
        lan_only,
        radio,
        by_port: port.by_port.unwrap_or(lan_only || radio || custom),
        note: about.note,
    }
}

fn new_process(process: ProcessTable, file: &str) -> ProcessEntry {
    let about = process.description;
    ProcessEntry {
        source: source_of(&about, file),
        edition: edition_of(&about),
        service: about.service.unwrap_or_else(|| format!("listed in {file}")),
        failure: about
            .failure
            .unwrap_or_else(|| format!("What {} does stays undone.", process.name)),
        name: process.name,
        same_as: process.same_as,
        groups: about.groups.unwrap_or_default(),
        optional: about.optional.unwrap_or_default(),
        note: about.note,
    }
}

/// Replaces a field where the operator's entry has one.
fn replace<T>(field: &mut T, with: Option<T>) {
    if let Some(with) = with {
        *field = with;
    }
}

fn override_requirement(known: &mut Requirement, host: HostTable, file: &str) {
    let about = host.description;
    replace(&mut known.ports, host.ports);
    replace(&mut known.service, about.service);
    replace(&mut known.failure, about.failure);
    replace(&mut known.groups, about.groups);
    replace(&mut known.optional, about.optional);
    match about.source {
        Some(source) => known.sources = vec![source],
        None => add_missing(&mut known.sources, [file.to_owned()]),
    }
    replace(
        &mut known.editions,
        about.edition.map(|edition| vec![edition]),
    );
    known.operator = host.operator.or(known.operator.take());
    known.note = about.note.or(known.note.take());
    if !known.profiles.contains(&Listing::Custom) {
        known.profiles.push(Listing::Custom);
    }
}

fn override_port(known: &mut PortEntry, port: PortTable) {
    let about = port.description;
    replace(&mut known.name, port.name);
    replace(&mut known.service, about.service);
    replace(&mut known.failure, about.failure);
    replace(&mut known.groups, about.groups);
    replace(&mut known.indirect, port.indirect);
    replace(&mut known.optional, about.optional);
    replace(&mut known.lan_only, port.lan_only);
    replace(&mut known.radio, port.radio);
    replace(&mut known.by_port, port.by_port);
    replace(&mut known.source, about.source);
    replace(&mut known.edition, about.edition);
    known.note = about.note.or(known.note.take());
}

fn override_process(known: &mut ProcessEntry, process: ProcessTable) {
    let about = process.description;
    known.same_as = process.same_as.or(known.same_as.take());
    replace(&mut known.service, about.service);
    replace(&mut known.failure, about.failure);
    replace(&mut known.groups, about.groups);
    replace(&mut known.optional, about.optional);
    replace(&mut known.source, about.source);
    replace(&mut known.edition, about.edition);
    known.note = about.note.or(known.note.take());
}
