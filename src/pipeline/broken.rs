//! What is left of a run when one of its parts panics: nothing hangs, and what can be reported is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use super::analyst::Analyst;
use super::desk::Desk;
use super::intake::Patience;
use super::live::{self, Broken, Ended, Errands, Setup, Stage, blank, monitors};
use super::replay::Request;
use super::source::{Files, Filled, Ledger, Source};
use crate::capture::Replay;
use crate::capture::batch::Batch;
use crate::capture::frame::{Frame, Timestamp};
use crate::catalogue::{Catalogue, Profile};
use crate::monitor::Monitor;
use crate::verdict::outcome::Status;

/// Says when a part shall panic.
#[derive(Clone, Default)]
struct Faults {
    packet: Arc<AtomicBool>,
    picture: Arc<AtomicBool>,
}

/// A monitor that panics when told to.
struct Faulty<'c> {
    monitor: Monitor<'c>,
    faults: Faults,
}

impl Analyst for Faulty<'_> {
    fn packet(&mut self, frame: &Frame<'_>) {
        self.monitor.packet(frame);
    }

    fn tick(&mut self, now: Timestamp) {
        assert!(!self.faults.packet.load(Relaxed), "the worker was told to");
        self.monitor.tick(now);
    }

    fn monitor(&self) -> &Monitor<'_> {
        let told = self.faults.picture.load(Relaxed);
        assert!(!told, "who looks at the monitor was told to");
        &self.monitor
    }
}

/// A capture, and then time that passes until somebody says that the source shall panic.
struct Endless {
    files: Files,
    now: Timestamp,
    panic: Receiver<()>,
}

impl Source for Endless {
    fn fill(&mut self, batch: &mut Batch) -> Filled {
        self.files.fill(batch);
        self.now = self.now.max(batch.now()).after(Duration::from_millis(1));
        batch.tick(self.now);
        assert!(self.panic.try_recv().is_err(), "the source was told to");
        Filled::Open
    }

    fn ledger(&self) -> Ledger {
        self.files.ledger()
    }
}

#[expect(clippy::disallowed_methods, reason = "what hangs is told by the clock")]
fn waits(until: impl Fn() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it hangs");
        std::thread::yield_now();
    }
}

/// Runs with so many workers until everything was read and shown, and then until what `fault` does has ended it.
fn run(workers: usize, patience: Patience, fault: impl Fn(&Faults, &dyn Fn())) -> Ended {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let setup = Setup {
        request: Request {
            workers,
            ..Request::new(&[], &catalogue)
        },
        window: None,
        confinement: Vec::new(),
        patience,
        scribe: None,
    };
    let desk = Arc::new(Desk::new(1, blank(&setup)));
    let faults = Faults::default();
    let monitors = monitors(&setup.request).into_iter();
    let monitors = monitors.map(|monitor| Faulty {
        monitor,
        faults: faults.clone(),
    });
    let ((_commands, asked), (panic, told)) = (bounded(1), bounded(1));
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/itunes-failure.pcapng"
    );
    let source = Endless {
        files: Files::new(Replay::open(&[path])),
        now: Timestamp::MIN,
        panic: told,
    };
    let stage = Stage {
        setup: &setup,
        desk: &desk,
        asked,
        errands: Errands::default(),
        playback: None,
    };
    let ((), monitors, kept) = stage.session(monitors.collect(), vec![Box::new(source)], || {
        waits(|| is_failing(&desk.latest().summary));
        fault(&faults, &|| panic.send(()).unwrap());
        waits(|| desk.is_stopped());
    });
    live::ended(&setup, &desk, monitors, kept)
}

fn is_failing(summary: &crate::verdict::summary::Summary) -> bool {
    let mut rows = summary.requirements.iter();
    rows.any(|row| row.pattern == "gs.apple.com" && row.status == Status::Failing)
}

fn broken(part: &str, whole: bool) -> Broken {
    let part = part.to_owned();
    Broken { part, whole }
}

#[test]
fn a_worker_that_panics_ends_the_run_with_what_the_last_picture_showed() {
    for (workers, patience) in [
        (1, Patience::Drop),
        (4, Patience::Drop),
        (1, Patience::Wait),
        (4, Patience::Wait),
    ] {
        let ended = run(workers, patience, |faults, _| {
            faults.packet.store(true, Relaxed);
        });
        let told = ended.broken.unwrap();
        assert!(told.part.starts_with("worker "), "{told:?}");
        assert!(!told.whole);
        assert!(told.to_string().ends_with("what the last picture showed"));
        assert!(is_failing(&ended.summary), "{workers} {patience:?}");
    }
}

#[test]
fn a_capture_thread_that_panics_ends_the_run_with_all_that_was_read() {
    for workers in [1, 3] {
        let ended = run(workers, Patience::Drop, |_, panic| panic());
        assert_eq!(ended.broken, Some(broken("a capture thread", true)));
        assert!(is_failing(&ended.summary), "{workers}");
    }
}

/// The workers got their monitors back; but who sums them up at the end meets the same fault.
#[test]
fn a_picture_thread_that_panics_ends_the_run_with_what_the_last_picture_showed() {
    for workers in [1, 3] {
        let ended = run(workers, Patience::Drop, |faults, _| {
            faults.picture.store(true, Relaxed);
        });
        assert_eq!(ended.broken, Some(broken("the picture thread", false)));
        assert!(is_failing(&ended.summary), "{workers}");
    }
}
