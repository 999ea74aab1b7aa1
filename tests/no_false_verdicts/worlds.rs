//! Which worlds are tried: strategies for proptest.

use proptest::prelude::*;

use super::network::{Forger, Manner, Outage, Weather, World};
use super::script::{Protocol, Script};
use super::stack::{Habits, MILLISECOND, SECOND};
use super::tap::{Flaws, Ttls};
use crate::support::tcp::From;

fn isn() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), (0..4000u32).prop_map(|back| u32::MAX - back)]
}

prop_compose! {
    fn habits()(
        isn in isn(),
        timeout in 200..1000u64,
        delayed_ack in prop::sample::select(vec![0, 40, 200]),
        sack: bool,
        buffer in prop_oneof![3 => Just(65_000u16), 1 => 4_400..20_000u16],
        keep_alive in prop::option::weighted(0.2, (2..20u64, any::<bool>())),
        fast_open in prop::bool::weighted(0.1),
        multipath in prop::bool::weighted(0.1),
    ) -> Habits {
        Habits {
            isn,
            timeout: timeout * MILLISECOND,
            delayed_ack: delayed_ack * MILLISECOND,
            sack,
            buffer,
            keep_alive: keep_alive.map(|(idle, byte)| (idle * SECOND, byte)),
            fast_open,
            multipath,
        }
    }
}

prop_compose! {
    fn weather()(
        loss in prop_oneof![1 => Just(0u64), 2 => 0..120u64],
        duplication in prop_oneof![1 => Just(0u64), 1 => 0..60u64],
        jitter in prop_oneof![2 => Just(0u64), 2 => 0..2_000u64, 1 => 0..15_000u64],
    ) -> Weather {
        Weather { loss, duplication, jitter: jitter * 1000 }
    }
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop::sample::select(vec![
        Protocol::Tls13,
        Protocol::Tls13Retry,
        Protocol::Tls12,
        Protocol::Http,
    ])
}

fn script() -> impl Strategy<Value = Script> {
    let hello = prop_oneof![Just(0usize), 1300..2500usize];
    let answer = prop_oneof![60..3000usize, 3000..60_000usize];
    (protocol(), hello, answer)
        .prop_map(|(protocol, hello, answer)| Script::new(protocol, hello, answer))
}

fn side() -> impl Strategy<Value = From> {
    prop::sample::select(vec![From::Client, From::Server])
}

fn manner() -> impl Strategy<Value = Manner> {
    prop::sample::select(vec![Manner::Fin, Manner::Rst, Manner::Silence])
}

prop_compose! {
    /// Nothing goes wrong but the weather, and the programs end it only when all is said.
    pub(crate) fn healthy()(
        seed: u64,
        script in script(),
        client in habits(),
        server in habits(),
        delay in (0..3u64, 2..80u64),
        weather in weather(),
        ending in (side(), manner()),
        pause in prop::option::weighted(0.2, 500..8000u64),
    ) -> World {
        let turns = script.turns.len();
        // A server that resets throws away what has not arrived yet: that is not healthy.
        let ending = match ending {
            (From::Server, Manner::Rst) => (From::Server, Manner::Fin),
            other => other,
        };
        World {
            seed,
            script,
            habits: [client, server],
            delay: [delay.0 * MILLISECOND + 100_000, delay.1 * MILLISECOND],
            weather,
            ending: (ending.0, turns, ending.1),
            patience: None,
            pause: pause.map(|at| at * MILLISECOND),
            outage: None,
            forger: None,
        }
    }
}

prop_compose! {
    /// One end leaves, or falls silent, before all is said; perhaps the client loses patience with it.
    pub(crate) fn broken_off()(
        world in healthy(),
        turn: prop::sample::Index,
        patience in prop::option::weighted(0.4, (1..50u64, manner())),
    ) -> World {
        let turns = world.script.turns.len();
        let (side, _, manner) = world.ending;
        World {
            ending: (side, turn.index(turns), manner),
            patience: patience.map(|(at, manner)| (at * SECOND, manner)),
            pause: None,
            ..world
        }
    }
}

prop_compose! {
    /// One direction dies somewhere on the path, for all packets or for large ones.
    pub(crate) fn cut_off()(
        world in healthy(),
        since in 0..400u64,
        from in side(),
        before_tap: bool,
        above in prop::sample::select(vec![0usize, 0, 1, 1300]),
        patience in prop::option::weighted(0.4, (1..50u64, manner())),
    ) -> World {
        let outage = Outage { since: since * MILLISECOND, from, before_tap, above };
        World {
            outage: Some(outage),
            patience: patience.map(|(at, manner)| (at * SECOND, manner)),
            pause: None,
            ..world
        }
    }
}

prop_compose! {
    /// A box forges RSTs when the client speaks.
    pub(crate) fn forged()(world in healthy(), to_server: bool, swallow: bool) -> World {
        World { forger: Some(Forger { to_server, swallow }), pause: None, ..world }
    }
}

prop_compose! {
    /// What may be wrong with a capture, nothing included.
    pub(crate) fn flaws()(
        loss in prop_oneof![2 => Just(0u64), 1 => 1..200u64],
        copies in prop_oneof![1 => Just(0u64), 1 => 0..300u64],
        snap in prop::option::weighted(0.2, 54..400usize),
        late in prop_oneof![3 => Just(0u64), 1 => 0..600u64],
        until in prop::option::weighted(0.3, 1..20_000u64),
    ) -> Flaws {
        Flaws {
            loss,
            copies,
            snap,
            late: late * MILLISECOND,
            until: until.map(|at| at * MILLISECOND),
            only: None,
        }
    }
}

pub(crate) fn one_direction() -> impl Strategy<Value = Flaws> {
    (flaws(), side()).prop_map(|(flaws, only)| Flaws {
        only: Some(only),
        ..flaws
    })
}

/// The server is some hops away; a forger is so far from it that its TTL tells.
pub(crate) fn ttls() -> impl Strategy<Value = Ttls> {
    (
        40..61u8,
        prop::sample::select(vec![64u8, 255, 128, 33, 110]),
    )
        .prop_map(|(server, forger)| Ttls { server, forger })
}
