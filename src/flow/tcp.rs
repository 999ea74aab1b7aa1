//! TCP facts of one connection: opening, both halves, closing.
//!
//! Input: segments with their side and capture time. Output: what the rules ask for. Nothing here decides an outcome.
//! RFC 9293; MPTCP options RFC 8684; TCP Fast Open RFC 7413.

use std::time::Duration;

use super::closing::{Closing, Reset, Sequel};
use super::half::{Arrival, Half, Segment};
use super::seq::Seq;
use crate::capture::frame::{Seen, Sightings};
use crate::decode::{Multipath, TcpFlags, TcpOption, TcpOptions, TcpView};
use crate::side::{Both, Side};

/// Assumed round trip where the opening does not show it: longer than any path but satellites.
const UNKNOWN_ROUND_TRIP: Duration = Duration::from_secs(1);

/// Shorter round trips than this cannot be told from reordering within the gateway.
const LEAST_ROUND_TRIP: Duration = Duration::from_millis(3);

/// NAT and firewall tables forget an established connection no sooner than this.
pub const LONG_SILENCE: Duration = Duration::from_secs(60);

/// What a client may say without asking for anything: HTTP/2 window updates and acknowledged settings, in one record.
const REMARK_BYTES: u32 = 64;

/// A server that paused this long is not in the middle of a burst, though it did not set PSH.
const BURST_PAUSE: Duration = Duration::from_secs(1);

/// What a client may have sent before the first segment of the server that was captured, or before its own SYN was.
const FIRST_FLIGHT: i32 = 64 << 10;

/// The TCP header without options (RFC 9293 section 3.1).
pub const TCP_HEADER_BYTES: u32 = 20;

/// Segment size without the MSS option (RFC 9293 section 3.7.1).
const DEFAULT_MSS: u16 = 536;

/// IP-level facts of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// Length of the IP header in bytes.
    pub ip_header_bytes: u32,
}

/// A SYN or SYN-ACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// When it was sent, each time.
    pub sightings: Sightings,
    /// Initial sequence number.
    pub isn: Seq,
    /// TTL or hop limit of the first.
    pub ttl: u8,
    /// IPv4 identification of the first.
    pub ip_id: Option<u16>,
    /// Maximum segment size in bytes.
    pub mss: u16,
    /// Payload bytes (TCP Fast Open).
    pub data_bytes: u32,
    /// What it says of Multipath TCP, if anything.
    multipath: Option<Box<MultipathGreeting>>,
}

/// What a greeting says of Multipath TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct MultipathGreeting {
    joins: Option<u32>,
    key: Option<MultipathKey>,
}

/// What tokens of a Multipath TCP connection are made from (RFC 8684 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultipathKey {
    /// Protocol version: 0 (RFC 6824) or 1.
    pub version: u8,
    /// The sender's key.
    pub key: u64,
}

impl Greeting {
    /// What the segment says; nothing is sighted yet.
    fn of(tcp: &TcpView<'_>, wire: Wire) -> Self {
        let mut new = Self {
            sightings: Sightings::default(),
            isn: Seq(tcp.seq),
            ttl: wire.ttl,
            ip_id: wire.ip_id,
            mss: DEFAULT_MSS,
            data_bytes: tcp.wire_len,
            multipath: None,
        };
        for option in TcpOptions::new(tcp.options) {
            match option {
                TcpOption::MaxSegmentSize(mss) => new.mss = mss,
                TcpOption::Multipath(Multipath::Join { token, .. }) => {
                    new.multipath.get_or_insert_default().joins = Some(token.unwrap_or(0));
                }
                TcpOption::Multipath(Multipath::Capable {
                    version,
                    sender_key: Some(key),
                    ..
                }) => {
                    new.multipath.get_or_insert_default().key = Some(MultipathKey { version, key });
                }
                _ => {}
            }
        }
        new
    }

