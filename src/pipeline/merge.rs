//! What several monitors saw, as if it were one's.
//!
//! No order is kept here: the summary sorts everything by capture time, and so does not depend on who saw what.

use crate::monitor::{CaptureCounters, Monitor};
use crate::verdict::assemble::Observed;

/// What all monitors observed.
#[must_use]
pub fn observed<'a>(monitors: impl IntoIterator<Item = &'a Monitor<'a>>) -> Observed<'a> {
    let mut all = monitors.into_iter().map(Monitor::observed);
    let mut merged = all.next().unwrap_or_default();
    for one in all {
        merged.absorb(one);
    }
    merged
}

/// The counters of all monitors, by input.
#[must_use]
pub fn counters<'a>(monitors: impl IntoIterator<Item = &'a Monitor<'a>>) -> Vec<CaptureCounters> {
    let mut merged: Vec<CaptureCounters> = Vec::new();
    for monitor in monitors {
        let counters = monitor.capture_counters();
        if merged.len() < counters.len() {
            merged.resize_with(counters.len(), CaptureCounters::default);
        }
        for (sum, more) in merged.iter_mut().zip(counters) {
            sum.absorb(more);
        }
    }
    merged
}
