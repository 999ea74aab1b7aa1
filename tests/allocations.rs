//! Once every flow has begun, packets cost no allocation.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test asserts by panicking and reads files"
)]

use std::io::Cursor;
use std::sync::Arc;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::share::Share;
use windfall::monitor::{Limits, Monitor};
use windfall::pipeline::load::Ring;
use windfall::verdict::assemble::Options;

struct Kept {
    seen: Seen,
    interface: InterfaceId,
    link: LinkType,
    bytes: Vec<u8>,
    original_len: u32,
}

/// All frames of a bundled capture.
fn frames(capture: &str) -> Vec<Kept> {
    let path = format!("{}/captures/{capture}", env!("CARGO_MANIFEST_DIR"));
    let reader = Box::new(Cursor::new(std::fs::read(path).unwrap()));
    let mut interfaces = InterfaceTable::new();
    let file = CaptureFile::from_reader(reader, "healthy", 0, &mut interfaces).unwrap();
    let mut files = Replay::from_files(vec![file], interfaces);
    let mut kept = Vec::new();
    while files.advance() {
        let frame = files.frame().unwrap();
        kept.push(Kept {
            seen: frame.seen,
            interface: frame.interface,
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            original_len: frame.original_len,
        });
    }
    kept
}

fn lend(kept: &Kept, later: i64) -> Frame<'_> {
    let at = Timestamp::from_nanos(kept.seen.at.as_nanos() + later);
    Frame {
        seen: Seen {
            at,
            frame: FrameId::new(0, kept.seen.frame.number()),
        },
        interface: kept.interface,
        link: kept.link,
        process: None,
        bytes: &kept.bytes,
        original_len: kept.original_len,
    }
}

/// A QUIC packet with a short header, in UDP over IPv4 without options.
fn is_one_rtt(frame: &Kept) -> bool {
    let [ethertype, protocol] = [frame.bytes.get(12..14), frame.bytes.get(23..24)];
    let is_udp = ethertype == Some(&[8, 0]) && protocol == Some(&[17]);
    let ports = frame.bytes.get(34..38).unwrap_or_default();
    let to_443 = ports.chunks(2).any(|port| port == [1, 187]);
    is_udp && to_443 && frame.bytes.get(42).is_some_and(|first| first & 0x80 == 0)
}

#[test]
fn packets_of_known_flows_allocate_nothing() {
    // The bulk of the download: data and acknowledgments of a flow that is settled.
    allocate_nothing("healthy-store.pcapng", |frame| frame.bytes.len() > 1000);
}

#[test]
fn packets_of_settled_quic_connections_allocate_nothing() {
    allocate_nothing("healthy-quic.pcapng", is_one_rtt);
}

