//! Which of the standard streams are terminals, and whether they still are: a terminal that hung up is none any more.

use std::io::{self, IsTerminal as _};

/// Which of standard input, output and error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terminals([bool; 3]);

impl Terminals {
    /// As it is now.
    #[expect(
        clippy::disallowed_methods,
        reason = "asks whether standard streams are terminals"
    )]
    pub(super) fn now() -> Self {
        Self([
            io::stdin().is_terminal(),
            io::stdout().is_terminal(),
            io::stderr().is_terminal(),
        ])
    }

    /// One of them was a terminal, and is none now.
    pub(super) fn are_gone(self) -> bool {
        let Self(now) = Self::now();
        let Self(then) = self;
        then.iter().zip(now).any(|(then, now)| *then && !now)
    }
}
