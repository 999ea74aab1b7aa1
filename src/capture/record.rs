//! What the framing of a format finds at the start of the window.
//!
//! Output of `pcap` and `pcapng`, input of `file`: nothing is copied, a packet is described by where its bytes lie.

use super::frame::{InterfaceId, LinkType, Timestamp};

/// One packet record, wholly in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Capture time; `None` where the format has none.
    pub(super) at: Option<Timestamp>,
    /// Interface it was captured on.
    pub(super) interface: InterfaceId,
    /// What its bytes begin with.
    pub(super) link: LinkType,
    /// Number of its process in the input's table, where the format tells.
    pub(super) process: Option<u16>,
    /// Length on the wire.
    pub(super) original_len: u32,
    /// Where its bytes begin, from the start of the window.
    pub(super) data: usize,
    /// How many bytes were captured.
    pub(super) captured: usize,
    /// Length of the whole record with all its headers.
    pub(super) total: usize,
}

/// What to do next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A packet: deliver it.
    Packet(Record),
    /// So many bytes that hold no packet, all in the window: pass over them.
    Skip(usize),
    /// So many bytes that hold no packet, too many for the window: pass over them as they come.
    SkipLong(u32),
    /// The window must hold so many bytes to go on.
    Need(usize),
}
