//! Bytes to borrowed packet views.
//!
//! Input: one link-layer frame. Output: a [`PacketView`] of the innermost IP packet in it, or a [`DecodeError`] that
//! says why there is none; views borrow the frame, or the decoder for a datagram that came in fragments.
//! The only state is the fragments that wait for the rest of their datagram, all bounded (see `fragment`).
//!
//! Headers are read by hand, through one bounded cursor; no slice is validated again. `etherparse`, which was to do it,
//! reads two of these link layers, and is not told how long a frame was on the wire, which cut frames and super-frames of
//! segmentation offload need. It is the oracle instead: wherever it accepts a packet, a property test
//! (`tests/decode_agrees_with_etherparse.rs`) holds this reader to what it found.

mod cursor;
mod error;
mod fragment;
mod link;
mod network;
mod plain;
mod tcp_options;
mod transport;
pub mod view;

pub use error::{DecodeError, ErrorClass, Header};
pub use fragment::FragmentCounts;
pub use link::supports;
pub use plain::Ends;
pub use tcp_options::{Multipath, SackBlocks, TcpOption, TcpOptions};
pub use view::{
    IcmpView, MacAddr, PacketView, QuotedPacket, TcpFlags, TcpView, TransportView, UdpView, Vlans,
};

use crate::capture::frame::Frame;
use cursor::Cursor;
use fragment::{FragmentTable, Key};
use link::LinkFacts;
use network::{FragmentField, Innermost, IpHeader, IpPacket};

/// Decodes frames; keeps fragments between them, and nothing else.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: FragmentTable,
    /// The datagram that was put together last.
    joined: Vec<u8>,
}

impl Decoder {
    /// A decoder that waits for no fragments yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes one frame. A fragment is [`TransportView::Fragment`], but for the one that completes its datagram, which
    /// yields the whole packet.
    ///
    /// # Errors
    /// Why there is no packet in it: see [`DecodeError::class`] for what is a fault and what is not.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Result<PacketView<'a>, DecodeError> {
        let wire_len = usize::try_from(frame.original_len).unwrap_or(usize::MAX);
        let mut facts = LinkFacts {
            process: frame.process,
            ..LinkFacts::default()
        };
        let cursor = link::decode(frame.link, Cursor::new(frame.bytes, wire_len), &mut facts)?;
        match network::decode(cursor, &mut facts)? {
            Innermost::Packet(header, transport) => Ok(view(facts, header, transport)),
            Innermost::Fragment(packet, field) => self.reassemble(frame, facts, packet, field),
        }
    }

    /// What became of the fragments so far.
    #[must_use]
    pub fn fragments(&self) -> FragmentCounts {
        self.fragments.counts()
    }

    /// Datagrams given up because a bound was hit.
    #[must_use]
    pub fn limits_hit(&self) -> u64 {
        self.fragments.counts().evicted
    }

    #[cold]
    fn reassemble<'a>(
        &'a mut self,
        frame: &Frame<'a>,
        mut facts: LinkFacts,
        packet: IpPacket<'a>,
        field: FragmentField,
    ) -> Result<PacketView<'a>, DecodeError> {
        let header = packet.header;
        let key = Key {
            interface: frame.interface,
            if_index: facts.if_index,
            vlans: facts.vlans,
            src: header.src,
            dst: header.dst,
            id: field.id,
            protocol: header.ip_id.map_or(0, |_| packet.protocol),
        };
        let Some(whole) = self.fragments.add(
            key,
            field,
            packet.protocol,
            packet.payload,
            frame.seen.at,
            &mut self.joined,
        )?
        else {
            return Ok(view(facts, header, TransportView::Fragment));
        };
        let datagram = IpPacket {
            header,
            protocol: whole.protocol,
            payload: Cursor::new(&self.joined, whole.wire_len),
            fragment: None,
        };
        match network::resume(datagram, &mut facts)? {
            Innermost::Packet(header, transport) => Ok(view(facts, header, transport)),
            // A fragment within a fragmented tunnel packet: its bytes are in the one buffer there is. Not followed.
            Innermost::Fragment(inner, _) => Ok(view(facts, inner.header, TransportView::Fragment)),
        }
    }
}

/// Decodes one frame by itself; `None` for a fragment, of which a [`Decoder`] makes something.
///
/// # Errors
/// As [`Decoder::decode`].
#[inline]
pub fn glance<'a>(frame: &Frame<'a>) -> Result<Option<PacketView<'a>>, DecodeError> {
    match plain::decode(frame) {
        Some(view) => Ok(Some(view)),
        None => glance_at(frame),
    }
}

/// The ends of a TCP segment or UDP datagram, if it is one that can be read in one go. A first look:
/// only what [`glance`] reads afterwards is checked.
#[inline]
#[must_use]
pub fn glance_ends(frame: &Frame<'_>) -> Option<Ends> {
    plain::ends(frame)
}

/// Where in its bytes the frame's first IP header begins; `None` if there is none.
#[must_use]
pub fn ip_offset(frame: &Frame<'_>) -> Option<usize> {
    let wire_len = usize::try_from(frame.original_len).unwrap_or(usize::MAX);
    let cursor = Cursor::new(frame.bytes, wire_len);
    let packet = link::decode(frame.link, cursor, &mut LinkFacts::default()).ok()?;
    // What follows the packet may have been cut off, so its length does not tell.
    let (start, all) = (packet.captured().as_ptr(), frame.bytes.as_ptr());
    start.addr().checked_sub(all.addr())
}

/// As [`glance`], whatever the packet.
fn glance_at<'a>(frame: &Frame<'a>) -> Result<Option<PacketView<'a>>, DecodeError> {
    let wire_len = usize::try_from(frame.original_len).unwrap_or(usize::MAX);
    let mut facts = LinkFacts {
        process: frame.process,
        ..LinkFacts::default()
    };
    let cursor = link::decode(frame.link, Cursor::new(frame.bytes, wire_len), &mut facts)?;
    match network::decode(cursor, &mut facts)? {
        Innermost::Packet(header, transport) => Ok(Some(view(facts, header, transport))),
        Innermost::Fragment(..) => Ok(None),
    }
}

#[inline]
fn view(facts: LinkFacts, header: IpHeader, transport: TransportView<'_>) -> PacketView<'_> {
    PacketView {
        src_mac: facts.src_mac,
        dst_mac: facts.dst_mac,
        vlans: facts.vlans,
        if_index: facts.if_index,
        process: facts.process,
        src: header.src,
        dst: header.dst,
        ttl: header.ttl,
        ip_id: header.ip_id,
        transport,
    }
}

#[cfg(test)]
mod tests;
