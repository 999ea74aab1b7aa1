//! Parts of a capture: fewer frames, or less of each.

use std::ops::Range;

use crate::frames::Recorded;
use crate::promise::{Frames, Promise, Relation, effort};

/// Some places a capture: all of a short one's, or of any with `METAMORPHIC` set high.
fn places(frames: usize) -> impl Iterator<Item = usize> {
    let step = (frames / (60 * effort() as usize)).max(1);
    (1..frames).step_by(step)
}

fn part(frames: &[Recorded], range: Range<usize>) -> (String, Frames) {
    (format!("frames {range:?}"), frames[range].to_vec())
}

#[test]
fn a_capture_cut_at_any_frame_says_no_more() {
    let relation = Relation {
        name: "cut after any frame",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.each_way(|original| {
        let frames = &original.frames;
        places(frames.len()).map(move |cut| part(frames, 0..cut))
    });
}

#[test]
fn a_capture_that_began_late_says_no_more() {
    let relation = Relation {
        name: "begun at any frame",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.each_way(|original| {
        let frames = &original.frames;
        places(frames.len()).map(move |cut| part(frames, cut..frames.len()))
    });
}

#[test]
fn a_snap_length_makes_no_fault_of_a_success() {
    let relation = Relation {
        name: "snapped to 54, 66, 96, 200, 600 bytes",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.each_way(|original| {
        [54, 66, 96, 200, 600].map(|snap| {
            let cut = super::each(&original.frames, |frame| frame.bytes.truncate(snap));
            (format!("{snap} bytes"), cut)
        })
    });
}

#[test]
fn one_direction_alone_is_no_fault() {
    let relation = Relation {
        name: "one direction only",
        promise: Promise::Open,
        left_out: &[],
    };
    relation.each_way(|original| {
        [true, false].map(|server| {
            let half = |frame: &&Recorded| frame.servers() == Some(server);
            let frames = original.frames.iter().filter(half).cloned().collect();
            (format!("the servers': {server}"), frames)
        })
    });
}
