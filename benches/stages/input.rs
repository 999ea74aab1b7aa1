//! What is measured: frames in memory, the same as a pcap file, and what they hold for each parser.

use std::io::Cursor;
use std::sync::Arc;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::decode::{Decoder, TransportView};
use windfall::protocol::{dns, quic};

use crate::generator::{self, Pcap, Timed};

/// The bundled captures are short: so many rounds of them, each later than the one before.
const ROUNDS: u64 = 8;

/// A round begins this long after the one before; the captures last less.
const ROUND_NANOS: u64 = 3_600_000_000_000;

/// Some 50 MB of packets: more than caches hold.
const GATEWAY_FLOWS: u64 = 2500;

/// Ethernet, IPv6 and TCP with the usual options: too little of any payload to be parsed.
const HEADER_BYTES: usize = 86;

const ETHERNET: LinkType = LinkType(1);

/// What one run of the benches goes over.
pub(crate) struct Traffic {
    kept: Vec<Timed>,
    wire: Arc<[u8]>,
    /// DNS messages.
    pub(crate) messages: Vec<Vec<u8>>,
    /// First segments of `ClientHello`s.
    pub(crate) hellos: Vec<Vec<u8>>,
    /// Datagrams that begin with an Initial of a client.
    pub(crate) initials: Vec<Vec<u8>>,
    /// Names that were asked for.
    pub(crate) names: Vec<Vec<u8>>,
}

impl Traffic {
    /// Every Ethernet frame of the bundled captures, by time, in rounds.
    pub(crate) fn bundled() -> Self {
        let mut files = Replay::open(&crate::captures::captures());
        let mut once = Vec::new();
        while files.advance() {
            let frame = files.frame().unwrap();
            if frame.link == ETHERNET {
                let at = u64::try_from(frame.seen.at.as_nanos()).unwrap();
                once.push((at, frame.bytes.to_vec()));
            }
        }
        let (first, _) = once.first().unwrap();
        let (last, _) = once.last().unwrap();
        let round = (last - first) + ROUND_NANOS;
        let later = |number: u64| {
            let shift = number * round;
            once.iter()
                .map(move |(at, bytes)| (at + shift, bytes.clone()))
        };
        Self::of((0..ROUNDS).flat_map(later).collect())
    }

    /// Made-up traffic of a gateway.
    pub(crate) fn gateway() -> Self {
        Self::of(generator::Traffic::new(generator::Options::flows(GATEWAY_FLOWS)).collect())
    }

    fn of(kept: Vec<Timed>) -> Self {
        let mut file = Pcap::new(Vec::new(), 262_144).unwrap();
        for frame in &kept {
            file.frame(frame).unwrap();
        }
        let mut traffic = Self {
            wire: file.finish().unwrap().into(),
            kept,
            messages: Vec::new(),
            hellos: Vec::new(),
            initials: Vec::new(),
            names: Vec::new(),
        };
        let (mut messages, mut hellos, mut initials) = (Vec::new(), Vec::new(), Vec::new());
        let mut decoder = Decoder::new();
        for frame in traffic.frames() {
            match decoder.decode(&frame).map(|view| view.transport) {
                Ok(TransportView::Udp(udp)) if [udp.src_port, udp.dst_port].contains(&53) => {
                    messages.push(udp.payload.to_vec());
                }
                Ok(TransportView::Udp(udp))
                    if udp.dst_port == 443 && quic::is_initial(udp.payload) =>
                {
                    initials.push(udp.payload.to_vec());
                }
                Ok(TransportView::Tcp(tcp)) if matches!(tcp.payload, [22, 3, _, _, _, 1, ..]) => {
                    hellos.push(tcp.payload.to_vec());
                }
                _ => {}
            }
        }
        let name = |message| Some(dns::parse(message).ok()?.question?.name.as_bytes().to_vec());
        traffic.names = messages
            .iter()
            .filter_map(|message| name(message))
            .collect();
        (traffic.messages, traffic.hellos, traffic.initials) = (messages, hellos, initials);
        traffic
    }

    pub(crate) fn packets(&self) -> usize {
        self.kept.len()
    }

    /// Bytes of all packets.
    pub(crate) fn bytes(&self) -> usize {
        self.kept.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame<'_>> + Clone {
        (1..).zip(&self.kept).map(|(number, (at, bytes))| Frame {
            seen: Seen {
                at: Timestamp::from_nanos(i64::try_from(*at).unwrap()),
                frame: FrameId::new(0, number),
            },
            interface: InterfaceId(0),
            link: ETHERNET,
            bytes,
            original_len: u32::try_from(bytes.len()).unwrap(),
            process: None,
        })
    }

    /// The frames as a short snap length leaves them: flows can be followed, nothing can be parsed.
    pub(crate) fn headers(&self) -> impl Iterator<Item = Frame<'_>> + Clone {
        self.frames().map(|frame| Frame {
            bytes: &frame.bytes[..frame.bytes.len().min(HEADER_BYTES)],
            ..frame
        })
    }

    /// Reads the frames from a file in memory.
    pub(crate) fn walk(&self, mut take: impl FnMut(Frame<'_>)) {
        let mut interfaces = InterfaceTable::new();
        let reader = Box::new(Cursor::new(Arc::clone(&self.wire)));
        let opened = CaptureFile::from_reader(reader, "bench", 0, &mut interfaces).unwrap();
        let mut files = Replay::from_files(vec![opened], interfaces);
        while files.advance() {
            take(files.frame().unwrap());
        }
    }
}
