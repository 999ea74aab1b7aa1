//! Commands and the flags that all of them take.
//!
//! Every flag has an environment twin, `WINDFALL_` and its name, and is a key of the configuration file if it is of all
//! commands or of `watch`; the command line has the last word.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use windfall::address_block::AddressBlock;
use windfall::catalogue::Profile as Lists;
use windfall::monitor::share::MAX_SHARES;
use windfall::report::{self, listed::Listed};
use windfall::verdict::assemble::Allowed;
use windfall::verdict::timers::Timers as Waits;

#[cfg(feature = "live")]
use super::watch;
use super::{bench, catalogue, completions, config, duration, explain, merge, replay};

/// Says which connections that Apple devices need succeed, stall or get reset, why, and who did it.
///
/// windfall reads captured packets; it never sends one.
#[derive(Debug, Parser)]
#[command(
    name = "windfall",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  windfall replay captures/itunes-failure.pcapng     what fails, why, and what to do
  windfall explain 3194 trace.pcapng                 the hosts behind an iTunes error number, and how they fare
  windfall catalogue match gs.apple.com:443/tcp      whether a host is required, and by which entry

Exit status:
  0  nothing required is failing
  1  something required is failing (degraded, flaky and optional ones are not)
  2  wrong usage, or a faulty catalogue or configuration file
  3  a capture could not be opened, or not be read to its end (what was read is reported)
  4  the result could not be written
  101  a part of windfall itself failed (what it was is told); watch still reports what had been seen
  129, 130, 143  a second signal (SIGHUP, SIGINT, SIGTERM) ended a run before its report was written

Every flag can be set by an environment variable: WINDFALL_ and its name, such as WINDFALL_PROFILE=itunes."
)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// Flags of all commands.
    #[command(flatten)]
    pub(super) global: Global,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watch interfaces and tell, as it happens, which required connections work, which do not, and why
    #[cfg(feature = "live")]
    Watch(Box<watch::Watch>),
    /// Show how all gateways stand whose events a broker has (watch --events nats://…)
    Fleet(super::fleet::Fleet),
    /// Read capture files and report which required connections work, which do not, and why
    Replay(replay::Replay),
    /// Make one report of several: of captures that were replayed apart, on many machines or one after the other
    Merge(merge::Merge),
    /// Show the required hosts, ports and processes; look a name up; check a file of your own
    Catalogue(catalogue::Catalogue),
    /// Measure how fast capture files are replayed on this machine, and what each stage costs
    Bench(bench::Bench),
    /// Explain an iTunes error number or a cause code; with captures, how they fare in it
    Explain(explain::Explain),
    /// List the interfaces of this machine, and whether this user may capture on them
    #[cfg(feature = "live")]
    Interfaces(super::interfaces::Interfaces),
    /// Check a configuration file; show what holds with it, and why
    Config(config::Config),
    /// Write completions for a shell
    Completions(completions::Completions),
    /// Write the manual page
    #[command(after_help = "Example:\n  windfall man > /usr/local/share/man/man1/windfall.1")]
    Man,
}

/// Flags of all commands.
#[derive(Args, Debug)]
#[command(next_help_heading = "What is required")]
pub(super) struct Global {
    /// Which lists of required hosts count.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "WINDFALL_PROFILE",
        hide_env_values = true
    )]
    pub(super) profile: Profile,
    /// Add a catalogue file of your own, or override entries with it; may be repeated (or separated by commas).
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_delimiter = ',',
        env = "WINDFALL_CATALOGUE",
        hide_env_values = true
    )]
    pub(super) catalogue: Vec<PathBuf>,
    /// Trust one more organisation that issues certificates, by its whole name, such as your own inspecting proxy's;
    /// may be repeated (or separated by semicolons).
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        value_delimiter = ';',
        env = "WINDFALL_TRUSTED_ISSUER",
        hide_env_values = true
    )]
    pub(super) trusted_issuer: Vec<String>,
    /// Private DNS answers for this name (and all below it), or in this network, are meant; may be repeated (or
    /// separated by commas).
    #[arg(long, global = true, value_name = "NAME|CIDR", value_delimiter = ',', value_parser = allowed, env = "WINDFALL_ALLOW_PRIVATE", hide_env_values = true)]
    pub(super) allow_private: Vec<Allowed>,
    /// Report these devices only, by address or network; may be repeated (or separated by commas).
    #[arg(long, global = true, value_name = "ADDR|CIDR", value_delimiter = ',', value_parser = address_block, env = "WINDFALL_CLIENT", hide_env_values = true)]
    pub(super) client: Vec<AddressBlock>,
    /// How long each rule waits before it calls silence a stall.
    #[command(flatten)]
    pub(super) timers: Timers,
    /// Keep at most so many flows; unanswered ones that nobody requires go first.
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one, env = "WINDFALL_MAX_FLOWS", hide_env_values = true, help_heading = "Bounds")]
    pub(super) max_flows: Option<usize>,
    /// Threads that analyse; one reads beside them. The report does not depend on their number [default: 1].
    #[arg(long, global = true, value_name = "N", value_parser = workers, env = "WINDFALL_WORKERS", hide_env_values = true, help_heading = "Bounds")]
    pub(super) workers: Option<usize>,
    /// Colour in text reports; auto: on a terminal, unless `NO_COLOR` is set.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "WINDFALL_COLOR",
        hide_env_values = true,
        help_heading = "Output"
    )]
    pub(super) color: Color,
    /// Say more on standard error; may be repeated.
    #[arg(short, long, global = true, action = ArgAction::Count, env = "WINDFALL_VERBOSE", hide_env_values = true, help_heading = "Output")]
    pub(super) verbose: u8,
    /// Take what flags do not say from this file (windfall config --help tells how); the environment comes before it.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "WINDFALL_CONFIG",
        hide_env_values = true,
        help_heading = "Output"
    )]
    pub(super) config: Option<PathBuf>,
    /// Append the log to this file instead of standard error.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "WINDFALL_LOG_FILE",
        hide_env_values = true,
        help_heading = "Output"
    )]
    pub(super) log_file: Option<PathBuf>,
}

