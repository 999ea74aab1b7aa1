//! Exit statuses, and the errors that lead to them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use windfall::tui::TuiError;

/// What a run came to; the numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing required is failing.
    Fine = 0,
    /// Something required is failing.
    Failing = 1,
    /// Wrong usage, or a faulty catalogue.
    Usage = 2,
    /// A capture could not be opened, or not be read to its end.
    Unreadable = 3,
    /// The result could not be written.
    Unwritten = 4,
    /// A part of the program failed while it watched; what had been seen was reported.
    Broken = 101,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Looks at a run. If the looking itself panics, that ends the looking: what the run saw is still to be reported.
pub(crate) fn guarded(look: impl FnOnce() -> Result<(), TuiError>) -> Result<(), TuiError> {
    catch_unwind(AssertUnwindSafe(look)).unwrap_or(Err(TuiError::Panicked))
}

/// An error with the status it ends in.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Status.
    pub(crate) exit: Exit,
    /// What to tell.
    pub(crate) error: anyhow::Error,
}

impl Fault {
    /// What was asked for cannot be done.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
        }
    }

    /// The result could not be written.
    pub(crate) fn unwritten(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Unwritten,
            error: error.into().context("cannot write to standard output"),
        }
    }
}
