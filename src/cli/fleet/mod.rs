//! `windfall fleet`: how all gateways stand whose events a broker has.

#[cfg(feature = "fleet")]
mod reader;
#[cfg(feature = "fleet")]
mod watch;

use clap::{Args, ValueEnum, value_parser};
use windfall::events::address::Broker;

use super::arguments::Global;
use super::exit::{Exit, Fault};

/// Help of the argument.
const BROKER: &str = "The broker, as gateways name it with --events: nats://host[:port][/prefix], or tls:// for TLS alone";

/// Arguments of `fleet`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  windfall fleet nats://hub.example.net                   the console, on the screen
  windfall fleet --format json nats://hub.example.net     once, for programs
  windfall fleet --events-creds hub.creds tls://hub.example.net/sites

The exit status is 1 if something required is failing at a gateway that was not told to stop, and 3 if the broker has
no stream of events or does not answer. docs/fleet.md tells more.")]
pub(super) struct Fleet {
    /// The broker.
    #[arg(help = BROKER, value_name = "URL", value_parser = value_parser!(Broker), env = "WINDFALL_FLEET", hide_env_values = true)]
    broker: Broker,
    /// Write how the fleet stands now, once, and end [default: the screen, on a terminal; else text]
    #[arg(long, value_enum, env = "WINDFALL_FORMAT", hide_env_values = true)]
    format: Option<Form>,
    #[cfg(feature = "fleet")]
    #[command(flatten)]
    flags: super::events::BrokerFlags,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Runs the command.
#[cfg(feature = "fleet")]
pub(super) fn run(command: &Fleet, global: &Global) -> Result<Exit, Fault> {
    watch::run(command, global)
}

/// Says what is missing.
#[cfg(not(feature = "fleet"))]
pub(super) fn run(command: &Fleet, _: &Global) -> Result<Exit, Fault> {
    let _ = (&command.broker, command.format);
    Err(Fault::usage(anyhow::anyhow!("{WITHOUT_FLEET}")))
}

/// What is said where NATS is asked for and is not built in.
#[cfg(not(feature = "fleet"))]
pub(super) const WITHOUT_FLEET: &str = "this windfall was built without the feature fleet, which speaks to NATS; \
     build it with 'cargo build --release --features fleet'";
