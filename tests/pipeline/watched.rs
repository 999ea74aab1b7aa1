//! A run that is looked at while it goes on, driven by a source made up for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use windfall::capture::Replay;
use windfall::capture::batch::Batch;
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::info::CaptureInfo;
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::{Command, Message, Picture, Run, Selection};
use windfall::pipeline::intake::Patience;
use windfall::pipeline::keeper::{Kept, Order, Scribe};
use windfall::pipeline::live::{self, LiveRun, Setup};
use windfall::pipeline::replay::{Request, replay};
use windfall::pipeline::source::{Files, Filled, Ledger, Source};
use windfall::verdict::outcome::{Cause, Status};
use windfall::verdict::summary::{Requirement, Summary};

use crate::captures::captures;
use crate::same_report::reports;
use crate::support::session::{is_ignored, resolves, succeeds, to};
use crate::support::trace::{Trace, time};
use crate::support::{HOST, SERVER};

/// What a source does next.
pub(crate) enum Step {
    /// Frames come.
    Frames(Vec<(Timestamp, Vec<u8>)>),
    /// Nothing comes, and it is this late.
    Silence(Timestamp),
    /// It stays silent until it is told to go on.
    Wait(crossbeam_channel::Receiver<()>),
    /// The program has a fault.
    Panic,
    /// It tells the operator something.
    News(&'static str),
}

/// A source that does as it is told, one step a fill, and then stays silent.
pub(crate) struct Script {
    steps: std::iter::Peekable<std::vec::IntoIter<Step>>,
    number: u16,
    frames: u64,
    news: Vec<Message>,
    now: Timestamp,
}

impl Script {
    pub(crate) fn of(number: u16, steps: Vec<Step>) -> Box<dyn Source> {
        Box::new(Self {
            steps: steps.into_iter().peekable(),
            number,
            frames: 0,
            news: Vec::new(),
            now: Timestamp::MIN,
        })
    }
}

impl Source for Script {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        if let Some(Step::Wait(go_on)) = self.steps.peek()
            && go_on.try_recv().is_err()
        {
            std::thread::park_timeout(Duration::from_millis(20));
            batch.tick(self.now);
            return Filled::Open;
        }
        match self.steps.next() {
            Some(Step::Frames(frames)) => {
                for (at, bytes) in frames {
                    self.frames += 1;
                    let taken = batch.push(&Frame {
                        seen: Seen {
                            at,
                            frame: FrameId::new(self.number, self.frames),
                        },
                        // Two taps on one bond: what one of them missed the other one has.
                        interface: InterfaceId(0),
                        link: LinkType(1),
                        process: None,
                        bytes: &bytes,
                        original_len: u32::try_from(bytes.len()).unwrap(),
                    });
                    assert!(taken, "a step fits into a batch");
                    self.now = self.now.max(at);
                }
            }
            Some(Step::Silence(at)) => self.now = self.now.max(at),
            Some(Step::Wait(_)) => {}
            Some(Step::Panic) => unreachable!("the source was told to"),
            Some(Step::News(text)) => self.news.push(Message {
                at: self.now,
                text: text.to_owned(),
                trouble: true,
            }),
            // Nothing more: as a tap waits.
            None => std::thread::park_timeout(Duration::from_millis(20)),
        }
        batch.tick(self.now);
        Filled::Open
    }

    fn ledger(&self) -> Ledger {
        Ledger {
            inputs: vec![CaptureInfo {
                frames: self.frames,
                ..CaptureInfo::new(&format!("fake{}", self.number))
            }],
            live: true,
            interfaces: vec![Some(format!("fake{}", self.number))],
            ..Ledger::default()
        }
    }

    fn news(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.news)
    }
}

pub(crate) fn frames(trace: &Trace) -> Vec<(Timestamp, Vec<u8>)> {
    let packets = trace.timed();
    packets.map(|(at, packet)| (at, packet.frame())).collect()
}

/// Watches until a picture is as wished, or for ten seconds.
pub(crate) fn until(run: &LiveRun, wished: impl Fn(&Picture) -> bool) -> Arc<Picture> {
    let begun = Instant::now();
    loop {
        let picture = run.picture();
        if wished(&picture) {
            return picture;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "never seen: {picture:#?}"
        );
        std::thread::yield_now();
    }
}

