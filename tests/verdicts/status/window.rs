//! What counts while a run is watched: attempts not much older than the newest.

use std::time::Duration;

use super::status;
use crate::support::session::{is_ignored, is_reset, resolves, succeeds, to};
use crate::support::trace::Trace;
use crate::support::{HOST, SERVER};

const WINDOW: Duration = Duration::from_secs(300);

/// A connection that nobody answers at the start, and a capture that goes on for an hour.
fn ignored(window: Option<Duration>) -> Trace {
    let mut trace = Trace::new();
    trace.window = window;
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    is_ignored(&mut trace, 0.1, &mut to(50_001, SERVER, 443));
    trace.until(3600.0);
    trace
}

#[test]
fn a_connection_that_healed_is_well_again() {
    let healed = |window, at| {
        let mut trace = ignored(window);
        succeeds(&mut trace, at, &mut to(50_002, SERVER, 443), HOST);
        status(&trace)
    };
    assert_eq!(healed(Some(WINDOW), 320.0), "ok");
    assert_eq!(healed(Some(WINDOW), 200.0), "flaky", "not long enough ago");
    assert_eq!(healed(None, 320.0), "flaky", "a report judges everything");
}

#[test]
fn one_that_nobody_tried_again_stays_as_it_was() {
    assert_eq!(status(&ignored(Some(WINDOW))), "failing");
    // That its name resolves again is no attempt at it.
    let mut trace = ignored(Some(WINDOW));
    resolves(&mut trace, 1000.0, 5302, HOST, &[SERVER]);
    assert_eq!(status(&trace), "failing");
}

#[test]
fn one_that_broke_after_it_had_worked_is_failing_once_its_success_is_old() {
    let broke = |at| {
        let mut trace = Trace::new();
        trace.window = Some(WINDOW);
        resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
        succeeds(&mut trace, 0.1, &mut to(50_001, SERVER, 443), HOST);
        is_reset(&mut trace, at, &mut to(50_002, SERVER, 443), HOST);
        trace.until(at + 60.0);
        status(&trace)
    };
    assert_eq!(broke(400.0), "failing");
    assert_eq!(broke(100.0), "flaky");
}

/// Another requirement's attempts do not make these old.
#[test]
fn each_requirement_has_its_own_newest_attempt() {
    let mut trace = ignored(Some(WINDOW));
    let other = "203.0.113.20";
    resolves(&mut trace, 900.0, 5302, "albert.apple.com", &[other]);
    succeeds(
        &mut trace,
        900.1,
        &mut to(50_002, other, 443),
        "albert.apple.com",
    );
    assert_eq!(status(&trace), "failing");
}
