//! One QUIC conversation.
//!
//! Initials are opened with the keys of the connection ID that the client sent to first; a Retry gives another ID, and
//! with it other keys (RFC 9001 section 5.2). Every packet names its version, so a change of version needs no more.
//! Whatever cannot be opened is passed over. Once the handshake is complete, nothing is looked at any more.

use std::time::Duration;

use crate::capture::frame::{FrameId, Seen};
use crate::protocol::tls::handshake::{CLIENT_HELLO, HEADER, SERVER_HELLO};
use crate::protocol::tls::hello::{self, Answer, Arrival};
use crate::side::{Both, Side};

use super::crypto;
use super::facts::{Close, MAX_REASON_BYTES, QuicFacts};
use super::frames::{CryptoStream, Frame, Put, frames};
use super::packet::{self, ConnectionId, Kind, Packet};

/// Attempts to open an Initial a conversation: each derives keys. A handshake needs about five.
pub const MAX_OPENINGS: u32 = 64;

/// Connection IDs that gave keys: the first one, those of Retry and of another version, and one to spare.
pub const MAX_KEY_IDS: usize = 4;

/// Initials this close together are one flight; retransmissions wait longer than the fastest network's round trip.
const FLIGHT: Duration = Duration::from_millis(20);

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

/// One QUIC conversation.
#[derive(Debug, Default)]
pub struct QuicSession {
    facts: QuicFacts,
    ends: Both<End>,
    /// IDs whose keys opened an Initial of the client, in order of time.
    key_ids: Vec<ConnectionId>,
    openings: u32,
    /// Bounds that bit since they were last asked for.
    bitten: Vec<Bound>,
}

/// What is under way in one direction.
#[derive(Debug, Default)]
struct End {
    /// CRYPTO of Initials; gone once its hello was read.
    stream: CryptoStream,
    /// Bytes of the stream's messages that were read.
    read: usize,
    done: bool,
    /// Where the hello began, how many datagrams brought parts of it, and the latest of them.
    began: Option<Seen>,
    datagrams: u32,
    latest: Option<FrameId>,
    /// The packet number after the largest.
    expected: u64,
    /// The ID that this side asked to be sent to.
    id: Option<ConnectionId>,
}

impl QuicSession {
    /// A conversation of which nothing has been seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a datagram that `side` sent, carried by the frame `seen`.
    pub fn feed(&mut self, side: Side, seen: Seen, datagram: &[u8]) {
        if self.settled() {
            return;
        }
        let mut rest = datagram;
        let (mut opens, closes) = (false, self.facts.closed[side].is_some());
        while let Some(packet) = packet::next(&mut rest) {
            opens |= side == Side::Client && packet.kind == Kind::Initial;
            self.packet(side, seen, &packet);
            if self.settled() {
                return;
            }
        }
        let closes = closes || self.facts.closed[side].is_some();
        let flights = &mut self.facts.flights;
        let another = flights.count == 0 || seen.at.since(flights.last.at) > FLIGHT;
        if opens && another && (!closes || flights.count == 0) {
            flights.add(seen);
        }
    }

    /// What has been seen so far.
    #[must_use]
    pub const fn facts(&self) -> &QuicFacts {
        &self.facts
    }

    /// The handshake is complete: more datagrams change nothing.
    #[must_use]
    pub const fn settled(&self) -> bool {
        self.facts.finished.is_some()
    }

