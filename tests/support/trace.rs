//! Packets with their times, and what windfall says of them.

use std::sync::LazyLock;
use std::time::Duration;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::{Limits, Monitor};
use windfall::verdict::assemble::{Allowed, Options};
use windfall::verdict::gap::Gaps;
use windfall::verdict::rows::Rows;
use windfall::verdict::summary::{Flow, Requirement, Summary};

use super::packet::Packet;
use super::tcp::{From, Tcp};

/// 2026-01-01 00:00 UTC, in nanoseconds since the epoch.
pub(crate) const START: i64 = 1_767_225_600_000_000_000;

/// Read once for all tests.
pub(crate) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin(Profile::All).unwrap());

const ETHERNET: LinkType = LinkType(1);

/// A time in seconds since [`START`].
pub(crate) fn time(seconds: f64) -> Timestamp {
    Timestamp::from_nanos(START).after(Duration::from_secs_f64(seconds))
}

/// A capture in the making.
#[derive(Clone, Default)]
pub(crate) struct Trace {
    packets: Vec<(f64, Packet)>,
    /// When the capture ended, if after its last packet.
    end: f64,
    pub(crate) limits: Limits,
    pub(crate) allow_private: Vec<Allowed>,
    pub(crate) window: Option<Duration>,
    pub(crate) rows: Rows,
    pub(crate) gaps: Gaps,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Puts a packet on the wire, so many seconds after the start. Packets may be given in any order.
    pub(crate) fn at(&mut self, seconds: f64, packet: Packet) -> &mut Self {
        self.packets.push((seconds, packet));
        self
    }

    /// The capture goes on, without packets, until then.
    pub(crate) fn until(&mut self, seconds: f64) -> &mut Self {
        self.end = self.end.max(seconds);
        self
    }

    /// The three packets that open a connection: 20 ms away.
    pub(crate) fn connect(&mut self, seconds: f64, tcp: &mut Tcp) -> &mut Self {
        self.at(seconds, tcp.syn());
        self.at(seconds + 0.020, tcp.syn_ack());
        self.at(seconds + 0.0201, tcp.ack(From::Client))
    }

    /// Packets in it.
    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    /// The same without the packets at these places in time order: a capture that dropped them.
    pub(crate) fn without(&self, places: &[usize]) -> Self {
        let mut packets: Vec<(f64, Packet)> = self.sorted().into_iter().cloned().collect();
        let mut place = 0;
        packets.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        Self {
            packets,
            ..self.clone()
        }
    }

    /// The same with the packet at this place in time order sent again so many times, every so many seconds; what
    /// follows waits for it.
    pub(crate) fn repeated(&self, place: usize, times: u32, every: f64) -> Self {
        let mut packets: Vec<(f64, Packet)> = self.sorted().into_iter().cloned().collect();
        let pause = f64::from(times) * every;
        for (at, _) in &mut packets[place + 1..] {
            *at += pause;
        }
        let (at, packet) = packets[place].clone();
        let again = (1..=times).map(|n| (at + f64::from(n) * every, packet.clone()));
        packets.extend(again);
        Self {
            packets,
            ..self.clone()
        }
    }

    /// The same with each packet changed, or in several copies at times of their own.
    pub(crate) fn each<I>(&self, change: impl Fn(f64, Packet) -> I) -> Self
    where
        I: IntoIterator<Item = (f64, Packet)>,
    {
        let packets = self.packets.iter().cloned();
        Self {
            packets: packets
                .flat_map(|(at, packet)| change(at, packet))
                .collect(),
            ..self.clone()
        }
    }

    /// The same with the packets at two neighbouring places in each other's stead: captured the wrong way round.
    pub(crate) fn swapped(&self, place: usize) -> Self {
        let mut packets: Vec<(f64, Packet)> = self.sorted().into_iter().cloned().collect();
        let (before, after) = (packets[place].1.clone(), packets[place + 1].1.clone());
        (packets[place].1, packets[place + 1].1) = (after, before);
        Self {
            packets,
            ..self.clone()
        }
    }

    /// The packets in time order; those of one time keep the order they were given in.
    fn sorted(&self) -> Vec<&(f64, Packet)> {
        let mut packets: Vec<&(f64, Packet)> = self.packets.iter().collect();
        packets.sort_by(|a, b| a.0.total_cmp(&b.0));
        packets
    }

    /// The packets in time order, with their times.
    pub(crate) fn timed(&self) -> impl Iterator<Item = (Timestamp, &Packet)> {
        let sorted = self.sorted().into_iter();
        sorted.map(|(at, packet)| (time(*at), packet))
    }

    /// Replays the packets through one monitor.
    pub(crate) fn summary(&self) -> Summary {
        let catalogue = &*CATALOGUE;
        let monitor = self.driven(catalogue);
        let options = Options {
            allow_private: self.allow_private.clone(),
            window: self.window,
            rows: self.rows,
            gaps: self.gaps.clone(),
            ..Options::new(catalogue)
        };
        monitor.summary(Vec::new(), &options)
    }

    /// How much is kept at the end: flows, DNS questions, names, addresses.
    pub(crate) fn kept(&self) -> [usize; 4] {
        let catalogue = &*CATALOGUE;
        let monitor = self.driven(catalogue);
        let observed = monitor.observed();
        [
            observed.conversations.len(),
            observed.lookups.len(),
            observed.names.iter().map(|book| book.len()).sum(),
            observed.hosts.iter().map(|book| book.iter().count()).sum(),
        ]
    }

    /// Copies of frames that were dropped.
    pub(crate) fn duplicates(&self) -> u64 {
        let catalogue = &*CATALOGUE;
        let monitor = self.driven(catalogue);
        let counters = monitor.capture_counters();
        counters.iter().map(|counters| counters.duplicates).sum()
    }

    /// A monitor that has taken the packets.
    fn driven<'c>(&self, catalogue: &'c Catalogue) -> Monitor<'c> {
        let mut monitor = Monitor::new(catalogue, self.limits);
        for (number, (at, packet)) in (1..).zip(self.timed()) {
            let bytes = packet.frame();
            let captured = packet.snap.unwrap_or(bytes.len()).min(bytes.len());
            monitor.packet(&Frame {
                seen: Seen {
                    at,
                    frame: FrameId::new(0, number),
                },
                interface: InterfaceId(packet.interface),
                link: ETHERNET,
                process: None,
                bytes: &bytes[..captured],
                original_len: u32::try_from(bytes.len()).unwrap(),
            });
        }
        monitor.tick(time(self.end));
        monitor
    }

    /// The one flow of this capture.
    pub(crate) fn flow(&self) -> Flow {
        let mut flows = self.summary().flows;
        assert_eq!(flows.len(), 1, "{flows:#?}");
        flows.remove(0)
    }
}

/// What was tried of a requirement, by the one device that tried it.
pub(crate) fn requirement(summary: &Summary, pattern: &str) -> Requirement {
    let rows: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.pattern == pattern && row.client.is_some())
        .collect();
    assert_eq!(rows.len(), 1, "{pattern}: {rows:#?}");
    rows[0].clone()
}

/// A flow's verdict in words: `stalled connect syn-unanswered`.
pub(crate) fn verdict(flow: &Flow) -> String {
    let mut words = format!("{} {}", flow.outcome, flow.stage);
    for word in [
        flow.cause.map(|cause| cause.to_string()),
        flow.origin.map(|origin| origin.to_string()),
    ]
    .into_iter()
    .flatten()
    {
        words.push(' ');
        words.push_str(&word);
    }
    words
}
