//! Two ends, a path between them, and a tap in the middle of it.
//!
//! Input: a [`World`]. Output: what passed the tap, and the truth about what both programs got. All chance comes from
//! the world's seed, so a case can be run again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::script::Script;
use super::stack::{Endpoint, Habits, MILLISECOND, Nanos, SECOND, Segment};
use crate::support::tcp::{ACK, From, RST};

/// The simulation ends after so long.
pub(crate) const END: Nanos = 90 * SECOND;

/// Chances, in thousandths, of what may happen to a packet on one half of the path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    /// Extra delay of up to so much: packets overtake each other.
    pub(crate) jitter: Nanos,
}

/// How the programs end the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Fin,
    Rst,
    /// It says nothing more and leaves the connection open.
    Silence,
}

/// A box on the path that answers the client's first payload with RSTs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forger {
    pub(crate) to_server: bool,
    /// The payload that provoked it goes no further.
    pub(crate) swallow: bool,
}

/// From a time on, one direction is dead on one side of the tap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) since: Nanos,
    pub(crate) from: From,
    pub(crate) before_tap: bool,
    /// Only packets with more payload than this.
    pub(crate) above: usize,
}

/// Everything that decides a simulation.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) script: Script,
    pub(crate) habits: [Habits; 2],
    /// Client to tap, tap to server, one way.
    pub(crate) delay: [Nanos; 2],
    pub(crate) weather: Weather,
    /// Who ends it, before which turn.
    pub(crate) ending: (From, usize, Manner),
    /// The client waits no longer than this.
    pub(crate) patience: Option<(Nanos, Manner)>,
    /// The client's program reads nothing of the last answer before this long after the start.
    pub(crate) pause: Option<Nanos>,
    pub(crate) outage: Option<Outage>,
    pub(crate) forger: Option<Forger>,
}

/// What passed the tap, and what really happened.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) passed: Vec<(Nanos, Segment)>,
    /// When both programs had got everything.
    pub(crate) completed: Option<Nanos>,
    /// When, after that, neither end waited any more for the other to acknowledge what it said.
    pub(crate) settled: Option<Nanos>,
    /// The server's program wrote the turn that proves that the conversation works.
    pub(crate) proved: bool,
    /// Which ends sent a RST: client, server.
    pub(crate) reset_by: [bool; 2],
    /// A box on the path sent one.
    pub(crate) forged: bool,
}

enum Event {
    Tap(Segment),
    Arrive(Segment),
}

struct Network<'w> {
    world: &'w World,
    ends: [Endpoint; 2],
    turn: [usize; 2],
    queue: BinaryHeap<Reverse<(Nanos, usize)>>,
    events: Vec<Option<Event>>,
    chance: u64,
    story: Story,
}

const fn index(side: From) -> usize {
    match side {
        From::Client => 0,
        From::Server => 1,
    }
}

pub(crate) const fn peer(side: From) -> From {
    match side {
        From::Client => From::Server,
        From::Server => From::Client,
    }
}

/// Runs a world to its end.
pub(crate) fn run(world: &World) -> Story {
    let [client, server] = world.habits.clone();
    let mut network = Network {
        world,
        ends: [
            Endpoint::new(From::Client, client),
            Endpoint::new(From::Server, server),
        ],
        turn: [0; 2],
        queue: BinaryHeap::new(),
        events: Vec::new(),
        chance: world.seed,
        story: Story::default(),
    };
    network.ends[0].reading = world.pause.is_none();
    if world.habits[0].fast_open {
        network.act(0, From::Client);
    }
    network.ends[0].open(0);
    network.flush(0);
    while let Some(now) = network.step() {
        for side in [From::Client, From::Server] {
            network.act(now, side);
        }
        network.watch(now);
        network.flush(now);
    }
    network.tell()
}

