//! What is no TCP: DNS over UDP, ICMP errors, and the flows of all other datagrams.
//!
//! DNS messages go to the books of lookups and names and are no flows; an ICMP error goes to the flow or question that
//! it quotes. RFC 768, RFC 1035 section 4.2.1, RFC 792, RFC 4443.

use super::{DNS_PORT, Monitor, segments};
use crate::capture::frame::Seen;
use crate::decode::{IcmpView, PacketView, UdpView};
use crate::flow::table::FlowId;
use crate::flow::{Flow, FlowKey, IcmpError, Place};
use crate::hostname::Hostname;
use crate::protocol::dns;
use crate::protocol::lookups::{Parties, Unreachable};
use crate::protocol::names::Binding;
use crate::verdict::conversation::Conversation;

/// IP protocol number (RFC 768).
const UDP: u8 = 17;

/// RFC 6762 section 2.
const MDNS_PORT: u16 = 5353;

/// A UDP conversation that was silent this long is over (RFC 4787 REQ-5: at least two minutes).
const UDP_IDLE: std::time::Duration = std::time::Duration::from_secs(120);

impl Monitor<'_> {
    pub(super) fn datagram(
        &mut self,
        packet: &PacketView<'_>,
        udp: &UdpView<'_>,
        place: Place,
        seen: Seen,
    ) {
        let ports = (udp.src_port, udp.dst_port);
        if ports.0 == MDNS_PORT || ports.1 == MDNS_PORT {
            return;
        }
        if (ports.0 == DNS_PORT || ports.1 == DNS_PORT)
            && let Ok(message) = dns::parse(udp.payload)
        {
            self.meet(packet, place);
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
                },
                &message,
                seen,
            );
            return;
        }
        let (key, from_low) = FlowKey::new(
            UDP,
            (packet.src, udp.src_port),
            (packet.dst, udp.dst_port),
            place,
        );
        let known = self.flows.find(&key);
        let id = match known {
            Some(id) if !self.is_over(id, seen) => id,
            Some(_) | None => {
                self.meet(packet, place);
                let client_is_src = self.is_client(udp.src_port, udp.dst_port, udp_servers);
                let flow = Flow::new(key, from_low == client_is_src, seen);
                self.begin(key, Conversation::new(flow))
            }
        };
        let Some(conversation) = self.flows.get_mut(id) else {
            return;
        };
        let side = conversation.flow.side(from_low);
        if conversation.flow.frames[side] == 0 {
            self.hosts.packet(
                packet.src,
                packet.src_mac,
                packet.dst,
                self.places.info(place),
            );
        }
        conversation.flow.count(side, seen, udp.wire_len);
    }

    fn is_over(&mut self, id: FlowId, seen: Seen) -> bool {
        self.flows
            .get_mut(id)
            .is_none_or(|old| seen.at.since(old.flow.last.at) > UDP_IDLE)
    }

    pub(super) fn dns_message(&mut self, who: Parties, message: &dns::Message, seen: Seen) {
        let catalogue = self.catalogue;
        let wanted = |name: &Hostname| catalogue.covers(name.as_bytes());
        if message
            .question
            .as_ref()
            .is_some_and(|question| wanted(&question.name))
        {
            self.hosts.want(who.client.0);
        }
        if !message.response {
            self.lookups.asked(who, message, seen, wanted);
            return;
        }
        let Some(answer) = self.lookups.answered(who, message, seen, wanted) else {
            return;
        };
        let Some(question) = &message.question else {
            return;
        };
        let required = wanted(&question.name);
        for address in answer.addresses.iter().chain(&answer.hints) {
            let binding = Binding {
                client: who.client.0,
                address: *address,
                name: question.name.clone(),
                cname: answer.cname.clone(),
                at: seen.at,
                ttl: answer.ttl,
                seen,
            };
            if required {
                self.names.insert_wanted(binding);
            } else {
                self.names.insert(binding);
            }
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
        let (key, from_low) = FlowKey::new(quoted.protocol, client, server, place);
        let Some(id) = self.flows.find(&key) else {
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

/// Well-known UDP services (IANA): system ports.
const fn udp_servers(port: u16) -> bool {
    port < 1024
}
