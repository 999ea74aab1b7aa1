//! From attempts to a requirement's status: verdicts.md section 5.

mod by_port;
mod fallbacks;
mod faults;
mod window;

use windfall::verdict::summary::Requirement;

use crate::support::HOST;
use crate::support::trace::{Trace, requirement};

/// What the usual host's attempts come to.
fn row(trace: &Trace) -> Requirement {
    requirement(&trace.summary(), HOST)
}

fn status(trace: &Trace) -> String {
    row(trace).status.to_string()
}
