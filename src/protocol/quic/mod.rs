//! QUIC, as far as it can be seen from outside.
//!
//! Input: datagrams of both directions, each with the frame that carried it. Output: [`QuicFacts`]: the hellos, read from
//! Initial packets of versions 1 and 2 and put together over several of them; Retry, version negotiation, a close in an
//! Initial; of all else the kind of packet, which tells how far the handshake came. Bounds: bytes, pieces and packets of
//! the constants below, each counted when it bites. RFC 9000, RFC 9001, RFC 9369.

mod bounds;
mod crypto;
mod facts;
mod frames;
mod keyring;
mod packet;
mod retry;
mod session;

pub use bounds::{Bound, MAX_KEY_IDS, MAX_OPENINGS};
pub use crypto::KeyCache;
pub use facts::{Close, OwnTtl, QuicFacts};
pub use frames::{MAX_CRYPTO_BYTES, MAX_PIECES};
pub use packet::{ConnectionId, MAX_ID_BYTES};
pub use session::QuicSession;

/// Whether a UDP conversation that begins with this datagram is QUIC.
#[must_use]
pub fn is_quic(datagram: &[u8]) -> bool {
    packet::is_quic(datagram)
}

/// Whether a datagram begins with an Initial: its sender opens a connection, or answers one that does.
#[must_use]
pub fn is_initial(datagram: &[u8]) -> bool {
    packet::initial_id(datagram).is_some()
}

/// The start of what may be a 1-RTT packet: its destination connection ID, of a length that only its receiver knows,
/// and what follows.
#[must_use]
pub fn short_header_id(datagram: &[u8]) -> Option<ConnectionId> {
    packet::short_header_id(datagram)
}
