//! Attacks on a monitor, with required connections in their middle: what a flood costs, and whether it hides anything.
//!
//! Input: which [`Attack`], how many packets, over how long, and how many [`Rounds`] of bundled captures go on meanwhile:
//! two healthy ones and two with faults, each round of devices of its own. Output: frames in order of time, the same
//! every time. Memory holds the rounds (some megabytes) and a few frames of the flood, whatever its length.

pub(crate) mod floods;
mod recording;
mod template;

use std::collections::VecDeque;

pub(crate) use recording::{Recording, Rounds};

use crate::traffic::{SECOND, Timed};

/// 2026-01-01 00:00 UTC, in nanoseconds since the epoch.
pub(crate) const START: u64 = 1_767_225_600_000_000_000;

/// What the devices of a round do; what they come to is the same with an attack and without.
pub(crate) const MEANWHILE: [&str; 4] = [
    "healthy-store.pcapng",
    "itunes-failure.pcapng",
    "healthy-quic.pcapng",
    "quic-dropped.pcapng",
];

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Attack {
    /// A SYN from another address each, half of them to hosts that are required.
    SynFlood,
    /// DNS questions for random names, some below required domains, some answered.
    DnsRandom,
    /// Announcements of ever new Bonjour services, and questions for them.
    MdnsStorm,
    /// First and middle fragments of datagrams that never complete.
    Fragments,
    /// TLS connections whose `ClientHello` comes one byte a segment, of all in turn, and never ends.
    TinyHellos,
    /// QUIC Initials of ever new connections: most under keys that do not fit, some that open.
    QuicInitials,
    /// Names of 255 bytes with every control character: in DNS, mDNS, TLS and HTTP.
    ControlNames,
}

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Packets of the attack.
    pub(crate) packets: u64,
    /// Capture time over which they are spread evenly.
    pub(crate) seconds: u64,
    /// Times that the captures of [`MEANWHILE`] go on in it.
    pub(crate) rounds: u16,
}

impl Attack {
    /// Packets that reach the bounds many times over at their defaults.
    pub(crate) const fn usual_packets(self) -> u64 {
        match self {
            Self::SynFlood => 10_000_000,
            // A hundred thousand connections.
            Self::TinyHellos => 100_000 * floods::tiny_hello_packets(),
            Self::DnsRandom | Self::QuicInitials => 2_000_000,
            Self::MdnsStorm | Self::Fragments | Self::ControlNames => 1_000_000,
        }
    }
}

/// Frames of an attack with those of the rounds between them.
pub(crate) struct Attacked {
    flood: floods::Flood,
    size: Size,
    sent: u64,
    meanwhile: VecDeque<Timed>,
}

impl Attacked {
    pub(crate) fn new(attack: Attack, size: Size) -> Self {
        let meanwhile = meanwhile(size);
        Self {
            flood: floods::flood(attack, size.packets, &recording::servers(&meanwhile)),
            size,
            sent: 0,
            meanwhile: meanwhile.into(),
        }
    }

    /// When the next packet of the attack is due.
    fn due(&self) -> Option<u64> {
        let Size {
            packets, seconds, ..
        } = self.size;
        (self.sent < packets).then(|| START + self.sent * (seconds * SECOND / packets))
    }
}

/// What the devices do while no attack is on: as [`Attacked`], without it.
pub(crate) fn meanwhile(size: Size) -> Vec<Timed> {
    let every = size.seconds * SECOND / u64::from(size.rounds + 1);
    let rounds = Rounds::new(Recording::bundled(&MEANWHILE), START + every, every);
    let mut frames: Vec<Timed> = rounds.take(size.rounds.into()).flatten().collect();
    frames.sort_by_key(|(at, _)| *at);
    frames
}

impl Iterator for Attacked {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        match (self.due(), self.meanwhile.front()) {
            (Some(due), other) if other.is_none_or(|(at, _)| due <= *at) => {
                self.sent += 1;
                Some((due, (self.flood)(self.sent - 1)))
            }
            (_, _) => self.meanwhile.pop_front(),
        }
    }
}