/// The waiting times of the rules, in capture time.
#[derive(Args, Debug)]
#[expect(clippy::struct_field_names, reason = "the names of the flags")]
#[command(next_help_heading = "Waiting times (500ms, 5s, 1m30s)")]
pub(super) struct Timers {
    /// A DNS question without an answer [default: 5s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_DNS_TIMER", hide_env_values = true)]
    dns_timer: Option<Duration>,
    /// SYNs without an answer [default: 3s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_SYN_TIMER", hide_env_values = true)]
    syn_timer: Option<Duration>,
    /// A TLS ClientHello without an answer [default: 5s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_HELLO_TIMER", hide_env_values = true)]
    hello_timer: Option<Duration>,
    /// A TLS handshake without progress [default: 10s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_HANDSHAKE_TIMER", hide_env_values = true)]
    handshake_timer: Option<Duration>,
    /// Time that retransmissions of the same bytes must span [default: 3s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_RETRANSMIT_TIMER", hide_env_values = true)]
    retransmit_timer: Option<Duration>,
    /// A receive window that stays closed [default: 10s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_ZERO_WINDOW_TIMER", hide_env_values = true)]
    zero_window_timer: Option<Duration>,
    /// A plaintext request without a response [default: 30s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_RESPONSE_TIMER", hide_env_values = true)]
    response_timer: Option<Duration>,
    /// An NTP request without a reply [default: 5s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_NTP_TIMER", hide_env_values = true)]
    ntp_timer: Option<Duration>,
    /// A NAT-PMP or PCP request without a response [default: 5s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, env = "WINDFALL_NAT_PMP_TIMER", hide_env_values = true)]
    nat_pmp_timer: Option<Duration>,
}

impl Timers {
    /// The rules' times, with what the flags set.
    pub(super) fn get(&self) -> Waits {
        let usual = Waits::default();
        Waits {
            dns: self.dns_timer.unwrap_or(usual.dns),
            syn: self.syn_timer.unwrap_or(usual.syn),
            hello: self.hello_timer.unwrap_or(usual.hello),
            handshake: self.handshake_timer.unwrap_or(usual.handshake),
            retransmit: self.retransmit_timer.unwrap_or(usual.retransmit),
            zero_window: self.zero_window_timer.unwrap_or(usual.zero_window),
            response: self.response_timer.unwrap_or(usual.response),
            ntp: self.ntp_timer.unwrap_or(usual.ntp),
            nat_pmp: self.nat_pmp_timer.unwrap_or(usual.nat_pmp),
        }
    }
}

/// Which lists of required hosts count.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Profile {
    /// What iTunes and devices at home need
    Itunes,
    /// What Apple lists for enterprise networks
    Enterprise,
    /// Both
    #[default]
    All,
}

impl From<Profile> for Lists {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Itunes => Self::Itunes,
            Profile::Enterprise => Self::Enterprise,
            Profile::All => Self::All,
        }
    }
}

/// When text has colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object (data/report.schema.json)
    Json,
    /// One JSON object a line, each with its kind
    Ndjson,
    /// One row for each requirement and device
    Csv,
    /// One page for a ticket or a printer, whole in itself: it makes no request
    Html,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Ndjson => Self::Ndjson,
            Format::Csv => Self::Csv,
            Format::Html => Self::Html,
        }
    }
}

/// Which flows and DNS questions are listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Flows {
    /// Attempts at required hosts that stalled, were reset or failed
    Failing,
    /// All attempts at required hosts
    Required,
    /// Everything, and in text the required hosts that nobody tried
    All,
}

impl From<Flows> for Listed {
    fn from(flows: Flows) -> Self {
        match flows {
            Flows::Failing => Self::Failing,
            Flows::Required => Self::Required,
            Flows::All => Self::All,
        }
    }
}

fn address_block(text: &str) -> Result<AddressBlock, String> {
    text.parse().map_err(|error| format!("{text:?} {error}"))
}

/// A network where it can be one, else a name.
fn allowed(text: &str) -> Result<Allowed, String> {
    if let Ok(block) = text.parse() {
        return Ok(Allowed::Network(block));
    }
    let name = text.trim_start_matches("*.").trim_end_matches('.');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() <= 253 && name.split('.').all(is_label) {
        Ok(Allowed::Name(name.to_ascii_lowercase().into_bytes()))
    } else {
        Err(format!(
            "{text:?} is neither a host name nor a network such as 10.0.0.0/8"
        ))
    }
}

fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=MAX_SHARES).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("must be a whole number from 1 to {MAX_SHARES}")),
    }
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be a whole number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}
