//! How a report is written: what all commands that write one ask for alike.

use clap::Args;
use windfall::report::Options;
use windfall::report::listed::Listed;

use super::arguments::{Color, Flows, Format};
use super::replay::colour;

/// Flags of a report.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct ReportFlags {
    /// How the report is written.
    #[arg(
        long,
        value_enum,
        default_value_t,
        env = "WINDFALL_FORMAT",
        hide_env_values = true
    )]
    pub(super) format: Format,
    /// Which flows and DNS questions are listed [default: all for JSON, the first of the failing ones for text and HTML].
    #[arg(long, value_enum, env = "WINDFALL_FLOWS", hide_env_values = true)]
    flows: Option<Flows>,
}

impl ReportFlags {
    /// What is listed, if it was said.
    pub(super) fn listed(self) -> Option<Listed> {
        self.flows.map(Into::into)
    }

    /// What the writer of a report is told.
    pub(super) fn options(self, color: Color) -> Options {
        Options {
            format: self.format.into(),
            listed: self.listed(),
            colour: colour(color),
        }
    }
}
