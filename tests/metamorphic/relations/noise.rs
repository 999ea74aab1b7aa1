//! Other traffic in between: each is judged as if it were alone.

use windfall::capture::frame::{InterfaceId, Timestamp};

use super::addresses::moved_away;
use crate::frames::{ETHERNET, Recorded, judge};
use crate::promise::{Frames, ORIGINALS, Original, Promise, Relation, conclusions, effort, end_of};
use crate::traffic::{Options, Traffic};

/// With another capture that began when this one did; its devices and servers are others.
fn beside(original: &Original, other: &[Recorded]) -> Frames {
    let begins = |frames: &[Recorded]| frames[0].at.as_nanos();
    let shift = begins(&original.frames) - begins(other);
    super::each(&moved_away(other), |frame| {
        frame.at = Timestamp::from_nanos(frame.at.as_nanos() + shift);
        if frame.is_ip() {
            // Other MAC addresses, but for groups.
            for last in [5, 11] {
                if frame.bytes[last - 5] & 1 == 0 {
                    frame.bytes[last] ^= 0x55;
                }
            }
        }
    })
}

/// What is said of both together, and of each alone until the same time.
fn merged(original: &Original, noise: &[Recorded]) -> (Frames, Vec<String>) {
    let mut all = [&original.frames, noise].concat();
    all.sort_by_key(|frame| frame.at);
    let end = end_of(&all);
    let alone = [&original.frames, noise].map(|frames| conclusions(&judge(frames, end)));
    let mut expected = alone.concat();
    expected.sort();
    (all, expected)
}

#[test]
fn another_capture_in_between_changes_nothing() {
    // Bonjour speaks to everybody on the link.
    let relation = Relation {
        name: "merged with another capture",
        promise: Promise::Same,
        left_out: &["bonjour"],
    };
    relation.merged_with(|original| {
        let own = ORIGINALS
            .iter()
            .position(|other| other.name == original.name)
            .unwrap();
        let others = (1..ORIGINALS.len()).map(move |step| (own + step * 13) % ORIGINALS.len());
        let others = others.map(|at| &ORIGINALS[at]);
        // Where Ethernet headers lack, nothing is given other addresses.
        let fit = |other: &&Original| {
            other.frames.iter().all(|frame| frame.link == ETHERNET)
                && !other.name.contains("bonjour")
        };
        others.filter(fit).take(2 * effort() as usize).map(|other| {
            let (all, expected) = merged(original, &beside(original, &other.frames));
            (other.name.clone(), all, expected)
        })
    });
}

#[test]
fn a_busy_network_in_between_changes_nothing() {
    let relation = Relation {
        name: "merged with made-up traffic of 60 flows",
        promise: Promise::Same,
        left_out: &["bonjour"],
    };
    relation.merged_with(|original| {
        (0..u64::from(effort())).map(move |seed| {
            let options = Options {
                seed: seed + 1,
                ..Options::flows(60)
            };
            let frame = |(at, bytes): (u64, Vec<u8>)| Recorded {
                at: Timestamp::from_nanos(i64::try_from(at).unwrap()),
                interface: InterfaceId(0),
                link: ETHERNET,
                original_len: u32::try_from(bytes.len()).unwrap(),
                bytes,
            };
            let noise: Frames = Traffic::new(options).map(frame).collect();
            let (all, expected) = merged(original, &beside(original, &noise));
            (format!("seed {seed}"), all, expected)
        })
    });
}
