//! Flags of `--events`, and what has to be made before rights are given away.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use windfall::events::address::{self, Broker};

use super::file::Lines;
use crate::cli::exit::Fault;
use crate::cli::{duration, size};

/// Help of `--events`.
const EVENTS: &str = "Tell every change of a status as an event, one JSON object a line (docs/events.md): appended to \
     this file, on standard output (-; with --no-tui, in place of the report), or sent to a NATS JetStream broker \
     (nats://host[:port][/prefix], or tls:// for TLS alone; needs a build with the feature fleet)";

/// Flags of `--events`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Events")]
pub(in crate::cli) struct EventsFlags {
    /// Where events go.
    #[arg(long, help = EVENTS, value_name = "FILE|-|URL", value_parser = target, env = "WINDFALL_EVENTS", hide_env_values = true)]
    events: Option<Target>,
    /// This gateway's name in events: letters, digits, - and _, with dots between parts [default: the host's name]
    #[arg(long, value_name = "NAME", value_parser = address::name, env = "WINDFALL_GATEWAY", hide_env_values = true)]
    gateway: Option<String>,
    /// Tell at least so often that all is going on; a gateway that misses three of these is called silent.
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "30s", env = "WINDFALL_EVENTS_HEARTBEAT", hide_env_values = true)]
    events_heartbeat: Duration,
    /// Keep events here until the broker has them, also from one run to the next; only with a broker [default: in memory, for this run]
    #[arg(
        long,
        value_name = "DIR",
        env = "WINDFALL_EVENTS_SPOOL",
        hide_env_values = true
    )]
    events_spool: Option<PathBuf>,
    /// What may wait for the broker; the oldest events are dropped first, and counted.
    #[arg(long, value_name = "SIZE", value_parser = spool_bytes, default_value = "64MiB", env = "WINDFALL_EVENTS_SPOOL_SIZE", hide_env_values = true)]
    events_spool_size: u64,
    #[cfg(feature = "fleet")]
    #[command(flatten)]
    broker: super::BrokerFlags,
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Stdout,
    File(PathBuf),
    Broker(Broker),
}

/// What was opened before rights are given away.
pub(in crate::cli) enum Prepared {
    /// Nothing is told.
    Nothing,
    /// Into a file, or to standard output.
    Lines(Lines),
    /// To a broker.
    #[cfg(feature = "fleet")]
    Broker(Box<super::sender::Prepared>),
}

impl EventsFlags {
    /// Events take the place of the report on standard output.
    pub(in crate::cli) fn on_stdout(&self) -> bool {
        self.events == Some(Target::Stdout)
    }

    /// The port of the broker, which must stay reachable.
    pub(in crate::cli) fn broker_port(&self) -> Option<u16> {
        match &self.events {
            Some(Target::Broker(broker)) => Some(broker.port),
            Some(Target::Stdout | Target::File(_)) | None => None,
        }
    }

    /// What is written once rights are given away.
    pub(in crate::cli) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let spool = self.broker_port().and(self.events_spool.clone());
        spool.into_iter()
    }

    /// What is read once rights are given away.
    #[cfg_attr(
        not(feature = "fleet"),
        expect(
            clippy::unused_self,
            reason = "only a broker takes files to be reached"
        )
    )]
    pub(in crate::cli) fn read(&self) -> Vec<PathBuf> {
        #[cfg(feature = "fleet")]
        if let Some(Target::Broker(broker)) = &self.events {
            return self.broker.read(broker);
        }
        Vec::new()
    }

    /// Opens what takes rights that are given away later.
    ///
    /// # Errors
    /// When flags contradict each other, or a file cannot be opened.
    pub(in crate::cli) fn prepare(&self, with_screen: bool) -> Result<Prepared, Fault> {
        let refused = |why: &str| Err(Fault::usage(anyhow::anyhow!("{why}")));
        if self.events.is_some() {
            // Told at once, not when the interfaces are open.
            self.gateway()?;
        }
        if self.events_spool.is_some() && self.broker_port().is_none() {
            return refused(
                "--events-spool keeps events for a broker, and --events names none: give it as --events nats://HOST, or leave --events-spool out",
            );
        }
        match &self.events {
            None => Ok(Prepared::Nothing),
            Some(Target::Stdout) if with_screen => {
                refused("--events - needs --no-tui: the screen is on standard output")
            }
            Some(Target::Stdout) => Ok(Prepared::Lines(Lines::stdout())),
            Some(Target::File(path)) => {
                let opened = Lines::append(path);
                opened.map(Prepared::Lines).map_err(Fault::usage)
            }
            #[cfg(not(feature = "fleet"))]
            Some(Target::Broker(_)) => refused(crate::cli::fleet::WITHOUT_FLEET),
            #[cfg(feature = "fleet")]
            Some(Target::Broker(broker)) => {
                let most = self.events_spool_size;
                let spool = self.events_spool.clone();
                super::sender::Prepared::new(broker, &self.broker, spool, most)
                    .map(|prepared| Prepared::Broker(Box::new(prepared)))
                    .map_err(Fault::usage)
            }
        }
    }

    /// Who tells.
    ///
    /// # Errors
    /// When the host's name cannot be a gateway's.
    pub(in crate::cli) fn gateway(&self) -> Result<String, Fault> {
        if let Some(name) = &self.gateway {
            return Ok(name.clone());
        }
        let host = host_name().unwrap_or_default();
        address::name(&host).map_err(|why| {
            Fault::usage(anyhow::anyhow!(
                "this host's name, {host:?}, cannot be a gateway's: {why}; name it with --gateway"
            ))
        })
    }

    /// How often something is told at least.
    pub(in crate::cli) const fn heartbeat(&self) -> Duration {
        self.events_heartbeat
    }
}

#[cfg(target_os = "linux")]
fn host_name() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

/// Asked of the environment alone elsewhere.
#[cfg(not(target_os = "linux"))]
fn host_name() -> Option<String> {
    std::env::var("HOSTNAME").ok()
}

fn target(text: &str) -> Result<Target, String> {
    match text {
        "" => Err("it is empty".to_owned()),
        "-" => Ok(Target::Stdout),
        _ if text.contains("://") => text.parse().map(Target::Broker),
        _ => Ok(Target::File(text.into())),
    }
}

fn spool_bytes(text: &str) -> Result<u64, String> {
    match size::parse(text)? {
        bytes if bytes < 64 << 10 => Err("give at least 64KiB".to_owned()),
        bytes => Ok(bytes),
    }
}
