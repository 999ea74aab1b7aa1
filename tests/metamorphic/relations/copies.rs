//! The same frames again.

use crate::frames::Recorded;
use crate::promise::{Edit, Frames, Promise, Relation};

fn in_order(mut frames: Frames) -> Frames {
    frames.sort_by_key(|frame| frame.at);
    frames
}

#[test]
fn copies_within_a_millisecond_change_nothing() {
    let relation = Relation {
        name: "every frame twice, 0.7 ms apart",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.one_way(|frames| {
        let twice = |frame: &Recorded| [frame.clone(), frame.clone().later(700_000)];
        in_order(frames.iter().flat_map(twice).collect())
    });
}

#[test]
fn some_copies_within_a_millisecond_change_nothing() {
    let relation = Relation {
        name: "some frames again within 1 ms",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.edited(|frames, edits| copied(frames, edits, |delay| u64::from(delay) * 15));
}

/// As a network that duplicates packets does.
#[test]
fn packets_that_come_again_later_make_no_fault_of_a_success() {
    let relation = Relation {
        name: "some packets again, 2 to 67 ms later",
        promise: Promise::Less,
        left_out: &[],
    };
    relation
        .edited(|frames, edits| copied(frames, edits, |delay| 2_000_000 + u64::from(delay) * 1000));
}

fn copied(frames: &[Recorded], edits: &[Edit], nanos: impl Fn(u16) -> u64) -> Frames {
    let copy = |(which, delay): &Edit| {
        frames[which.index(frames.len())]
            .clone()
            .later(nanos(*delay))
    };
    in_order(
        frames
            .iter()
            .cloned()
            .chain(edits.iter().map(copy))
            .collect(),
    )
}
