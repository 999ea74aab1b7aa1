//! What should work: the required hosts with their ports, the ports known by number, the background processes, and
//! the texts that explain a failure.
//!
//! Input: the files under `data/`, compiled into the program, and the operator's own files of the same form.
//! Output: a [`Catalogue`], read-only once built. Look-ups by name allocate nothing and are bounded by the longest
//! host name (RFC 1035 section 2.3.4), so the verdicts may ask for every flow and every DNS question.

mod document;
mod entry;
mod error;
mod explain;
mod file;
mod issuer;
mod match_report;
mod matcher;
mod merge;
mod name;
mod network;
mod pattern;
mod port_set;
mod resolver;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use entry::{Listing, PortEntry, ProcessEntry, Profile, Requirement, RequirementId};
pub use error::CatalogueError;
pub use explain::{CauseText, ErrorText, RemedyFacts};
pub use match_report::{Candidate, MatchReport};
pub use pattern::Pattern;
pub use port_set::{PortRange, PortSet};

use crate::address_block::AddressBlock;
use crate::transport::Transport;
use document::Source;
use explain::Explanations;
use file::{Author, CatalogueFile};
use issuer::Issuers;
use matcher::Matcher;
use merge::Merge;
use network::Networks;
use resolver::Resolvers;

/// A file compiled into the program.
macro_rules! shipped {
    ($name:literal) => {
        Source {
            file: concat!("data/", $name),
            text: include_str!(concat!("../../data/", $name)),
        }
    };
}

/// Everything that should work, ready to be asked.
#[derive(Clone, Debug)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    ports: Vec<PortEntry>,
    processes: Vec<ProcessEntry>,
    matcher: Matcher,
    networks: Networks,
    resolvers: Resolvers,
    issuers: Issuers,
    explanations: Explanations,
}

impl Catalogue {
    /// The catalogue that comes with the program.
    ///
    /// # Errors
    /// A fault in the program's own data, which its tests rule out.
    pub fn builtin(profile: Profile) -> Result<Self, CatalogueError> {
        Self::with_extra(profile, &[])
    }

    /// The same with the operator's files, each as (name, text), applied in order: an entry adds to the catalogue, or
    /// overrides what it says of an entry that is there; `remove = true` takes one out.
    ///
    /// # Errors
    /// The first fault of the first faulty file, with its place.
    pub fn with_extra(profile: Profile, extra: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let mut merge = Merge::default();
        for (listing, source) in [
            (Listing::Itunes, shipped!("itunes.toml")),
            (Listing::Enterprise, shipped!("enterprise.toml")),
        ] {
            merge.add_list(
                profile,
                listing,
                CatalogueFile::read(source, Author::Builtin)?,
            );
        }
        for &(file, text) in extra {
            let source = Source { file, text };
            merge.apply(source, CatalogueFile::read(source, Author::Custom)?)?;
        }
        let ids = (0..=u16::MAX).map(RequirementId);
        let matcher = Matcher::compile(ids.zip(merge.hosts.iter().map(|(pattern, _)| pattern)));
        Ok(Self {
            requirements: merge
                .hosts
                .into_iter()
                .map(|(_, requirement)| requirement)
                .collect(),
            ports: merge.ports,
            processes: merge.processes,
            matcher,
            networks: Networks::read(shipped!("networks.toml"))?,
            resolvers: Resolvers::read(shipped!("resolvers.toml"))?,
            issuers: Issuers::read(shipped!("issuers.toml"))?,
            explanations: Explanations::read(shipped!("causes.toml"))?,
        })
    }