impl Network<'_> {
    /// A number below `bound` (splitmix64).
    fn draw(&mut self, bound: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    /// Lets the next thing happen; gives the time, or nothing when all is over.
    fn step(&mut self) -> Option<Nanos> {
        let timers = self.ends.iter().filter_map(Endpoint::next_timer);
        let programs = [self.world.pause, self.world.patience.map(|(at, _)| at)];
        let woken = programs.into_iter().flatten().filter(|_| !self.awake());
        let timer = timers.chain(woken).min();
        let packet = self.queue.peek().map(|Reverse((at, _))| *at);
        let now = timer
            .into_iter()
            .chain(packet)
            .min()
            .filter(|&now| now <= END)?;
        if packet == Some(now) {
            let Reverse((_, number)) = self.queue.pop()?;
            match self.events[number].take()? {
                Event::Tap(segment) => self.tap(now, &segment),
                Event::Arrive(segment) => {
                    self.ends[index(peer(segment.from))].arrive(now, &segment);
                }
            }
        } else {
            for end in &mut self.ends {
                end.timer(now);
            }
            self.wake(now);
        }
        Some(now)
    }

    /// No program waits for the clock any more.
    fn awake(&self) -> bool {
        let client = &self.ends[0];
        let reads = self.world.pause.is_none() || client.reading;
        let waits = matches!(self.world.patience, Some((_, Manner::Fin | Manner::Rst)));
        let left = !waits || client.is_closed() || client.gone.is_some();
        reads && left
    }

    fn wake(&mut self, now: Nanos) {
        if self.world.pause.is_some_and(|at| at <= now) && !self.ends[0].reading {
            self.ends[0].read();
        }
        if let Some((at, manner)) = self.world.patience
            && at <= now
        {
            self.leave(now, From::Client, manner);
        }
    }

    fn leave(&mut self, now: Nanos, side: From, manner: Manner) {
        let end = &mut self.ends[index(side)];
        match manner {
            Manner::Silence => {}
            _ if end.is_closed() || end.gone.is_some() => {}
            Manner::Fin if end.is_open() => end.close(now),
            Manner::Fin | Manner::Rst => end.abort(),
        }
    }

    /// One program's part: speak when it is its turn, or end the conversation.
    fn act(&mut self, now: Nanos, side: From) {
        let (world, at) = (self.world, index(side));
        loop {
            let turn = self.turn[at];
            let end = &self.ends[at];
            if end.gone.is_some() || end.is_closed() {
                return;
            }
            let heard = end.received >= world.script.said_before(turn, peer(side));
            if !heard {
                // The other end will say no more.
                if end.peer_closed() {
                    self.leave(now, side, Manner::Fin);
                }
                return;
            }
            let (who, before, manner) = world.ending;
            if who == side && turn >= before {
                // Fast Open writes before there is a connection to end.
                if self.ends[at].is_open() {
                    self.leave(now, side, manner);
                }
                return;
            }
            let Some((by, bytes)) = world.script.turns.get(turn) else {
                if self.ends[at].peer_closed() {
                    self.leave(now, side, Manner::Fin);
                }
                return;
            };
            self.turn[at] += 1;
            if *by == side {
                self.story.proved |= turn == world.script.proof;
                self.ends[at].write(now, bytes);
            }
        }
    }

    /// Puts what the ends sent on the first half of the path.
    fn flush(&mut self, now: Nanos) {
        for side in [From::Client, From::Server] {
            for segment in std::mem::take(&mut self.ends[index(side)].out) {
                self.travel(now, self.world.delay[index(side)], &segment, true);
            }
        }
    }

    /// One half of the path: loss, duplication, delay.
    fn travel(&mut self, now: Nanos, delay: Nanos, segment: &Segment, before_tap: bool) {
        let weather = self.world.weather;
        let dead = self.world.outage.is_some_and(|outage| {
            outage.since <= now
                && outage.from == segment.from
                && outage.before_tap == before_tap
                && segment.payload.len() >= outage.above
        });
        if dead || self.draw(1000) < weather.loss {
            return;
        }
        let copies = 1 + u64::from(self.draw(1000) < weather.duplication);
        for copy in 0..copies {
            let at = now + delay + self.draw(weather.jitter) + copy * 2 * MILLISECOND;
            let event = if before_tap {
                Event::Tap(segment.clone())
            } else {
                Event::Arrive(segment.clone())
            };
            self.queue.push(Reverse((at, self.events.len())));
            self.events.push(Some(event));
        }
    }

    fn tap(&mut self, now: Nanos, segment: &Segment) {
        self.story.passed.push((now, segment.clone()));
        let onward = self.world.delay[1 - index(segment.from)];
        if let Some(forger) = self.world.forger
            && segment.from == From::Client
            && !segment.payload.is_empty()
        {
            self.forge(now, forger, segment);
            if forger.swallow {
                return;
            }
        }
        self.travel(now, onward, segment, false);
    }

    /// RSTs in the name of both ends, made from what the box just saw. They are captured at once.
    fn forge(&mut self, now: Nanos, forger: Forger, provoked_by: &Segment) {
        let past = u32::try_from(provoked_by.payload.len()).unwrap();
        let to_client = (
            From::Server,
            provoked_by.ack,
            provoked_by.seq.wrapping_add(past),
        );
        let to_server = (From::Client, provoked_by.seq, provoked_by.ack);
        let both = [Some(to_client), forger.to_server.then_some(to_server)];
        for (from, seq, ack) in both.into_iter().flatten() {
            let reset = Segment {
                from,
                flags: RST | ACK,
                seq,
                ack,
                window: 0,
                options: Vec::new(),
                payload: Vec::new(),
                forged: true,
            };
            self.story.forged = true;
            self.story.passed.push((now + 50_000, reset.clone()));
            self.travel(
                now + 50_000,
                self.world.delay[1 - index(from)],
                &reset,
                false,
            );
        }
    }

    /// Notes when both programs have everything, and when both ends know.
    fn watch(&mut self, now: Nanos) {
        let script = &self.world.script;
        let all = script.turns.len();
        let got =
            |side: From| self.ends[index(side)].received >= script.said_before(all, peer(side));
        if self.story.proved && got(From::Client) && got(From::Server) {
            self.story.completed.get_or_insert(now);
        }
        if self.story.completed.is_some() && !self.ends.iter().any(Endpoint::waits) {
            self.story.settled.get_or_insert(now);
        }
    }

    fn tell(mut self) -> Story {
        self.story.reset_by = [self.ends[0].sent_reset, self.ends[1].sent_reset];
        self.story.passed.sort_by_key(|(at, _)| *at);
        self.story
    }
}
