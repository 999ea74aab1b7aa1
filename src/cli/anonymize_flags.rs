//! `--anonymize`: a report and evidence to be shown to others.
//!
//! Input: the flags. Output: a key: of a file, so that several reports agree, or random, so that nobody can ever turn
//! the report back.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use windfall::anonymize::Key;

use super::exit::Fault;

/// Bytes of a random key.
const KEY_BYTES: usize = 32;

/// Most bytes that are read of a key file.
const MAX_KEY_BYTES: u64 = 1 << 20;

/// Arguments of commands whose result may be made anonymous.
#[derive(Args, Debug)]
pub(super) struct Anonymize {
    /// Replace what tells whose packets these are, in the report and in saved evidence: addresses (networks stay
    /// together, private ones private), MAC addresses, names that the catalogue does not list, processes, paths,
    /// certificates; evidence loses its payload but for listed names. See docs/anonymize.md for what stays.
    #[arg(long, env = "WINDFALL_ANONYMIZE", hide_env_values = true)]
    anonymize: bool,
    /// The same with a key out of this file (16 random bytes or more), so that several reports agree. Keep it to
    /// yourself: it turns addresses back. Without it each run has a random key.
    #[arg(
        long,
        value_name = "FILE",
        env = "WINDFALL_ANONYMIZE_KEY",
        hide_env_values = true
    )]
    anonymize_key: Option<PathBuf>,
}

impl Anonymize {
    /// Whether it is asked for.
    pub(super) const fn is_wanted(&self) -> bool {
        self.anonymize || self.anonymize_key.is_some()
    }

    /// The key, if it is asked for.
    ///
    /// # Errors
    /// When the file cannot be read or is too short, or the system has no random bytes.
    pub(super) fn key(&self) -> Result<Option<Key>, Fault> {
        if !self.is_wanted() {
            return Ok(None);
        }
        let bytes = match &self.anonymize_key {
            Some(path) => {
                let name = path.display();
                read(path).with_context(|| format!("cannot read the key {name}"))
            }
            None => random(),
        };
        let key = bytes.and_then(|bytes| Ok(Key::of_bytes(&bytes)?));
        key.map(Some).map_err(Fault::usage)
    }
}

#[expect(clippy::disallowed_methods, reason = "reads the operator's key")]
fn read(path: &PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(MAX_KEY_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn random() -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; KEY_BYTES];
    let provider = rustls::crypto::ring::default_provider();
    let filled = provider.secure_random.fill(&mut bytes);
    filled.map_err(|_| anyhow::anyhow!("the system has no random bytes for a key"))?;
    Ok(bytes)
}