pub(crate) fn setup(catalogue: &Catalogue, workers: usize, patience: Patience) -> Setup<'_> {
    Setup {
        request: Request {
            workers,
            ..Request::new(&[], catalogue)
        },
        window: Some(Duration::from_secs(300)),
        confinement: Vec::new(),
        patience,
        scribe: None,
    }
}

pub(crate) fn row<'s>(summary: &'s Summary, pattern: &str) -> &'s Requirement {
    summary
        .requirements
        .iter()
        .find(|row| row.pattern == pattern)
        .unwrap()
}

pub(crate) fn ignored() -> Trace {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    is_ignored(&mut trace, 0.1, &mut to(50_001, SERVER, 443));
    trace
}

#[test]
fn a_stall_is_told_while_nothing_arrives() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for workers in [1, 3] {
        let steps = vec![Step::Frames(frames(&ignored())), Step::Silence(time(60.0))];
        let setup = setup(&catalogue, workers, Patience::Drop);
        let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
            let failing = |picture: &Picture| row(&picture.summary, HOST).status == Status::Failing;
            let picture = until(run, failing);
            assert_eq!(
                row(&picture.summary, HOST).cause,
                Some(Cause::SynUnanswered)
            );
            assert_eq!(picture.health.workers, workers);
            assert_eq!(
                picture.summary.captures[0].interface.as_deref(),
                Some("fake0")
            );
            assert_eq!(picture.summary.captures[0].dropped_pipeline, Some(0));
        });
        assert_eq!(ended.broken, None);
        assert_eq!(row(&ended.summary, HOST).status, Status::Failing);
    }
}

/// Every other frame comes from another source; whichever thread is faster, the order is that of time.
#[test]
fn sources_are_merged_by_time() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut trace = Trace::new();
    for flow in 0..40u16 {
        let at = f64::from(flow);
        resolves(&mut trace, at, 5301 + flow, HOST, &[SERVER]);
        succeeds(
            &mut trace,
            at + 0.5,
            &mut to(50_001 + flow, SERVER, 443),
            HOST,
        );
    }
    let (even, odd): (Vec<_>, Vec<_>) = (0..)
        .zip(frames(&trace))
        .partition(|(number, _)| number % 2 == 0);
    let steps = |frames: Vec<(i32, (Timestamp, Vec<u8>))>, late: bool| {
        let frames: Vec<_> = frames.into_iter().map(|(_, frame)| frame).collect();
        let mut steps: Vec<Step> = frames
            .chunks(if late { 64 } else { 7 })
            .map(|part| Step::Frames(part.to_vec()))
            .collect();
        steps.push(Step::Silence(time(100.0)));
        steps
    };
    let mut expected = None;
    for workers in [1, 2, 5] {
        let sources: Vec<Box<dyn Source>> = vec![
            Script::of(0, steps(even.clone(), workers == 1)),
            Script::of(1, steps(odd.clone(), workers == 2)),
        ];
        let setup = setup(&catalogue, workers, Patience::Wait);
        let ((), ended) = live::run(&setup, sources, |run| {
            until(run, |picture| picture.now >= time(100.0));
        });
        assert_eq!(row(&ended.summary, HOST).attempts.succeeded, 40);
        let got = reports(&ended.summary);
        assert_eq!(expected.get_or_insert(got.clone()), &got, "{workers}");
    }
}

#[test]
fn what_happens_is_told_and_a_run_ends_when_asked_to() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let steps = vec![Step::News("fake0 went down"), Step::Silence(time(1.0))];
    let setup = setup(&catalogue, 1, Patience::Drop);
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
        let told = |picture: &Picture| !picture.health.messages.is_empty();
        let picture = until(run, told);
        assert_eq!(picture.health.messages[0].text, "fake0 went down");
        run.ask(Command::Quit);
        let begun = Instant::now();
        while !run.is_over() {
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
    });
    assert_eq!(ended.broken, None);
}

