//! Writes attacks on a monitor, to a file or to standard output, for tests of bounds:
//! `cargo run --release --example attack -- syn-flood | windfall replay -`.
//!
//! Nothing is sent: this makes capture files. In the middle of each attack bundled captures go on, of devices in
//! 10.0.0.0/8 (`tests/support/attack/mod.rs`). `churn` is no attack: all bundled captures over and over, each time of
//! other devices, for so many rounds or minutes. The same flags give the same bytes, but for `--minutes`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a tool for developers: it stops by panicking"
)]

#[path = "../tests/support/attack/mod.rs"]
mod attack;
#[path = "../tests/support/captures.rs"]
mod captures;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../tests/support/traffic/mod.rs"]
#[expect(dead_code, reason = "the attacks use its file format alone")]
mod traffic;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use attack::{Attack, Attacked, Recording, Rounds, START, Size, meanwhile};
use captures::captures;
use clap::{Parser, ValueEnum};
use traffic::{Pcap, Timed};

/// Writes an attack with required connections in its middle, as a capture.
#[derive(Parser)]
struct Arguments {
    /// syn-flood, dns-random, mdns-storm, fragments, tiny-hellos, quic-initials or control-names; meanwhile: only what
    /// the devices do in the middle of each; churn: all bundled captures over and over.
    #[arg(value_parser = what)]
    what: What,
    /// Packets of the attack [default: enough to reach the bounds].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    packets: Option<u64>,
    /// Capture time of the attack; each round lasts up to 64 seconds.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seconds: u64,
    /// Rounds of the captures in its middle [default: 3]; of churn [default: no end but by the clock].
    #[arg(long)]
    rounds: Option<u16>,
    /// Churn begins no round after so many minutes by the clock.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// The capture (pcap, nanoseconds) [default: standard output].
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy)]
enum What {
    Attack(Attack),
    Meanwhile,
    Churn,
}

fn what(text: &str) -> Result<What, String> {
    match text {
        "churn" => Ok(What::Churn),
        "meanwhile" => Ok(What::Meanwhile),
        _ => Attack::from_str(text, false).map(What::Attack),
    }
}

/// Round after round, as long as asked for.
fn churn(arguments: &Arguments) -> impl Iterator<Item = Timed> {
    let recordings = captures()
        .iter()
        .filter_map(|path| Recording::read(path))
        .collect();
    let rounds = arguments.rounds.map_or(usize::MAX, usize::from);
    let (begun, lasts) = (Instant::now(), Duration::from_secs(60 * arguments.minutes));
    Rounds::one_by_one(recordings, START)
        .take(rounds)
        .take_while(move |_| begun.elapsed() < lasts)
        .flatten()
}

fn main() {
    let arguments = Arguments::parse();
    let size = Size {
        packets: arguments.packets.unwrap_or(match arguments.what {
            What::Attack(attack) => attack.usual_packets(),
            What::Meanwhile | What::Churn => 0,
        }),
        seconds: arguments.seconds,
        rounds: arguments.rounds.unwrap_or(3),
    };
    let frames: Box<dyn Iterator<Item = Timed>> = match arguments.what {
        What::Attack(attack) => Box::new(Attacked::new(attack, size)),
        What::Meanwhile => Box::new(meanwhile(size).into_iter()),
        What::Churn => Box::new(churn(&arguments)),
    };
    let out: Box<dyn Write> = match &arguments.out {
        Some(path) => Box::new(File::create(path).unwrap()),
        None => Box::new(std::io::stdout()),
    };
    let mut pcap = Pcap::new(BufWriter::with_capacity(1 << 20, out), 262_144).unwrap();
    for frame in frames {
        pcap.frame(&frame).unwrap();
    }
    pcap.finish().unwrap();
}
