//! Another order of neighbours, as captures have it that read several queues of a card, and networks of several paths.

use crate::promise::{Promise, Relation, effort};

/// Frames closer to each other than this may have been captured in the wrong order.
const NEAR_NANOS: i64 = 3_000_000;

/// Swaps tried a capture.
const SWAPS: usize = 80;

#[test]
fn any_two_neighbours_swapped_make_no_fault_of_a_success() {
    let relation = Relation {
        name: "two neighbours within 3 ms swapped",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.each_way(|original| {
        let frames = &original.frames;
        let near =
            |at: &usize| frames[at + 1].at.as_nanos() - frames[*at].at.as_nanos() <= NEAR_NANOS;
        let places: Vec<usize> = (0..frames.len() - 1).filter(near).collect();
        let step = (places.len() / (SWAPS * effort() as usize)).max(1);
        let swapped = move |at: usize| {
            let mut all = frames.clone();
            all.swap(at, at + 1);
            (all[at].at, all[at + 1].at) = (frames[at].at, frames[at + 1].at);
            (format!("{} and the next", at + 1), all)
        };
        places.into_iter().step_by(step).map(swapped)
    });
}

#[test]
fn frames_that_are_overtaken_make_no_fault_of_a_success() {
    let relation = Relation {
        name: "some frames up to 3 ms later",
        promise: Promise::Less,
        left_out: &[],
    };
    relation.edited(|frames, edits| {
        let mut all = frames.to_vec();
        for (which, delay) in edits {
            let at = which.index(all.len());
            all[at] = all[at].clone().later(u64::from(*delay) * 45);
        }
        all.sort_by_key(|frame| frame.at);
        all
    });
}
