//! What a capture holds of what passed the tap, and what windfall says of it.

use windfall::verdict::summary::{Flow, Summary};

use super::network::{END, Story, World};
use super::stack::{MILLISECOND, Nanos, SECOND, Segment};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, Tcp};
use crate::support::trace::Trace;
use crate::support::{CLIENT, SERVER};

/// What is wrong with a capture; chances in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flaws {
    /// Never the end: without it, nothing tells a conversation from one that stood still.
    pub(crate) loss: u64,
    /// The same frame again, up to a millisecond later.
    pub(crate) copies: u64,
    pub(crate) snap: Option<usize>,
    /// Nothing before this time.
    pub(crate) late: Nanos,
    /// Nothing after this time.
    pub(crate) until: Option<Nanos>,
    /// Only what this end sent.
    pub(crate) only: Option<From>,
}

impl Flaws {
    /// Nothing is missing; copies hide nothing.
    pub(crate) fn are_harmless(&self) -> bool {
        let harmless = Self {
            copies: self.copies,
            ..Self::default()
        };
        *self == harmless
    }
}

/// TTLs at the tap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ttls {
    pub(crate) server: u8,
    pub(crate) forger: u8,
}

/// The capture of a story, with the segments it holds.
pub(crate) struct Taken {
    pub(crate) segments: Vec<(Nanos, Segment)>,
    /// The segments that passed and that it does not hold.
    pub(crate) missed: Vec<(Nanos, Segment)>,
    pub(crate) summary: Summary,
}

impl Taken {
    /// The flow, if anything was captured. A capture that lost the opening may see it as several.
    pub(crate) fn flows(&self) -> &[Flow] {
        &self.summary.flows
    }
}

/// Captures a story and judges it.
pub(crate) fn capture(world: &World, story: &Story, flaws: &Flaws, ttls: Ttls) -> Taken {
    let mut trace = Trace::new();
    let tcp = Tcp::between((CLIENT, 50_000), (SERVER, world.script.port));
    let mut chance = world.seed ^ 0x5eed;
    let mut draw = |bound: u64| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % bound
    };
    let (mut segments, mut missing) = (Vec::new(), Vec::new());
    let mut ids = [0u16; 2];
    let missed = |at: Nanos, from: From| {
        at < flaws.late
            || flaws.until.is_some_and(|until| at > until)
            || flaws.only.is_some_and(|only| only != from)
    };
    let held = |(at, segment): &&(Nanos, Segment)| !missed(*at, segment.from);
    let end = end(story.passed.iter().filter(held));
    for (at, segment) in &story.passed {
        let (lost, copied, later) = (
            draw(1000) < flaws.loss,
            draw(1000) < flaws.copies,
            draw(900_000),
        );
        let id = &mut ids[usize::from(segment.from == From::Server)];
        *id = id.wrapping_add(1);
        let ends = end.iter().any(|end| std::ptr::eq(*end, segment));
        if lost && !ends || missed(*at, segment.from) {
            missing.push((*at, segment.clone()));
            continue;
        }
        let mut packet = packet(&tcp, segment, *id, ttls);
        packet.snap = flaws.snap;
        if copied {
            trace.at(seconds(*at + later), packet.clone());
        }
        trace.at(seconds(*at), packet);
        segments.push((*at, segment.clone()));
    }
    trace.until(seconds(flaws.until.unwrap_or(END + 10 * SECOND)));
    Taken {
        segments,
        missed: missing,
        summary: trace.summary(),
    }
}

/// The last frame; and, if it is an acknowledgment that was overtaken on its way, the one that overtook it.
fn end<'s>(
    frames: impl DoubleEndedIterator<Item = &'s (Nanos, Segment)> + Clone,
) -> Vec<&'s Segment> {
    let mut backwards = frames.rev().map(|(_, segment)| segment);
    let Some(last) = backwards.next() else {
        return Vec::new();
    };
    let ahead = |other: &Segment| other.ack.wrapping_sub(last.ack).cast_signed();
    let acknowledges = |other: &&Segment| other.from == last.from && other.flags & ACK != 0;
    let furthest = backwards
        .filter(acknowledges)
        .max_by_key(|other| ahead(other));
    let overtaken = furthest.filter(|other| last.flags & ACK != 0 && ahead(other) > 0);
    [last].into_iter().chain(overtaken).collect()
}

fn packet(tcp: &Tcp, segment: &Segment, id: u16, ttls: Ttls) -> Packet {
    let mut packet = tcp.with_options(
        segment.from,
        segment.flags,
        segment.seq,
        segment.ack,
        &segment.options,
        &segment.payload,
    );
    packet.transport[14..16].copy_from_slice(&segment.window.to_be_bytes());
    packet.ip_id = id;
    packet.ttl = match (segment.forged, segment.from) {
        (true, _) => ttls.forger,
        (false, From::Client) => 64,
        (false, From::Server) => ttls.server,
    };
    packet
}

#[expect(clippy::cast_precision_loss, reason = "the simulation lasts minutes")]
fn seconds(at: Nanos) -> f64 {
    at as f64 / (1000 * MILLISECOND) as f64
}
