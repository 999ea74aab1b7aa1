//! A run that is looked at while it goes on.
//!
//! Input: sources and how to judge them. Output: pictures, as a [`Run`], for as long as somebody looks; then the final
//! summary, of everything. Threads: one a source, one a worker, one that makes pictures, one that keeps frames. If one of
//! them panics all end, and what the last picture showed is what is left.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};

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
use crate::monitor::Monitor;
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
    /// Everything that was seen; what the last picture showed, if the run broke.
    pub summary: Summary,
    /// Why inputs could not be read, or not to their end.
    pub failures: Vec<String>,
    /// A part of the program failed.
    pub broken: bool,
    /// What there was to tell, as far as it is still known; the last of it was in no picture.
    pub messages: Vec<Message>,
    /// Frames that came faster than they could be kept.
    pub unkept: u64,
    /// The latest frames, if there was a scribe to write them.
    pub kept: Kept,
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
    let (looked, monitors, kept) = stage.session(sources, || look(&run));
    (looked, ended(setup, &desk, &monitors, kept))
}

impl<'a> Stage<'_, 'a> {
    /// Starts all threads, and ends them once `look` has looked. Gives back the monitors, none if a worker panicked, and
    /// the frames kept.
    pub(super) fn session<R>(
        self,
        sources: Vec<Box<dyn Source + 'a>>,
        look: impl FnOnce() -> R,
    ) -> (R, Vec<Monitor<'a>>, Kept) {
        let (setup, desk) = (self.setup, self.desk);
        std::thread::scope(|scope| {
            let alarm = || Alarm(Arc::clone(desk));
            let judging = (setup.request.catalogue, setup.request.limits);
            let size = (setup.request.workers, sources.len());
            let (crew, queues, loans) = Crew::start(scope, judging, size, alarm);
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
                let _alarm = alarm();
                look()
            };
            desk.stop();
            // Whoever panicked has rung the alarm.
            for thread in threads {
                let _ = thread.join();
            }
            let frames = keeping.and_then(|keeper| keeper.join().ok());
            let monitors = crew.finish().unwrap_or_default();
            (looked, monitors, frames.unwrap_or_default())
        })
    }
}

fn ended(setup: &Setup<'_>, desk: &Desk, monitors: &[Monitor<'_>], kept: Kept) -> Ended {
    let ledgers = desk.ledgers();
    let summary = if desk.is_broken() {
        desk.latest().summary.clone()
    } else {
        merge::summary(&setup.request, &ledgers, monitors, Shown::default())
    };
    Ended {
        summary,
        failures: ledgers
            .into_iter()
            .flat_map(|ledger| ledger.failures)
            .collect(),
        broken: desk.is_broken(),
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
        summary: merge::summary(&setup.request, &[], &[], Shown::default()),
        now: Timestamp::MIN,
        health: Health {
            workers: setup.request.workers,
            confinement: setup.confinement.clone(),
            ..Health::default()
        },
        playback: None,
    }
}
