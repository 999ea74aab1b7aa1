//! Captures that were replayed apart and merged, against one replay of all of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use windfall::capture::Replay;
use windfall::merge::{Named, continued, merge};
use windfall::verdict::summary::{Requirement, Summary};

use crate::captures::captures;
use crate::report;
use crate::traffic::{Options, Pcap, SECOND, Traffic};

const PARTS: usize = 7;
const ALL: [&str; 5] = ["captures", "counts", "dns", "flows", "requirements"];
const SNAP_LEN: u32 = 262_144;

fn folder(name: &str) -> PathBuf {
    let name = format!("merge-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn named(path: &PathBuf) -> Named {
    (
        path.display().to_string(),
        report(std::slice::from_ref(path)),
    )
}

/// Made-up traffic, each device's packets in one of several captures, each on a day of its own: the numbers of made-up
/// connections are too much alike for captures of one time.
fn by_device(folder: &Path) -> Vec<PathBuf> {
    let paths: Vec<PathBuf> = (0..PARTS)
        .map(|part| folder.join(format!("part-{part}.pcap")))
        .collect();
    let mut files: Vec<Pcap<File>> = paths
        .iter()
        .map(|path| Pcap::new(File::create(path).unwrap(), SNAP_LEN).unwrap())
        .collect();
    for (at, bytes) in Traffic::new(Options::flows(3000)) {
        let part = usize::from(device(&bytes)) % PARTS;
        let days = part as u64 * 86_400 * SECOND;
        files[part].frame(&(at + days, bytes)).unwrap();
    }
    for file in files {
        file.finish().unwrap();
    }
    paths
}

/// The last byte of the device's address: `192.168.7.` or `fd07::` and a number above the resolver's.
fn device(frame: &[u8]) -> u8 {
    let ends = match frame[12..14] {
        [0x08, 0x00] => [&frame[26..30], &frame[30..34]],
        _ => [&frame[22..38], &frame[38..54]],
    };
    let is_device = |end: &&&[u8]| match end.len() {
        4 => end[..3] == [192, 168, 7] && end[3] > 1,
        _ => end[..2] == [0xfd, 0x07],
    };
    ends.iter()
        .find(is_device)
        .map_or(0, |end| end[end.len() - 1])
}

/// What must be the same: every word of every requirement, every flow and question, and the counts.
fn rows(summary: &Summary) -> BTreeMap<&'static str, Vec<String>> {
    fn lines<T: serde::Serialize>(rows: &[T]) -> Vec<String> {
        let lines = rows.iter().map(|row| serde_json::to_string(row).unwrap());
        let mut lines: Vec<String> = lines.collect();
        lines.sort();
        lines
    }
    let counts = [&summary.summary.status, &summary.summary.outcome];
    let requirements: Vec<Requirement> = summary.requirements.iter().map(known_by).collect();
    BTreeMap::from([
        ("captures", lines(&summary.captures)),
        ("counts", lines(&counts)),
        ("dns", lines(&summary.dns)),
        ("flows", lines(&summary.flows)),
        ("requirements", lines(&requirements)),
    ])
}

/// Of a device's addresses, a report knows those of its own captures; a merged one those of its reports' attempts.
fn known_by(row: &Requirement) -> Requirement {
    let mut row = row.clone();
    if let Some(client) = &mut row.client {
        client.addresses.truncate(1);
    }
    row
}

fn assert_same(kinds: &[&str], merged: &Summary, whole: &Summary) {
    let (merged, whole) = (rows(merged), rows(whole));
    for kind in kinds {
        let (merged, whole) = (&merged[kind], &whole[kind]);
        for (merged, whole) in merged.iter().zip(whole) {
            assert_eq!(merged, whole, "{kind}");
        }
        assert_eq!(merged.len(), whole.len(), "{kind}");
    }
}

#[test]
fn devices_replayed_apart_are_as_in_one_replay() {
    let folder = folder("devices");
    let paths = by_device(&folder);
    let merged = merge(paths.iter().map(named).collect()).unwrap();
    let whole = report(&paths);
    let tried = whole.requirements.iter().filter(|row| row.client.is_some());
    assert!(tried.count() > 100);
    // A flow may be named after what another device had asked for, in another capture.
    assert_same(
        &["captures", "counts", "dns", "requirements"],
        &merged,
        &whole,
    );
    assert_eq!(continued(&merged), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Nothing that one capture leaves open is closed by another that begins a day later.
#[test]
fn recordings_of_several_days_are_as_in_one_replay() {
    let folder = folder("days");
    let paths: Vec<PathBuf> = (0..)
        .zip(captures())
        .filter_map(|(days, path)| on_another_day(&path, days, &folder))
        .collect();
    assert!(paths.len() > 50, "{}", paths.len());
    for pair in paths.windows(2) {
        let merged = merge(pair.iter().map(named).collect()).unwrap();
        assert_same(&ALL, &merged, &report(pair));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// The capture so many days later, if it is of whole Ethernet frames.
fn on_another_day(path: &Path, days: u64, folder: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    let to = folder.join(name.split('.').next()?).with_extension("pcap");
    let mut files = Replay::open(&[path]);
    let mut out = Pcap::new(File::create(&to).unwrap(), SNAP_LEN).unwrap();
    while files.advance() {
        let frame = files.frame().unwrap();
        if frame.link.0 != 1 || frame.original_len as usize != frame.bytes.len() {
            return None;
        }
        let at = u64::try_from(frame.seen.at.as_nanos()).unwrap() + days * 86_400 * SECOND;
        out.frame(&(at, frame.bytes.to_vec())).unwrap();
    }
    out.finish().unwrap();
    Some(to)
}

/// A connection that goes on in the next capture is two attempts, and that is told.
#[test]
fn a_connection_cut_in_two_is_noticed() {
    let folder = folder("cut");
    let halves = ["first.pcap", "second.pcap"].map(|name| folder.join(name));
    let mut noticed = 0;
    for path in captures() {
        let mut files = Replay::open(&[&path]);
        let mut frames = Vec::new();
        while files.advance() {
            let frame = files.frame().unwrap();
            let at = u64::try_from(frame.seen.at.as_nanos()).unwrap();
            frames.push((at, frame.bytes.to_vec()));
        }
        let (first, second) = frames.split_at(frames.len() / 2);
        for (half, frames) in halves.iter().zip([first, second]) {
            let mut out = Pcap::new(File::create(half).unwrap(), SNAP_LEN).unwrap();
            for frame in frames {
                out.frame(frame).unwrap();
            }
            out.finish().unwrap();
        }
        let merged = merge(halves.iter().map(named).collect()).unwrap();
        noticed += usize::from(continued(&merged) > 0);
    }
    assert!(noticed > 10, "noticed in {noticed} captures");
    std::fs::remove_dir_all(folder).unwrap();
}
