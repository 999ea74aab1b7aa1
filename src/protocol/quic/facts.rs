//! What a QUIC conversation showed.
//!
//! Output of [`QuicSession`](super::QuicSession): every fact with the frame that shows it; no verdicts. RFC 9000.

use crate::capture::frame::{Seen, Sightings};
use crate::protocol::tls::TlsFacts;
use crate::side::{Both, Side};

/// Longest reason kept of a close, in bytes.
pub(super) const MAX_REASON_BYTES: usize = 256;

/// What one conversation showed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuicFacts {
    /// The hellos. Of the rest of the handshake nothing can be read, so only `client_hello`, `hello_started`,
    /// `partial_sni`, `hello_unreadable`, `server_hello`, `hello_retry`, `server_handshake` and `finished` are filled.
    pub tls: TlsFacts,
    /// The client's flights of Initials: the first datagram of each. Those that only close do not count.
    pub flights: Sightings,
    /// The first datagram of the server with a packet that answers: Initial, Retry or version negotiation.
    pub answered: Option<Seen>,
    /// The first Retry whose integrity tag is right, or cannot be checked.
    pub retry: Option<Seen>,
    /// The first Retry whose integrity tag is wrong: it is not the server's, and clients ignore it.
    pub false_retry: Option<Seen>,
    /// The first version negotiation.
    pub version_negotiation: Option<Seen>,
    /// The client's first 0-RTT packet.
    pub early_data: Option<Seen>,
    /// The first Handshake packet of each side.
    pub handshake: Both<Option<Seen>>,
    /// The first 1-RTT packet of each side.
    pub one_rtt: Both<Option<Seen>>,
    /// The first `CONNECTION_CLOSE` in an Initial of each side.
    pub closed: Both<Option<Close>>,
    /// TTLs of each side's datagrams but those that close in an Initial, which anyone on the way can write.
    pub own_ttl: Both<Option<OwnTtl>>,
    /// The client's largest datagram with an Initial, in bytes of UDP payload.
    pub largest_initial: u16,
    /// The first packet that was passed over because a bound bit: what was in it, perhaps a close, is not known.
    pub passed_over: Option<Seen>,
    /// A packet of a version that is not read.
    pub unreadable: Option<Seen>,
    /// The handshake is complete and both sides went on: success.
    pub finished: Option<Seen>,
}

impl QuicFacts {
    /// The latest step that brought the handshake forward.
    #[must_use]
    pub fn progress(&self) -> Option<Seen> {
        self.steps().max()
    }

    /// The steps of the handshake that were seen, in no particular order.
    pub fn steps(&self) -> impl Iterator<Item = Seen> + '_ {
        let first = (self.flights.count > 0).then(|| self.flights.first());
        [
            first,
            self.answered,
            self.retry,
            self.tls.server_handshake,
            self.tls.server_hello.as_ref().map(|hello| hello.seen),
            self.handshake.client,
            self.handshake.server,
            self.one_rtt.client,
            self.one_rtt.server,
            self.finished,
        ]
        .into_iter()
        .flatten()
    }

    /// No Initial of the client was seen, and what was seen can be read.
    #[must_use]
    pub const fn is_joined_midway(&self) -> bool {
        self.flights.count == 0 && self.unreadable.is_none()
    }

    /// Nothing but a version that is not read: that it is QUIC is all that is known.
    #[must_use]
    pub const fn is_of_unknown_version(&self) -> bool {
        self.flights.count == 0 && self.unreadable.is_some()
    }

    /// What this side said when it closed the connection in an Initial.
    #[must_use]
    pub fn close(&self, side: Side) -> Option<&Close> {
        self.closed[side].as_ref()
    }
}

/// A `CONNECTION_CLOSE` frame (RFC 9000 section 19.19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Error code (RFC 9000 section 20.1; 0x0100 and more are TLS alerts).
    pub code: u64,
    /// The reason, raw, at most 256 bytes.
    pub reason: Box<[u8]>,
    /// The frame.
    pub seen: Seen,
    /// The TTL or hop limit that it arrived with.
    pub ttl: u8,
}

/// TTLs or hop limits that a side's datagrams arrived with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTtl {
    /// The smallest.
    pub least: u8,
    /// The largest.
    pub most: u8,
    /// The first of these datagrams.
    pub first: Seen,
}

impl OwnTtl {
    pub(super) const fn new(first: Seen, ttl: u8) -> Self {
        Self {
            least: ttl,
            most: ttl,
            first,
        }
    }

    pub(super) fn widen(&mut self, ttl: u8) {
        self.least = self.least.min(ttl);
        self.most = self.most.max(ttl);
    }
}

impl Close {
    /// The TLS alert that the code stands for (RFC 9001 section 4.8).
    #[must_use]
    pub fn alert(&self) -> Option<u8> {
        let offset = self.code.checked_sub(0x0100)?;
        u8::try_from(offset).ok()
    }
}