    /// It joins an existing MPTCP connection (`MP_JOIN`): the connection's token.
    #[must_use]
    pub fn joins(&self) -> Option<u32> {
        self.multipath.as_ref()?.joins
    }

    /// It begins an MPTCP connection (`MP_CAPABLE`) and gives its sender's key.
    #[must_use]
    pub fn multipath_key(&self) -> Option<MultipathKey> {
        self.multipath.as_ref()?.key
    }
}

/// How the connection was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The client's SYN.
    pub syn: Option<Greeting>,
    /// The server's SYN-ACK.
    pub syn_ack: Option<Greeting>,
    /// The SYN that the first SYN-ACK answered: the last one before it.
    pub answered: Option<Seen>,
    /// The client's first acknowledgment of the SYN-ACK.
    pub established: Option<Seen>,
}

/// What a segment brought.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// What its payload was.
    pub arrival: Arrival,
    /// Sequence number of its first payload byte.
    pub payload_seq: Seq,
    /// It acknowledged bytes of the peer for the first time: up to this number.
    pub acknowledged: Option<Seq>,
    /// Size of the IP packets it travelled in, in bytes.
    pub packet_bytes: u32,
}

/// A TCP connection.
#[derive(Clone, Debug, Default)]
pub struct TcpFlow {
    /// Both directions.
    pub half: Both<Half>,
    /// The handshake.
    pub opening: Box<Opening>,
    /// RSTs, if there were any.
    pub closing: Option<Box<Closing>>,
    /// The client acknowledged the SYN-ACK: later segments need not look at the opening, which lies elsewhere.
    is_open: bool,
}

impl TcpFlow {
    /// Takes a segment from `side`. `silence` is the time since the flow's previous packet.
    pub fn segment(
        &mut self,
        side: Side,
        tcp: &TcpView<'_>,
        wire: Wire,
        seen: Seen,
        silence: Duration,
    ) -> Effect {
        let ack = tcp.flags.ack().then_some(Seq(tcp.ack));
        if tcp.flags.rst() {
            self.reset(side, tcp, wire, seen, silence);
            return Effect {
                arrival: Arrival::Empty,
                payload_seq: Seq(tcp.seq),
                acknowledged: None,
                packet_bytes: 0,
            };
        }
        if tcp.flags.syn() {
            self.greeting(side, tcp, wire, seen);
        }
        self.half[side].note_ip(wire.ttl, wire.ip_id, seen);
        let acknowledged = ack.filter(|&ack| self.acknowledgment(side, ack, seen));
        if self.half[side].advertise(tcp.window, seen) {
            self.half[side.peer()].resume(seen.at);
        }
        let payload_seq = Seq(tcp.seq).plus(u32::from(tcp.flags.syn()));
        let packet_bytes = self.packet_bytes(side, tcp, wire);
        let into_closed_window = self.half[side.peer()].window_closed;
        let arrival = self.half[side].send(&Segment {
            seen,
            seq: payload_seq,
            payload_bytes: tcp.wire_len,
            packet_bytes,
            fin: tcp.flags.fin(),
            push: tcp.flags.0 & TcpFlags::PSH != 0,
            into_closed_window,
        });
        if arrival == Arrival::New {
            self.half[side].answered = self.half[side.peer()].new_bytes;
            if silence >= LONG_SILENCE {
                self.half[side].trouble().awoke = Some((seen.at, silence));
            }
        }
        self.notice_missing(side, tcp);
        if self.closing.is_some() {
            let sequel = Sequel {
                side,
                seen,
                payload: (tcp.wire_len > 0).then(|| payload_seq.plus(tcp.wire_len)),
                ack,
                established: self.opening.established.is_some(),
                round_trip: self.round_trip(),
            };
            if let Some(closing) = self.closing.as_mut() {
                closing.after(&sequel);
            }
        }
        Effect {
            arrival,
            payload_seq,
            acknowledged,
            packet_bytes,
        }
    }

