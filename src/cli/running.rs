//! What commands that look at a run while it goes on have in common: watching interfaces, following a file.
//!
//! Input: a run. Output: what is shown of it until it is time to end, and the status it ends in.

use std::time::{Duration, Instant};

use windfall::picture::Run as _;
use windfall::pipeline::live::{Ended, LiveRun};
use windfall::tui::{self, TuiError};
use windfall::verdict::rows::is_fault;

use super::exit::Exit;
use super::signals::Asked;
use super::status_lines::StatusLines;

/// How often a run without a screen is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Whether it is time to end.
#[expect(clippy::disallowed_methods, reason = "--duration is by the wall clock")]
pub(super) fn deadline(duration: Option<Duration>, asked: &Asked) -> impl Fn() -> bool {
    let begun = Instant::now();
    let asked = asked.clone();
    move || asked.is_set() || duration.is_some_and(|duration| begun.elapsed() >= duration)
}

/// Shows the run on the screen until the user quits.
pub(super) fn show(run: &LiveRun, colour: bool, stop: &dyn Fn() -> bool) -> Result<(), TuiError> {
    tui::run(run, tui::Options { colour }, &|| stop() || run.is_over()).map(drop)
}

/// Tells what changes until it is time to end, or there is nothing more to come.
#[expect(clippy::disallowed_methods, reason = "looks a few times a second")]
pub(super) fn tell(run: &LiveRun, lines: &mut StatusLines, stop: &dyn Fn() -> bool) {
    while !stop() && !run.is_over() {
        let picture = run.picture();
        lines.tell(&picture);
        if picture.health.ended.is_some() {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The status: what broke comes before what the rest of it shows. `unseen`: whoever looked at the run failed.
pub(super) fn exit(ended: &Ended, unseen: bool) -> Exit {
    if ended.broken.is_some() || unseen {
        Exit::Broken
    } else if !ended.failures.is_empty() {
        Exit::Unreadable
    } else if ended.summary.requirements.iter().any(is_fault) {
        Exit::Failing
    } else {
        Exit::Fine
    }
}
