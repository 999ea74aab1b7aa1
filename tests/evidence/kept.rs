//! Replays, saves and reads back, for the tests.

use std::path::{Path, PathBuf};

use windfall::capture::Replay;
use windfall::capture::frame::{Frame, FrameId, InterfaceId, LinkType, Seen, Timestamp};
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::evidence::{Files, Saved, save};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

/// A folder of one test's own that does not exist yet.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("evidence")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

/// The same, made.
pub(crate) fn made(name: &str) -> PathBuf {
    let path = folder(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A bundled capture.
pub(crate) fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name)
}

/// What windfall says of a file; and why it could not be read to its end.
pub(crate) fn judged(path: &Path) -> (Summary, Vec<String>) {
    judged_all(&[path.to_owned()])
}

pub(crate) fn judged_all(paths: &[PathBuf]) -> (Summary, Vec<String>) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let outcome = replay(&Request::new(paths, &catalogue), |_, _| {});
    (outcome.summary, outcome.failures)
}

/// Saves the evidence of a bundled capture.
pub(crate) fn saved(path: &Path, folder: &Path) -> (Summary, Vec<Saved>) {
    let (summary, _) = judged(path);
    let paths = [path.to_owned()];
    let saved = save(&summary, &Files::replayed(&paths), folder).unwrap();
    (summary, saved)
}

/// How many packets windfall reads in a file, and whether it came to its end.
pub(crate) fn packets(path: &Path) -> (u64, bool) {
    let mut files = Replay::open(&[path]);
    let mut count = 0;
    while files.advance() {
        count += 1;
    }
    (count, files.failures().next().is_none())
}

/// A frame of so many bytes at so many seconds after 2026-01-01.
pub(crate) fn frame(number: u64, seconds: i64, bytes: &[u8]) -> Frame<'_> {
    Frame {
        seen: Seen {
            at: Timestamp::from_nanos((1_767_225_600 + seconds) * 1_000_000_000),
            frame: FrameId::new(0, number),
        },
        interface: InterfaceId(0),
        link: LinkType(1),
        process: None,
        bytes,
        original_len: u32::try_from(bytes.len()).unwrap(),
    }
}
