//! What a rule says about one attempt.

use std::borrow::Cow;

use super::outcome::{Cause, Origin, Outcome, Stage};
use crate::capture::frame::Seen;

/// Evidence frames kept an attempt; a repeated event is shown by its first and last sightings.
pub const MAX_EVIDENCE: usize = 32;

/// A frame that proves something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The frame.
    pub seen: Seen,
    /// What it shows.
    pub text: Cow<'static, str>,
}

/// The verdict on one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// How it ended.
    pub outcome: Outcome,
    /// How far it came.
    pub stage: Stage,
    /// Why it did not succeed.
    pub cause: Option<Cause>,
    /// Who ended or blocked it.
    pub origin: Option<Origin>,
    /// A stall rule had been met before it succeeded.
    pub recovered: bool,
    /// One sentence; empty when there is nothing to explain.
    pub why: String,
    /// The frames that prove it, at most [`MAX_EVIDENCE`].
    pub evidence: Vec<Note>,
}

impl Ruling {
    const fn bare(outcome: Outcome, stage: Stage) -> Self {
        Self {
            outcome,
            stage,
            cause: None,
            origin: None,
            recovered: false,
            why: String::new(),
            evidence: Vec::new(),
        }
    }

    /// It worked.
    #[must_use]
    pub const fn succeeded(stage: Stage) -> Self {
        Self::bare(Outcome::Succeeded, stage)
    }

    /// The rule's time has not passed yet.
    #[must_use]
    pub const fn pending(stage: Stage) -> Self {
        Self::bare(Outcome::Pending, stage)
    }

    /// The capture does not show enough; `why` says what is missing.
    #[must_use]
    pub fn unjudged(stage: Stage, why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            ..Self::bare(Outcome::Unjudged, stage)
        }
    }

    /// It did not work, for this reason.
    #[must_use]
    pub fn fault(outcome: Outcome, stage: Stage, cause: Cause, why: impl Into<String>) -> Self {
        Self {
            cause: Some(cause),
            why: why.into(),
            ..Self::bare(outcome, stage)
        }
    }

    /// Names who did it.
    #[must_use]
    pub const fn by(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Adds a frame.
    #[must_use]
    pub fn with(mut self, seen: Seen, text: impl Into<Cow<'static, str>>) -> Self {
        self.note(seen, text);
        self
    }

    /// Adds a frame, if there is one.
    #[must_use]
    pub fn with_some(self, seen: Option<Seen>, text: impl Into<Cow<'static, str>>) -> Self {
        match seen {
            Some(seen) => self.with(seen, text),
            None => self,
        }
    }

    /// Adds several frames that show the same.
    #[must_use]
    pub fn with_all(mut self, seen: impl Iterator<Item = Seen>, text: &'static str) -> Self {
        for seen in seen {
            self.note(seen, text);
        }
        self
    }

    /// Adds a frame in place.
    pub fn note(&mut self, seen: Seen, text: impl Into<Cow<'static, str>>) {
        if self.evidence.len() < MAX_EVIDENCE {
            self.evidence.push(Note {
                seen,
                text: text.into(),
            });
        }
    }

    /// Marks a success that came only after a stall rule had been met.
    #[must_use]
    pub const fn recovered_if(mut self, stalled_before: bool) -> Self {
        self.recovered = stalled_before;
        self
    }
}
