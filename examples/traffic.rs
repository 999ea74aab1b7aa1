//! Writes made-up traffic, for tests of load and speed:
//! `cargo run --release --example traffic -- --flows 100000 --out big.pcap [--truth truth.json]`, or
//! `... --live 1000000 --out live.pcap` for connections that are all open at once (`tests/support/live_flows.rs`).
//!
//! Memory stays the same however long the file is. `--truth` tells how many flows have which outcome; a snap
//! length that cuts a ClientHello loses names, and may change outcomes. Described in `tests/support/traffic/mod.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers: it stops by panicking"
)]

#[path = "../tests/support/live_flows.rs"]
mod live_flows;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../tests/support/traffic/mod.rs"]
mod traffic;

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use clap::Parser;
use live_flows::LiveFlows;
use traffic::{Options, Pcap, Traffic};

/// Writes a capture of made-up traffic whose outcomes are known.
#[derive(Parser)]
struct Arguments {
    /// Flows.
    #[arg(long, default_value_t = 1000)]
    flows: u64,
    /// Begin no flow after so many packets.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    packets: u64,
    /// Flows that begin in a second.
    #[arg(long, default_value_t = 200)]
    rate: u64,
    /// The same seed gives the same file.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Instead: so many TCP connections that are all open at once and never end.
    #[arg(long, value_name = "FLOWS", conflicts_with_all = ["flows", "packets", "rate", "seed", "truth"], value_parser = clap::value_parser!(u64).range(1..=12_000_000))]
    live: Option<u64>,
    /// Packets of each of those.
    #[arg(long, default_value_t = 20, requires = "live", value_parser = clap::value_parser!(u64).range(1..=1000))]
    packets_each: u64,
    /// Bytes kept of each packet.
    #[arg(long, default_value_t = 262_144)]
    snaplen: u32,
    /// The capture (pcap, nanoseconds).
    #[arg(long)]
    out: PathBuf,
    /// What became of the flows, as JSON.
    #[arg(long)]
    truth: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let out = BufWriter::with_capacity(1 << 20, File::create(&arguments.out).unwrap());
    let mut pcap = Pcap::new(out, arguments.snaplen).unwrap();
    if let Some(flows) = arguments.live {
        for frame in LiveFlows::new(flows, arguments.packets_each) {
            pcap.frame(&frame).unwrap();
        }
        pcap.finish().unwrap();
        return;
    }
    let mut traffic = Traffic::new(Options {
        packets: arguments.packets,
        seed: arguments.seed,
        rate: arguments.rate,
        ..Options::flows(arguments.flows)
    });
    for frame in traffic.by_ref() {
        pcap.frame(&frame).unwrap();
    }
    pcap.finish().unwrap();
    let truth = traffic.truth();
    let told = serde_json::json!({
        "flows": truth.outcome.values().sum::<u64>(),
        "outcome": truth.outcome,
        "kind": truth.kind,
        "questions": truth.questions,
        "packets": truth.packets,
        "bytes": truth.bytes,
    });
    match arguments.truth {
        Some(path) => std::fs::write(path, format!("{told:#}\n")).unwrap(),
        None => eprintln!("{told:#}"),
    }
}
