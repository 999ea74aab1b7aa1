//! Several changes at once, as a poor capture has them.

use super::segments::cut_one;
use crate::promise::{Promise, Relation};

#[test]
fn copies_splits_delays_and_cuts_together_make_no_fault_of_a_success() {
    let relation = Relation {
        name: "copies, splits, delays and cut frames together",
        promise: Promise::Less,
        left_out: &["path-mtu"],
    };
    relation.edited(|frames, edits| {
        let mut all = frames.to_vec();
        for &(which, how) in edits {
            let at = which.index(all.len());
            match how % 4 {
                0 => {
                    let copy = all[at].clone().later(u64::from(how) * 15);
                    all.push(copy);
                }
                1 => cut_one(&mut all, (which, how)),
                2 => all[at] = all[at].clone().later(u64::from(how) * 45),
                _ => all[at].bytes.truncate(54 + usize::from(how) % 300),
            }
        }
        all.sort_by_key(|frame| frame.at);
        all
    });
}
