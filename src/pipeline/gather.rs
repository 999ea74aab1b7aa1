//! Pictures of a run: borrows the monitors now and then, and sums up what they saw.
//!
//! The workers stand still while a picture is made, so it is made seldom: never sooner than [`EVERY`], never for more than
//! a fifth of the time, and not while their queues are more than half full. Rows of a picture are bounded
//! ([`PICTURE_ROWS`]); counts and requirements are not.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::analyst::Analyst;
use super::crew::{Gauge, Loans, QUEUE_ROOM};
use super::desk::{Alarm, Desk};
use super::keeper::Order;
use super::live::Setup;
use super::merge::{self, Shown};
use super::source::Ledger;
use crate::capture::frame::Timestamp;
use crate::picture::{Command, Health, Message, Picture, Playback};
use crate::verdict::outcome::Standing;
use crate::verdict::rows::{Rows, is_faulty};
use crate::verdict::summary::{Evidence, Summary};

/// A new picture comes no sooner.
pub const EVERY: Duration = Duration::from_millis(500);

/// The next picture waits this many times as long as the last one took: a fifth of the time goes into pictures.
const REST: u32 = 4;

/// Flows and questions listed in a picture, of each of four kinds.
pub const PICTURE_ROWS: usize = 2000;

/// How often the gatherer looks whether something is to be done.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Rates are over this long.
const RATES_OVER: Duration = Duration::from_secs(3);

/// Messages kept, the latest.
const MESSAGES: usize = 100;

/// Where commands go that the gatherer does not answer.
#[derive(Default)]
pub(super) struct Errands {
    pub(super) orders: Option<Sender<Order>>,
    pub(super) player: Option<Sender<Command>>,
}

/// The gatherer's thread.
pub(super) struct Gatherer<'s, 'a, A> {
    pub(super) setup: &'s Setup<'a>,
    pub(super) loans: Loans<A>,
    pub(super) gauges: Vec<Gauge>,
    pub(super) commands: Receiver<Command>,
    pub(super) errands: Errands,
    pub(super) playback: Option<Arc<arc_swap::ArcSwap<Playback>>>,
    pub(super) desk: Arc<Desk>,
}

/// What a picture is of: frames, bytes and time, where a replay stands, whether it is the end, which catalogue.
type What = ((u64, u64, Timestamp), Option<Playback>, bool, u64);

/// What the gatherer remembers between pictures.
struct Memory {
    next: Instant,
    /// What the last picture showed: nothing new, no new picture.
    shown: Option<What>,
    samples: VecDeque<(Instant, u64, u64)>,
    messages: VecDeque<Message>,
}

