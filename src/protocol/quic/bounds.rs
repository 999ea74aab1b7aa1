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
            Self::ConnectionIds => "quic-connection-ids",
        }
    }
}

/// The bounds that bit since they were last asked for, each once.
#[derive(Debug, Default)]
pub(super) struct Bitten(Vec<Bound>);

impl Bitten {
    pub(super) fn add(&mut self, bound: Bound) {
        if !self.0.contains(&bound) {
            self.0.push(bound);
        }
    }

    pub(super) fn take(&mut self) -> Vec<Bound> {
        std::mem::take(&mut self.0)
    }
}
