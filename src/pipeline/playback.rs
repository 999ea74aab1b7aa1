//! Files, played as if they were captured now: paused, faster, forward and back.
//!
//! Input: capture files and commands. Output: pictures of how things stood at a moment of the recording. First everything is
//! read as fast as it can be, so that the timeline and its failures are known; then it stands still at the end. Forward
//! is reading on; back is reading again from the start, with new monitors, since what they saw cannot be taken back:
//! so standard input cannot be played back. The wall clock is here; monitors know capture time alone.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::desk::Desk;
use super::live::{Errands, Setup, Stage, blank, monitors};
use super::source::{Files, Filled, Ledger, Source, ended};
use crate::capture::Replay;
use crate::capture::batch::Batch;
use crate::capture::frame::Timestamp;
use crate::picture::{Command, Message, Picture, Playback, Run, Speed};

/// How long the player waits for a command when there is nothing to read yet: frames are this late at most.
const WAIT: Duration = Duration::from_millis(20);

/// Commands that wait to be answered.
const COMMAND_ROOM: usize = 16;

/// A replay, to be looked at.
pub struct PlaybackRun {
    /// The desk of the reading that goes on.
    desk: Arc<ArcSwap<Desk>>,
    quit: Arc<ArcSwap<bool>>,
    commands: Sender<Command>,
}

impl PlaybackRun {
    /// Whether the run is over: it was asked to quit, or a part of the program failed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        **self.quit.load() || self.desk.load().broken().is_some()
    }
}

impl Run for PlaybackRun {
    fn picture(&self) -> Arc<Picture> {
        self.desk.load().latest()
    }

    fn ask(&self, command: Command) {
        if command == Command::Quit {
            self.quit.store(Arc::new(true));
        }
        // Somebody who asks faster than is answered asks again.
        let _ = self.commands.try_send(command);
    }
}

/// What is read as fast as can be, before time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rush {
    Nothing,
    To(Timestamp),
    Everything,
}

/// From where on, and how, a reading plays.
#[derive(Clone, Copy, Debug)]
struct Start {
    rush: Rush,
    paused: bool,
    speed: Speed,
}

/// What a playback came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Which part of the program failed, if one did.
    pub broken: Option<String>,
    /// Why files could not be read, or not to their end.
    pub failures: Vec<String>,
}

/// Plays the files of the setup's request at `speed`, once all was read, for as long as `look` looks. Also what it
/// came to.
pub fn play<R>(
    setup: &Setup<'_>,
    speed: Speed,
    look: impl FnOnce(&PlaybackRun) -> R,
) -> (R, Played) {
    let (commands, asked) = bounded(COMMAND_ROOM);
    let mut picture = blank(setup);
    picture.playback = Some(nothing_yet(speed));
    let desk = Arc::new(Desk::new(1, picture));
    let run = PlaybackRun {
        desk: Arc::new(ArcSwap::new(desk)),
        quit: Arc::new(ArcSwap::from_pointee(false)),
        commands,
    };
    let (shown, quit) = (Arc::clone(&run.desk), Arc::clone(&run.quit));
    let (looked, failures) = std::thread::scope(|scope| {
        let readings =
            scope.spawn(move || read_again_and_again(setup, speed, &shown, &quit, &asked));
        let looked = {
            let _alarm = Quit(&run);
            look(&run)
        };
        // Whoever panicked has rung the alarm.
        (looked, readings.join().unwrap_or_default())
    });
    let broken = run.desk.load().broken();
    (looked, Played { broken, failures })
}

/// Ends the run when the looking ends, in whatever way.
struct Quit<'r>(&'r PlaybackRun);

impl Drop for Quit<'_> {
    fn drop(&mut self) {
        self.0.quit.store(Arc::new(true));
        self.0.desk.load().stop();
    }
}

const fn nothing_yet(speed: Speed) -> Playback {
    Playback {
        first: Timestamp::MIN,
        last: Timestamp::MIN,
        speed,
        paused: false,
        failures: Vec::new(),
    }
}

/// One reading after the other, until the run is to end. What could not be read, as far as one of them came.
fn read_again_and_again(
    setup: &Setup<'_>,
    speed: Speed,
    shown: &ArcSwap<Desk>,
    quit: &ArcSwap<bool>,
    asked: &Receiver<Command>,
) -> Vec<String> {
    let playback = Arc::new(ArcSwap::from_pointee(nothing_yet(speed)));
    let mut start = Start {
        rush: Rush::Everything,
        paused: false,
        speed,
    };
    let mut failures = Vec::new();
    loop {
        let picture = Picture::clone(&shown.load().latest());
        let desk = Arc::new(Desk::new(1, picture));
        shown.store(Arc::clone(&desk));
        let (again, next) = bounded(1);
        let (orders, player) = unbounded();
        let source = Player::new(setup, start, again, player, &playback, &desk);
        let stage = Stage {
            setup,
            desk: &desk,
            asked: asked.clone(),
            errands: Errands {
                orders: None,
                player: Some(orders),
            },
            playback: Some(Arc::clone(&playback)),
        };
        stage.session(monitors(&setup.request), vec![Box::new(source)], || {
            while !desk.is_stopped() {
                if **quit.load() {
                    desk.stop();
                }
                rest();
            }
        });
        let met: Vec<String> = desk
            .ledgers()
            .into_iter()
            .flat_map(|ledger| ledger.failures)
            .collect();
        if met.len() > failures.len() {
            failures = met;
        }
        if desk.broken().is_some() || **quit.load() {
            return failures;
        }
        let Ok(again) = next.try_recv() else {
            quit.store(Arc::new(true));
            return failures;
        };
        start = again;
    }
}

