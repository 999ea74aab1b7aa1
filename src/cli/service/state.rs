//! What is known of a run between two looks, and the pages that are made of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windfall::picture::{Picture, Run as _};
use windfall::pipeline::live::LiveRun;
use windfall::service::counters::Counters;
use windfall::service::http::{Answer, Page, Status};
use windfall::service::metrics::{self, Clients, Format, Reloads, View};
use windfall::service::vigil::Vigil;

use super::Attendant;
use super::reload::Loaded;

/// What there is.
const INDEX: &str =
    "windfall\n\n/metrics  metrics, for Prometheus\n/healthz  whether capture is well\n";

/// What is known.
pub(super) struct State {
    started: f64,
    flows_limit: usize,
    known: Mutex<Known>,
}

struct Known {
    picture: Option<u64>,
    counters: Counters,
    clients: Clients,
    vigil: Vigil,
    reloads: Reloads,
}

impl State {
    /// Of a run that begins now.
    pub(super) fn new(attendant: &Attendant<'_>, requirements: usize) -> Self {
        let started = now();
        Self {
            started,
            flows_limit: attendant.flows_limit,
            known: Mutex::new(Known {
                picture: None,
                counters: Counters::default(),
                clients: Clients::up_to(attendant.per_client),
                vigil: Vigil::default(),
                reloads: Reloads {
                    loaded: started,
                    requirements,
                    ..Reloads::default()
                },
            }),
        }
    }

    /// A page that panicked leaves counters that are still right: they are changed by looks alone.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a picture.
    pub(super) fn observe(&self, picture: &Picture, at: Duration) {
        let mut known = self.known();
        known.vigil.look(picture, at);
        if known.picture.replace(picture.number) != Some(picture.number) {
            known.counters.observe(&picture.summary);
            known.clients.observe(&picture.summary);
        }
    }

    /// How old the latest picture is.
    pub(super) fn age(&self, at: Duration) -> Duration {
        self.known().vigil.age(at)
    }

    /// The catalogue was loaded again, or was not.
    pub(super) fn reloaded(&self, loaded: &Loaded) {
        let reloads = &mut self.known().reloads;
        match loaded {
            Loaded::Yes(requirements) => {
                reloads.succeeded += 1;
                reloads.loaded = now();
                reloads.requirements = *requirements;
                reloads.last_failed = false;
            }
            Loaded::No => {
                reloads.failed += 1;
                reloads.last_failed = true;
            }
        }
    }

    /// Answers with a page.
    pub(super) fn answer(&self, page: Page, run: &LiveRun, at: Duration) -> Answer {
        match page {
            Page::Index => Answer::text(Status::Ok, INDEX.to_owned()),
            Page::Health => {
                let reasons = self.known().vigil.reasons(&run.picture(), at);
                if reasons.is_empty() {
                    Answer::text(Status::Ok, "ok\n".to_owned())
                } else {
                    Answer::text(Status::Unwell, reasons.join("\n") + "\n")
                }
            }
            Page::Metrics { open_metrics } => {
                let format = if open_metrics {
                    Format::OpenMetrics
                } else {
                    Format::Classic
                };
                match metrics::write(self.view(run, at), format) {
                    Ok(body) => Answer {
                        status: Status::Ok,
                        content_type: format.content_type(),
                        body,
                    },
                    Err(_) => Answer::refusal(Status::Failed),
                }
            }
        }
    }

    fn view(&self, run: &LiveRun, at: Duration) -> View {
        // The counters are to be those of the picture that is told of.
        let picture = run.picture();
        self.observe(&picture, at);
        let known = self.known();
        View {
            healthy: known.vigil.reasons(&picture, at).is_empty(),
            age: known.vigil.age(at),
            counters: known.counters.totals(),
            clients: known.clients.clone(),
            reloads: known.reloads,
            started: self.started,
            flows_limit: self.flows_limit,
            picture,
        }
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "tells when the run began")]
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}