/// Replays a capture, and then some of its frames once more, moments later. Only names, questions and new flows may
/// allocate, and there must be none among these.
fn allocate_nothing(capture: &str, chosen: fn(&Kept) -> bool) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    let frames = frames(capture);
    for frame in &frames {
        monitor.packet(&lend(frame, 0));
    }
    let bulk: Vec<&Kept> = frames.iter().filter(|frame| chosen(frame)).collect();
    assert!(bulk.len() > 30, "{} frames of bulk data", bulk.len());
    for frame in &bulk {
        monitor.packet(&lend(frame, 1_000_000_000));
    }
    let counted = allocation_counter::measure(|| {
        for frame in &bulk {
            monitor.packet(&lend(frame, 2_000_000_000));
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

/// A PKTAP header of process 77, for `frame` (Apple's `bsd/net/pktap.h`).
fn pktap(frame: &Kept) -> Vec<u8> {
    const LENGTH: u32 = 108;
    let mut packet = vec![0; LENGTH as usize];
    packet[..4].copy_from_slice(&LENGTH.to_le_bytes());
    packet[4..8].copy_from_slice(&1_u32.to_le_bytes());
    // What follows is Ethernet.
    packet[8..12].copy_from_slice(&1_u32.to_le_bytes());
    packet[52..56].copy_from_slice(&77_i32.to_le_bytes());
    packet[56..62].copy_from_slice(b"itunes");
    packet[84..88].copy_from_slice(&(-1_i32).to_le_bytes());
    packet.extend(&frame.bytes);
    packet
}

/// A recording of an Apple system: every frame names its process, which is looked up and not copied.
#[test]
fn packets_with_their_process_allocate_nothing() {
    let frames = frames("healthy-store.pcapng");
    let bulk: Vec<&Kept> = frames
        .iter()
        .filter(|frame| frame.bytes.len() > 1000)
        .collect();
    assert!(bulk.len() > 30, "{} frames of bulk data", bulk.len());
    let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(258_u32.to_le_bytes());
    let start = frames.first().unwrap().seen.at.as_nanos();
    let passes = frames.iter().map(|frame| (0, frame));
    let passes = passes
        .chain(bulk.iter().map(|frame| (20, *frame)))
        .chain(bulk.iter().map(|frame| (21, *frame)));
    for (later, frame) in passes {
        let packet = pktap(frame);
        let micros = (frame.seen.at.as_nanos() - start) / 1000;
        let length = u32::try_from(packet.len()).unwrap();
        for word in [
            1_700_000_000 + later + u32::try_from(micros / 1_000_000).unwrap(),
            u32::try_from(micros % 1_000_000).unwrap(),
            length,
            length,
        ] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    let mut interfaces = InterfaceTable::new();
    let reader = Box::new(Cursor::new(file));
    let file = CaptureFile::from_reader(reader, "pktap", 0, &mut interfaces).unwrap();
    let mut replay = Replay::from_files(vec![file], interfaces);
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    let mut pass = |count: usize| {
        let mut named = 0;
        for _ in 0..count {
            assert!(replay.advance());
            let frame = replay.frame().unwrap();
            named += usize::from(frame.process.is_some());
            monitor.packet(&frame);
        }
        named
    };
    assert_eq!(pass(frames.len() + bulk.len()), frames.len() + bulk.len());
    let mut named = 0;
    let counted = allocation_counter::measure(|| named = pass(bulk.len()));
    assert_eq!(named, bulk.len());
    assert_eq!(counted.count_total, 0, "{counted:?}");
    let summary = monitor.summary(Vec::new(), &Options::new(&catalogue));
    assert!(summary.flows.len() > 5, "{} flows", summary.flows.len());
}

/// The way of packets through the pipeline, on one thread: a recycled batch is filled and shared out, each worker takes
/// its frames, and the batch goes back. What it costs is one counter of its holders a batch.
#[test]
fn recycled_batches_allocate_nothing_a_packet() {
    const WORKERS: usize = 3;
    const BATCHES: u64 = 20;
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let frames = frames("healthy-store.pcapng");
    let bulk: Vec<&Kept> = frames
        .iter()
        .filter(|frame| frame.bytes.len() > 1000)
        .collect();
    let mut monitors: Vec<Monitor<'_>> = Share::among(WORKERS)
        .map(|share| Monitor::of_share(&catalogue, Limits::default(), share))
        .collect();
    let mut ring = Ring::new(4);
    let mut later = 0;
    let mut pass = |frames: &mut dyn Iterator<Item = &Kept>| {
        let mut load = ring.take();
        later += 1_000_000_000;
        let mut taken = 0;
        for frame in frames {
            taken += u64::from(load.batch_mut().push(&lend(frame, later)));
        }
        load.share_out(WORKERS);
        let load = Arc::new(load);
        for (worker, monitor) in monitors.iter_mut().enumerate() {
            let load = Arc::clone(&load);
            for frame in load.frames_of(worker) {
                monitor.packet(&frame);
            }
            monitor.tick(load.batch().now());
        }
        ring.keep(load);
        taken
    };
    for part in frames.chunks(100) {
        assert_eq!(pass(&mut part.iter()), part.len() as u64);
    }
    let bulk = &bulk[..100];
    pass(&mut bulk.iter().copied());
    let mut taken = 0;
    let counted = allocation_counter::measure(|| {
        for _ in 0..BATCHES {
            taken += pass(&mut bulk.iter().copied());
        }
    });
    assert_eq!(taken, bulk.len() as u64 * BATCHES);
    assert!(taken > 30 * BATCHES, "{taken} packets");
    assert!(counted.count_total <= BATCHES, "{counted:?}");
}

#[test]
fn a_flow_stays_small() {
    use windfall::flow::tcp::Opening;
    use windfall::protocol::lookups::Lookup;
    use windfall::protocol::tls::{TlsFacts, TlsSession};
    use windfall::verdict::conversation::Conversation;

    // Bytes that docs/performance.md tells: a million flows are a million times as many.
    let sizes = [
        size_of::<Conversation>(),
        size_of::<Opening>(),
        size_of::<TlsFacts>(),
        size_of::<TlsSession>(),
        size_of::<Lookup>(),
    ];
    let told = [440, 144, 272, 304, 184];
    assert!(
        sizes.iter().zip(told).all(|(size, told)| *size <= told),
        "{sizes:?}, not {told:?}"
    );
}
