//! A run that is looked at while it goes on.
//!
//! Input: sources and how to judge them. Output: pictures, as a [`Run`], for as long as somebody looks; then the final
//! summary, of everything. Threads: one a source, one a worker, one that makes pictures, one that keeps frames. If one of
//! them panics all end; what was read until then is reported, unless what a worker saw is lost with it: then what the
//! last picture showed is what is left.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};

use super::analyst::Analyst;
use super::crew::{Crew, Queues};
use super::desk::{Alarm, Desk};
pub(super) use super::gather::Errands;
use super::gather::Gatherer;
use super::intake::{Intake, Patience};
use super::keeper::{KEEPER_ROOM, KEPT_BYTES, Keeper, Kept, Scribe};
use super::merge::{self, Shown};
use super::replay::Request;
use super::source::Source;
use crate::capture::frame::Timestamp;
use crate::catalogue::Catalogue;
use crate::monitor::Monitor;
use crate::monitor::share::Share;
use crate::picture::{Command, Health, Message, Picture, Playback, Run};
use crate::verdict::summary::Summary;

/// Commands that wait to be answered.
const COMMAND_ROOM: usize = 16;

/// How to judge, and what to show.
pub struct Setup<'a> {
    /// How to judge; its paths are not read.
    pub request: Request<'a>,
    /// What counts in pictures: see [`crate::verdict::assemble::Options::window`].
    pub window: Option<Duration>,
    /// What keeps this process in check, for the screen.
    pub confinement: Vec<String>,
    /// What to do when the analysis is slower than the sources.
    pub patience: Patience,
    /// Who writes packets, if anyone.
    pub scribe: Option<&'a dyn Scribe>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ended {
    /// Everything that was seen; if a part of the analysis broke, what the last picture showed.
    pub summary: Summary,
    /// Why inputs could not be read, or not to their end.
    pub failures: Vec<String>,
    /// A part of the program failed.
    pub broken: Option<Broken>,
    /// What there was to tell, as far as it is still known; the last of it was in no picture.
    pub messages: Vec<Message>,
    /// Frames that came faster than they could be kept.
    pub unkept: u64,
    /// The latest frames, if there was a scribe to write them.
    pub kept: Kept,
}

/// What is known of a run that broke. What was said of it stands on standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What failed: `worker 2`.
    pub part: String,
    /// The summary is of all that was read; else of what the last picture showed.
    pub whole: bool,
}

impl fmt::Display for Broken {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.whole {
            "all that was read until then"
        } else {
            "what the last picture showed"
        };
        write!(
            f,
            "{} of windfall failed (see above); this report is of {what}",
            self.part
        )
    }
}

/// A run, to be looked at.
pub struct LiveRun {
    desk: Arc<Desk>,
    commands: Sender<Command>,
}

impl LiveRun {
    /// Whether the run is over: it was asked to quit, or a part of the program failed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.desk.is_stopped()
    }

    /// From now on verdicts are made by this catalogue, also on what was seen before: a picture, and the report at the
    /// end, is of one catalogue.
    pub fn adopt(&self, catalogue: Arc<Catalogue>) {
        self.desk.adopt(catalogue);
    }

    /// Tells the operator something, where all that happens is told.
    pub fn say(&self, text: String, trouble: bool) {
        self.desk.tell(Message {
            at: self.desk.progress().2,
            text,
            trouble,
        });
    }
}

impl Run for LiveRun {
    fn picture(&self) -> Arc<Picture> {
        self.desk.latest()
    }

    fn ask(&self, command: Command) {
        // Somebody who asks faster than is answered asks again.
        let _ = self.commands.try_send(command);
    }
}

/// Where a session takes place.
pub(super) struct Stage<'s, 'a> {
    pub(super) setup: &'s Setup<'a>,
    pub(super) desk: &'s Arc<Desk>,
    pub(super) asked: Receiver<Command>,
    pub(super) errands: Errands,
    pub(super) playback: Option<Arc<ArcSwap<Playback>>>,
}

/// Runs for as long as `look` looks.
pub fn run<'a, R>(
    setup: &Setup<'a>,
    sources: Vec<Box<dyn Source + 'a>>,
    look: impl FnOnce(&LiveRun) -> R,
) -> (R, Ended) {
    let desk = Arc::new(Desk::new(sources.len(), blank(setup)));
    let (commands, asked) = bounded(COMMAND_ROOM);
    let run = LiveRun {
        desk: Arc::clone(&desk),
        commands,
    };
    let stage = Stage {
        setup,
        desk: &desk,
        asked,
        errands: Errands::default(),
        playback: None,
    };
    let monitors = monitors(&setup.request);
    let (looked, monitors, kept) = stage.session(monitors, sources, || look(&run));
    (looked, ended(setup, &desk, monitors, kept))
}

