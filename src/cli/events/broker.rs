//! How a broker is reached: credentials, TLS, the stream that keeps the events.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use async_nats::ConnectOptions;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use clap::Args;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;
use windfall::events::address::Broker;

/// Events are kept so long by a stream that windfall makes.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// And as many as fit into this.
const KEPT_BYTES: i64 = 1 << 30;

/// An event that is sent again within this time is dropped by the broker. Later ones are dropped by whoever reads.
const SAME_WITHIN: Duration = Duration::from_secs(600);

/// Longest wait for an answer of the broker.
pub(in crate::cli) const ANSWER: Duration = Duration::from_secs(5);

/// A broker that is away is tried again after this, in the end.
const RETRY: Duration = Duration::from_secs(2);

/// What name look-ups read, and where the resolver's list is if it is a link.
const TO_RESOLVE: [&str; 7] = [
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/run/systemd/resolve",
    "/run/NetworkManager",
];

/// Where systems keep the certificates that they trust.
const TO_TRUST: [&str; 4] = [
    "/etc/ssl",
    "/etc/pki",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
];

/// Flags about the broker.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct BrokerFlags {
    /// The broker's credentials: a .creds file of NATS. User and password, or a token, can be in the URL instead.
    #[arg(
        long,
        value_name = "FILE",
        env = "WINDFALL_EVENTS_CREDS",
        hide_env_values = true
    )]
    events_creds: Option<PathBuf>,
    /// Trust the certificates in this file (PEM) instead of the system's, for TLS with the broker.
    #[arg(
        long,
        value_name = "FILE",
        env = "WINDFALL_EVENTS_CA",
        hide_env_values = true
    )]
    events_ca: Option<PathBuf>,
}

impl BrokerFlags {
    /// What is read while windfall runs: names may come to mean other addresses, certificates are renewed.
    pub(super) fn read(&self, broker: &Broker) -> Vec<PathBuf> {
        let trust: &[&str] = if self.events_ca.is_none() {
            &TO_TRUST
        } else {
            &[]
        };
        let resolve: &[&str] = match broker.host.parse::<std::net::IpAddr>() {
            Ok(_) => &[],
            Err(_) => &TO_RESOLVE,
        };
        let system = resolve.iter().chain(trust).map(PathBuf::from);
        let there = system.filter(|path| path.exists());
        there.chain(self.events_ca.clone()).collect()
    }

    /// How to connect, as whom. Reads the credentials.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(in crate::cli) fn options(&self, broker: &Broker) -> anyhow::Result<ConnectOptions> {
        let mut options = ConnectOptions::new()
            .name("windfall")
            .retry_on_initial_connect()
            // Those of a cluster would be on ports that the sandbox does not know.
            .ignore_discovered_servers()
            .connection_timeout(ANSWER)
            .ping_interval(Duration::from_secs(5))
            .request_timeout(Some(ANSWER))
            .reconnect_delay_callback(|tried| {
                let wait = Duration::from_millis(100)
                    .saturating_mul(u32::try_from(tried).unwrap_or(u32::MAX));
                wait.min(RETRY)
            })
            .require_tls(broker.tls);
        options = match (&broker.user, &broker.password) {
            (Some(user), Some(password)) => {
                options.user_and_password(user.clone(), password.clone())
            }
            (Some(token), None) => options.token(token.clone()),
            (None, _) => options,
        };
        if let Some(path) = &self.events_creds {
            let text = read(path)
                .with_context(|| format!("cannot read the credentials {}", path.display()))?;
            options = options
                .credentials(&text)
                .with_context(|| format!("{} holds no credentials", path.display()))?;
        }
        if let Some(path) = &self.events_ca {
            options = options.add_root_certificates(path.clone());
        }
        Ok(options)
    }
}

#[expect(clippy::disallowed_methods, reason = "reads the broker's credentials")]
fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// Keeps the client's own warnings away from standard error, where they would stand across the screen, unless `-v` asks
/// for them: what an operator must know of them is told as news.
pub(in crate::cli) fn quietly<R>(run: impl FnOnce() -> R) -> R {
    if LevelFilter::current() >= LevelFilter::INFO {
        run()
    } else {
        with_default(&Dispatch::none(), run)
    }
}

/// The stream that is made if there is none.
pub(super) fn stream(broker: &Broker) -> Config {
    Config {
        name: broker.stream(),
        description: Some("events of windfall".to_owned()),
        subjects: vec![broker.subjects()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        max_age: KEPT,
        max_bytes: KEPT_BYTES,
        max_messages: -1,
        max_messages_per_subject: -1,
        num_replicas: 1,
        duplicate_window: SAME_WITHIN,
        ..Config::default()
    }
}
