//! What happens to an interface while it is captured on, and how it is told.

use std::fmt;
use std::sync::Arc;

/// How an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is captured on.
    Up,
    /// It is down; capture goes on when it is up again.
    Down,
    /// It is not there; it is opened when it is.
    Absent,
    /// Nothing will come from it any more.
    Ended,
}

/// What happened to an interface; as text, a line for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The interface.
    pub interface: Arc<str>,
    /// What happened.
    pub what: What,
}

/// What happens to interfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was taken down.
    WentDown,
    /// It is up again.
    CameBack,
    /// It was deleted.
    Gone {
        /// It is waited for, to be opened again.
        reattach: bool,
    },
    /// It is there, for the first time or again, and was opened.
    Reattached,
    /// It cannot be read any more.
    Failed {
        /// What libpcap says.
        reason: String,
    },
}

impl Change {
    /// It is trouble, not news.
    #[must_use]
    pub const fn is_trouble(&self) -> bool {
        !matches!(self.what, What::CameBack | What::Reattached)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = &self.interface;
        match &self.what {
            What::WentDown => write!(
                f,
                "{interface} went down; capture goes on when it is up again"
            ),
            What::CameBack => write!(f, "{interface} is up again"),
            What::Gone { reattach: true } => {
                write!(
                    f,
                    "{interface} was deleted; waiting for it to be there again"
                )
            }
            What::Gone { reattach: false } => write!(
                f,
                "{interface} was deleted; capture on it has ended (--reattach would wait for it)"
            ),
            What::Reattached => write!(f, "{interface} is there; capturing on it"),
            What::Failed { reason } => write!(f, "{interface}: capture has ended: {reason}"),
        }
    }
}

/// What a fill came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Frames that were added to the batch.
    pub frames: usize,
    /// How the interface is now.
    pub state: State,
    /// What happened to it since the last fill.
    pub change: Option<Change>,
}
