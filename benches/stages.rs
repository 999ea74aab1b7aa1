//! How fast each stage is: `cargo bench --bench stages`, about a minute.
//!
//! Input: the bundled captures, held in memory, eight rounds of them, each round later than the one before, so that a
//! run is long enough to measure. Each stage tells packets (or messages, names) and bytes a second. Nothing is compared
//! with a target: numbers are read by people, before and after a change.
#![expect(clippy::unwrap_used, reason = "a bench stops by panicking")]

use std::hint::black_box;
use std::io::Cursor;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::decode::{Decoder, TransportView};
use windfall::monitor::{Limits, Monitor};
use windfall::pipeline::replay::feed;
use windfall::protocol::dns;
use windfall::protocol::tls::TlsSession;
use windfall::side::Side;
use windfall::verdict::assemble::Options;

const ROUNDS: i64 = 8;

/// A round begins this long after the one before; the captures last less.
const ROUND_NANOS: i64 = 3_600_000_000_000;

const ETHERNET: LinkType = LinkType(1);

/// A frame of a capture, and when it was captured.
struct Kept {
    at: i64,
    bytes: Vec<u8>,
}

/// Every Ethernet frame of the bundled captures, by time, in rounds.
fn traffic() -> Vec<Kept> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    paths.sort();
    let mut files = Replay::open(&paths);
    let mut once = Vec::new();
    while files.advance() {
        let frame = files.frame().unwrap();
        if frame.link == ETHERNET {
            once.push((frame.seen.at.as_nanos(), frame.bytes.to_vec()));
        }
    }
    let (first, _) = once.first().unwrap();
    let (last, _) = once.last().unwrap();
    let round = (last - first) + ROUND_NANOS;
    (0..ROUNDS)
        .flat_map(|number| {
            once.iter().map(move |(at, bytes)| Kept {
                at: at + number * round,
                bytes: bytes.clone(),
            })
        })
        .collect()
}

fn frames(traffic: &[Kept]) -> impl Iterator<Item = Frame<'_>> + Clone {
    (1..).zip(traffic).map(|(number, kept)| Frame {
        seen: Seen {
            at: Timestamp::from_nanos(kept.at),
            frame: FrameId::new(0, number),
        },
        interface: InterfaceId(0),
        link: ETHERNET,
        bytes: &kept.bytes,
        original_len: u32::try_from(kept.bytes.len()).unwrap(),
        process: None,
    })
}

/// The same as a pcap file (version 2.4, nanoseconds).
fn file(traffic: &[Kept]) -> Vec<u8> {
    let mut words = vec![0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 0x0004_0000, 1];
    let mut wire = Vec::new();
    for kept in traffic {
        let length = u32::try_from(kept.bytes.len()).unwrap();
        words.push(u32::try_from(kept.at / 1_000_000_000).unwrap());
        words.push(u32::try_from(kept.at % 1_000_000_000).unwrap());
        words.extend([length, length]);
        wire.extend(words.drain(..).flat_map(u32::to_le_bytes));
        wire.extend(&kept.bytes);
    }
    wire
}

/// Payloads for one parser: all DNS messages, or all first segments that begin like a `ClientHello`.
fn payloads(traffic: &[Kept], of: impl Fn(&TransportView<'_>) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for frame in frames(traffic) {
        if let Ok(view) = decoder.decode(&frame) {
            found.extend(of(&view.transport));
        }
    }
    found
}

fn units(count: usize, bytes: usize) -> Throughput {
    Throughput::ElementsAndBytes {
        elements: count as u64,
        bytes: bytes as u64,
    }
}

fn size<T: AsRef<[u8]>>(all: &[T]) -> usize {
    all.iter().map(|bytes| bytes.as_ref().len()).sum()
}

/// File and frames: reading, decoding, and all of it with the summary.
fn packets(group: &mut BenchmarkGroup<'_, WallTime>, traffic: &[Kept], catalogue: &Catalogue) {
    let wire = file(traffic);
    let bytes: usize = traffic.iter().map(|kept| kept.bytes.len()).sum();
    group.throughput(units(traffic.len(), bytes));
    group.bench_function("file walk", |bench| {
        bench.iter(|| walk(&wire, |frame| _ = black_box(frame)));
    });
    group.bench_function("decode", |bench| {
        let mut decoder = Decoder::new();
        bench.iter(|| {
            for frame in frames(traffic) {
                _ = black_box(decoder.decode(&frame));
            }
        });
    });
    group.bench_function("whole replay", |bench| {
        bench.iter(|| {
            let mut monitor = Monitor::new(catalogue, Limits::default());
            walk(&wire, |frame| monitor.packet(&frame));
            summarize(&monitor, catalogue)
        });
    });
    group.bench_function("summary", |bench| {
        let mut monitor = Monitor::new(catalogue, Limits::default());
        feed(&mut monitor, frames(traffic));
        bench.iter(|| summarize(&monitor, catalogue));
    });
}

fn walk(wire: &[u8], mut take: impl FnMut(Frame<'_>)) {
    let mut interfaces = InterfaceTable::new();
    let reader = Box::new(Cursor::new(wire.to_vec()));
    let opened = CaptureFile::from_reader(reader, "bench", 0, &mut interfaces).unwrap();
    let mut files = Replay::from_files(vec![opened], interfaces);
    while files.advance() {
        take(files.frame().unwrap());
    }
}

fn summarize(monitor: &Monitor<'_>, catalogue: &Catalogue) -> usize {
    let options = Options::new(catalogue);
    monitor.summary(Vec::new(), &options).flows.len()
}

/// Parsers and catalogue, on what the captures hold for them.
fn parsers(group: &mut BenchmarkGroup<'_, WallTime>, traffic: &[Kept], catalogue: &Catalogue) {
    let messages = payloads(traffic, |transport| match transport {
        TransportView::Udp(udp) if [udp.src_port, udp.dst_port].contains(&53) => {
            Some(udp.payload.to_vec())
        }
        _ => None,
    });
    group.throughput(units(messages.len(), size(&messages)));
    group.bench_function("dns parse", |bench| {
        bench.iter(|| {
            for message in &messages {
                _ = black_box(dns::parse(message));
            }
        });
    });
    let hellos = payloads(traffic, |transport| match transport {
        TransportView::Tcp(tcp) if tcp.payload.starts_with(&[22, 3, 1]) => {
            Some(tcp.payload.to_vec())
        }
        _ => None,
    });
    group.throughput(units(hellos.len(), size(&hellos)));
    group.bench_function("tls hello", |bench| {
        bench.iter(|| {
            for hello in &hellos {
                let mut session = TlsSession::new();
                session.feed(Side::Client, Seen::default(), hello);
                black_box(session.facts());
            }
        });
    });
    let names: Vec<Vec<u8>> = messages
        .iter()
        .filter_map(|message| Some(dns::parse(message).ok()?.question?.name.as_bytes().to_vec()))
        .collect();
    group.throughput(units(names.len(), size(&names)));
    group.bench_function("catalogue match", |bench| {
        bench.iter(|| {
            for name in &names {
                black_box(catalogue.owner_of_name(name));
            }
        });
    });
}

fn stages(criterion: &mut Criterion) {
    let traffic = traffic();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut group = criterion.benchmark_group("stages");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(6));
    packets(&mut group, &traffic, &catalogue);
    parsers(&mut group, &traffic, &catalogue);
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