    /// Size of each IP packet that carried the segment: a super-frame was cut to MSS-sized packets by the interface.
    fn packet_bytes(&self, side: Side, tcp: &TcpView<'_>, wire: Wire) -> u32 {
        let options = u32::try_from(tcp.options.len()).unwrap_or(u32::MAX);
        let body = options
            .saturating_add(tcp.wire_len)
            .min(self.segment_limit(side));
        wire.ip_header_bytes + TCP_HEADER_BYTES + body
    }

    /// What one packet from `side` may carry after the fixed TCP header: the peer's MSS (RFC 6691).
    #[must_use]
    pub fn segment_limit(&self, side: Side) -> u32 {
        u32::from(self.half[side.peer()].mss)
    }

    /// Whether a SYN with this number is this connection's own: the one that was captured, or, if none was, one that
    /// its SYN-ACK overtook. The client may have sent by then, in an earlier SYN too, which held data (RFC 7413).
    #[must_use]
    pub fn is_opened_by(&self, isn: Seq) -> bool {
        match (&self.opening.syn, &self.opening.syn_ack) {
            (Some(syn), _) => syn.isn == isn,
            (None, Some(_)) => {
                (0..=FIRST_FLIGHT).contains(&self.half.client.next.beyond(isn.plus(1)))
            }
            (None, None) => false,
        }
    }

    /// A SYN or SYN-ACK; a repeated one only adds to its sightings (with or without MPTCP option or data).
    fn greeting(&mut self, side: Side, tcp: &TcpView<'_>, wire: Wire, seen: Seen) {
        let opening = &mut *self.opening;
        if side == Side::Server && opening.syn_ack.is_none() {
            opening.answered = opening.syn.as_ref().map(|syn| syn.sightings.last());
        }
        let slot = match side {
            Side::Client => &mut opening.syn,
            Side::Server => &mut opening.syn_ack,
        };
        let greeting = slot.get_or_insert_with(|| Greeting::of(tcp, wire));
        if greeting.isn == Seq(tcp.seq) {
            if greeting.sightings.count == 0 {
                self.half[side].greet(Seq(tcp.seq).plus(1));
                self.half[side].mss = greeting.mss;
            }
            greeting.sightings.add(seen);
        }
    }

    /// The acknowledgment that `side` sends for the peer's bytes; says whether it made progress.
    fn acknowledgment(&mut self, side: Side, ack: Seq, seen: Seen) -> bool {
        if !self.is_open && !self.opens(side, ack, seen) {
            return false;
        }
        let peer = &mut self.half[side.peer()];
        let uncaptured = peer.uncaptured;
        let progress = peer.acknowledge(ack, seen.at);
        if peer.uncaptured > uncaptured {
            // What was not captured may have been the answer.
            let own = self.half[side].new_bytes;
            self.half[side.peer()].answered = own;
        }
        progress
    }

    /// An acknowledgment before the connection is known to be open; says whether it counts.
    fn opens(&mut self, side: Side, ack: Seq, seen: Seen) -> bool {
        let opening = &mut *self.opening;
        let answer = opening.syn_ack.as_ref();
        if side == Side::Client && answer.is_some_and(|syn_ack| ack.is_after(syn_ack.isn)) {
            opening.established = Some(seen);
            self.is_open = true;
        }
        // Before the SYN-ACK, a number far beyond what was sent is of an older connection.
        let answered = answer.is_some() || opening.syn.is_none();
        let next = self.half[side.peer()].next;
        side == Side::Client || answered || ack.beyond(next) <= FIRST_FLIGHT
    }

