//! The capture thread: fills loads from one source and hands them to the workers.
//!
//! A replay waits for the workers. A live capture must not: when a worker's queue is full the whole load is dropped,
//! counted, and its time noted, so that no verdict is made of what was lost. Losses in the kernel are noted likewise, as
//! the time between two readings of its counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::crew::{QUEUE_ROOM, Queues};
use super::desk::{Alarm, Desk};
use super::keeper::KEEPER_ROOM;
use super::load::{Load, Ring};
use super::source::{Filled, Source};
use crate::capture::frame::Timestamp;
use crate::verdict::gap::{Gap, Gaps};

/// How often the source's counters are read.
const READ_EVERY: Duration = Duration::from_millis(100);

/// Capture time that does not pass between two readings, unless it is set or the machine slept.
const JUMP: Duration = Duration::from_secs(1);

/// What to do when the workers are slower than the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Wait: the source waits, too.
    Wait,
    /// Drop: the source does not wait.
    Drop,
}

/// One source's thread.
pub(super) struct Intake<'a> {
    pub(super) number: usize,
    pub(super) source: Box<dyn Source + 'a>,
    pub(super) queues: Queues,
    pub(super) keeper: Option<Sender<Arc<Load>>>,
    pub(super) patience: Patience,
    pub(super) desk: Arc<Desk>,
}

/// What was lost so far.
struct Losses {
    dropped: u64,
    gaps: Gaps,
    /// What the source had counted as lost, and when that was read.
    before: u64,
    read_at: Timestamp,
}

impl Intake<'_> {
    /// Runs until the source ends or the run is stopped.
    pub(super) fn run(mut self) {
        let _alarm = Alarm::of("a capture thread", &self.desk);
        // Those that wait, one that each worker is at, one that is being filled.
        let mut ring = Ring::new(QUEUE_ROOM + KEEPER_ROOM + 3);
        let mut losses = Losses {
            dropped: 0,
            gaps: Gaps::default(),
            before: 0,
            read_at: Timestamp::MIN,
        };
        let mut published: Option<Instant> = None;
        loop {
            // The kernel may still hold what came before the end: one more look after it.
            let stopped = self.desk.is_stopped();
            let mut load = ring.take();
            let filled = self.source.fill(load.batch_mut());
            let now = load.batch().now();
            self.desk
                .read(load.batch().len(), load.batch().bytes(), now);
            // After a suspend, say: nobody must see the time that passed before hearing that nobody watched.
            if now.since(losses.read_at) >= JUMP && losses.read_at != Timestamp::MIN {
                self.publish(&mut losses, now);
            }
            let Some(load) = self.hand_over(load, &mut losses) else {
                break;
            };
            ring.keep(load);
            let ends = filled == Filled::Ended || stopped;
            if ends || published.is_none_or(|at| at.elapsed() >= READ_EVERY) {
                self.publish(&mut losses, now);
                published = Some(clock());
            }
            if ends {
                break;
            }
        }
        self.desk.ended();
    }

    /// Sends a load on, or drops it; none if a worker is gone.
    fn hand_over(&self, mut load: Load, losses: &mut Losses) -> Option<Arc<Load>> {
        if self.patience == Patience::Drop && self.queues.is_full() {
            let batch = load.batch();
            if let Some(first) = batch.frame(0) {
                losses.dropped += batch.len() as u64;
                losses.gaps.add(Gap {
                    from: first.seen.at,
                    to: batch.now(),
                });
            }
            return Some(Arc::new(load));
        }
        load.share_out(self.queues.workers());
        let load = Arc::new(load);
        if !self.queues.send(&load) {
            return None;
        }
        if let Some(keeper) = &self.keeper
            && keeper.try_send(Arc::clone(&load)).is_err()
        {
            self.desk.not_kept(load.batch().len());
        }
        Some(load)
    }

    fn publish(&mut self, losses: &mut Losses, now: Timestamp) {
        let mut ledger = self.source.ledger();
        let lost = ledger.lost_before();
        if ledger.live && lost > losses.before {
            let known = losses.read_at != Timestamp::MIN;
            let from = if known { losses.read_at } else { now };
            losses.gaps.add(Gap { from, to: now });
        }
        losses.before = lost;
        losses.read_at = now;
        ledger.dropped = losses.dropped;
        for gap in losses.gaps.as_slice() {
            ledger.gaps.add(*gap);
        }
        if let Some(slot) = self.desk.ledgers.get(self.number) {
            slot.store(Arc::new(ledger));
        }
        for message in self.source.news() {
            self.desk.tell(message);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "counters are read every so often by the wall clock"
)]
fn clock() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::batch::Batch;
    use crate::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen};
    use crate::pipeline::source::Ledger;

    /// Each load has two frames, one microsecond apart.
    struct Flood {
        frames: u64,
        loads: u64,
    }

    impl Source for Flood {
        fn fill(&mut self, batch: &mut Batch) -> Filled {
            for _ in 0..2 {
                self.frames += 1;
                batch.push(&Frame {
                    seen: Seen {
                        at: at(self.frames),
                        frame: FrameId::new(0, self.frames),
                    },
                    interface: InterfaceId(0),
                    link: LinkType(1),
                    process: None,
                    bytes: &[0; 60],
                    original_len: 60,
                });
            }
            if self.frames < self.loads * 2 {
                Filled::Open
            } else {
                Filled::Ended
            }
        }

        fn ledger(&self) -> Ledger {
            Ledger {
                live: true,
                ..Ledger::default()
            }
        }
    }

    fn at(micros: u64) -> Timestamp {
        Timestamp::from_nanos(0).after(Duration::from_micros(micros))
    }

    #[test]
    fn what_finds_no_room_is_dropped_whole_counted_and_its_time_noted() {
        let more = 10;
        let room = QUEUE_ROOM as u64;
        let (queues, unread) = Queues::to_nobody();
        let catalogue =
            crate::catalogue::Catalogue::builtin(crate::catalogue::Profile::All).unwrap();
        let request = crate::pipeline::replay::Request::new(&[], &catalogue);
        let setup = crate::pipeline::live::Setup {
            request,
            window: None,
            confinement: Vec::new(),
            patience: Patience::Drop,
            scribe: None,
        };
        let desk = Arc::new(Desk::new(1, crate::pipeline::live::blank(&setup)));
        let intake = Intake {
            number: 0,
            source: Box::new(Flood {
                frames: 0,
                loads: room + more,
            }),
            queues,
            keeper: None,
            patience: Patience::Drop,
            desk: Arc::clone(&desk),
        };
        intake.run();
        let ledger = desk.ledgers().remove(0);
        assert_eq!(ledger.dropped, more * 2);
        assert_eq!(
            ledger.gaps.as_slice(),
            [Gap {
                from: at(room * 2 + 1),
                to: at((room + more) * 2),
            }]
        );
        let sent: usize = unread.try_iter().map(|load| load.batch().len()).sum();
        assert_eq!(sent, QUEUE_ROOM * 2, "what was not dropped was handed over");
    }
}
