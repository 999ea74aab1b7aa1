//! What is no TCP: DNS over UDP, ICMP errors, and the flows of all other datagrams with what reads them.
//!
//! DNS and mDNS messages go to the books of lookups, names and services and are no flows; an ICMP error goes to the flow
//! or question that it quotes. NTP and NAT-PMP/PCP tell by their content which end is the client, whatever its port: NTP
//! clients often use 123 themselves. RFC 768, RFC 1035 section 4.2.1, RFC 792, RFC 4443.

use std::net::IpAddr;

use super::group::Ends;
use super::{DNS_PORT, Monitor, UDP, segments};
use crate::capture::frame::Seen;
use crate::catalogue::Catalogue;
use crate::decode::{IcmpView, PacketView, UdpView};
use crate::flow::hosts::is_group;
use crate::flow::table::FlowId;
use crate::flow::{Flow, IcmpError, Place};
use crate::hostname::Hostname;
use crate::protocol::lookups::{Parties, Unreachable};
use crate::protocol::names::Binding;
use crate::protocol::quic::{self, ConnectionId, QuicSession};
use crate::protocol::wanted::Wanted;
use crate::protocol::{Protocol, dns, nat_pmp, ntp, probe_datagram};
use crate::side::{Both, Side};
use crate::verdict::conversation::{Conversation, Reading, Talk};

/// A UDP conversation that was silent this long is over (RFC 4787 REQ-5: at least two minutes).
const UDP_IDLE: std::time::Duration = std::time::Duration::from_secs(120);

