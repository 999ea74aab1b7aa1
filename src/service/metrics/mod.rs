//! Metrics of a run, for Prometheus and what else reads its formats.
//!
//! Input: a [`View`] of the run. Output: text, as OpenMetrics or in the classic format. Bounds: labels are requirements of
//! the catalogue, interfaces of the command line, and codes of windfall's own (status, cause, outcome, reason, limit).
//! Nothing that comes off the wire makes a series, but for devices, where they are asked for, up to a number.

mod capture;
mod clients;
mod family;
mod requirements;
mod run;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text, text};
use prometheus_client::registry::Registry;

use super::counters::Counters;
use crate::picture::Picture;
pub use clients::Clients;
use family::Families;

/// What every name begins with.
const PREFIX: &str = "windfall";

/// What became of attempts to load the catalogue while the run went on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reloads {
    /// Those that replaced it.
    pub succeeded: u64,
    /// Those that left it as it was.
    pub failed: u64,
    /// The latest one failed.
    pub last_failed: bool,
    /// When the catalogue that counts was loaded, in seconds since 1970.
    pub loaded: f64,
    /// Hosts that it requires.
    pub requirements: usize,
}

/// All that metrics tell of.
#[derive(Clone, Debug)]
pub struct View {
    /// The latest picture.
    pub picture: Arc<Picture>,
    /// How long ago it came.
    pub age: Duration,
    /// Attempts since the run began.
    pub counters: Counters,
    /// Devices that have series of their own.
    pub clients: Clients,
    /// The run is well: [`Vigil`](super::vigil::Vigil) has no reason why not.
    pub healthy: bool,
    /// Loads of the catalogue.
    pub reloads: Reloads,
    /// When the run began, in seconds since 1970.
    pub started: f64,
    /// Flows that are kept at most.
    pub flows_limit: usize,
}

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The text format of Prometheus, version 0.0.4.
    Classic,
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Writes the metrics.
///
/// # Errors
/// When a value cannot be written, as a counter beyond what the format has.
pub fn write(view: View, format: Format) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(view));
    let mut page = String::new();
    match format {
        Format::OpenMetrics => text::encode(&mut page, &registry)?,
        Format::Classic => prometheus_text::encode(&mut page, &registry)?,
    }
    Ok(page)
}

impl Collector for View {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = Families::new(encoder);
        requirements::write(self, &mut families)?;
        clients::write(self, &mut families)?;
        capture::write(self, &mut families)?;
        run::write(self, &mut families)
    }
}
