//! The catalogue that the flags choose: profile, the operator's files, trusted issuers.

use std::path::PathBuf;

use anyhow::Context as _;
use windfall::catalogue::Catalogue;

use super::arguments::Global;
use super::exit::Fault;

/// Builds the catalogue, with these files after those of the flags.
///
/// # Errors
/// A file that cannot be read, or the first fault in one, with its line and column.
pub(super) fn build(global: &Global, more: &[PathBuf]) -> Result<Catalogue, Fault> {
    let files = read(global.catalogue.iter().chain(more)).map_err(Fault::usage)?;
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut catalogue =
        Catalogue::with_extra(global.profile.into(), &files).map_err(Fault::usage)?;
    for issuer in &global.trusted_issuer {
        catalogue.add_trusted_issuer(issuer);
    }
    Ok(catalogue)
}

#[expect(
    clippy::disallowed_methods,
    reason = "reads the operator's catalogue files"
)]
fn read<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> anyhow::Result<Vec<(String, String)>> {
    paths
        .map(|path| {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the catalogue {name}"))?;
            Ok((name, text))
        })
        .collect()
}
