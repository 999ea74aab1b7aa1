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

/// The download of the healthy session: one connection with much data.
fn download() -> Vec<Kept> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/healthy-store.pcapng");
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
        bytes: &kept.bytes,
        original_len: kept.original_len,
    }
}

#[test]
fn packets_of_known_flows_allocate_nothing() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut monitor = Monitor::new(&catalogue, Limits::default());
    let frames = download();
    for frame in &frames {
        monitor.packet(&lend(frame, 0));
    }
    // The bulk of the download once more, moments later: data and acknowledgments of a flow that is settled. Only
    // names, questions and new flows may allocate, and there are none among these.
    let bulk: Vec<&Kept> = frames
        .iter()
        .filter(|frame| frame.bytes.len() > 1000)
        .collect();
    assert!(bulk.len() > 50, "{} frames of bulk data", bulk.len());
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
