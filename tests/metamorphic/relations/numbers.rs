//! Other sequence numbers, checksums and padding.

use std::collections::HashMap;

use crate::frames::Recorded;
use crate::promise::{Frames, Promise, Relation};
use crate::tcp_frame::{ACK, Direction, Segment, number, set_number};

const fn same(name: &'static str) -> Relation {
    // ICMP errors quote numbers, and are left. Both sides of a gateway have the same ones, which these would not.
    Relation {
        name,
        promise: Promise::Same,
        left_out: &["icmp", "gateway-both-sides"],
    }
}

#[test]
fn other_sequence_numbers_change_nothing() {
    same("other sequence numbers").each_way(|original| {
        [1u32 << 31, u32::MAX - 5000, 0x7fff_f000].map(|shift| {
            let by = |(from, to): &Direction| {
                if from < to { shift } else { shift ^ 0x5555 }
            };
            (format!("by {shift:#x}"), renumbered(&original.frames, by))
        })
    });
}

#[test]
fn numbers_that_wrap_within_any_connection_change_nothing() {
    same("sequence numbers that wrap within each connection").each_way(|original| {
        let mut first = HashMap::new();
        for frame in &original.frames {
            if let Some(segment) = Segment::of(frame) {
                first.entry(segment.direction(frame)).or_insert(segment.seq);
            }
        }
        // At the SYN, at the first byte, in the hello, in the certificates, in the answer.
        [0, 1, 100, 2000, 4000].map(|bytes| {
            let by = |direction: &Direction| {
                let first = first.get(direction).copied().unwrap_or(0);
                0u32.wrapping_sub(bytes).wrapping_sub(first)
            };
            (
                format!("after {bytes} bytes"),
                renumbered(&original.frames, by),
            )
        })
    });
}

/// All numbers of each direction moved by a constant; acknowledgments and SACK blocks by the other direction's.
fn renumbered(frames: &[Recorded], by: impl Fn(&Direction) -> u32) -> Frames {
    super::each(frames, |frame| {
        let Some(layout) = frame.layout().filter(|layout| layout.payload.is_some()) else {
            return;
        };
        let whole = Segment::of(frame);
        let Some(segment) = whole else { return };
        let (from, to) = segment.direction(frame);
        let (own, peers) = (by(&(from.clone(), to.clone())), by(&(to, from)));
        let at = layout.transport;
        set_number(&mut frame.bytes, at + 4, segment.seq.wrapping_add(own));
        if segment.flags & ACK != 0 {
            set_number(&mut frame.bytes, at + 8, segment.ack.wrapping_add(peers));
        }
        for edge in sack_edges(&frame.bytes, at + 20, segment.from) {
            let moved = number(&frame.bytes, edge).wrapping_add(peers);
            set_number(&mut frame.bytes, edge, moved);
        }
    })
}

/// Where the numbers of SACK blocks are.
fn sack_edges(bytes: &[u8], options: usize, end: usize) -> Vec<usize> {
    let (mut edges, mut at) = (Vec::new(), options);
    while at + 1 < end && bytes[at] != 0 {
        if bytes[at] == 1 {
            at += 1;
            continue;
        }
        let length = usize::from(bytes[at + 1]).max(2);
        if bytes[at] == 5 {
            edges.extend((at + 2..at + length).step_by(4));
        }
        at += length;
    }
    edges
}

/// Offload leaves them empty, and a capture on the sender has them so.
#[test]
fn wrong_checksums_change_nothing() {
    let relation = Relation {
        name: "checksums of IP, TCP and UDP zero, and random",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.each_way(|original| {
        [[0, 0], [0xa5, 0x5a]].map(|sum| {
            let frames = super::each(&original.frames, |frame| {
                let Some(layout) = frame.layout() else { return };
                let of_transport = match layout.payload {
                    Some(_) => layout.transport + 16,
                    None => layout.transport + 6,
                };
                let of_network = (!layout.v6).then_some(layout.network + 10);
                for at in of_network.into_iter().chain([of_transport]) {
                    if let Some(field) = frame.bytes.get_mut(at..at + 2) {
                        field.copy_from_slice(&sum);
                    }
                }
            });
            (format!("{sum:x?}"), frames)
        })
    });
}

/// Ethernet pads what is shorter than 60 bytes, and some cards leave the frame check sequence.
#[test]
fn padding_and_check_sequences_change_nothing() {
    let relation = Relation {
        name: "padding to 60 bytes, and a frame check sequence",
        promise: Promise::Same,
        left_out: &[],
    };
    relation.each_way(|original| {
        [0, 4].map(|trailer| {
            let frames = super::each(&original.frames, |frame| {
                let whole = usize::try_from(frame.original_len) == Ok(frame.bytes.len());
                if frame.is_ip() && whole {
                    let length = frame.bytes.len().max(60) + trailer;
                    frame.bytes.resize(length, 0xaa);
                    frame.original_len = u32::try_from(length).unwrap();
                }
            });
            (format!("{trailer} bytes more"), frames)
        })
    });
}
