//! A path too narrow for QUIC.
//!
//! Input: the facts of a conversation that got no further, and the ICMP errors that quote it. Output: a ruling, if a
//! router said that the client's Initials are too large. Loss alone does not tell: a client pads every datagram with an
//! Initial, so nothing small shows that the path itself works, and of the server's datagrams that never arrive the size is
//! not known. RFC 9000 sections 14.1 and 14.2, RFC 1191, RFC 8201.

use crate::flow::Flow;
use crate::protocol::quic::QuicFacts;
use crate::side::Side;
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;

/// Bytes of the headers in front of a UDP payload, without options: over IPv4 and over IPv6.
const HEADERS_V4: u32 = 20 + 8;
const HEADERS_V6: u32 = 40 + 8;

/// Bytes of UDP payload that a path must carry for QUIC (RFC 9000 section 14).
const LEAST_PAYLOAD: u32 = 1200;

/// The Initials are larger than a router on the path passes on.
pub(super) fn judge(flow: &Flow, facts: &QuicFacts) -> Option<Ruling> {
    let headers = if flow.endpoint(Side::Server).0.is_ipv6() {
        HEADERS_V6
    } else {
        HEADERS_V4
    };
    let packet = headers + u32::from(facts.largest_initial);
    let (error, mtu) = flow
        .icmp
        .iter()
        .filter(|error| error.is_too_big())
        .find_map(|error| Some((error, error.mtu.filter(|mtu| *mtu < packet)?)))?;
    let heed = if mtu < headers + LEAST_PAYLOAD {
        "and QUIC cannot do with less"
    } else {
        "and the client did not heed it"
    };
    Some(
        Ruling::fault(
            Outcome::Stalled,
            Stage::Handshake,
            Cause::PathMtu,
            format!(
                "a link on the path carries packets of {mtu} bytes by an ICMP error, the client's Initials have {packet}, {heed}"
            ),
        )
        .by(Origin::Unknown)
        .with_all(facts.flights.frames(), "QUIC Initial")
        .with(error.seen, "ICMP: packet too big"),
    )
}
