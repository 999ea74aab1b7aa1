//! Once every flow has begun, packets cost no allocation.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test asserts by panicking and reads files"
)]

use std::io::Cursor;

use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::{Limits, Monitor};

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
