//! TCP: which flow a segment belongs to, and what it carries on to the payload's reader.

use super::group::Ends;
use super::{DNS_PORT, Monitor};
use crate::capture::frame::Seen;
use crate::decode::{PacketView, TcpView};
use crate::flow::half::Arrival;
use crate::flow::stream::Stream;
use crate::flow::table::FlowId;
use crate::flow::tcp::{Effect, TCP_HEADER_BYTES, Wire};
use crate::flow::{Flow, FlowKey, Seq, TcpFlow};
use crate::hostname::Hostname;
use crate::protocol::wanted::Wanted;
use crate::side::{Both, Side};
use crate::verdict::conversation::{Conversation, Reading, Talk};
use crate::verdict::subject::spoken_name;

/// An established connection that was silent this long is forgotten by every NAT (RFC 5382 REQ-5: 2 h 4 min).
const TCP_IDLE: std::time::Duration = std::time::Duration::from_secs(2 * 3600 + 4 * 60);

/// IP header lengths in bytes, without options or extension headers.
const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;

impl Monitor<'_> {
    pub(super) fn segment(
        &mut self,
        packet: &PacketView<'_>,
        tcp: &TcpView<'_>,
        ends: &Ends,
        seen: Seen,
    ) {
        let (key, from_low) = (ends.sought.key, ends.sought.from_low);
        let place = key.place();
        let id = match ends.flow {
            Some(id) if !self.starts_anew(id, from_low, tcp, seen) => id,
            Some(_) | None => {
                self.meet(packet, place, seen);
                let conversation = self.opening(key, from_low, tcp, seen);
                self.begin(conversation)
            }
        };
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let flow = &mut conversation.flow;
        let side = flow.side(from_low);
        if flow.frames[side] == 0 {
            self.hosts.packet(
                (packet.src, packet.src_mac),
                packet.dst,
                self.places.info(place),
                seen,
            );
        }
        let silence = seen.at.since(flow.last.at);
        flow.count(side, seen, tcp.wire_len);
        flow.belongs_to(packet.process);
        let wire = Wire {
            ttl: packet.ttl,
            ip_id: packet.ip_id,
            ip_header_bytes: if key.is_v6() {
                IPV6_HEADER_BYTES
            } else {
                IPV4_HEADER_BYTES
            },
        };
        let Some(state) = flow.tcp.as_mut() else {
            return;
        };
        let effect = state.segment(side, tcp, wire, seen, silence);
        if conversation.streams.is_some() {
            self.read(id, side, tcp, effect, seen);
        }
    }

    /// Whether this segment opens a new connection on a known pair of ends.
    fn starts_anew(&mut self, id: FlowId, from_low: bool, tcp: &TcpView<'_>, seen: Seen) -> bool {
        let Some(old) = self.flows.get_mut(id) else {
            return true;
        };
        if tcp.flags.syn() && !tcp.flags.ack() {
            let state = old.flow.tcp.as_ref();
            let own = old.flow.side(from_low) == Side::Client
                && state.is_some_and(|state| state.is_opened_by(Seq(tcp.seq)));
            return !own;
        }
        seen.at.since(old.flow.last.at) > TCP_IDLE
    }

    fn opening(&self, key: FlowKey, from_low: bool, tcp: &TcpView<'_>, seen: Seen) -> Conversation {
        let client_is_src = match (tcp.flags.syn(), tcp.flags.ack()) {
            (true, false) => true,
            (true, true) => false,
            (false, _) => self.is_client(tcp.src_port, tcp.dst_port, tcp_servers),
        };
        let mut flow = Flow::new(key, from_low == client_is_src, seen);
        flow.midstream = !tcp.flags.syn();
        flow.tcp = Some(TcpFlow::default());
        let mut conversation = Conversation::new(flow);
        if !tcp.flags.rst() {
            conversation.streams = Some(Box::default());
        }
        conversation
    }

    /// Carries a segment's payload, in order, to whatever reads it.
    fn read(&mut self, id: FlowId, side: Side, tcp: &TcpView<'_>, effect: Effect, seen: Seen) {
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let before = conversation.buffered();
        let (mut left_out, mut messages) = (false, Vec::new());
        let port = conversation.flow.endpoint(Side::Server).1;
        if let Some(mut streams) = conversation.streams.take() {
            let client = conversation.flow.tcp.as_ref().map(|tcp| &tcp.half.client);
            let mut reader = super::payload::Reader {
                talk: &mut conversation.talk,
                port,
                outstanding: super::payload::outstanding(&streams.client, client),
                messages: &mut messages,
                reading: &mut conversation.reading,
            };
            note_sizes(
                &mut streams,
                conversation.flow.tcp.as_ref(),
                side,
                tcp,
                effect,
            );
            if tcp.flags.syn() {
                streams[side].greet(effect.payload_seq);
            }
            // Where the SYN-ACK was not captured, the first acknowledgment tells where the server's bytes begin.
            let peer = conversation
                .flow
                .tcp
                .as_ref()
                .map(|tcp| &tcp.half[side.peer()]);
            let tells = tcp.flags.ack() && !tcp.flags.rst();
            if let Some(peer) = peer.filter(|peer| tells && peer.is_started()) {
                streams[side.peer()].start(peer.unacked);
            }
            if tcp.wire_len > 0 && effect.arrival != Arrival::KeepAlive {
                left_out = streams[side].push(
                    effect.payload_seq,
                    tcp.payload,
                    tcp.wire_len,
                    seen,
                    &mut |chunk| reader.take(side, chunk),
                );
            }
            reader.outstanding = super::payload::outstanding(&streams.client, client);
            if let Some(ack) = effect.acknowledged {
                let peer = side.peer();
                streams[peer].acknowledged(
                    ack_of_data(conversation.flow.tcp.as_ref(), peer, ack),
                    &mut |chunk| {
                        reader.take(peer, chunk);
                    },
                );
            }
            if super::payload::is_settled(&conversation.talk) {
                conversation.talk.settle();
            } else {
                conversation.streams = Some(streams);
            }
        }
        if !self.weigh(id, before) {
            return;
        }
        if left_out {
            self.limit("stream-bytes");
        }
        self.dns_over_tcp(id, messages);
    }

    /// After a flow's payload was read: whether it names a required host, and whether the bytes that wait still have
    /// room; `before` waited until now. Without room the flow is not read any more, rather than grow.
    pub(super) fn weigh(&mut self, id: FlowId, before: usize) -> bool {
        let Some(conversation) = self.flows.get_mut(id) else {
            return false;
        };
        // The catalogue is asked once a name, not once a segment.
        if !conversation.precious
            && let Some((_, source)) = spoken_name(conversation)
            && conversation.weighed != Some(source)
        {
            if let Some(name) = conversation.talk.sni_mut() {
                self.known_names.share(name);
            }
            let catalogue = &*self.catalogue;
            let wants = |name: &Hostname| super::datagrams::wanted(catalogue, name);
            conversation.precious = spoken_name(conversation)
                .is_some_and(|(host, _)| self.known_names.wanted(host, wants) != Wanted::No);
            conversation.weighed = Some(source);
            if conversation.precious {
                let (client, _) = super::ends(conversation);
                self.hosts.want(client);
            }
        }
        // A quarter is reserved for attempts at required hosts.
        let limit = self.limits.reassembly_bytes;
        let limit = if conversation.precious {
            limit
        } else {
            limit / 4 * 3
        };
        let room = limit.saturating_sub(self.reassembly_bytes);
        let after = conversation.buffered();
        if after > before && after - before > room {
            conversation.talk = Talk::Opaque;
            conversation.streams = None;
            conversation.reading = Reading::GivenUp;
            self.reassembly_bytes = self.reassembly_bytes.saturating_sub(before);
            self.limit("reassembly-bytes");
            return false;
        }
        self.reassembly_bytes = (self.reassembly_bytes + after).saturating_sub(before);
        true
    }

    fn dns_over_tcp(&mut self, id: FlowId, messages: Vec<(Seen, crate::protocol::dns::Message)>) {
        for (seen, mut message) in messages {
            let Some(conversation) = self.flows.get_mut(id) else {
                return;
            };
            let client = conversation.flow.endpoint(Side::Client);
            let resolver = conversation.flow.endpoint(Side::Server).0;
            let who = crate::protocol::lookups::Parties {
                client,
                resolver,
                over_tcp: true,
                place: conversation.flow.key.place(),
            };
            self.dns_message(who, &mut message, seen);
        }
    }
}

