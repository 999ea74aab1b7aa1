//! A capture file as a list of frames that can be changed, and judged again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use windfall::capture::Replay;
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::monitor::{Limits, Monitor};
use windfall::verdict::assemble::Options;
use windfall::verdict::summary::{Flow, Summary};

use crate::support::trace::CATALOGUE;

pub(crate) const ETHERNET: LinkType = LinkType(1);

/// One frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) at: Timestamp,
    pub(crate) interface: InterfaceId,
    pub(crate) link: LinkType,
    pub(crate) bytes: Vec<u8>,
    pub(crate) original_len: u32,
}

/// Where the parts of an Ethernet frame that carries TCP or UDP begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) network: usize,
    pub(crate) v6: bool,
    pub(crate) transport: usize,
    /// Where the payload begins; `None` for UDP.
    pub(crate) payload: Option<usize>,
    /// Where the IP packet ends.
    pub(crate) end: usize,
}

impl Recorded {
    pub(crate) fn layout(&self) -> Option<Layout> {
        let word = |at: usize| {
            Some(usize::from(u16::from_be_bytes([
                *self.bytes.get(at)?,
                *self.bytes.get(at + 1)?,
            ])))
        };
        let (network, v6) = match word(12)? {
            0x0800 => (14, false),
            0x86dd => (14, true),
            _ => return None,
        };
        let (protocol, transport, end) = if v6 {
            (self.bytes.get(20)?, network + 40, network + 40 + word(18)?)
        } else {
            (
                self.bytes.get(23)?,
                network + 4 * usize::from(self.bytes[14] & 15),
                network + word(16)?,
            )
        };
        let payload = match protocol {
            6 => Some(transport + 4 * usize::from(self.bytes.get(transport + 12)? >> 4)),
            17 => None,
            _ => return None,
        };
        (self.link == ETHERNET).then_some(Layout {
            network,
            v6,
            transport,
            payload,
            end,
        })
    }

    /// It carries IP over Ethernet.
    pub(crate) fn is_ip(&self) -> bool {
        let kind = self.bytes.get(12..14);
        self.link == ETHERNET && matches!(kind, Some([0x08, 0x00] | [0x86, 0xdd]))
    }

    /// Whether it is a server's: its source has the lower port, as all in the lab.
    pub(crate) fn servers(&self) -> Option<bool> {
        let at = self.layout()?.transport;
        let ports = self.bytes.get(at..at + 4)?;
        (ports[..2] != ports[2..]).then(|| ports[..2] < ports[2..])
    }

    pub(crate) fn later(mut self, nanos: u64) -> Self {
        self.at = self.at.after(Duration::from_nanos(nanos));
        self
    }
}

pub(crate) fn read(path: &PathBuf) -> Vec<Recorded> {
    let mut files = Replay::open(&[path]);
    let mut frames = Vec::new();
    while files.advance() {
        let frame = files.frame().unwrap();
        frames.push(Recorded {
            at: frame.seen.at,
            interface: frame.interface,
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            original_len: frame.original_len,
        });
    }
    frames
}

/// Judges frames in the order given; the capture goes on, without frames, until `end`.
pub(crate) fn judge(frames: &[Recorded], end: Timestamp) -> Summary {
    let mut monitor = Monitor::new(&CATALOGUE, Limits::default());
    for (number, frame) in (1..).zip(frames) {
        monitor.packet(&Frame {
            seen: Seen {
                at: frame.at,
                frame: FrameId::new(0, number),
            },
            interface: frame.interface,
            link: frame.link,
            bytes: &frame.bytes,
            original_len: frame.original_len,
            process: None,
        });
    }
    monitor.tick(end);
    let options = Options::new(&CATALOGUE);
    monitor.summary(Vec::new(), &options)
}

/// Flows by what does not change when frames are lost: transport, ports and their order on these ports. A flow joined
/// late may have its ends the other way round.
pub(crate) fn flows(summary: &Summary) -> BTreeMap<(String, u16, u16), Vec<&Flow>> {
    let mut flows: BTreeMap<_, Vec<&Flow>> = BTreeMap::new();
    for flow in &summary.flows {
        let (a, b) = (flow.client.port, flow.server.port);
        let key = (flow.transport.to_string(), a.min(b), a.max(b));
        flows.entry(key).or_default().push(flow);
    }
    flows
}
