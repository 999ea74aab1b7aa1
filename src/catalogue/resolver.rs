//! Services that carry DNS encrypted: why a device's names may be hidden.
//!
//! Input: `data/resolvers.toml`. Output: [`Resolvers::find`], by a flow's host name or its server's address. The list
//! is short on purpose: an unlisted one is told by what is missing, DNS questions in the clear.

use std::net::IpAddr;

use super::document::{Fields, Source};
use super::error::CatalogueError;

/// One service.
#[derive(Clone, Debug)]
struct Resolver {
    host: String,
    owner: String,
    addresses: Vec<IpAddr>,
}

/// The listed services.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolvers(Vec<Resolver>);

impl Resolvers {
    /// Reads the `[[resolver]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut list = Vec::new();
        for table in root.tables("resolver")? {
            let mut addresses = Vec::new();
            for text in table
                .texts("addresses")?
                .map(|texts| texts.value)
                .unwrap_or_default()
            {
                let address = text.value.parse();
                addresses.push(address.map_err(|_| {
                    source.error(text.offset, Some("addresses"), "is not an IP address")
                })?);
            }
            list.push(Resolver {
                host: table.required_text("host")?.value.to_ascii_lowercase(),
                owner: table.required_text("owner")?.value.to_owned(),
                addresses,
            });
            table.required_text("source")?;
            table.finish()?;
        }
        root.finish()?;
        Ok(Self(list))
    }

    /// The owner of the service with this host name (lower case, or a name below it) or this address.
    pub(super) fn find(&self, host: Option<&[u8]>, address: IpAddr) -> Option<&str> {
        let named = |resolver: &Resolver| {
            host.is_some_and(|host| {
                host.strip_suffix(resolver.host.as_bytes())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
            })
        };
        self.0
            .iter()
            .find(|resolver| {
                named(resolver) || resolver.addresses.contains(&address.to_canonical())
            })
            .map(|resolver| resolver.owner.as_str())
    }
}