impl<A: Analyst> Gatherer<'_, '_, A> {
    /// Runs until the run is stopped.
    pub(super) fn run(self) {
        let _alarm = Alarm::of("the picture thread", &self.desk);
        let mut memory = Memory {
            next: clock(),
            shown: None,
            samples: VecDeque::new(),
            messages: VecDeque::new(),
        };
        while !self.desk.is_stopped() {
            match self.commands.recv_timeout(LOOK_EVERY) {
                Ok(command) => self.answer(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if clock() >= memory.next && !self.take(&mut memory) {
                break;
            }
        }
    }

    fn answer(&self, command: Command) {
        match command {
            Command::Quit => self.desk.stop(),
            Command::Write { selection, path } => match &self.errands.orders {
                Some(orders) => {
                    if orders.try_send(Order { selection, path }).is_err() {
                        self.say("still writing; ask again");
                    }
                }
                None => self.say("nothing is kept to be written in this run"),
            },
            Command::Pause(_) | Command::Speed(_) | Command::Seek(_) => {
                if let Some(player) = &self.errands.player {
                    // A player that is gone has said why.
                    let _ = player.try_send(command);
                }
            }
        }
    }

    fn say(&self, text: &str) {
        self.desk.tell(Message {
            at: self.desk.progress().2,
            text: text.to_owned(),
            trouble: true,
        });
    }

    /// Makes a picture, if there is something new to show. False if a worker is gone.
    fn take(&self, memory: &mut Memory) -> bool {
        let waiting = self.waiting();
        let ended = self.desk.is_finished() && waiting == 0;
        let progress = self.desk.progress();
        let playback = self
            .playback
            .as_ref()
            .map(|now| Playback::clone(&now.load()));
        let news = memory.hear(&self.desk);
        let what = (progress, playback, ended, self.desk.editions());
        // A replay that begins again shows what it had shown until it has read something.
        let begins = progress.0 == 0 && what.1.is_some();
        let is_new = (news || memory.shown.as_ref() != Some(&what)) && !begins;
        if !is_new || waiting * 2 > QUEUE_ROOM {
            memory.next = clock() + LOOK_EVERY;
            return true;
        }
        let begun = clock();
        let ledgers = self.desk.ledgers();
        let shown = Shown {
            window: self.setup.window,
            rows: Rows::Latest(PICTURE_ROWS),
        };
        let made = self.summarize(&ledgers, shown);
        let Some(summary) = made else {
            return false;
        };
        memory.next = begun + EVERY.max(begun.elapsed() * (REST + 1));
        if ended && let Some(playback) = &self.playback {
            note_failures(playback, &summary);
        }
        // What came while the monitors were waited for is in the picture.
        let (frames, bytes, now) = self.desk.progress();
        memory.samples.push_back((begun, frames, bytes));
        let deaf = deaf(&ledgers);
        let failures: Vec<String> = ledgers
            .into_iter()
            .flat_map(|ledger| ledger.failures)
            .collect();
        let (packets_per_second, bytes_per_second) = memory.rates();
        self.desk.picture.store(Arc::new(Picture {
            number: self.desk.latest().number + 1,
            summary,
            now,
            health: Health {
                packets_per_second,
                bytes_per_second,
                queued: waiting,
                queue_room: QUEUE_ROOM,
                deaf,
                unkept: self.desk.unkept(),
                workers: self.setup.request.workers,
                confinement: self.setup.confinement.clone(),
                messages: memory.messages.iter().cloned().collect(),
                ended: ended.then(|| why(&failures)),
            },
            playback: self
                .playback
                .as_ref()
                .map(|now| Playback::clone(&now.load())),
        }));
        memory.shown = Some(what);
        true
    }

    /// Sums up what the workers saw, by the catalogue that counts now; none if a worker is gone.
    fn summarize(&self, ledgers: &[Ledger], shown: Shown) -> Option<Summary> {
        let request = &self.setup.request;
        let adopted = self.desk.adopted();
        let catalogue = adopted.as_deref().unwrap_or(request.catalogue);
        self.loans.borrow(|monitors| {
            if let Some(adopted) = &adopted {
                for monitor in monitors.iter_mut() {
                    monitor.adopt(adopted);
                }
            }
            merge::summary(request, catalogue, ledgers, monitors, shown)
        })
    }

    fn waiting(&self) -> usize {
        let waiting = self.gauges.iter().map(|gauge| gauge.load(Relaxed));
        waiting.max().unwrap_or(0)
    }
}

/// Interfaces that cannot be heard now.
fn deaf(ledgers: &[Ledger]) -> Vec<String> {
    let deaf = ledgers.iter().filter(|ledger| ledger.deaf);
    deaf.flat_map(|ledger| ledger.interfaces.iter().flatten().cloned())
        .collect()
}

/// Once all was read, it is known when required attempts failed.
fn note_failures(playback: &arc_swap::ArcSwap<Playback>, summary: &Summary) {
    if !playback.load().failures.is_empty() {
        return;
    }
    let decided = |evidence: &[Evidence], last| {
        let latest = evidence.iter().map(|evidence| evidence.time).max();
        latest.unwrap_or(last)
    };
    let flows = summary.flows.iter().filter(|flow| {
        flow.requirement.is_some() && flow.standing == Standing::Own && is_faulty(flow.outcome)
    });
    let questions = summary
        .dns
        .iter()
        .filter(|question| question.requirement.is_some() && is_faulty(question.outcome));
    let mut failures: Vec<Timestamp> = flows
        .map(|flow| decided(&flow.evidence, flow.last))
        .chain(questions.map(|question| decided(&question.evidence, question.first)))
        .collect();
    failures.sort_unstable();
    failures.dedup();
    playback.rcu(|known| Playback {
        failures: failures.clone(),
        ..Playback::clone(known)
    });
}

fn why(failures: &[String]) -> String {
    if failures.is_empty() {
        "everything was read".to_owned()
    } else {
        failures.join("; ")
    }
}

impl Memory {
    /// Takes in what is to be told; whether there was something.
    fn hear(&mut self, desk: &Desk) -> bool {
        let before = self.messages.len();
        self.messages.extend(desk.news.1.try_iter());
        let heard = self.messages.len() > before;
        while self.messages.len() > MESSAGES {
            self.messages.pop_front();
        }
        heard
    }

    /// Frames and bytes a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate, told to a few digits")]
    fn rates(&mut self) -> (f64, f64) {
        let Some(&(latest, frames, bytes)) = self.samples.back() else {
            return (0.0, 0.0);
        };
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(at, ..)| latest.duration_since(*at) > RATES_OVER)
        {
            self.samples.pop_front();
        }
        match self.samples.front() {
            Some(&(first, frames_then, bytes_then)) if latest > first => {
                let seconds = latest.duration_since(first).as_secs_f64();
                (
                    (frames - frames_then) as f64 / seconds,
                    (bytes - bytes_then) as f64 / seconds,
                )
            }
            _ => (0.0, 0.0),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "pictures are made by the wall clock"
)]
fn clock() -> Instant {
    Instant::now()
}
