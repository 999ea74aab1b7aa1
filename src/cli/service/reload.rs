//! The catalogue again, while the run goes on: what SIGHUP asks for.

use std::sync::Arc;

use windfall::pipeline::live::LiveRun;

use super::super::arguments::Global;
use super::super::chosen_catalogue;

/// What to load, and what counts until then.
pub(in super::super) struct Reload<'a> {
    pub(in super::super) global: &'a Global,
    /// Hosts that the catalogue requires at the start.
    pub(in super::super) requirements: usize,
}

/// What became of it.
pub(super) enum Loaded {
    /// It counts from now on, and requires so many hosts.
    Yes(usize),
    /// It is as it was.
    No,
}

impl Reload<'_> {
    /// Hosts required at the start.
    pub(super) const fn requirements(&self) -> usize {
        self.requirements
    }

    /// Reads the files again. If all of them are right, they count from now on; else the run goes on with what it had,
    /// and tells why.
    pub(super) fn load(&self, run: &LiveRun) -> Loaded {
        match chosen_catalogue::build(self.global, &[]) {
            Ok(catalogue) => {
                let required = catalogue.requirements().len();
                run.adopt(Arc::new(catalogue));
                run.say(
                    format!("catalogue loaded again: {required} required hosts"),
                    false,
                );
                Loaded::Yes(required)
            }
            Err(fault) => {
                run.say(
                    format!(
                        "the catalogue stays as it was, what was to replace it is faulty: {:#}",
                        fault.error
                    ),
                    true,
                );
                Loaded::No
            }
        }
    }
}
