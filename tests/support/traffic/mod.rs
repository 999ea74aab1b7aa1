//! Traffic of a school or office, made up: any amount of it, the same for the same seed, with the outcomes known.
//!
//! Input: [`Options`]. Output: [`Traffic`], an iterator over frames in order of time, and the [`Truth`] once it has
//! ended. Memory holds the flows that are open at one time, however many there are in all. Sizes of answers are
//! heavy-tailed; flows begin at random and are interleaved by a heap of times.
//!
//! Of TCP flows 87 % are TLS that works (1.3, or 1.2 for hosts outside the catalogue), 5 % are reset after the
//! ClientHello, 3.5 % get no answer to their SYN, 4.5 % are HTTP; 35 % of TLS flows' hellos come in two segments. One flow in
//! ten is QUIC, with real Initials. 30 % are IPv6. 80 % are led to by a DNS question. Hosts that fail never work, so that
//! no attempt is made superfluous by another. After the last flow the capture goes on for two minutes.

mod bulk;
mod pcap;
mod random;
mod script;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use bulk::Bulk;
pub(crate) use pcap::Pcap;
use random::Random;
use script::Scripts;

/// 2026-01-01 00:00 UTC, in nanoseconds since the epoch.
const START: u64 = 1_767_225_600_000_000_000;

pub(crate) const SECOND: u64 = 1_000_000_000;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Flows in all; fewer if `packets` are reached before.
    pub(crate) flows: u64,
    /// No flow begins after so many packets; those that are open go on to their end.
    pub(crate) packets: u64,
    /// The same seed gives the same traffic.
    pub(crate) seed: u64,
    /// Flows that begin in a second, on average.
    pub(crate) rate: u64,
}

impl Options {
    pub(crate) const fn flows(flows: u64) -> Self {
        Self {
            flows,
            packets: u64::MAX,
            seed: 1,
            rate: 200,
        }
    }
}

/// What became of the flows, known from how they were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    /// Flows by outcome.
    pub(crate) outcome: BTreeMap<&'static str, u64>,
    /// Flows by what they are.
    pub(crate) kind: BTreeMap<&'static str, u64>,
    /// DNS questions, all answered.
    pub(crate) questions: u64,
    pub(crate) packets: u64,
    /// On the wire, with Ethernet headers.
    pub(crate) bytes: u64,
}

/// A frame and when it was captured, in nanoseconds since the epoch.
pub(crate) type Timed = (u64, Vec<u8>);

/// A flow under way.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// What is known of the future, in order of time.
    pub(crate) queue: VecDeque<Timed>,
    /// What follows when that has been sent.
    pub(crate) bulk: Option<Bulk>,
}

impl Session {
    fn next(&mut self, random: &mut Random) -> Option<&Timed> {
        while self.queue.is_empty() {
            let bulk = self.bulk.as_mut()?;
            if bulk.go_on(&mut self.queue, random) {
                self.bulk = None;
            }
        }
        self.queue.front()
    }
}

/// Makes frames.
pub(crate) struct Traffic {
    options: Options,
    random: Random,
    scripts: Scripts,
    sessions: Vec<Session>,
    /// Places in `sessions` that are free.
    free: Vec<usize>,
    /// Next frame of each session: time, order of insertion, place.
    times: BinaryHeap<Reverse<(u64, u64, usize)>>,
    order: u64,
    next_flow: u64,
    next_service: u64,
    begun: u64,
    latest: u64,
    ended: bool,
    truth: Truth,
}

impl Traffic {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            random: Random::new(options.seed),
            scripts: Scripts::default(),
            sessions: Vec::new(),
            free: Vec::new(),
            times: BinaryHeap::new(),
            order: 0,
            next_flow: START,
            next_service: START,
            begun: 0,
            latest: START,
            ended: false,
            truth: Truth::default(),
        }
    }

    /// What became of the flows: of all once the iterator has ended.
    pub(crate) const fn truth(&self) -> &Truth {
        &self.truth
    }

    fn begins_more(&self) -> bool {
        self.begun < self.options.flows && self.truth.packets < self.options.packets
    }

    /// Begins what is to begin before the next frame.
    fn begin(&mut self) {
        while self.begins_more() {
            let next = self.times.peek().map_or(u64::MAX, |Reverse((at, ..))| *at);
            if self.next_service < self.next_flow && self.next_service <= next {
                let session = Scripts::service(self.next_service, &mut self.random);
                self.next_service += SECOND;
                self.add(session);
            } else if self.next_flow <= next {
                let at = self.next_flow;
                self.next_flow += self.random.exponential(SECOND / self.options.rate.max(1));
                self.begun += 1;
                let session = self.scripts.flow(at, &mut self.random, &mut self.truth);
                self.add(session);
            } else {
                break;
            }
        }
    }

    fn add(&mut self, session: Session) {
        let place = self.free.pop().unwrap_or(self.sessions.len());
        if place == self.sessions.len() {
            self.sessions.push(session);
        } else {
            self.sessions[place] = session;
        }
        self.schedule(place);
    }

    /// Puts a session where its next frame says, or frees its place.
    fn schedule(&mut self, place: usize) {
        match self.sessions[place].next(&mut self.random) {
            Some((at, _)) => {
                self.order += 1;
                self.times.push(Reverse((*at, self.order, place)));
            }
            None => self.free.push(place),
        }
    }
}

impl Iterator for Traffic {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        self.begin();
        if self.times.is_empty() && !self.ended {
            self.ended = true;
            let at = self.latest + 120 * SECOND;
            let session = self.scripts.question(at, &mut self.random, &mut self.truth);
            self.add(session);
        }
        let Reverse((_, _, place)) = self.times.pop()?;
        let (at, frame) = self.sessions[place].queue.pop_front()?;
        self.schedule(place);
        self.latest = self.latest.max(at);
        self.truth.packets += 1;
        self.truth.bytes += frame.len() as u64;
        Some((at, frame))
    }
}
