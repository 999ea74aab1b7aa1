//! What a run of `watch` does beside watching: answers scrapers, hears SIGHUP, keeps systemd informed.
//!
//! One thread looks at every picture, a few times a second, and takes connections, each of which gets a short-lived
//! thread. Neither the capture nor the analysis waits for any of it: all it takes is a look at the latest picture.

mod connection;
mod notify;
mod reload;
mod state;

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use clap::Args;
use windfall::picture::Run as _;
use windfall::pipeline::live::LiveRun;
use windfall::tui::TuiError;

use super::exit::Fault;
use super::signals::Hangups;
use super::{arguments, diagnostics};
pub(super) use notify::Notifier;
pub(super) use reload::Reload;
use state::State;

/// How often it looks whether something is to be done.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Connections that are answered at once; more wait until one of them is.
const MAX_CONNECTIONS: usize = 16;

/// Devices of `--metrics-per-client` at most: each may have a series for every requirement.
const MOST_CLIENTS: usize = 10_000;

/// Where metrics are served, and of what.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Service")]
pub(super) struct ServiceFlags {
    /// Serve metrics (OpenMetrics) at http://ADDR:PORT/metrics, and whether capture is well at /healthz. Anyone who can
    /// connect can read them: 127.0.0.1:9477 lets this machine alone.
    #[arg(
        long,
        value_name = "ADDR:PORT",
        value_parser = address,
        env = "WINDFALL_METRICS",
        hide_env_values = true
    )]
    metrics: Option<SocketAddr>,
    /// Metrics of each device and requirement, too, for at most so many devices: those that come first.
    #[arg(
        long,
        value_name = "N",
        value_parser = clients,
        env = "WINDFALL_METRICS_PER_CLIENT",
        hide_env_values = true
    )]
    metrics_per_client: Option<usize>,
}

impl ServiceFlags {
    /// Opens the socket that metrics are served on, if they are asked for, and tells where that is.
    ///
    /// # Errors
    /// When the address is in use, or not this machine's, or the port is not for this user; when it is only said of which
    /// devices.
    #[expect(clippy::disallowed_methods, reason = "serves metrics")]
    pub(super) fn listen(&self) -> Result<Option<TcpListener>, Fault> {
        let Some(wanted) = self.metrics else {
            return match self.metrics_per_client {
                Some(_) => Err(Fault::usage(anyhow::anyhow!(
                    "--metrics-per-client adds to what --metrics serves: say where with --metrics ADDR:PORT"
                ))),
                None => Ok(None),
            };
        };
        let fault = |error| {
            Fault::usage(anyhow::Error::new(error).context(format!(
                "cannot serve metrics on {wanted}; choose another address or port with --metrics"
            )))
        };
        let listener = TcpListener::bind(wanted).map_err(fault)?;
        listener.set_nonblocking(true).map_err(fault)?;
        let bound = listener.local_addr().map_err(fault)?;
        diagnostics::say(&format!("metrics are at http://{bound}/metrics"));
        Ok(Some(listener))
    }

    /// Devices that have series of their own.
    pub(super) fn per_client(&self) -> usize {
        self.metrics_per_client.unwrap_or(0)
    }
}

/// An address with a port.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not an address with a port, such as 127.0.0.1:9477 or [::1]:9477")
    })
}

/// How many devices.
fn clients(text: &str) -> Result<usize, String> {
    match arguments::at_least_one(text) {
        Ok(number) if number <= MOST_CLIENTS => Ok(number),
        Ok(_) | Err(_) => Err(format!("must be a whole number from 1 to {MOST_CLIENTS}")),
    }
}

/// The thread beside a run.
pub(super) struct Attendant<'a> {
    pub(super) listener: Option<&'a TcpListener>,
    pub(super) hangups: &'a Hangups,
    pub(super) reload: &'a Reload<'a>,
    pub(super) notifier: &'a Notifier,
    /// Devices that have series of their own.
    pub(super) per_client: usize,
    /// Flows that are kept at most.
    pub(super) flows_limit: usize,
}

impl Attendant<'_> {
    /// Attends to the run for as long as `look` looks at it.
    pub(super) fn beside(
        &self,
        run: &LiveRun,
        look: impl FnOnce() -> Result<(), TuiError>,
    ) -> Result<(), TuiError> {
        let over = AtomicBool::new(false);
        let (looked, attended) = std::thread::scope(|scope| {
            let attendant = scope.spawn(|| self.attend(run, &over));
            let looked = look();
            over.store(true, SeqCst);
            (looked, attendant.join())
        });
        self.notifier.stopping();
        looked.and(attended.map_err(|_| TuiError::Panicked))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "looks a few times a second, by the wall clock"
    )]
    fn attend(&self, run: &LiveRun, over: &AtomicBool) {
        let begun = Instant::now();
        let state = State::new(self, self.reload.requirements());
        let open = AtomicUsize::new(0);
        self.notifier.ready();
        std::thread::scope(|scope| {
            while !over.load(SeqCst) {
                let at = begun.elapsed();
                let picture = run.picture();
                state.observe(&picture, at);
                self.notifier.tell(&picture, state.age(at), at);
                if self.hangups.ask_to_reload() {
                    self.notifier.reloading();
                    state.reloaded(&self.reload.load(run));
                    self.notifier.ready();
                }
                while open.load(SeqCst) < MAX_CONNECTIONS
                    && let Some(Ok((stream, _))) = self.listener.map(TcpListener::accept)
                {
                    open.fetch_add(1, SeqCst);
                    let (state, open) = (&state, &open);
                    scope.spawn(move || {
                        let _closes = Closes(open);
                        connection::answer(stream, over, |page| {
                            state.answer(page, run, begun.elapsed())
                        });
                    });
                }
                std::thread::sleep(LOOK_EVERY);
            }
        });
    }
}

/// Counts a connection as closed, however its thread ends.
struct Closes<'o>(&'o AtomicUsize);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        let Self(open) = self;
        open.fetch_sub(1, SeqCst);
    }
}