    /// Bytes that wait for the rest of a hello, both directions together.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.ends.client.stream.buffered() + self.ends.server.stream.buffered()
    }

    /// The bounds that bit since the last call.
    pub fn take_bitten(&mut self) -> Vec<Bound> {
        std::mem::take(&mut self.bitten)
    }

    /// The connection ID that the client first sent to: no two connections share one.
    #[must_use]
    pub fn first_id(&self) -> Option<ConnectionId> {
        self.key_ids.first().copied()
    }

    /// The connection ID that this side asked to be sent to.
    #[must_use]
    pub fn id_of(&self, side: Side) -> Option<ConnectionId> {
        self.ends[side].id
    }

    /// Whether a datagram of the client opens another connection on the same ports, after this one was used up.
    #[must_use]
    pub fn is_followed_by(&self, datagram: &[u8]) -> bool {
        let over = self.settled() || self.facts.closed.client.is_some();
        over && packet::initial_id(datagram)
            .is_some_and(|id| !self.key_ids.contains(&id) && self.ends.server.id != Some(id))
    }

    fn packet(&mut self, side: Side, seen: Seen, packet: &Packet<'_>) {
        let facts = &mut self.facts;
        match (packet.kind, side) {
            (Kind::Initial, _) => self.initial(side, seen, packet),
            (Kind::Retry, Side::Server) => {
                facts.retry.get_or_insert(seen);
                facts.answered.get_or_insert(seen);
            }
            (Kind::VersionNegotiation, Side::Server) => {
                facts.version_negotiation.get_or_insert(seen);
                facts.answered.get_or_insert(seen);
            }
            (Kind::EarlyData, Side::Client) => {
                facts.early_data.get_or_insert(seen);
            }
            (Kind::Handshake, _) => {
                facts.handshake[side].get_or_insert(seen);
            }
            (Kind::OneRtt, _) => self.one_rtt(side, seen),
            (Kind::Unreadable, _) => {
                facts.unreadable.get_or_insert(seen);
            }
            (Kind::Retry | Kind::VersionNegotiation, Side::Client)
            | (Kind::EarlyData, Side::Server) => {}
        }
    }

    /// Success is 1-RTT of the server after the client's, in a connection whose beginning was seen.
    fn one_rtt(&mut self, side: Side, seen: Seen) {
        let facts = &mut self.facts;
        if facts.flights.count == 0 {
            return;
        }
        let accepted = facts.handshake.server.is_some() || facts.one_rtt.server.is_some();
        if side == Side::Server && facts.one_rtt.client.is_some() && accepted {
            facts.finished = Some(seen);
            facts.tls.finished = Some(seen);
            self.release();
        }
        self.facts.one_rtt[side].get_or_insert(seen);
    }

    fn initial(&mut self, side: Side, seen: Seen, packet: &Packet<'_>) {
        if side == Side::Server {
            self.facts.answered.get_or_insert(seen);
        }
        let Some((opened, newest)) = self.open(side, packet) else {
            return;
        };
        let end = &mut self.ends[side];
        end.expected = end.expected.max(opened.number.saturating_add(1));
        end.id.get_or_insert(packet.source);
        for frame in frames(&opened.frames) {
            match frame {
                Frame::Crypto { offset, data } if newest => self.crypto(side, seen, offset, data),
                Frame::Close { code, reason } => {
                    self.facts.closed[side].get_or_insert_with(|| Close {
                        code,
                        reason: reason.get(..MAX_REASON_BYTES).unwrap_or(reason).into(),
                        seen,
                    });
                }
                Frame::Crypto { .. } | Frame::Other => {}
            }
        }
    }

    /// Opens an Initial with the keys known, newest first, and one of the client with those of its own destination too.
    /// Says whether the newest keys did it: older ones are those of an attempt that was given up.
    fn open(&mut self, side: Side, packet: &Packet<'_>) -> Option<(crypto::Opened, bool)> {
        let expected = self.ends[side].expected;
        for at in (0..self.key_ids.len()).rev() {
            let id = *self.key_ids.get(at)?;
            if let Some(opened) = self.attempt(side, packet, id, expected) {
                return Some((opened, at + 1 == self.key_ids.len()));
            }
        }
        let id = packet.destination;
        if side == Side::Server || self.key_ids.contains(&id) {
            return None;
        }
        let opened = self.attempt(side, packet, id, expected)?;
        if self.key_ids.len() >= MAX_KEY_IDS {
            self.bite(Bound::ConnectionIds);
            return None;
        }
        self.key_ids.push(id);
        // What was begun under older keys is begun anew.
        if !self.ends.client.done {
            self.ends.client.stream = CryptoStream::default();
        }
        Some((opened, true))
    }

    fn attempt(
        &mut self,
        side: Side,
        packet: &Packet<'_>,
        id: ConnectionId,
        expected: u64,
    ) -> Option<crypto::Opened> {
        if self.openings >= MAX_OPENINGS {
            self.bite(Bound::Openings);
            return None;
        }
        self.openings += 1;
        crypto::open(packet, side, id, expected)
    }

    fn crypto(&mut self, side: Side, seen: Seen, offset: u64, data: &[u8]) {
        let end = &mut self.ends[side];
        if end.done {
            return;
        }
        match end.stream.put(offset, data) {
            Put::Known => return,
            Put::LeftOut => {
                self.bite(Bound::Crypto);
                return;
            }
            Put::New => {}
        }
        end.began.get_or_insert(seen);
        if end.latest != Some(seen.frame) {
            end.latest = Some(seen.frame);
            end.datagrams += 1;
        }
        match side {
            Side::Client => self.client_hello(seen),
            Side::Server => self.server_hello(seen),
        }
    }

    fn client_hello(&mut self, seen: Seen) {
        let tls = &mut self.facts.tls;
        let end = &mut self.ends.client;
        let first = end.began.unwrap_or(seen);
        tls.hello_started.get_or_insert(first);
        let Some((kind, body, whole)) = message(end.stream.beginning()) else {
            return;
        };
        if kind != CLIENT_HELLO {
            tls.seldom.hello_unreadable.get_or_insert(seen);
            end.finish();
            return;
        }
        if !whole {
            tls.seldom.partial_sni = hello::sni_of_cut(body);
            return;
        }
        let came = Arrival {
            first,
            complete: seen,
            pieces: end.datagrams,
        };
        tls.client_hello = hello::client_hello(body, came);
        if tls.client_hello.is_none() {
            tls.seldom.hello_unreadable.get_or_insert(seen);
        } else {
            tls.seldom.partial_sni = None;
        }
        end.finish();
    }

    fn server_hello(&mut self, seen: Seen) {
        let tls = &mut self.facts.tls;
        let end = &mut self.ends.server;
        tls.server_handshake.get_or_insert(seen);
        let beginning = end.stream.beginning();
        // A HelloRetryRequest, perhaps, and then the ServerHello.
        while let Some((kind, body, true)) = message(beginning.get(end.read..).unwrap_or_default())
        {
            match hello::answer(body, seen).filter(|_| kind == SERVER_HELLO) {
                Some(Answer::Retry) => {
                    tls.seldom.hello_retry.get_or_insert(seen);
                    end.read += HEADER + body.len();
                }
                Some(Answer::Hello(hello)) => {
                    tls.server_hello = Some(hello);
                    end.finish();
                    return;
                }
                None => {
                    end.finish();
                    return;
                }
            }
        }
    }

    /// Notes that a bound bit: once a datagram, however many packets are in it.
    fn bite(&mut self, bound: Bound) {
        if !self.bitten.contains(&bound) {
            self.bitten.push(bound);
        }
    }

    /// Frees what waited for bytes that will not be looked at.
    fn release(&mut self) {
        self.ends.client.finish();
        self.ends.server.finish();
    }
}

impl End {
    fn finish(&mut self) {
        self.done = true;
        self.stream = CryptoStream::default();
    }
}

/// The handshake message at the start of a stream: type, body or as much of it as is there, and whether it is whole. One
/// that will not fit is not waited for.
fn message(stream: &[u8]) -> Option<(u8, &[u8], bool)> {
    let (header, rest) = stream.split_first_chunk::<HEADER>()?;
    let [kind, high, middle, low] = *header;
    let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
    Some(match rest.get(..length) {
        Some(body) => (kind, body, true),
        None => (kind, rest, false),
    })
}
