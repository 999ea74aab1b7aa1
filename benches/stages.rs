//! How fast each stage is: `cargo bench`, some two minutes; `cargo bench -- gateway/decode` for one.
//!
//! Input, held in memory: the bundled captures, and made-up traffic of a gateway (`tests/support/traffic`). Each stage
//! tells packets (or messages, names) and bytes a second. Nothing is compared with a target: people read the numbers,
//! before and after a change.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench stops by panicking"
)]

#[path = "stages/input.rs"]
mod input;

#[path = "../tests/support/captures.rs"]
mod captures;
#[path = "../tests/support/traffic/mod.rs"]
#[expect(dead_code, reason = "shared with what writes it to files")]
mod generator;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use input::Traffic;
use windfall::capture::frame::{Frame, Seen};
use windfall::catalogue::{Catalogue, Profile};
use windfall::decode::Decoder;
use windfall::monitor::{Limits, Monitor};
use windfall::pipeline::replay::feed;
use windfall::protocol::dns;
use windfall::protocol::quic::QuicSession;
use windfall::protocol::tls::TlsSession;
use windfall::side::Side;
use windfall::verdict::assemble::Options;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// File and frames: reading, decoding, following flows, judging, and all of it.
fn packets(group: &mut Group<'_>, traffic: &Traffic, catalogue: &Catalogue) {
    group.throughput(units(traffic.packets(), traffic.bytes()));
    group.bench_function("file walk", |bench| {
        bench.iter(|| traffic.walk(|frame| _ = black_box(frame)));
    });
    group.bench_function("decode", |bench| {
        let mut decoder = Decoder::new();
        bench.iter(|| {
            for frame in traffic.frames() {
                _ = black_box(decoder.decode(&frame));
            }
        });
    });
    group.bench_function("flow update", |bench| {
        bench.iter(|| monitored(traffic.headers(), catalogue));
    });
    group.bench_function("verdict", |bench| {
        let monitor = monitored(traffic.frames(), catalogue);
        bench.iter(|| summarize(&monitor, catalogue));
    });
    group.bench_function("whole replay", |bench| {
        bench.iter(|| {
            let mut monitor = Monitor::new(catalogue, Limits::default());
            traffic.walk(|frame| monitor.packet(&frame));
            summarize(&monitor, catalogue)
        });
    });
}

fn monitored<'c, 'f>(
    frames: impl Iterator<Item = Frame<'f>>,
    catalogue: &'c Catalogue,
) -> Monitor<'c> {
    let mut monitor = Monitor::new(catalogue, Limits::default());
    feed(&mut monitor, frames);
    monitor
}

fn summarize(monitor: &Monitor<'_>, catalogue: &Catalogue) -> usize {
    let options = Options::new(catalogue);
    monitor.summary(Vec::new(), &options).flows.len()
}

/// Parsers and catalogue, on what the traffic holds for them.
fn parsers(group: &mut Group<'_>, traffic: &Traffic, catalogue: &Catalogue) {
    each(group, "dns message", &traffic.messages, |message| {
        _ = black_box(dns::parse(message));
    });
    each(group, "tls hello", &traffic.hellos, |hello| {
        let mut session = TlsSession::new();
        session.feed(Side::Client, Seen::default(), hello);
        black_box(session.facts());
    });
    each(group, "quic initial", &traffic.initials, |initial| {
        let mut session = QuicSession::new();
        session.feed(Side::Client, Seen::default(), 64, initial);
        black_box(session.facts());
    });
    each(group, "catalogue match", &traffic.names, |name| {
        black_box(catalogue.owner_of_name(name));
    });
}

/// One parser over all inputs it has.
fn each(group: &mut Group<'_>, name: &str, inputs: &[Vec<u8>], parse: impl Fn(&[u8])) {
    assert!(!inputs.is_empty(), "{name}: nothing to measure");
    group.throughput(units(inputs.len(), inputs.iter().map(Vec::len).sum()));
    group.bench_function(name, |bench| {
        bench.iter(|| inputs.iter().for_each(|input| parse(input)));
    });
}

fn units(count: usize, bytes: usize) -> Throughput {
    Throughput::ElementsAndBytes {
        elements: count as u64,
        bytes: bytes as u64,
    }
}

fn stages(criterion: &mut Criterion) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    for (name, make) in [
        ("captures", Traffic::bundled as fn() -> Traffic),
        ("gateway", Traffic::gateway),
    ] {
        let traffic = make();
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(20)
            .warm_up_time(Duration::from_secs(1))
            .measurement_time(Duration::from_secs(4));
        packets(&mut group, &traffic, &catalogue);
        parsers(&mut group, &traffic, &catalogue);
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
