//! Frames taken several at a time, so that what they wait for in memory is waited for together.
//!
//! The first look at a packet's headers, at a slot of the flow table and at a flow each miss the caches; one frame after
//! the other, every miss stops everything. So all headers of a group are touched first, then all places in the index, then
//! all flows: loads that do not depend on each other overlap. Only then the packets are taken, in their order.

use super::{DNS_PORT, Monitor};
use crate::capture::frame::Frame;
use crate::decode::{self, PacketView, TransportView, glance, glance_ends};
use crate::flow::key::PlaceInfo;
use crate::flow::table::FlowId;
use crate::flow::{FlowKey, Place};
use crate::protocol::services::MDNS_PORT;

/// Frames taken together: enough loads to keep memory busy, few enough that their headers stay in the first-level cache.
pub const GROUP: usize = 16;

/// Bytes of a cache line on all but a few processors.
const CACHE_LINE: usize = 64;

/// What the flow of a packet is to be found by, if the packet was captured at one place.
#[derive(Clone, Copy)]
pub(super) struct Sought {
    pub(super) key: FlowKey,
    /// Its source is the key's low end.
    pub(super) from_low: bool,
    hash: u64,
}

/// A packet's conversation.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) sought: Sought,
    /// Its latest flow.
    pub(super) flow: Option<FlowId>,
}

impl Ends {
    /// A keyed hash of the conversation and the packet's direction in it.
    pub(super) const fn hash(&self) -> u64 {
        self.sought.hash.rotate_left(self.sought.from_low as u32)
    }
}

impl Monitor<'_> {
    /// Takes frames, in their order.
    pub fn packets<'f>(&mut self, mut frames: impl Iterator<Item = Frame<'f>>) {
        let mut group = [Frame::NONE; GROUP];
        loop {
            let mut count = 0;
            for (place, frame) in group.iter_mut().zip(&mut frames) {
                *place = frame;
                count += 1;
            }
            self.together(group.get(..count).unwrap_or_default());
            if count < GROUP {
                return;
            }
        }
    }

    /// Takes frames together, at most [`GROUP`].
    fn together(&mut self, frames: &[Frame<'_>]) {
        // The sums are of no use; without them the loads would be left out.
        let headers = frames.iter().map(first_lines);
        std::hint::black_box(headers.fold(0, u8::wrapping_add));
        // Most of a capture comes from one place; flows of frames from another are looked up again.
        let place = self.places.latest();
        let mut sought = [None; GROUP];
        for (sought, frame) in sought.iter_mut().zip(frames) {
            *sought = self.seek(frame, place);
        }
        // Each of these loops is short and none of its loads waits for another: the processor has many under way at once.
        let mut likely = [None; GROUP];
        for (likely, sought) in likely.iter_mut().zip(&sought) {
            *likely = sought.and_then(|sought| self.flows.likely(sought.hash));
        }
        let touched = likely
            .iter()
            .filter_map(|id| Some(self.flows.get((*id)?)?.touch()));
        std::hint::black_box(touched.fold(0, u64::wrapping_add));
        for (frame, sought) in frames.iter().zip(&sought) {
            self.take(frame, sought.as_ref().map(|sought| (sought, place)));
        }
    }

    /// What the flow of a frame is found by, without reading all of its headers.
    #[inline]
    fn seek(&self, frame: &Frame<'_>, place: Place) -> Option<Sought> {
        let ends @ (protocol, src, dst) = glance_ends(frame)?;
        is_flow(protocol, src.1, dst.1).then(|| self.sought(ends, place))
    }

    #[inline]
    fn sought(&self, (protocol, src, dst): decode::Ends, place: Place) -> Sought {
        let (key, from_low) = FlowKey::new(protocol, src, dst, place);
        Sought {
            key,
            from_low,
            hash: self.flows.hash(&key),
        }
    }

    #[inline]
    fn found(&self, sought: Sought) -> Ends {
        Ends {
            sought,
            flow: self.flows.find_hashed(&sought.key, sought.hash),
        }
    }

    /// Takes one frame.
    pub fn packet(&mut self, frame: &Frame<'_>) {
        self.take(frame, None);
    }

    #[inline]
    fn take(&mut self, frame: &Frame<'_>, sought: Option<(&Sought, Place)>) {
        self.tick(frame.seen.at);
        match glance(frame) {
            Ok(Some(packet)) => self.packet_of(frame, &packet, sought),
            Ok(None) => self.fragment(frame),
            Err(error) => self.malformed(frame, error),
        }
    }

    /// Takes the packet of a frame. What was sought for one place is good for a packet that was captured there.
    #[inline]
    pub(super) fn packet_of(
        &mut self,
        frame: &Frame<'_>,
        packet: &PacketView<'_>,
        sought: Option<(&Sought, Place)>,
    ) {
        let place = self.places.intern(PlaceInfo {
            interface: frame.interface,
            if_index: packet.if_index,
            vlans: packet.vlans,
        });
        let ends = match sought.filter(|(_, there)| *there == place) {
            Some((sought, _)) => Some(self.found(*sought)),
            None => self.ends_of(packet, place),
        };
        self.decoded(frame, packet, place, ends.as_ref());
    }

    /// The conversation of a packet, and its flow; none for what is no flow, or mostly none: ICMP, DNS over UDP, mDNS.
    fn ends_of(&self, packet: &PacketView<'_>, place: Place) -> Option<Ends> {
        let (protocol, src, dst) = match &packet.transport {
            TransportView::Tcp(tcp) => (super::TCP, tcp.src_port, tcp.dst_port),
            TransportView::Udp(udp) => (super::UDP, udp.src_port, udp.dst_port),
            _ => return None,
        };
        if !is_flow(protocol, src, dst) {
            return None;
        }
        let (src, dst) = ((packet.src, src), (packet.dst, dst));
        Some(self.ends((protocol, src, dst), place))
    }

    /// The conversation between two ends.
    pub(super) fn ends(&self, ends: decode::Ends, place: Place) -> Ends {
        self.found(self.sought(ends, place))
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
