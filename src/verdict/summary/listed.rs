//! Which flows and DNS questions a report lists.
//!
//! Three steps, each a part of the next: `failing` within `required` within `all`. Counts are always taken from all of
//! them, listed or not.

use crate::verdict::outcome::Outcome;
use crate::verdict::rows::is_faulty;
use crate::verdict::summary::{DnsQuestion, Flow};

/// Which flows and DNS questions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Attempts at a required host that stalled, were reset or failed.
    Failing,
    /// All attempts at required hosts.
    Required,
    /// Everything.
    All,
}

impl Listed {
    /// Whether this flow is listed.
    #[must_use]
    pub fn flow(self, flow: &Flow) -> bool {
        self.row(flow.requirement.is_some(), flow.outcome)
    }

    /// Whether this question is listed.
    #[must_use]
    pub fn question(self, question: &DnsQuestion) -> bool {
        self.row(question.requirement.is_some(), question.outcome)
    }

    /// Whether a row is listed: of an attempt at a required host, or not, with this outcome.
    #[must_use]
    pub const fn row(self, required: bool, outcome: Outcome) -> bool {
        match self {
            Self::Failing => required && is_faulty(outcome),
            Self::Required => required,
            Self::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_part_of_the_next() {
        for outcome in Outcome::ALL {
            for required in [false, true] {
                let [failing, required, all] = [Listed::Failing, Listed::Required, Listed::All]
                    .map(|listed| listed.row(required, *outcome));
                assert!(!failing || required, "{outcome} {required}");
                assert!(all, "{outcome} {required}");
            }
        }
        assert!(Listed::Failing.row(true, Outcome::Reset));
        assert!(!Listed::Failing.row(false, Outcome::Reset));
        assert!(!Listed::Failing.row(true, Outcome::Abandoned));
    }
}
