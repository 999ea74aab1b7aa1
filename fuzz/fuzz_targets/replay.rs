//! The whole engine and all reports, fed with capture files: seeds are recorded ones, bytes change anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::monitor::Limits;
use windfall_fuzz::frames::open;
use windfall_fuzz::report::{check, monitor, reports};

/// Frames replayed: a compressed file of a few bytes may hold millions.
const FRAMES: usize = 2_000;

fuzz_target!(|input: &[u8]| {
    let Some(first) = replay(input) else { return };
    let second = replay(input).expect("it could be opened before");
    check(&first, &second);
});

fn replay(input: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut files = open(input)?;
    let mut monitor = monitor(Limits::default());
    for _ in 0..FRAMES {
        if !files.advance() {
            break;
        }
        monitor.packet(&files.frame()?);
    }
    Some(reports(&monitor))
}
