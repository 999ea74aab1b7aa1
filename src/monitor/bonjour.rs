//! mDNS datagrams, into the book of services.

use super::Monitor;
use crate::capture::frame::Seen;
use crate::decode::{PacketView, UdpView};
use crate::flow::Place;
use crate::protocol::mdns;
use crate::protocol::services::{MDNS_PORT, Route};

impl Monitor<'_> {
    /// Takes a datagram if its ports say that it is mDNS; whether they do. What cannot be read teaches nothing.
    pub(super) fn is_bonjour(
        &mut self,
        packet: &PacketView<'_>,
        udp: &UdpView<'_>,
        place: Place,
        seen: Seen,
    ) -> bool {
        if udp.src_port != MDNS_PORT && udp.dst_port != MDNS_PORT {
            return false;
        }
        if let Ok(message) = mdns::parse(udp.payload) {
            self.meet(packet, place, seen);
            let route = Route {
                from: packet.src,
                from_port: udp.src_port,
                to: packet.dst,
            };
            self.services.message(&message, route, seen);
        }
        true
    }
}