    /// Looks for acknowledgment of the same number again, and for selective acknowledgment of the peer's later bytes,
    /// while its oldest ones wait.
    fn notice_missing(&mut self, side: Side, tcp: &TcpView<'_>) {
        let peer = &mut self.half[side.peer()];
        let unacked = peer.unacked;
        let bare = tcp.wire_len == 0 && !tcp.flags.fin();
        if bare && tcp.flags.ack() && Seq(tcp.ack) == unacked {
            peer.acknowledged_again();
        }
        if let Some(trouble) = peer.trouble.as_mut()
            && let Some(episode) = trouble.episode.as_mut()
            && !episode.sacked
        {
            episode.sacked = TcpOptions::new(tcp.options).any(|option| match option {
                TcpOption::Sack(blocks) => {
                    blocks.iter().any(|(left, _)| Seq(left).is_after(unacked))
                }
                _ => false,
            });
        }
    }

    fn reset(&mut self, side: Side, tcp: &TcpView<'_>, wire: Wire, seen: Seen, silence: Duration) {
        let ack = tcp.flags.ack().then_some(Seq(tcp.ack));
        let answers_syn = side == Side::Server
            && self.opening.syn_ack.is_none()
            && self.opening.syn.as_ref().is_some_and(|syn| {
                ack.is_some_and(|ack| {
                    let over = ack.beyond(syn.isn.plus(1));
                    over >= 0 && over.cast_unsigned() <= syn.data_bytes
                })
            });
        let (client, server) = (&self.half.client, &self.half.server);
        let unanswered = client.new_bytes.saturating_sub(server.answered);
        let unacknowledged = client.next.beyond(client.unacked).unsigned_abs();
        // A server of which not all was captured may have acknowledged it, or said the farewell that a short word answers.
        let excused = server.uncaptured > 0 && (unanswered == 0 || unacknowledged <= REMARK_BYTES);
        let client_waits = client.first_payload.is_some()
            && (client.outstanding() && !excused || unanswered > u64::from(REMARK_BYTES));
        let flows = server.outstanding() || seen.at.since(server.last_payload.at) < BURST_PAUSE;
        // A NAT that forgot the connection resets the first segment after the silence, not the silence itself.
        let broken = client.trouble.as_ref().and_then(|trouble| trouble.awoke);
        let broken = broken
            .filter(|(at, _)| *at > server.last_payload.at)
            .map_or(Duration::ZERO, |(_, silence)| silence);
        let joined_midstream = self.opening.syn.is_none() && self.opening.syn_ack.is_none();
        let reset = Reset {
            seen,
            from: side,
            seq: Seq(tcp.seq),
            ack,
            ttl: wire.ttl,
            ip_id: wire.ip_id,
            expected: self.half[side].next,
            acknowledged: self.half[side].unacked,
            answers_syn,
            established: self.opening.established.is_some() || joined_midstream,
            client_waits,
            server_mid_burst: server.first_payload.is_some() && !server.pushed && flows,
            fins: Both {
                client: client.fin.is_some(),
                server: server.fin.is_some(),
            },
            silence: silence.max(broken),
            refused: None,
            went_on: None,
        };
        self.closing.get_or_insert_default().add(reset);
    }

    /// The round trip between client and server: from the last SYN to the client's acknowledgment of the SYN-ACK, an
    /// assumed one where the opening was not captured, and never less than reordering may take.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        match (&self.opening.syn, self.opening.established) {
            (Some(syn), Some(established)) => established
                .at
                .since(syn.sightings.last().at)
                .max(LEAST_ROUND_TRIP),
            (_, _) => UNKNOWN_ROUND_TRIP,
        }
    }

    /// SYN (the one that was answered) to SYN-ACK.
    #[must_use]
    pub fn connect_time(&self) -> Option<Duration> {
        let (asked, syn_ack) = (self.opening.answered?, self.opening.syn_ack.as_ref()?);
        Some(syn_ack.sightings.first().at.since(asked.at))
    }

    /// The first end to send a FIN, with when.
    #[must_use]
    pub fn first_fin(&self) -> Option<(Side, Seen)> {
        match (self.half.client.fin, self.half.server.fin) {
            (Some(client), Some(server)) if server < client => Some((Side::Server, server)),
            (Some(client), _) => Some((Side::Client, client)),
            (None, Some(server)) => Some((Side::Server, server)),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests;