/// A thread that panics ends the run, and what was read until then is reported.
#[test]
fn no_half_of_a_run_lives_on() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for workers in [1, 4] {
        let silences = (0..40).map(|_| Step::Silence(time(60.0)));
        let steps = [Step::Frames(frames(&ignored()))].into_iter();
        let steps = steps.chain(silences).chain([Step::Panic]).collect();
        let other = vec![Step::Silence(time(60.0))];
        let setup = setup(&catalogue, workers, Patience::Wait);
        let sources: Vec<Box<dyn Source>> = vec![Script::of(0, steps), Script::of(1, other)];
        let ((), ended) = live::run(&setup, sources, |run| {
            let begun = Instant::now();
            while !run.is_over() {
                assert!(begun.elapsed() < Duration::from_secs(10));
                std::thread::yield_now();
            }
        });
        let broken = ended.broken.unwrap();
        assert_eq!(broken.part, "a capture thread");
        assert!(broken.whole, "the monitors lost nothing");
        assert_eq!(row(&ended.summary, HOST).status, Status::Failing);
    }
}

/// Fails when it is asked to write.
struct Faulty;

impl Scribe for Faulty {
    fn write(&self, _: &Order, _: &Summary, _: &Kept) -> Result<String, String> {
        unreachable!("the scribe was told to")
    }
}

/// What was seen until then is reported, though who keeps frames for the screen has failed.
#[test]
fn a_scribe_that_fails_ends_the_run_with_what_was_seen() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let steps = vec![Step::Frames(frames(&ignored())), Step::Silence(time(60.0))];
    let setup = Setup {
        scribe: Some(&Faulty),
        ..setup(&catalogue, 2, Patience::Drop)
    };
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
        until(run, |picture| {
            row(&picture.summary, HOST).status == Status::Failing
        });
        run.ask(Command::Write {
            selection: Selection::default(),
            path: None,
        });
        let begun = Instant::now();
        while !run.is_over() {
            assert!(begun.elapsed() < Duration::from_secs(10));
            std::thread::yield_now();
        }
    });
    let broken = ended.broken.unwrap();
    assert_eq!(broken.part, "the keeper of packets");
    assert_eq!(row(&ended.summary, HOST).status, Status::Failing);
}

/// Takes nothing more until it is told to go on.
struct Slow(crossbeam_channel::Receiver<()>);

impl Scribe for Slow {
    fn write(&self, _: &Order, _: &Summary, _: &Kept) -> Result<String, String> {
        unreachable!("nobody asked for anything")
    }

    fn take(&self, _: &Batch) -> Option<String> {
        // Gone is told to go on, too.
        let _ = self.0.recv();
        None
    }
}

/// Who keeps frames may be slow: the analysis goes on without it, and what it had no time for is counted.
#[test]
fn frames_that_were_not_kept_are_counted_and_judged_all_the_same() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let (go_on, wait) = crossbeam_channel::bounded(1);
    let slow = Slow(wait);
    let setup = Setup {
        scribe: Some(&slow),
        ..setup(&catalogue, 2, Patience::Wait)
    };
    let ignored = frames(&ignored());
    let each = ignored.len() as u64;
    let loads = 200;
    let steps = (0..loads).map(|_| Step::Frames(ignored.clone()));
    let steps = steps.chain([Step::Silence(time(60.0))]).collect();
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], move |run| {
        until(run, |picture| picture.now >= time(60.0));
        // From here on it is fast.
        drop(go_on);
    });
    assert_eq!(row(&ended.summary, HOST).status, Status::Failing);
    let kept: usize = ended.kept.batches().map(Batch::len).sum();
    assert!(ended.unkept > 0, "it was too slow for some");
    assert!(kept > 0, "and kept others");
    assert_eq!(kept as u64 + ended.unkept, loads * each);
}

/// The final report of a run is that of a replay.
#[test]
fn the_end_of_a_run_is_judged_as_a_replay_is() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for path in captures() {
        let paths = [path];
        let wanted = replay(&Request::new(&paths, &catalogue), |_, _| {});
        let files = Files::new(Replay::open(&paths));
        let setup = setup(&catalogue, 2, Patience::Wait);
        let ((), ended) = live::run(&setup, vec![Box::new(files)], |run| {
            until(run, |picture| picture.health.ended.is_some());
        });
        assert_eq!(
            reports(&ended.summary),
            reports(&wanted.summary),
            "{paths:?}"
        );
    }
}
