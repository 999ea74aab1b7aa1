//! What one conversation may cost, and which of these bounds left something out.
//!
//! Every bound that bites is counted once a datagram, so that a report can say that something was not read.

/// Attempts to open an Initial or to check a Retry a conversation: each derives or sets up keys. A handshake needs about
/// five.
pub const MAX_OPENINGS: u32 = 64;

/// Connection IDs that gave keys: the first one, those of Retry and of another version, and one to spare.
pub const MAX_KEY_IDS: usize = 4;

/// A bound that left something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// [`super::MAX_CRYPTO_BYTES`] or [`super::MAX_PIECES`].
    Crypto,
    /// [`MAX_OPENINGS`].
    Openings,
    /// The tries that all conversations share.
    Shared,
    /// [`MAX_KEY_IDS`].
    ConnectionIds,
}

impl Bound {
    /// The name of its counter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crypto => "quic-crypto",
            Self::Openings => "quic-initials",
            Self::Shared => "quic-openings",
            Self::ConnectionIds => "quic-connection-ids",
        }
    }
}

/// The bounds that bit since they were last asked for, each once.
#[derive(Debug, Default)]
pub(super) struct Bitten {
    bounds: Vec<Bound>,
    /// Tries left of those that all conversations share; `None` if there is no such bound.
    pub(super) left: Option<u32>,
}

impl Bitten {
    pub(super) fn add(&mut self, bound: Bound) {
        if !self.bounds.contains(&bound) {
            self.bounds.push(bound);
        }
    }

    /// Takes one of the shared tries, if there is one.
    pub(super) fn take_try(&mut self) -> Option<()> {
        match &mut self.left {
            Some(0) => {
                self.add(Bound::Shared);
                return None;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Some(())
    }

    /// A packet was not read, whatever was in it.
    pub(super) fn passed_over(&self) -> bool {
        self.bounds.iter().any(|bound| *bound != Bound::Crypto)
    }

    pub(super) fn take(&mut self) -> Vec<Bound> {
        std::mem::take(&mut self.bounds)
    }
}