/// A FIN counts one number that no byte of payload has.
fn ack_of_data(tcp: Option<&TcpFlow>, peer: Side, ack: Seq) -> Seq {
    let Some(tcp) = tcp else { return ack };
    let half = &tcp.half[peer];
    if half.fin.is_some() && ack == half.next {
        Seq(ack.0.wrapping_sub(1))
    } else {
        ack
    }
}

/// Remembers the sizes of packets with new data, and which of them arrived: for the path-MTU rule.
fn note_sizes(
    streams: &mut Both<Stream>,
    state: Option<&TcpFlow>,
    side: Side,
    tcp: &TcpView<'_>,
    effect: Effect,
) {
    if effect.arrival == Arrival::New && tcp.wire_len > 0 {
        let headers = effect.packet_bytes.saturating_sub(
            tcp.wire_len
                .min(effect.packet_bytes.saturating_sub(TCP_HEADER_BYTES)),
        );
        let whole = state.map_or(tcp.wire_len, |state| {
            let options = u32::try_from(tcp.options.len()).unwrap_or(0);
            state.segment_limit(side).saturating_sub(options).max(1)
        });
        let mut sent = 0;
        // A super-frame of 64 KiB is some 45 segments; more sizes than the stream keeps are not needed.
        while sent < tcp.wire_len {
            let piece = whole.min(tcp.wire_len - sent);
            sent += piece;
            streams[side].note_size(effect.payload_seq.plus(sent), headers + piece);
        }
    }
    for option in crate::decode::TcpOptions::new(tcp.options) {
        if let crate::decode::TcpOption::Sack(blocks) = option {
            for (left, right) in blocks.iter() {
                streams[side.peer()].selectively_acknowledged(Seq(left), Seq(right));
            }
        }
    }
}

/// Well-known TCP services (IANA): system ports.
const fn tcp_servers(port: u16) -> bool {
    port < 1024 || port == DNS_PORT
}

/// Whether an ICMP error about a segment with this sequence number can be about this flow: the number must be one that
/// this end has sent (RFC 5927 section 4).
pub(super) fn quotes(flow: &Flow, side: Side, seq: Option<u32>) -> bool {
    let (Some(tcp), Some(seq)) = (&flow.tcp, seq) else {
        return true;
    };
    let half = &tcp.half[side];
    if !half.is_started() {
        return true;
    }
    // The SYN's own number lies one before the first byte.
    let seq = Seq(seq);
    !seq.is_after(half.next) && half.next.beyond(seq) <= half_window(tcp, side)
}

/// How far back a quoted segment may lie: everything sent so far, or a generous window.
fn half_window(tcp: &TcpFlow, side: Side) -> i32 {
    let sent = i32::try_from(tcp.half[side].new_bytes).unwrap_or(i32::MAX);
    sent.saturating_add(2).min(1 << 30)
}
