//! Frames taken several at a time, so that what they wait for in memory is waited for together.
//!
//! The first look at a packet's headers, at a slot of the flow table and at a flow each miss the caches; one frame after
//! the other, every miss stops everything. So all headers of a group are read first, then all flows are found, then their
//! state is touched: loads that do not depend on each other overlap. Only then the packets are taken, in their order.

use super::{DNS_PORT, Monitor};
use crate::capture::frame::Frame;
use crate::decode::{self, PacketView, TransportView, glance, glance_ends};
use crate::flow::key::PlaceInfo;
use crate::flow::table::{FlowId, Found};
use crate::flow::{FlowKey, Place};
use crate::protocol::services::MDNS_PORT;

/// Frames taken together: enough loads to keep memory busy, few enough that their headers stay in the first-level cache.
pub const GROUP: usize = 16;

/// Bytes of a cache line on all but a few processors.
const CACHE_LINE: usize = 64;

/// A packet's conversation.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) key: FlowKey,
    /// Its source is the key's low end.
    pub(super) from_low: bool,
    /// The flow, as it was looked up together with the others.
    found: Found,
}

impl Ends {
    /// A keyed hash of the conversation and the packet's direction in it.
    pub(super) const fn hash(&self) -> u64 {
        self.found.hash().rotate_left(self.from_low as u32)
    }
}

impl Monitor<'_> {
    /// Takes frames, in their order.
    pub fn packets<'f>(&mut self, mut frames: impl Iterator<Item = Frame<'f>>) {
        loop {
            let group: [Option<Frame<'f>>; GROUP] = std::array::from_fn(|_| frames.next());
            if group.first().is_none_or(Option::is_none) {
                return;
            }
            self.together(&group);
        }
    }

    /// Takes frames together.
    fn together(&mut self, frames: &[Option<Frame<'_>>; GROUP]) {
        // These sums are of no use; without them the loads would be left out.
        let headers = frames.iter().flatten().map(first_lines);
        std::hint::black_box(headers.fold(0, u8::wrapping_add));
        // Most of a capture comes from one place; flows of frames from another are looked up again.
        let place = self.places.latest();
        let keys = frames
            .each_ref()
            .map(|frame| self.key_of(frame.as_ref()?, place));
        // Each of these loops is short and none of its loads waits for another: the processor has many under way at once.
        let flows = keys.map(|key| self.flows.likely(key?.1));
        let touched = flows
            .iter()
            .filter_map(|id| Some(self.flows.get((*id)?)?.touch()));
        std::hint::black_box(touched.fold(0, u64::wrapping_add));
        for (frame, key) in frames.iter().zip(keys) {
            let Some(frame) = frame else { return };
            let found = key.map(|(key, hash)| (self.flows.find_hashed(&key, hash), place));
            self.take(frame, found);
        }
    }

    /// What the flow of a frame is found by, without reading all of its headers.
    #[inline]
    fn key_of(&self, frame: &Frame<'_>, place: Place) -> Option<(FlowKey, u64)> {
        let (protocol, src, dst) = glance_ends(frame)?;
        let (key, _) = FlowKey::new(protocol, src, dst, place);
        is_flow(protocol, src.1, dst.1).then(|| (key, self.flows.hash(&key)))
    }

    /// Takes one frame.
    pub fn packet(&mut self, frame: &Frame<'_>) {
        self.take(frame, None);
    }

    #[inline]
    fn take(&mut self, frame: &Frame<'_>, found: Option<(Found, Place)>) {
        self.tick(frame.seen.at);
        match glance(frame) {
            Ok(Some(packet)) => self.packet_of(frame, &packet, found),
            Ok(None) => self.fragment(frame),
            Err(error) => self.malformed(frame, error),
        }
    }

    /// Takes the packet of a frame. Its flow was `found` for one place; at another one it is looked up.
    #[inline]
    pub(super) fn packet_of(
        &mut self,
        frame: &Frame<'_>,
        packet: &PacketView<'_>,
        found: Option<(Found, Place)>,
    ) {
        let place = self.places.intern(PlaceInfo {
            interface: frame.interface,
            if_index: packet.if_index,
            vlans: packet.vlans,
        });
        let found = found.filter(|(_, there)| *there == place);
        let ends = self.ends_of(packet, place, found.map(|(found, _)| found));
        self.decoded(frame, packet, place, ends.as_ref());
    }

    /// The conversation of a packet, and its flow, looked up unless it was `found`; none for what is no flow, or mostly
    /// none: ICMP, DNS over UDP, mDNS.
    #[inline]
    fn ends_of(&self, packet: &PacketView<'_>, place: Place, found: Option<Found>) -> Option<Ends> {
        let (protocol, src, dst) = match &packet.transport {
            TransportView::Tcp(tcp) => (super::TCP, tcp.src_port, tcp.dst_port),
            TransportView::Udp(udp) => (super::UDP, udp.src_port, udp.dst_port),
            _ => return None,
        };
        if !is_flow(protocol, src, dst) {
            return None;
        }
        let (src, dst) = ((packet.src, src), (packet.dst, dst));
        Some(self.ends((protocol, src, dst), place, found))
    }

    /// The conversation between two ends, looked up unless it was `found`.
    #[inline]
    pub(super) fn ends(
        &self,
        (protocol, src, dst): decode::Ends,
        place: Place,
        found: Option<Found>,
    ) -> Ends {
        let (key, from_low) = FlowKey::new(protocol, src, dst, place);
        Ends {
            key,
            from_low,
            found: found.unwrap_or_else(|| self.flows.find(&key)),
        }
    }

    /// The flow that was found, unless another took its key since.
    #[inline]
    pub(super) fn flow_of(&self, ends: &Ends) -> Option<FlowId> {
        self.flows.still(&ends.key, ends.found)
    }
}

/// Reads a little of both cache lines that a frame's headers lie in.
#[inline]
fn first_lines(frame: &Frame<'_>) -> u8 {
    let byte = |at: usize| frame.bytes.get(at).copied().unwrap_or(0);
    byte(0).wrapping_add(byte(CACHE_LINE))
}

/// Whether packets between these ports are of a flow: not DNS over UDP and mDNS, which mostly are none.
const fn is_flow(protocol: u8, src: u16, dst: u16) -> bool {
    let is_dns = src == DNS_PORT || dst == DNS_PORT || src == MDNS_PORT || dst == MDNS_PORT;
    protocol == super::TCP || !is_dns
}
