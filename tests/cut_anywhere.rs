//! A capture cut at any byte never panics; what was read before the cut is reported, and the cut is told.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test asserts by panicking and reads files"
)]

use std::io::Cursor;

use windfall::capture::{CaptureFile, InterfaceTable, Replay};
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::{Limits, Monitor};
use windfall::verdict::assemble::Options;

/// Bytes at the start that are all tried.
const DENSE: usize = 4096;

/// Places tried in the rest.
const SAMPLES: u64 = 1000;

/// Replays what a file of these bytes holds; gives the frames read and whether the cut was told.
fn replay(bytes: &[u8], catalogue: &Catalogue) -> (u64, bool) {
    let mut interfaces = InterfaceTable::new();
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let Ok(file) = CaptureFile::from_reader(reader, "cut.pcapng", 0, &mut interfaces) else {
        return (0, true);
    };
    let mut files = Replay::from_files(vec![file], interfaces);
    let mut monitor = Monitor::new(catalogue, Limits::default());
    let mut frames = 0;
    while files.advance() {
        monitor.packet(&files.frame().unwrap());
        frames += 1;
    }
    let options = Options::new(catalogue);
    let summary = monitor.summary(Vec::new(), &options);
    assert!(summary.requirements.len() > 100);
    (frames, files.failures().next().is_some())
}

/// A small generator with a fixed seed (Numerical Recipes' constants): the places are the same in every run.
fn places(len: u64) -> impl Iterator<Item = usize> {
    let mut state = 20_261_124_u64;
    (0..SAMPLES).map(move |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % len).unwrap()
    })
}

#[test]
fn cutting_the_demonstration_anywhere_loses_only_what_was_cut() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/itunes-failure.pcapng"
    );
    let bytes = std::fs::read(path).unwrap();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let (all, told) = replay(&bytes, &catalogue);
    assert!(all > 500 && !told);
    let mut cuts: Vec<usize> = (0..DENSE).chain(places(bytes.len() as u64)).collect();
    cuts.sort_unstable();
    let (mut before, mut untold) = (0, 0);
    for cut in cuts {
        let (frames, told) = replay(&bytes[..cut], &catalogue);
        assert!(
            frames >= before,
            "cut at {cut}: {frames} frames, {before} with fewer bytes"
        );
        before = frames;
        untold += usize::from(!told);
    }
    // A cut between two blocks is a whole file; there are only so many block ends.
    assert!(untold < DENSE / 8, "{untold} cuts were not told");
}
