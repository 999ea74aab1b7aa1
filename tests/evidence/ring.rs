//! A ring keeps the latest packets within its bound.

use windfall::capture::Replay;
use windfall::capture::batch::Batch;
use windfall::capture::frame::LinkType;
use windfall::capture::interface::{Interface, InterfaceTable};
use windfall::capture::write::{MIN_RING_BYTES, RING_FILES, Ring, WriteError};
use windfall::pipeline::evidence::{Batches, Files, Packets as _, Saved, save, save_those};
use windfall::verdict::summary::Requirement;

use crate::kept;
use crate::same_verdict::differences;

const BOUND: u64 = MIN_RING_BYTES;

fn interfaces() -> InterfaceTable {
    let mut table = InterfaceTable::new();
    table.add(Interface {
        capture: 0,
        name: Some("en0".into()),
        description: None,
        link: LinkType(1),
    });
    table
}

#[test]
fn it_holds_the_latest_packets_and_never_more_than_its_bound() {
    let folder = kept::made("ring");
    let mut ring = Ring::new(&folder.join("ring.pcapng"), BOUND, 262_144).unwrap();
    std::fs::write(
        folder.join("ring-00002-20260101T000001Z.pcapng"),
        "of an earlier run",
    )
    .unwrap();
    let table = interfaces();
    let bytes = [9; 1400];
    let (mut number, mut batch) = (0, Batch::with_room(1 << 20, 500));
    for second in 0..40 {
        batch.clear();
        for _ in 0..500 {
            number += 1;
            assert!(batch.push(&kept::frame(number, second, &bytes)));
        }
        ring.batch(&batch, &table);
        let sizes = ring
            .files()
            .iter()
            .map(|file| std::fs::metadata(file).unwrap().len())
            .sum::<u64>();
        assert!(sizes <= BOUND, "{sizes}");
    }
    let files = ring.files();
    assert_eq!(files.len(), RING_FILES);
    assert_eq!((ring.lost(), ring.trouble()), (0, None));
    let names: Vec<String> = files
        .iter()
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(
        names.is_sorted() && names.iter().all(|name| name.starts_with("ring-000")),
        "{names:?}"
    );
    assert!(names[0].ends_with("Z.pcapng"), "{names:?}");
    let mut times = Vec::new();
    Files::ring(&files).each(None, &mut |frame, interfaces| {
        assert_eq!(interfaces.name(frame.interface), Some("en0"));
        times.push(frame.seen.at);
        true
    });
    // All but the files that were deleted, up to the very last packet.
    assert!(
        times.is_sorted() && times.len() as u64 * 1400 > BOUND * 3 / 4,
        "{}",
        times.len()
    );
    assert_eq!(*times.last().unwrap(), kept::frame(1, 39, &[]).seen.at);
    // Another's file stays, though it bears a name of the ring.
    let others = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(others, RING_FILES + 1);
}

#[test]
fn evidence_can_be_had_from_its_files() {
    let folder = kept::made("ring-evidence");
    let capture = kept::bundled("itunes-failure.pcapng");
    let (summary, _) = kept::judged(&capture);
    let mut ring = Ring::new(&folder.join("ring.pcapng"), BOUND, 0).unwrap();
    let mut replay = Replay::open(&[&capture]);
    let mut batch = Batch::with_room(1 << 20, 100);
    while replay.advance() {
        let frame = replay.frame().unwrap();
        if !batch.push(&frame) {
            ring.batch(&batch, replay.interfaces());
            batch.clear();
            assert!(batch.push(&frame));
        }
    }
    ring.batch(&batch, replay.interfaces());
    let files = ring.files();
    let only_gs = |row: &Requirement| row.pattern == "gs.apple.com";
    let saved = save_those(&summary, &Files::ring(&files), &folder, &only_gs).unwrap();
    assert_eq!(saved.len(), 1);
    let saved = save(&summary, &Files::ring(&files), &folder).unwrap();
    assert_eq!(differences(&summary, &saved), [""; 0]);
    let gs = saved
        .iter()
        .find(|saved| saved.what.starts_with("gs."))
        .unwrap();
    let path = &gs.file.as_ref().unwrap().path;
    assert!(path.ends_with("gs.apple.com-192.168.7.20-2.pcapng"), "{gs}");
    let mut again = Replay::open(&[path]);
    while again.advance() {}
    let comments = &again.captures()[0].comments;
    assert!(
        comments
            .iter()
            .any(|comment| comment.text.contains("RST, TTL 64"))
    );
}

/// Memory holds the end of the capture, the ring all of it: together they give each packet once.
#[test]
fn evidence_that_memory_lost_is_had_from_its_files() {
    let folder = kept::made("ring-and-memory");
    let capture = kept::bundled("itunes-failure.pcapng");
    let (summary, _) = kept::judged(&capture);
    let mut ring = Ring::new(&folder.join("ring.pcapng"), BOUND, 0).unwrap();
    let mut replay = Replay::open(&[&capture]);
    let mut batches = vec![Batch::with_room(1 << 20, 100)];
    while replay.advance() {
        let frame = replay.frame().unwrap();
        if !batches.last_mut().unwrap().push(&frame) {
            batches.push(Batch::with_room(1 << 20, 100));
            assert!(batches.last_mut().unwrap().push(&frame));
        }
    }
    for batch in &batches {
        ring.batch(batch, replay.interfaces());
    }
    let late = &batches[batches.len() - 4..];
    let both = |ring| Batches {
        batches: late.iter(),
        interfaces: replay.interfaces(),
        ring,
    };
    let missing = |saved: &[Saved]| -> u64 {
        let missing = saved.iter().map(|saved| saved.missing.packets);
        missing.sum()
    };
    let memory = save(&summary, &both(None), &folder).unwrap();
    assert!(missing(&memory) > 0, "memory alone lost some");
    let saved = save(&summary, &both(Some(&ring)), &folder).unwrap();
    assert_eq!(missing(&saved), 0);
    assert_eq!(differences(&summary, &saved), [""; 0]);
    for saved in &saved {
        let mut times = Vec::new();
        let paths = [saved.file.as_ref().unwrap().path.clone()];
        Files::replayed(&paths).each(None, &mut |frame, _| {
            times.push((frame.seen.at, frame.bytes.to_vec()));
            true
        });
        let all = times.len();
        times.sort_unstable();
        times.dedup();
        assert_eq!(times.len(), all, "a packet came twice: {saved}");
    }
}

#[test]
fn a_folder_that_is_missing_is_told_at_the_start() {
    let path = kept::folder("ring-nowhere").join("ring.pcapng");
    let error = Ring::new(&path, BOUND, 0).unwrap_err();
    assert!(matches!(error, WriteError::NotMade { .. }), "{error}");
}
