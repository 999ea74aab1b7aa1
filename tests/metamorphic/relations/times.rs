//! Other times.

use std::time::Duration;

use windfall::capture::frame::Timestamp;

use crate::promise::{Promise, Relation};

/// When a signed 32-bit count of seconds ends (2038), and an unsigned one (2106), in nanoseconds.
const ROLLOVERS: [i64; 2] = [(1 << 31) * 1_000_000_000, (1 << 32) * 1_000_000_000];

#[test]
fn another_time_of_day_changes_nothing() {
    let relation = Relation {
        name: "hours and a day later, around the epoch, across 2038 and 2106",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.each_way(|original| {
        let frames = &original.frames;
        let middle = frames[frames.len() / 2].at.as_nanos();
        let hours = [1, 7, 24].map(|hours| middle + hours * 3_600_000_000_000);
        hours
            .into_iter()
            .chain(ROLLOVERS)
            .chain([0])
            .map(move |new_middle| {
                let moved = super::each(frames, |frame| {
                    frame.at = Timestamp::from_nanos(frame.at.as_nanos() - middle + new_middle);
                });
                let to = Duration::from_nanos(new_middle.unsigned_abs());
                (format!("moved to {} s", to.as_secs()), moved)
            })
    });
}
