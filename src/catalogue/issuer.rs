//! Organisations whose certificates Apple's and the listed hosts are known to carry.
//!
//! Input: `data/issuers.toml` and the operator's `--trusted-issuer`. Output: whether a name from a certificate's
//! organisation or common name field is one of them. The whole name must agree, in any ASCII case: a longer name that
//! merely contains a listed one is somebody else's, and so is one spelt with letters that only look alike.
//! This is a comparison of names, not a proof: anybody may write any name into a certificate of their own.

use super::document::{Fields, Source};
use super::error::CatalogueError;

/// The listed names.
#[derive(Clone, Debug, Default)]
pub(super) struct Issuers(Vec<String>);

impl Issuers {
    /// Reads the `[[issuer]]` tables.
    pub(super) fn read(source: Source<'_>) -> Result<Self, CatalogueError> {
        let document = source.parse()?;
        let root = Fields::root(source, &document);
        let mut names = Self::default();
        for table in root.tables("issuer")? {
            names.add(table.required_text("name")?.value);
            table.required_text("why")?;
            for spelling in table
                .texts("spellings")?
                .map(|texts| texts.value)
                .unwrap_or_default()
            {
                names.add(spelling.value);
            }
            table.finish()?;
        }
        root.finish()?;
        Ok(names)
    }

    /// Lists one more name.
    pub(super) fn add(&mut self, name: &str) {
        let name = name.trim_ascii();
        if !name.is_empty() && !self.contains(name) {
            self.0.push(name.to_owned());
        }
    }

    /// Whether this is a listed name. Case folds in ASCII only: Unicode folding would let the Kelvin sign pass for a K.
    pub(super) fn contains(&self, name: &str) -> bool {
        let name = name.trim_ascii();
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_whole_and_in_any_case() {
        let mut issuers = Issuers::default();
        issuers.add("DigiCert Inc");
        issuers.add("Kestrel");
        assert!(issuers.contains("DigiCert Inc"));
        assert!(issuers.contains(" DIGICERT INC "));
        for other in [
            "DigiCert",
            "DigiCert Inc Proxy",
            "Not DigiCert Inc",
            "DigiCert Inc\0",
            "DigiCert  Inc",
            "",
            "\u{212a}estrel",
        ] {
            assert!(!issuers.contains(other), "{other:?}");
        }
    }

    #[test]
    fn a_blank_name_is_never_listed() {
        let mut issuers = Issuers::default();
        issuers.add("  ");
        assert!(!issuers.contains(""));
        assert!(!issuers.contains("  "));
    }
}
