//! A report, and its evidence, for strangers: what it proves, without whose it is.
//!
//! Input: a [`Summary`], frames, and a [`Key`]. Output: the same with pseudonyms. The same key gives the same pseudonyms,
//! so several reports agree; without it nothing can be turned back. Addresses keep their class and what prefixes they
//! share ([`address`]); names that the catalogue covers stay, every other name, MAC address, process, path and text off
//! the wire becomes a pseudonym (`pseudonym`, `text`); frames lose their payload but for what `packet` says.
//! Kept: times, sizes, ports, TTLs, VLAN identifiers, TLS versions, process identifiers. `docs/anonymize.md` is the contract.

pub mod address;
mod packet;
mod payload;
mod pseudonym;
mod report;
mod text;
mod tls;

use std::collections::HashSet;
use std::net::IpAddr;

pub use packet::Anonymous;
pub use pseudonym::{Key, KeyError, MIN_KEY_BYTES};

use crate::catalogue::Catalogue;
use crate::decode::MacAddr;
use crate::verdict::summary::Summary;
use address::Addresses;
use pseudonym::Pseudonyms;

/// Gives pseudonyms, always the same one for the same thing.
pub struct Anonymizer<'a> {
    catalogue: &'a Catalogue,
    addresses: Addresses,
    pseudonyms: Pseudonyms,
    /// Host names and patterns in the catalogue's own texts, which reports quote.
    told: HashSet<String>,
}

impl<'a> Anonymizer<'a> {
    /// Keeps what this catalogue covers; everything else is turned by the key.
    #[must_use]
    pub fn new(key: &Key, catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            addresses: Addresses::new(key, catalogue.apple_networks()),
            pseudonyms: Pseudonyms::new(key),
            told: text::hosts_told_by(catalogue),
        }
    }

    /// The summary with pseudonyms, its lists in the order they had.
    #[must_use]
    pub fn summary(&self, summary: &Summary) -> Summary {
        report::Rewriting::of(self, summary).summary(summary)
    }

    /// An address of the same class.
    #[must_use]
    pub fn address(&self, address: IpAddr) -> IpAddr {
        self.addresses.map(address)
    }

    fn mac(&self, mac: MacAddr) -> MacAddr {
        self.pseudonyms.mac(mac)
    }

    /// Whether a host name, or a pattern, says nothing of anybody: the catalogue has it.
    fn keeps_host(&self, host: &str) -> bool {
        self.catalogue.covers(host.as_bytes()) || self.told.contains(host)
    }

    fn host(&self, host: &str) -> String {
        if self.keeps_host(host) {
            host.to_owned()
        } else {
            format!("{}.invalid", self.pseudonyms.of("host", host))
        }
    }

    fn process(&self, name: &str) -> String {
        match self.catalogue.process(name) {
            Some(_) => name.to_owned(),
            None => self.pseudonyms.of("process", name),
        }
    }
}
