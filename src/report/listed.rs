//! Which flows and DNS questions a report lists.
//!
//! Three steps, each a part of the next: `failing` within `required` within `all`. Counts are always taken from all of
//! them, listed or not.

use crate::verdict::outcome::Outcome;
use crate::verdict::summary::{DnsQuestion, Flow};
pub use crate::words::is_faulty;

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
        self.row(flow.requirement.as_deref(), flow.outcome)
    }

    /// Whether this question is listed.
    #[must_use]
    pub fn question(self, question: &DnsQuestion) -> bool {
        self.row(question.requirement.as_deref(), question.outcome)
    }

    fn row(self, requirement: Option<&str>, outcome: Outcome) -> bool {
        match self {
            Self::Failing => requirement.is_some() && is_faulty(outcome),
            Self::Required => requirement.is_some(),
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
            for requirement in [None, Some("gs.apple.com")] {
                let [failing, required, all] = [Listed::Failing, Listed::Required, Listed::All]
                    .map(|listed| listed.row(requirement, *outcome));
                assert!(!failing || required, "{outcome} {requirement:?}");
                assert!(all, "{outcome} {requirement:?}");
            }
        }
        assert!(Listed::Failing.row(Some("gs.apple.com"), Outcome::Reset));
        assert!(!Listed::Failing.row(None, Outcome::Reset));
        assert!(!Listed::Failing.row(Some("gs.apple.com"), Outcome::Abandoned));
    }
}
