//! The same bytes in other segments. Only the sizes of packets differ, which matter where large ones are lost.

use std::collections::HashMap;

use crate::frames::Recorded;
use crate::promise::{Edit, Frames, Promise, Relation};
use crate::tcp_frame::{ACK, FIN, PSH, Segment};

/// Receive offload waits no longer for the next segment, nor for more bytes.
const OFFLOAD_NANOS: i64 = 1_000_000;
const OFFLOAD_BYTES: usize = 60_000;

const fn split(name: &'static str) -> Relation {
    Relation {
        name,
        promise: Promise::Same,
        left_out: &["path-mtu"],
    }
}

#[test]
fn a_segment_split_in_two_changes_nothing() {
    split("every segment split at its middle").one_way(|frames| {
        let halves = |frame: &Recorded| match Segment::with_data(frame) {
            Some(segment) if segment.len() >= 40 => segment.cut(frame, &[segment.len() / 2]),
            _ => vec![frame.clone()],
        };
        frames.iter().flat_map(halves).collect()
    });
}

#[test]
fn small_segments_change_nothing() {
    split("segments of at most 1, 7, 100, 536 bytes").each_way(|original| {
        [1, 7, 100, 536].map(|most| {
            let pieces = |frame: &Recorded| match Segment::with_data(frame) {
                // Of downloads, larger pieces will do.
                Some(segment) if segment.len() <= most * 700 => {
                    let places: Vec<usize> = (most..segment.len()).step_by(most).collect();
                    segment.cut(frame, &places)
                }
                _ => vec![frame.clone()],
            };
            let frames = original.frames.iter().flat_map(pieces).collect();
            (format!("{most} bytes"), frames)
        })
    });
}

#[test]
fn segments_split_anywhere_change_nothing() {
    split("segments split anywhere").edited(|frames, edits| {
        let mut frames = frames.to_vec();
        for (which, place) in edits {
            cut_one(&mut frames, (*which, *place));
        }
        frames
    });
}

/// Cuts one of the segments that can be, in two.
pub(super) fn cut_one(frames: &mut Frames, (which, place): Edit) {
    let long = |frame: &Recorded| Segment::with_data(frame).filter(|segment| segment.len() > 1);
    let candidates: Vec<usize> = (0..frames.len())
        .filter(|&at| long(&frames[at]).is_some())
        .collect();
    if candidates.is_empty() {
        return;
    }
    let at = candidates[which.index(candidates.len())];
    let frame = frames[at].clone();
    let segment = long(&frame).unwrap();
    let place = 1 + usize::from(place) % (segment.len() - 1);
    frames.splice(at..=at, segment.cut(&frame, &[place]));
}

#[test]
fn segments_joined_by_receive_offload_change_nothing() {
    let relation = Relation {
        name: "segments joined as receive offload does",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.one_way(joined);
}

/// Segments that follow each other at once become one frame, with the first one's header.
fn joined(frames: &[Recorded]) -> Frames {
    let mut all: Frames = Vec::new();
    let mut open = HashMap::new();
    for frame in frames {
        let Some(segment) = Segment::of(frame) else {
            all.push(frame.clone());
            continue;
        };
        let (from, to) = segment.direction(frame);
        open.remove(&(to.clone(), from.clone()));
        let plain = segment.len() > 0 && segment.flags & !(PSH | FIN) == ACK;
        let earlier = open.get(&(from.clone(), to.clone())).copied();
        if let Some(at) = earlier.filter(|_| plain)
            && let Some(longer) = append(&all[at], frame, segment)
        {
            all[at] = longer;
        } else {
            open.insert((from.clone(), to.clone()), all.len());
            all.push(frame.clone());
        }
        if !plain || segment.flags & (PSH | FIN) != 0 {
            open.remove(&(from, to));
        }
    }
    all
}

fn append(earlier: &Recorded, frame: &Recorded, segment: Segment) -> Option<Recorded> {
    let first = Segment::of(earlier)?;
    let end = first.seq.wrapping_add(u32::try_from(first.len()).unwrap());
    let follows = segment.seq == end
        && segment.ack == first.ack
        && frame.at.as_nanos() - earlier.at.as_nanos() <= OFFLOAD_NANOS
        && first.len() + segment.len() <= OFFLOAD_BYTES;
    follows.then(|| {
        let payload = [
            &earlier.bytes[first.from..first.to],
            &frame.bytes[segment.from..segment.to],
        ]
        .concat();
        let mut longer = first.carrying(earlier, 0, &payload);
        longer.bytes[first.layout.transport + 13] |= segment.flags;
        longer
    })
}