/// A monitor for each worker.
pub(super) fn monitors<'a>(request: &Request<'a>) -> Vec<Monitor<'a>> {
    let shares = Share::among(request.workers);
    shares
        .map(|share| Monitor::of_share(request.catalogue, request.limits, share))
        .collect()
}

impl<'a> Stage<'_, 'a> {
    /// Starts all threads, and ends them once `look` has looked. Gives back the monitors, unless one is lost because
    /// its worker panicked, and the frames kept.
    pub(super) fn session<A: Analyst + 'a, R>(
        self,
        monitors: Vec<A>,
        sources: Vec<Box<dyn Source + 'a>>,
        look: impl FnOnce() -> R,
    ) -> (R, Option<Vec<A>>, Kept) {
        let (setup, desk) = (self.setup, self.desk);
        std::thread::scope(|scope| {
            let workers = monitors.len();
            let alarm = |number| Alarm::of(&format!("worker {}", number + 1), desk);
            let (crew, queues, loans) = Crew::start(scope, monitors, sources.len(), alarm);
            let mut errands = self.errands;
            let mut threads = Vec::new();
            let (mut kept, mut keeping) = (None, None);
            if let Some(scribe) = setup.scribe {
                let ((order, ordered), (load, loaded)) = (bounded(1), bounded(KEEPER_ROOM));
                (errands.orders, kept) = (Some(order), Some(load));
                let keeper = Keeper {
                    loads: loaded,
                    orders: ordered,
                    scribe,
                    kept: Kept::with_room(KEPT_BYTES),
                    looked_at: 0,
                    desk: Arc::clone(desk),
                };
                keeping = Some(scope.spawn(move || keeper.run()));
            }
            let gatherer = Gatherer {
                setup,
                loans,
                gauges: queues.iter().flat_map(Queues::gauges).collect(),
                commands: self.asked,
                errands,
                playback: self.playback,
                desk: Arc::clone(desk),
            };
            threads.push(scope.spawn(move || gatherer.run()));
            for (number, (source, queues)) in sources.into_iter().zip(queues).enumerate() {
                let intake = Intake {
                    number,
                    source,
                    queues,
                    keeper: kept.clone(),
                    patience: setup.patience,
                    desk: Arc::clone(desk),
                };
                threads.push(scope.spawn(move || intake.run()));
            }
            drop(kept);
            let looked = {
                let _alarm = Alarm::of("the screen", desk);
                look()
            };
            desk.stop();
            // Whoever panicked has rung the alarm.
            for thread in threads {
                let _ = thread.join();
            }
            let frames = keeping.and_then(|keeper| keeper.join().ok());
            let monitors = crew.finish().ok();
            let monitors = monitors.filter(|monitors| monitors.len() == workers);
            (looked, monitors, frames.unwrap_or_default())
        })
    }
}

pub(super) fn ended<A: Analyst>(
    setup: &Setup<'_>,
    desk: &Desk,
    monitors: Option<Vec<A>>,
    kept: Kept,
) -> Ended {
    let ledgers = desk.ledgers();
    // What broke the making of pictures may well break this.
    let made = monitors.and_then(|monitors| {
        let adopted = desk.adopted();
        let catalogue = adopted.as_deref().unwrap_or(setup.request.catalogue);
        let summary = || {
            merge::summary(
                &setup.request,
                catalogue,
                &ledgers,
                &monitors,
                Shown::default(),
            )
        };
        catch_unwind(AssertUnwindSafe(summary)).ok()
    });
    let whole = made.is_some();
    let unmade = || (!whole).then(|| "the final summary".to_owned());
    let broken = desk.broken().or_else(unmade);
    let broken = broken.map(|part| Broken { part, whole });
    let summary = made.unwrap_or_else(|| desk.latest().summary.clone());
    Ended {
        summary,
        failures: ledgers
            .into_iter()
            .flat_map(|ledger| ledger.failures)
            .collect(),
        broken,
        messages: [
            desk.latest().health.messages.as_slice(),
            &desk.news.1.try_iter().collect::<Vec<_>>(),
        ]
        .concat(),
        unkept: desk.unkept(),
        kept,
    }
}

/// What is shown before anything was seen.
pub(super) fn blank(setup: &Setup<'_>) -> Picture {
    Picture {
        number: 0,
        summary: merge::summary::<Monitor<'_>>(
            &setup.request,
            setup.request.catalogue,
            &[],
            &[],
            Shown::default(),
        ),
        now: Timestamp::MIN,
        health: Health {
            workers: setup.request.workers,
            confinement: setup.confinement.clone(),
            ..Health::default()
        },
        playback: None,
    }
}
