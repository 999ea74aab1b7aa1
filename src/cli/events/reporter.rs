//! The thread that looks at pictures and tells what is news.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use windfall::capture::frame::Timestamp;
use windfall::events::Event;
use windfall::events::journal::{Journal, Teller};
use windfall::picture::Run as _;
use windfall::pipeline::live::{Ended, LiveRun};
use windfall::tui::TuiError;

use super::flags::Prepared;
use super::{EventsFlags, Outlet};
use crate::cli::diagnostics;
use crate::cli::exit::Fault;

/// How often pictures are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long the end waits for what is still to be delivered.
#[cfg(feature = "fleet")]
const FAREWELL: Duration = Duration::from_secs(3);

/// Tells the events of a run.
pub(in crate::cli) struct Reporter {
    told: Option<Told>,
}

struct Told {
    journal: Journal,
    outlet: Box<dyn Outlet + Send>,
    #[cfg(feature = "fleet")]
    sender: Option<super::sender::Sender>,
}

impl Reporter {
    /// Made once rights are given away.
    ///
    /// # Errors
    /// When the spool cannot be used.
    pub(in crate::cli) fn new(
        flags: &EventsFlags,
        prepared: Prepared,
        interfaces: Vec<String>,
    ) -> Result<Self, Fault> {
        let told = match prepared {
            Prepared::Nothing => None,
            Prepared::Lines(lines) => Some(Told {
                journal: journal(flags, interfaces, day())?,
                outlet: Box::new(lines),
                #[cfg(feature = "fleet")]
                sender: None,
            }),
            #[cfg(feature = "fleet")]
            Prepared::Broker(prepared) => {
                let store = prepared.store(day()).map_err(Fault::usage)?;
                let session = store.session();
                let store = Arc::new(std::sync::Mutex::new(store));
                let spooled = super::sender::Spooled(Arc::clone(&store));
                Some(Told {
                    journal: journal(flags, interfaces, session)?,
                    outlet: Box::new(spooled),
                    sender: Some(prepared.sender(store)),
                })
            }
        };
        Ok(Self { told })
    }

    /// Tells the run for as long as `look` looks at it.
    pub(in crate::cli) fn beside(
        &mut self,
        run: &LiveRun,
        look: impl FnOnce() -> Result<(), TuiError>,
    ) -> Result<(), TuiError> {
        let Some(told) = &mut self.told else {
            return look();
        };
        let over = Arc::new(AtomicBool::new(false));
        #[cfg(feature = "fleet")]
        if let Some(sender) = &mut told.sender {
            sender.start();
        }
        let (looked, reported) = std::thread::scope(|scope| {
            let reporter = scope.spawn(|| told.report(run, &over));
            // However the looking ends, the telling does, too.
            let _over = Over(&over);
            let looked = look();
            over.store(true, SeqCst);
            (looked, reporter.join())
        });
        looked.and(reported.map_err(|_| TuiError::Panicked))
    }

    /// Tells the end, and what could not be delivered.
    pub(in crate::cli) fn finish(self, ended: &Ended) {
        let Some(mut told) = self.told else { return };
        let reason = match (&ended.broken, ended.failures.first()) {
            (Some(broken), _) => broken.to_string(),
            (None, Some(failure)) => failure.clone(),
            (None, None) => "asked to".to_owned(),
        };
        told.lost();
        let last = told.journal.stop(&ended.messages, &reason, day());
        told.put(&last);
        #[cfg(feature = "fleet")]
        if let Some(sender) = told.sender.take() {
            sender.finish(FAREWELL);
        }
        for (text, _) in told.outlet.news() {
            diagnostics::say(&text);
        }
    }
}

/// Set when dropped.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

impl Told {
    #[expect(
        clippy::disallowed_methods,
        reason = "looks a few times a second, by the wall clock"
    )]
    fn report(&mut self, run: &LiveRun, over: &AtomicBool) {
        let begun = Instant::now();
        let first = self.journal.start(day());
        self.put(&[first]);
        loop {
            // The last picture is looked at after the end was told.
            let ends = over.load(SeqCst);
            self.lost();
            let events = self.journal.look(&run.picture(), day(), begun.elapsed());
            self.put(&events);
            for (text, trouble) in self.outlet.news() {
                run.say(text, trouble);
            }
            if ends {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn lost(&mut self) {
        for dropped in self.outlet.lost() {
            let event = self.journal.lost(day(), &dropped);
            self.put(&[event]);
        }
    }

    fn put(&mut self, events: &[Event]) {
        for event in events {
            // All of it can be written as JSON; what could not would be told nowhere.
            if let Ok(line) = serde_json::to_vec(event) {
                self.outlet
                    .put((event.id.session, event.id.sequence), &line);
            }
        }
    }
}

fn journal(
    flags: &EventsFlags,
    interfaces: Vec<String>,
    session: Timestamp,
) -> Result<Journal, Fault> {
    Ok(Journal::new(Teller {
        gateway: flags.gateway()?,
        session,
        interfaces,
        heartbeat: flags.heartbeat(),
    }))
}

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "events say when they were told")]
fn day() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(0).after(since)
}