/// Files as a source that obeys commands.
struct Player {
    files: Files,
    is_piped: bool,
    commands: Receiver<Command>,
    again: Sender<Start>,
    playback: Arc<ArcSwap<Playback>>,
    desk: Arc<Desk>,
    rush: Rush,
    speed: Speed,
    paused: bool,
    /// Capture time played so far, and at which moment that was.
    head: Timestamp,
    since: Instant,
    at_end: bool,
}

impl Player {
    fn new(
        setup: &Setup<'_>,
        start: Start,
        again: Sender<Start>,
        commands: Receiver<Command>,
        playback: &Arc<ArcSwap<Playback>>,
        desk: &Arc<Desk>,
    ) -> Self {
        let paths = setup.request.paths;
        Self {
            files: Files::new(Replay::open(paths)),
            is_piped: paths.iter().any(|path| path == Path::new("-")),
            commands,
            again,
            playback: Arc::clone(playback),
            desk: Arc::clone(desk),
            rush: start.rush,
            speed: start.speed,
            paused: start.paused,
            head: Timestamp::MIN,
            since: clock(),
            at_end: false,
        }
    }

    /// Obeys; false if another reading has to begin.
    fn obey(&mut self, command: &Command) -> bool {
        // From now on time runs anew.
        self.head = self.limit().unwrap_or(self.head).max(self.head);
        self.since = clock();
        match *command {
            Command::Pause(paused) => {
                self.paused = paused;
                if self.at_end && !paused {
                    let first = self.playback.load().first;
                    return !self.begin_again(first);
                }
            }
            Command::Speed(speed) => self.speed = speed,
            Command::Seek(to) if to < self.head || self.at_end => return !self.begin_again(to),
            Command::Seek(to) => self.rush = Rush::To(to),
            Command::Write { .. } | Command::Quit => {}
        }
        true
    }

    /// Asks for another reading up to this time; whether there will be one.
    fn begin_again(&mut self, to: Timestamp) -> bool {
        if self.is_piped {
            self.desk.tell(Message {
                at: self.head,
                text: "standard input cannot be played again; save it in a file first".to_owned(),
                trouble: true,
            });
            return false;
        }
        let _ = self.again.try_send(Start {
            rush: Rush::To(to),
            paused: self.paused,
            speed: self.speed,
        });
        self.desk.stop();
        true
    }

    /// Up to which time frames are due now; none: all are.
    fn limit(&self) -> Option<Timestamp> {
        match (self.rush, self.speed) {
            (Rush::To(to), _) => Some(to),
            (Rush::Nothing, _) if self.paused => Some(self.head),
            (Rush::Nothing, Speed::Max) | (Rush::Everything, _) => None,
            (Rush::Nothing, Speed::Times(times)) => {
                Some(self.head.after(self.since.elapsed().saturating_mul(times)))
            }
        }
    }

    /// Where it stands, for all to see.
    fn show(&self) {
        let now = |known: &Playback| Playback {
            last: known.last.max(self.head),
            speed: self.speed,
            paused: self.paused,
            ..known.clone()
        };
        let known = self.playback.load();
        if now(&known) != **known {
            self.playback.rcu(|known| now(known));
        }
    }

    /// Puts in what is due; false if the batch is full.
    fn put(&mut self, batch: &mut Batch) -> bool {
        let limit = self.limit();
        while self.files.advance() {
            let Some(frame) = self.files.replay().frame() else {
                self.files.taken();
                continue;
            };
            let at = frame.seen.at;
            if self.head == Timestamp::MIN {
                self.head = at;
                self.since = clock();
                self.begin(at);
            }
            if limit.is_some_and(|limit| at > limit.max(self.head)) {
                self.reached(limit, batch);
                return true;
            }
            if !batch.push(&frame) {
                return false;
            }
            self.files.taken();
            if limit.is_none() {
                self.head = self.head.max(at);
                self.since = clock();
            }
        }
        self.end(batch);
        true
    }

    fn begin(&self, first: Timestamp) {
        if self.playback.load().first == Timestamp::MIN {
            self.playback.rcu(|known| Playback {
                first,
                last: first,
                ..Playback::clone(known)
            });
        }
    }

    /// All that is due was put in.
    fn reached(&mut self, limit: Option<Timestamp>, batch: &mut Batch) {
        if let Some(limit) = limit {
            batch.tick(limit);
            if self.rush != Rush::Nothing {
                self.rush = Rush::Nothing;
                self.head = self.head.max(limit);
                self.since = clock();
            }
        }
    }

    fn end(&mut self, batch: &mut Batch) {
        if self.at_end {
            return;
        }
        self.at_end = true;
        (self.rush, self.paused) = (Rush::Nothing, true);
        if let Some(ended) = ended(self.files.replay()) {
            batch.tick(ended);
        }
        self.head = self.head.max(batch.now());
        self.desk.finished();
    }
}

impl Source for Player {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        let orders: Vec<Command> = self.commands.try_iter().collect();
        for command in orders {
            if !self.obey(&command) {
                return Filled::Ended;
            }
        }
        if self.put(batch) && batch.is_empty() {
            self.show();
            if let Ok(command) = self.commands.recv_timeout(WAIT)
                && !self.obey(&command)
            {
                return Filled::Ended;
            }
        }
        self.show();
        Filled::Open
    }

    fn ledger(&self) -> Ledger {
        self.files.ledger()
    }
}

/// A moment's rest between two looks.
#[expect(clippy::disallowed_methods, reason = "looks some times a second")]
fn rest() {
    std::thread::sleep(WAIT);
}

#[expect(
    clippy::disallowed_methods,
    reason = "capture time is played by the wall clock"
)]
fn clock() -> Instant {
    Instant::now()
}