impl Monitor<'_> {
    pub(super) fn datagram(
        &mut self,
        packet: &PacketView<'_>,
        udp: &UdpView<'_>,
        (place, ends): (Place, Option<&Ends>),
        seen: Seen,
    ) {
        if self.is_bonjour(packet, udp, place, seen) {
            return;
        }
        let ports = (udp.src_port, udp.dst_port);
        if (ports.0 == DNS_PORT || ports.1 == DNS_PORT)
            && let Ok(mut message) = dns::parse(udp.payload)
        {
            self.meet(packet, place, seen);
            let (client, resolver) = if message.response {
                ((packet.dst, udp.dst_port), packet.src)
            } else {
                ((packet.src, udp.src_port), packet.dst)
            };
            self.dns_message(
                Parties {
                    client,
                    resolver,
                    over_tcp: false,
                    place,
                },
                &mut message,
                seen,
            );
            return;
        }
        let (src, dst) = ((packet.src, udp.src_port), (packet.dst, udp.dst_port));
        let ends = ends.copied();
        let ends = ends.unwrap_or_else(|| self.ends((UDP, src, dst), place));
        let (key, from_low) = (ends.sought.key, ends.sought.from_low);
        let said = Said::of(udp, packet.dst);
        let known = ends.flow;
        let id = match known {
            Some(id) if !self.is_over(id, from_low, udp, seen) => id,
            Some(_) | None => {
                self.meet(packet, place, seen);
                let opens = quic::is_initial(udp.payload) && !udp_servers(udp.src_port);
                let client_is_src = said.sender_is_client().unwrap_or_else(|| {
                    opens || self.is_client(udp.src_port, udp.dst_port, udp_servers)
                });
                let flow = Flow::new(key, from_low == client_is_src, seen);
                self.begin(Conversation::new(flow))
            }
        };
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let side = conversation.flow.side(from_low);
        if conversation.flow.frames[side] == 0 {
            self.hosts.packet(
                (packet.src, packet.src_mac),
                packet.dst,
                self.places.info(place),
                seen,
            );
        }
        conversation.flow.count(side, seen, udp.wire_len);
        conversation.flow.belongs_to(packet.process);
        if matches!(said, Said::Nothing) {
            let cut = udp.payload.len() < udp.wire_len as usize && side == Side::Server;
            if cut && matches!(conversation.talk, Talk::Ntp(_) | Talk::NatPmp(_)) {
                conversation.reading = Reading::Cut;
            } else if conversation.reading == Reading::Goes {
                self.hear(id, (side, packet.ttl), udp.payload, seen);
            }
        } else {
            said.tell(&mut conversation.talk, side, seen, packet.ttl);
        }
    }

    /// Whether this datagram begins another conversation on a known pair of ends.
    fn is_over(&mut self, id: FlowId, from_low: bool, udp: &UdpView<'_>, seen: Seen) -> bool {
        self.flows.get_mut(id).is_none_or(|old| {
            seen.at.since(old.flow.last.at) > UDP_IDLE
                || (old.flow.side(from_low) == Side::Client
                    && matches!(&old.talk, Talk::Quic(session)
                        if quic::is_initial(udp.payload) && session.is_followed_by(udp.payload)))
        })
    }

    /// Hands a datagram to the conversation's parser; the first one decides which that is.
    fn hear(&mut self, id: FlowId, (side, ttl): (Side, u8), payload: &[u8], seen: Seen) {
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let before = conversation.buffered();
        if matches!(conversation.talk, Talk::Undecided(_) | Talk::Midway(_)) {
            decide(&mut conversation.talk, side, payload);
        }
        let Talk::Quic(session) = &mut conversation.talk else {
            // What the server sends tells less: the client's next datagram is waited for.
            let waits = matches!(&conversation.talk, Talk::Midway(to) if to.client.is_none());
            if !waits {
                conversation.reading = Reading::Done;
            }
            return;
        };
        let allowed = self.openings.left(self.now, conversation.precious);
        let mut left = allowed;
        session.feed_within((&mut self.quic_keys, &mut left), side, (seen, ttl), payload);
        self.openings.used(allowed - left);
        let bitten = session.take_bitten();
        if session.settled() {
            conversation.reading = Reading::Done;
        }
        conversation.flow.midstream = session.facts().is_joined_midway();
        for bound in bitten {
            self.limit(bound.as_str());
        }
        self.weigh(id, before);
    }

    /// Takes a DNS message, whose names from then on are those that are known already.
    pub(super) fn dns_message(&mut self, who: Parties, message: &mut dns::Message, seen: Seen) {
        message.share_names(&mut self.known_names);
        let message = &*message;
        let catalogue = &*self.catalogue;
        let wants = |name: &Hostname| wanted(catalogue, name);
        let question = message.question.as_ref();
        let wanted = question.map_or(Wanted::No, |question| {
            self.known_names.wanted(&question.name, wants)
        });
        if wanted != Wanted::No {
            self.hosts.want(who.client.0);
        }
        if !message.response {
            self.lookups.asked(who, message, seen, wants);
            return;
        }
        let Some(answer) = self.lookups.answered(who, message, seen, wants) else {
            return;
        };
        let Some(question) = question else { return };
        for address in answer.addresses.iter().chain(&answer.hints) {
            let binding = Binding {
                client: who.client.0,
                address: *address,
                name: question.name.clone(),
                cname: answer.cname.clone(),
                ttl: answer.ttl,
                seen,
            };
            self.names.insert(binding, wanted);
        }
    }

    pub(super) fn icmp(
        &mut self,
        packet: &PacketView<'_>,
        icmp: &IcmpView,
        place: Place,
        seen: Seen,
    ) {
        // An echo reply or a neighbour advertisement shows, too, that what is sent to this address is captured.
        self.hosts.hears(packet.dst, self.places.info(place));
        let Some(quoted) = icmp.quoted else { return };
        let error = IcmpError {
            seen,
            from: packet.src,
            ttl: packet.ttl,
            v6: icmp.v6,
            kind: icmp.kind,
            code: icmp.code,
            mtu: icmp.mtu,
        };
        if !error.is_unreachable() && !error.is_too_big() {
            return;
        }
        let (client, server) = ((quoted.src, quoted.src_port), (quoted.dst, quoted.dst_port));
        if quoted.protocol == UDP && server.1 == DNS_PORT && error.is_unreachable() {
            let refused = Unreachable {
                seen,
                from: error.from,
                ttl: error.ttl,
            };
            if self.lookups.refused(client, server.0, refused) {
                return;
            }
        }
        let ends = self.ends((quoted.protocol, client, server), place);
        let from_low = ends.sought.from_low;
        let Some(id) = ends.flow else {
            return;
        };
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let side = conversation.flow.side(from_low);
        if segments::quotes(&conversation.flow, side, quoted.seq) {
            conversation.flow.icmp_error(error);
        }
    }
}

