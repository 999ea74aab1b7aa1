//! One QUIC conversation.
//!
//! Input: the datagrams of both sides. Output: [`QuicFacts`]. Every packet names its version, so a change of version needs
//! no more than other keys. Whatever cannot be opened is passed over. Once the handshake is complete, nothing is looked at
//! any more. RFC 9000 sections 7 and 17.

use std::time::Duration;

use crate::capture::frame::{FrameId, Seen};
use crate::hostname::Hostname;
use crate::protocol::tls::handshake::{CLIENT_HELLO, HEADER, SERVER_HELLO};
use crate::protocol::tls::hello::{self, Answer, Arrival};
use crate::side::{Both, Side};

use super::bounds::{Bitten, Bound};
use super::crypto::KeyCache;
use super::facts::{Close, MAX_REASON_BYTES, OwnTtl, QuicFacts};
use super::frames::{CryptoStream, Frame, Put, frames};
use super::keyring::{By, Keyring};
use super::packet::{self, ConnectionId, Kind, Packet};

/// Initials this close together are one flight; retransmissions wait longer than the fastest network's round trip.
const FLIGHT: Duration = Duration::from_millis(20);

/// One QUIC conversation.
#[derive(Debug, Default)]
pub struct QuicSession {
    facts: QuicFacts,
    ends: Both<End>,
    keys: Keyring,
    bitten: Bitten,
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

    /// Takes a datagram that `side` sent, carried by the frame `seen`, which arrived with this TTL or hop limit.
    pub fn feed(&mut self, side: Side, seen: Seen, ttl: u8, datagram: &[u8]) {
        self.feed_to(&mut KeyCache::with_places(1), side, (seen, ttl), datagram);
    }

    fn feed_to(
        &mut self,
        cache: &mut KeyCache,
        side: Side,
        (seen, ttl): (Seen, u8),
        datagram: &[u8],
    ) {
        if self.settled() {
            return;
        }
        let mut rest = datagram;
        let (mut opens, mut closes) = (false, false);
        let over = self.facts.closed[side].is_some();
        while let Some(packet) = packet::next(&mut rest) {
            opens |= side == Side::Client && packet.kind == Kind::Initial;
            closes |= self.packet(cache, side, (seen, ttl), &packet);
            if self.settled() {
                return;
            }
        }
        if !closes {
            let own = &mut self.facts.own_ttl[side];
            own.get_or_insert(OwnTtl::new(seen, ttl)).widen(ttl);
        }
        if opens {
            let bytes = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
            self.facts.largest_initial = self.facts.largest_initial.max(bytes);
        }
        let flights = &mut self.facts.flights;
        let another = flights.count == 0 || seen.at.since(flights.last().at) > FLIGHT;
        if opens && another && (!(closes || over) || flights.count == 0) {
            flights.add(seen);
        }
    }

    /// The same, with the keys of a cache that serves other conversations too, and no more tries to open an Initial or to
    /// check a Retry than are `left`, which is lowered by those made.
    pub fn feed_within(
        &mut self,
        (cache, left): (&mut KeyCache, &mut u32),
        side: Side,
        (seen, ttl): (Seen, u8),
        datagram: &[u8],
    ) {
        self.bitten.left = Some(*left);
        self.feed_to(cache, side, (seen, ttl), datagram);
        *left = self.bitten.left.take().unwrap_or(0);
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

    /// See [`TlsFacts::sni_mut`](crate::protocol::tls::TlsFacts::sni_mut).
    pub fn sni_mut(&mut self) -> Option<&mut Hostname> {
        self.facts.tls.sni_mut()
    }

    /// Bytes that wait for the rest of a hello, both directions together.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.ends.client.stream.buffered() + self.ends.server.stream.buffered()
    }

    /// The bounds that bit since the last call.
    pub fn take_bitten(&mut self) -> Vec<Bound> {
        self.bitten.take()
    }

    /// The connection ID that the client first sent to: no two connections share one.
    #[must_use]
    pub fn first_id(&self) -> Option<ConnectionId> {
        self.keys.first()
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
            .is_some_and(|id| !self.keys.contains(id) && self.ends.server.id != Some(id))
    }

    /// Whether it is one that closes the connection.
    fn packet(
        &mut self,
        cache: &mut KeyCache,
        side: Side,
        (seen, ttl): (Seen, u8),
        packet: &Packet<'_>,
    ) -> bool {
        let facts = &mut self.facts;
        match (packet.kind, side) {
            (Kind::Initial, _) => return self.initial(cache, side, (seen, ttl), packet),
            (Kind::Retry, Side::Server) => self.retry(seen, packet),
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
        false
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

    /// A client ignores a Retry whose tag is wrong (RFC 9000 section 17.2.5.2): it is no answer.
    fn retry(&mut self, seen: Seen, packet: &Packet<'_>) {
        if self.facts.retry.is_some() {
            return;
        }
        if self.keys.vouches_for(packet, &mut self.bitten) == Some(false) {
            self.facts.false_retry.get_or_insert(seen);
            return;
        }
        self.facts.retry = Some(seen);
        self.facts.answered.get_or_insert(seen);
    }

    /// Whether it closes the connection.
    fn initial(
        &mut self,
        cache: &mut KeyCache,
        side: Side,
        (seen, ttl): (Seen, u8),
        packet: &Packet<'_>,
    ) -> bool {
        if side == Side::Server {
            self.facts.answered.get_or_insert(seen);
        }
        let expected = self.ends[side].expected;
        let bounds = (cache, &mut self.bitten);
        let Some((opened, by)) = self.keys.open(side, packet, expected, bounds) else {
            if self.bitten.passed_over() {
                self.facts.passed_over.get_or_insert(seen);
            }
            return false;
        };
        if by == By::Fresh && !self.ends.client.done {
            // What was begun under older keys is begun anew.
            self.ends.client.stream = CryptoStream::default();
        }
        let end = &mut self.ends[side];
        end.expected = end.expected.max(opened.number.saturating_add(1));
        end.id.get_or_insert(packet.source);
        let mut closes = false;
        for frame in frames(&opened.frames) {
            match frame {
                Frame::Crypto { offset, data } if by != By::Older => {
                    self.crypto(side, seen, offset, data);
                }
                Frame::Close { code, reason } => {
                    closes = true;
                    self.facts.closed[side].get_or_insert_with(|| Close {
                        code,
                        reason: reason.get(..MAX_REASON_BYTES).unwrap_or(reason).into(),
                        seen,
                        ttl,
                    });
                }
                Frame::Crypto { .. } | Frame::Other => {}
            }
        }
        closes
    }

    fn crypto(&mut self, side: Side, seen: Seen, offset: u64, data: &[u8]) {
        let end = &mut self.ends[side];
        if end.done {
            return;
        }
        match end.stream.put(offset, data) {
            Put::Known => return,
            Put::LeftOut => {
                self.bitten.add(Bound::Crypto);
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