    /// All required hosts, in catalogue order; their places are their [`RequirementId`]s.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The rows of `catalogue hosts`.
    #[must_use]
    pub fn hosts(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The rows of `catalogue ports`, in the order of the sources.
    #[must_use]
    pub fn ports(&self) -> &[PortEntry] {
        &self.ports
    }

    /// The rows of `catalogue processes`, in the order of the sources.
    #[must_use]
    pub fn processes(&self) -> &[ProcessEntry] {
        &self.processes
    }

    /// One required host.
    #[must_use]
    pub fn requirement(&self, id: RequirementId) -> Option<&Requirement> {
        self.requirements.get(id.index())
    }

    /// The required host with exactly this pattern, in any case.
    #[must_use]
    pub fn find(&self, pattern: &str) -> Option<RequirementId> {
        let place = self
            .requirements
            .iter()
            .position(|requirement| requirement.id.eq_ignore_ascii_case(pattern))?;
        u16::try_from(place).ok().map(RequirementId)
    }

    /// The requirement that owns a flow to this name and port: of the patterns that cover the name, the most specific
    /// whose ports count. The name is raw bytes off the wire in any case; a trailing dot is allowed.
    #[must_use]
    pub fn owner(&self, host: &[u8], transport: Transport, port: u16) -> Option<RequirementId> {
        let mut owner = None;
        self.matcher.visit(host, |id| {
            if self
                .requirement(id)
                .is_some_and(|requirement| requirement.ports.contains(transport, port))
            {
                owner = Some(id);
            }
        });
        owner
    }

    /// The requirement that owns a name whatever the port: for a DNS question, which has none.
    #[must_use]
    pub fn owner_of_name(&self, host: &[u8]) -> Option<RequirementId> {
        let mut owner = None;
        self.matcher.visit(host, |id| owner = Some(id));
        owner
    }

    /// Whether any pattern covers the name.
    #[must_use]
    pub fn covers(&self, host: &[u8]) -> bool {
        self.owner_of_name(host).is_some()
    }

    /// What the port alone says of a flow that no requirement owns: radio streams, services of the local network,
    /// `AirPlay`. The entry with the fewest ports around it counts, of equal ones the last (the operator's).
    #[must_use]
    pub fn by_port(&self, transport: Transport, port: u16) -> Option<&PortEntry> {
        self.ports
            .iter()
            .filter(|entry| entry.by_port)
            .flat_map(|entry| entry.ports.ranges().iter().map(move |range| (range, entry)))
            .filter(|(range, _)| range.contains(transport, port))
            .rev()
            .min_by_key(|(range, _)| range.width())
            .map(|(_, entry)| entry)
    }

    /// The background process with this file name, in any case.
    #[must_use]
    pub fn process(&self, name: &str) -> Option<&ProcessEntry> {
        self.processes
            .iter()
            .find(|process| process.name.eq_ignore_ascii_case(name))
    }

    /// Whether the address is in one of Apple's own networks.
    #[must_use]
    pub fn is_apple_address(&self, address: IpAddr) -> bool {
        self.networks.contains(address)
    }

    /// Apple's own networks.
    #[must_use]
    pub fn apple_networks(&self) -> &[AddressBlock] {
        self.networks.blocks()
    }

    /// The owner of the service that carries DNS encrypted and has this host name or this address.
    #[must_use]
    pub fn encrypted_resolver(&self, host: Option<&[u8]>, address: IpAddr) -> Option<&str> {
        self.resolvers.find(host, address)
    }

    /// Whether this organisation (or common name) is one that issues certificates for the listed hosts. The whole name
    /// must agree, in any case.
    #[must_use]
    pub fn trusted_issuer(&self, organisation: &str) -> bool {
        self.issuers.contains(organisation)
    }

    /// Trusts one more issuing organisation; a blank name is ignored.
    pub fn add_trusted_issuer(&mut self, name: &str) {
        self.issuers.add(name);
    }

    /// What a cause code means; every code of the verdicts has a text.
    #[must_use]
    pub fn explain_cause(&self, code: &str) -> Option<&CauseText> {
        self.explanations.cause(code)
    }

    /// What the code of a finding means; every one has a text.
    #[must_use]
    pub fn explain_finding(&self, code: &str) -> Option<&CauseText> {
        self.explanations.finding(code)
    }

    /// What it means that it broke there (`dropped-in-gateway`); every code has a text.
    #[must_use]
    pub fn explain_where(&self, code: &str) -> Option<&CauseText> {
        self.explanations.place(code)
    }

    /// The text whose remedy suits a fault: that of the place where it broke, if both sides of a gateway were captured and
    /// the place says more than the cause, else that of the cause.
    #[must_use]
    pub fn remedy_text(&self, cause: &str, place: Option<&str>) -> Option<&CauseText> {
        self.explanations.remedy(cause, place)
    }

    /// All finding texts, by code.
    pub fn findings(&self) -> impl Iterator<Item = &CauseText> {
        self.explanations.findings()
    }

    /// All cause texts, by code.
    pub fn causes(&self) -> impl Iterator<Item = &CauseText> {
        self.explanations.causes()
    }

    /// What an iTunes error number means, where its range is known, and which of the profile's requirements to look at
    /// first.
    #[must_use]
    pub fn explain_error(&self, number: u32) -> Option<ErrorText> {
        self.explanations
            .error(number, |pattern| self.find(pattern))
    }

    /// Which entries cover a name, which of them owns it, and which ports count.
    #[must_use]
    pub fn match_name(
        &self,
        host: &[u8],
        port: Option<u16>,
        transport: Option<Transport>,
    ) -> MatchReport {
        let counts = |ports: &PortSet| {
            ports.ranges().iter().any(|range| {
                transport.is_none_or(|transport| transport == range.transport())
                    && port.is_none_or(|port| range.contains(range.transport(), port))
            })
        };
        let mut candidates = Vec::new();
        self.matcher.visit(host, |id| {
            candidates.extend(self.requirement(id).map(|requirement| Candidate {
                requirement: id,
                pattern: requirement.pattern.clone(),
                port_counts: counts(&requirement.ports),
                ports: requirement.ports.clone(),
            }));
        });
        candidates.reverse();
        let owner = candidates
            .iter()
            .find(|candidate| candidate.port_counts)
            .map(|candidate| candidate.requirement);
        let by_port = match (owner, port) {
            (None, Some(port)) => {
                let asked =
                    |other: &&Transport| transport.is_none_or(|transport| transport == **other);
                Transport::ALL
                    .iter()
                    .filter(asked)
                    .find_map(|&transport| self.by_port(transport, port))
                    .cloned()
            }
            _ => None,
        };
        MatchReport {
            host: crate::hostname::Hostname::new(host).to_text(),
            port,
            transport,
            problem: name::host(host)
                .is_none()
                .then_some("not a host name: labels of 1–63 letters, digits, - or _, joined by dots, 253 bytes at most"),
            owner,
            candidates,
            by_port,
        }
    }
}