/// How much a name matters.
pub(super) fn wanted(catalogue: &Catalogue, name: &Hostname) -> Wanted {
    let owner = catalogue.owner_of_name(name.as_bytes());
    match owner.and_then(|id| catalogue.requirement(id)) {
        None => Wanted::No,
        Some(entry) if entry.pattern.contains('*') => Wanted::Below,
        Some(_) => Wanted::Itself,
    }
}

/// Well-known UDP services (IANA): system ports.
const fn udp_servers(port: u16) -> bool {
    port < 1024
}

/// What a datagram says, if it is of a protocol that is read.
#[derive(Clone, Copy)]
enum Said {
    Ntp(ntp::Packet),
    NatPmp(nat_pmp::Message),
    /// An announcement: a response that is sent to a group.
    Announced(nat_pmp::Message),
    Nothing,
}

impl Said {
    fn of(udp: &UdpView<'_>, to: IpAddr) -> Self {
        let uses = |port| udp.src_port == port || udp.dst_port == port;
        if uses(ntp::NTP_PORT) {
            return ntp::parse(udp.payload).map_or(Self::Nothing, Self::Ntp);
        }
        if !uses(nat_pmp::SERVER_PORT) {
            return Self::Nothing;
        }
        match nat_pmp::parse(udp.payload) {
            Ok(message) if is_group(to) => Self::Announced(message),
            Ok(message) => Self::NatPmp(message),
            Err(_) => Self::Nothing,
        }
    }

    /// Whether the sender is the client, where the content tells.
    const fn sender_is_client(self) -> Option<bool> {
        match self {
            Self::Ntp(packet) => packet.mode.sender_is_client(),
            Self::NatPmp(message) => Some(matches!(message, nat_pmp::Message::Request(_))),
            // Nobody asked: a group is no client.
            Self::Announced(_) => Some(true),
            Self::Nothing => None,
        }
    }

    fn tell(self, talk: &mut Talk, side: Side, seen: Seen, ttl: u8) {
        match (self, &mut *talk) {
            (Self::Ntp(packet), Talk::Ntp(session)) => session.feed(side, seen, packet, ttl),
            (Self::NatPmp(message) | Self::Announced(message), Talk::NatPmp(session)) => {
                session.feed(side, seen, message);
            }
            (Self::Ntp(packet), Talk::Undecided(_)) => {
                let mut session = Box::<ntp::NtpSession>::default();
                session.feed(side, seen, packet, ttl);
                *talk = Talk::Ntp(session);
            }
            (Self::NatPmp(message) | Self::Announced(message), Talk::Undecided(_)) => {
                let mut session = Box::<nat_pmp::NatPmpSession>::default();
                session.feed(side, seen, message);
                *talk = Talk::NatPmp(session);
            }
            (_, _) => {}
        }
    }
}

/// Tells what a conversation is by the first datagram of a side.
fn decide(talk: &mut Talk, side: Side, payload: &[u8]) {
    if probe_datagram(payload) == Protocol::Quic {
        *talk = Talk::Quic(Box::new(QuicSession::new()));
        return;
    }
    let to = quic::short_header_id(payload);
    match talk {
        Talk::Midway(known) => {
            known[side].get_or_insert(to.unwrap_or_default());
        }
        _ if to.is_none() => *talk = Talk::Opaque,
        _ => {
            let mut both = Box::<Both<Option<ConnectionId>>>::default();
            both[side] = to;
            *talk = Talk::Midway(both);
        }
    }
}
