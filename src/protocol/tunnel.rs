//! What goes through a proxy once it has opened the way.
//!
//! Input: the bytes that follow the proxy's own protocol (HTTP CONNECT, SOCKS), in pieces of any size, with their
//! frames, and word of gaps. Output: the facts of the TLS inside, if it is TLS by its first byte. What is no TLS is
//! passed over, and buffers nothing.

use crate::capture::frame::Seen;
use crate::side::Side;

use super::tls::{TlsSession, record};

/// The inside of one tunnel.
#[derive(Clone, Debug, Default)]
pub(super) struct Tunnel {
    tls: Option<Box<TlsSession>>,
    /// It carries something that is not TLS.
    opaque: bool,
}

impl Tunnel {
    /// Takes the next bytes that `side` sent through the tunnel, or ahead for it.
    pub(super) fn feed(&mut self, side: Side, seen: Seen, bytes: &[u8]) {
        if self.opaque || (self.tls.is_none() && !looks_like_tls(bytes)) {
            self.opaque = true;
            return;
        }
        self.tls.get_or_insert_default().feed(side, seen, bytes);
    }

    /// Bytes of `side` are missing from the capture.
    pub(super) fn gap(&mut self, side: Side) {
        self.tls.get_or_insert_default().gap(side);
    }

    /// See [`TlsSession::server_acknowledges`].
    pub(super) fn server_acknowledges(&mut self, outstanding: u64) {
        if let Some(tls) = &mut self.tls {
            tls.server_acknowledges(outstanding);
        }
    }

    /// The TLS inside, once bytes that look like it have come.
    pub(super) fn tls(&self) -> Option<&TlsSession> {
        self.tls.as_deref()
    }

    /// Whether the bytes to come, once the tunnel is open, cannot tell more.
    pub(super) fn settled(&self) -> bool {
        self.opaque || self.tls().is_some_and(TlsSession::settled)
    }

    /// Bytes that wait for the rest of their message.
    pub(super) fn buffered(&self) -> usize {
        self.tls().map_or(0, TlsSession::buffered)
    }
}

/// The start of a handshake record, by its first byte alone: more may come with the next segment.
pub(super) fn looks_like_tls(bytes: &[u8]) -> bool {
    bytes.first() == Some(&record::HANDSHAKE)
}
