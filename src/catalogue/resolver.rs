//! Services that carry DNS encrypted: why a device's names may be hidden.
//!
//! Input: `data/resolvers.toml`. Output: [`Resolvers::find`], by a flow's host name or its server's address. The list
//! is short on purpose: an unlisted one is told by what is missing, DNS questions in the clear.

use std::net::IpAddr;

use foldhash::HashMap;

use super::document::{Fields, Source};
use super::error::CatalogueError;

/// The listed services: asked for every connection to port 443, so found by hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolvers {
    /// In the order of the list.
    owners: Vec<String>,
    by_host: HashMap<Vec<u8>, usize>,
    by_address: HashMap<IpAddr, usize>,
}

impl Resolvers {
    /// Reads the `[[resolver]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut list = Self::default();
        for table in root.tables("resolver")? {
            let owner = list.owners.len();
            for text in table
                .texts("addresses")?
                .map(|texts| texts.value)
                .unwrap_or_default()
            {
                let address = text.value.parse();
                let address = address.map_err(|_| {
                    source.error(text.offset, Some("addresses"), "is not an IP address")
                })?;
                list.by_address.entry(address).or_insert(owner);
            }
            let host = table.required_text("host")?.value.to_ascii_lowercase();
            list.by_host.entry(host.into_bytes()).or_insert(owner);
            list.owners
                .push(table.required_text("owner")?.value.to_owned());
            table.required_text("source")?;
            table.finish()?;
        }
        root.finish()?;
        Ok(list)
    }

    /// The owner of the service with this host name (lower case, or a name below it) or this address.
    pub(super) fn find(&self, host: Option<&[u8]>, address: IpAddr) -> Option<&str> {
        let ends = host.into_iter().flat_map(|host| {
            let below = host.iter().enumerate().filter(|(_, byte)| **byte == b'.');
            let starts = std::iter::once(0).chain(below.map(|(dot, _)| dot + 1));
            starts.filter_map(|start| host.get(start..))
        });
        let named = ends.filter_map(|end| self.by_host.get(end)).min();
        let at = self.by_address.get(&address.to_canonical());
        let owner = named.into_iter().chain(at).min()?;
        self.owners.get(*owner).map(String::as_str)
    }
}
