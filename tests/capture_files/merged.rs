//! Several files are one stream by time, and a broken one does not take the others with it.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use proptest::prelude::*;
use windfall::capture::frame::InterfaceId;
use windfall::capture::{CaptureError, CaptureFile, CaptureInfo, InterfaceTable, Replay};

use crate::write::{MICROS, Order, Pcap, Pcapng, option};

fn replay(files: &[Vec<u8>]) -> Replay {
    let mut interfaces = InterfaceTable::new();
    let files = files
        .iter()
        .zip(0..)
        .map(|(bytes, capture)| {
            let reader = Box::new(Cursor::new(bytes.clone()));
            CaptureFile::from_reader(reader, &format!("{capture}.pcap"), capture, &mut interfaces)
                .unwrap()
        })
        .collect();
    Replay::from_files(files, interfaces)
}

/// Everything that comes out: input, frame number, seconds.
fn drain(replay: &mut Replay) -> Vec<(u16, u64, i64)> {
    let mut seen = Vec::new();
    assert!(replay.frame().is_none());
    while replay.advance() {
        let frame = replay.frame().unwrap();
        let id = frame.seen.frame;
        seen.push((
            id.capture(),
            id.number(),
            frame.seen.at.as_nanos() / 1_000_000_000,
        ));
    }
    assert!(replay.frame().is_none());
    assert!(!replay.advance());
    seen
}

fn pcap(times: &[u32]) -> Vec<u8> {
    let file = Pcap::new(Order::Little, MICROS, 1);
    times
        .iter()
        .fold(file, |file, &time| file.packet(time, 0, b"x"))
        .bytes
}

#[test]
fn frames_come_by_time_and_equal_times_in_the_order_of_the_files() {
    let mut replay = replay(&[pcap(&[2, 5, 5, 9]), pcap(&[1, 5, 6]), pcap(&[5])]);
    assert_eq!(
        drain(&mut replay),
        [
            (1, 1, 1),
            (0, 1, 2),
            (0, 2, 5),
            (0, 3, 5),
            (1, 2, 5),
            (2, 1, 5),
            (1, 3, 6),
            (0, 4, 9)
        ]
    );
    assert_eq!(replay.failures().count(), 0);
}

#[test]
fn a_file_s_own_order_is_kept_where_its_times_step_back() {
    let mut replay = replay(&[pcap(&[10, 3, 4]), pcap(&[5, 11])]);
    assert_eq!(
        drain(&mut replay),
        [(1, 1, 5), (0, 1, 10), (0, 2, 3), (0, 3, 4), (1, 2, 11)]
    );
    assert_eq!(replay.captures()[0].out_of_order, 1);
}

#[test]
fn one_file_alone_and_none_at_all() {
    assert_eq!(drain(&mut replay(&[pcap(&[3, 1])])), [(0, 1, 3), (0, 2, 1)]);
    assert_eq!(drain(&mut replay(&[])), []);
    assert_eq!(drain(&mut replay(&[pcap(&[])])), []);
}

#[test]
fn a_file_that_breaks_off_ends_alone() {
    let whole = pcap(&[2, 4, 6]);
    let mut broken = pcap(&[1, 3, 5]);
    broken.truncate(broken.len() - 1);
    let mut replay = replay(&[broken, whole]);
    assert_eq!(
        drain(&mut replay),
        [(0, 1, 1), (1, 1, 2), (0, 2, 3), (1, 2, 4), (1, 3, 6)]
    );
    let captures = replay.captures();
    assert_eq!((captures[0].frames, captures[1].frames), (2, 3));
    assert_eq!(
        captures[0].error().unwrap(),
        "0.pcap: the file ends inside packet 3 at byte 58 (needs 17 bytes, has 16); everything before it was read"
    );
    assert_eq!(captures[1].error(), None);
    assert_eq!(replay.failures().count(), 1);
}

#[test]
fn interfaces_are_numbered_over_all_files() {
    let named = |name: &str| {
        let options = option(Order::Little, 2, name.as_bytes());
        Pcapng::new(Order::Little)
            .interface(1, 0, &options)
            .enhanced(0, 1_000_000, b"x")
            .interface(101, 0, &[])
            .enhanced(1, 2_000_000, b"y")
            .bytes
    };
    let mut replay = replay(&[named("en0"), named("en1")]);
    let mut seen = Vec::new();
    while replay.advance() {
        let frame = replay.frame().unwrap();
        let name = replay.interfaces().name(frame.interface);
        seen.push((
            frame.seen.frame.capture(),
            frame.interface,
            name.map(str::to_owned),
        ));
    }
    assert_eq!(
        seen,
        [
            (0, InterfaceId(0), Some("en0".into())),
            (1, InterfaceId(1), Some("en1".into())),
            (0, InterfaceId(2), None),
            (1, InterfaceId(3), None),
        ]
    );
    assert_eq!(replay.interfaces().get(InterfaceId(3)).unwrap().capture, 1);
}

#[test]
fn paths_that_cannot_be_opened_or_read_are_told_and_the_rest_is_read() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("capture_merged");
    fs::create_dir_all(&folder).unwrap();
    let good = folder.join("good.pcap");
    fs::write(&good, pcap(&[1, 2])).unwrap();
    let text = folder.join("text.pcap");
    fs::write(&text, "not a capture").unwrap();
    let missing = folder.join("missing.pcap");
    let mut replay = Replay::open(&[&missing, &good, &text]);
    assert_eq!(drain(&mut replay), [(1, 1, 1), (1, 2, 2)]);
    let failures: Vec<&CaptureError> = replay.failures().collect();
    assert!(matches!(
        failures[..],
        [CaptureError::Open { .. }, CaptureError::NotACapture { .. }]
    ));
    let captures = replay.captures();
    assert_eq!(captures.len(), 3);
    assert_eq!(captures[0].path, missing.to_string_lossy());
    assert_eq!(captures[0].format, None);
    assert_eq!(captures[1].error(), None);
    assert_eq!(replay.bytes_read(), 24 + 2 * 17);
}

/// As [`drain`], in runs of at most `most` frames.
fn drain_in_runs(replay: &mut Replay, most: usize) -> Vec<(u16, u64, i64)> {
    let mut seen = Vec::new();
    let mut slots = Vec::new();
    while replay.advance_run(&mut slots, most) {
        assert!(!slots.is_empty() && slots.len() <= most.max(1));
        for &slot in &slots {
            let frame = replay.frame_in(slot).unwrap();
            assert_eq!(frame.bytes, b"x");
            let id = frame.seen.frame;
            seen.push((
                id.capture(),
                id.number(),
                frame.seen.at.as_nanos() / 1_000_000_000,
            ));
        }
    }
    assert!(!replay.advance());
    seen
}

proptest! {
    #[test]
    fn runs_yield_the_same_frames_in_the_same_order(
        files in proptest::collection::vec(proptest::collection::vec(0_u32..20, 0..30), 0..4),
        most in 0_usize..12,
        cut in 0_usize..20,
    ) {
        let mut files: Vec<Vec<u8>> = files.iter().map(|times| pcap(times)).collect();
        if let Some(first) = files.first_mut() {
            first.truncate((first.len() - cut.min(first.len())).max(24));
        }
        let mut single = replay(&files);
        let mut runs = replay(&files);
        prop_assert_eq!(drain(&mut single), drain_in_runs(&mut runs, most));
        let errors = |replay: &Replay| replay.captures().iter().map(CaptureInfo::error).collect::<Vec<_>>();
        prop_assert_eq!(errors(&single), errors(&runs));
    }
}
