//! What one entry of the catalogue says: a required host, a port, a background process.
//!
//! Entries are data read from `data/*.toml` and from the operator's own files; nothing here decides anything. Every
//! entry names its source and the edition of it, so that a reader can check it.

use serde::{Serialize, Serializer};

use super::port_set::PortSet;

/// Which lists a run is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// What iTunes and Apple devices at home need.
    Itunes,
    /// What Apple lists for enterprise networks.
    Enterprise,
    /// Both, merged host by host.
    #[default]
    All,
}

impl Profile {
    /// Every value.
    pub const ALL: &'static [Self] = &[Self::Itunes, Self::Enterprise, Self::All];

    /// The word of `--profile`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Itunes => "itunes",
            Self::Enterprise => "enterprise",
            Self::All => "all",
        }
    }

    /// The profile with this word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|profile| profile.as_str() == code)
    }

    /// Whether entries of this list are in the profile.
    #[must_use]
    pub const fn includes(self, listing: Listing) -> bool {
        match listing {
            Listing::Itunes => matches!(self, Self::Itunes | Self::All),
            Listing::Enterprise => matches!(self, Self::Enterprise | Self::All),
            Listing::Custom => true,
        }
    }
}

/// Which list an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// `data/itunes.toml`.
    Itunes,
    /// `data/enterprise.toml`.
    Enterprise,
    /// A file of the operator.
    Custom,
}

impl Listing {
    /// The word that reports show.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Itunes => "itunes",
            Self::Enterprise => "enterprise",
            Self::Custom => "custom",
        }
    }
}

impl Serialize for Listing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The place of a requirement in its catalogue: dense, from 0, in catalogue order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RequirementId(pub u16);

impl RequirementId {
    /// The place as an index.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A host pattern with everything that counts as reaching it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// Stable identifier: the pattern, lower case.
    pub id: String,
    /// The host pattern (`gs.apple.com`, `*.itunes.apple.com`, `gg*.apple.com`).
    pub pattern: String,
    /// Ports and transports that count.
    pub ports: PortSet,
    /// What it serves, in a few words.
    pub service: String,
    /// What its failure means for the person at the device.
    pub failure: String,
    /// Which lists name it.
    pub profiles: Vec<Listing>,
    /// Its failure never makes the exit status 1.
    pub optional: bool,
    /// What it belongs to (`software-update`).
    pub groups: Vec<String>,
    /// Who runs the servers.
    pub operator: Option<String>,
    /// Where the entry comes from.
    pub sources: Vec<String>,
    /// Edition of each source: `original`, `later`, a year, or `added` for what no source lists.
    pub editions: Vec<String>,
    /// What an operator should know besides.
    pub note: Option<String>,
}

/// A port, or a run of ports, and what uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a table row, not a state"
)]
pub struct PortEntry {
    /// Short name (`ssdp`, `daap`, `internet-radio`): what a report shows for a flow known by its port alone.
    pub name: String,
    /// The ports.
    pub ports: PortSet,
    /// What uses them.
    pub service: String,
    /// What a blocked port means for the person at the device.
    pub failure: String,
    /// What it belongs to.
    pub groups: Vec<String>,
    /// Not used by iTunes itself but by services it relies on.
    pub indirect: bool,
    /// Nothing that people need breaks without it.
    pub optional: bool,
    /// Used inside the local network only.
    pub lan_only: bool,
    /// Streams of internet radio stations.
    pub radio: bool,
    /// The port alone tells what a flow is for, whatever its host.
    pub by_port: bool,
    /// Where the entry comes from.
    pub source: String,
    /// Edition of the source.
    pub edition: String,
    /// What an operator should know besides.
    pub note: Option<String>,
}

/// A background process of iTunes for Windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessEntry {
    /// File name.
    pub name: String,
    /// The entry that this is another name of.
    pub same_as: Option<String>,
    /// What it does.
    pub service: String,
    /// What goes wrong for the person at the computer while it is blocked or absent.
    pub failure: String,
    /// `always`, or `by-sync-configuration`.
    pub groups: Vec<String>,
    /// It does its work only where the person chose so.
    pub optional: bool,
    /// Where the entry comes from.
    pub source: String,
    /// Edition of the source.
    pub edition: String,
    /// What an operator should know besides.
    pub note: Option<String>,
}
