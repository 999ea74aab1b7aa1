//! Relations between the verdicts on a recorded capture and those on the same frames, changed.
//!
//! What says the same (copies, other times, numbers, tags, link types) must be judged the same. What says less (cut,
//! snapped, one direction) may be judged less: `pending` or `unjudged`, never a fault that was none, or a success.

use std::path::Path;

use windfall::capture::frame::{LinkType, Timestamp};
use windfall::verdict::outcome::{Cause, Outcome, Stage, Status};
use windfall::verdict::rows::is_faulty;
use windfall::verdict::summary::{Flow, Summary};

use super::frames::{Recorded, captures, flows, judge, read};
use crate::support::trace::verdict;

const SLL2: LinkType = LinkType(276);
const RAW: LinkType = LinkType(101);

type Frames = Vec<Recorded>;

fn end_of(frames: &[Recorded]) -> Timestamp {
    frames.iter().map(|frame| frame.at).max().unwrap()
}

/// Everything that was concluded, without frame numbers and times.
fn conclusions(summary: &Summary) -> Vec<String> {
    let flows = summary.flows.iter().map(|flow| {
        let name = flow.name.as_ref().map(|name| name.host.clone());
        format!(
            "{name:?} {} {} recovered {}",
            flow.standing,
            verdict(flow),
            flow.recovered
        )
    });
    let tried = summary
        .requirements
        .iter()
        .filter(|row| row.status != Status::NotSeen);
    let requirements = tried.map(|row| {
        format!(
            "{} {} {:?} {:?}",
            row.pattern, row.status, row.cause, row.origin
        )
    });
    let dns = summary
        .dns
        .iter()
        .map(|row| format!("{} {} {} {:?}", row.name, row.kind, row.outcome, row.cause));
    let mut all: Vec<String> = flows.chain(requirements).chain(dns).collect();
    all.sort();
    all
}

/// Every capture, but for those with `except` in their names, judged as it is and changed: nothing may differ.
fn says_the_same(except: &str, change: impl Fn(&[Recorded]) -> Frames) {
    for path in captures() {
        if !except.is_empty() && path.to_string_lossy().contains(except) {
            continue;
        }
        let frames = read(&path);
        let changed = change(&frames);
        let (before, after) = (
            judge(&frames, end_of(&frames)),
            judge(&changed, end_of(&changed)),
        );
        assert_eq!(
            conclusions(&before),
            conclusions(&after),
            "{}",
            path.display()
        );
    }
}

/// Each frame by itself, changed or as it is.
fn each(frames: &[Recorded], change: impl Fn(usize, &Recorded) -> Recorded) -> Frames {
    frames
        .iter()
        .enumerate()
        .map(|(at, frame)| change(at, frame))
        .collect()
}

#[test]
fn copies_within_a_millisecond_change_nothing() {
    says_the_same("", |frames| {
        let mut all: Frames = frames
            .iter()
            .flat_map(|frame| [frame.clone(), frame.clone().later(700_000)])
            .collect();
        all.sort_by_key(|frame| frame.at);
        all
    });
}

#[test]
fn another_time_of_day_changes_nothing() {
    says_the_same("", |frames| {
        each(frames, |_, frame| frame.clone().later(86_400_000_000_000))
    });
}

#[test]
fn other_sequence_numbers_change_nothing() {
    for shift in [1 << 31, u32::MAX - 5000, 0x7fff_f000] {
        says_the_same("icmp", |frames| {
            each(frames, |_, frame| renumbered(frame, shift))
        });
    }
}

/// ICMP errors quote numbers, and are left. All numbers of one end moved by `shift`, those of the other end by another constant; SACK blocks with them.
fn renumbered(frame: &Recorded, shift: u32) -> Recorded {
    let mut new = frame.clone();
    let (Some(layout), Some(by_server)) = (frame.layout(), frame.servers()) else {
        return new;
    };
    let Some(payload) = layout.payload else {
        return new;
    };
    let (own, peers) = if by_server {
        (shift ^ 0x5555, shift)
    } else {
        (shift, shift ^ 0x5555)
    };
    let move_by = |bytes: &mut [u8], by: u32| {
        let number = u32::from_be_bytes(bytes.try_into().unwrap()).wrapping_add(by);
        bytes.copy_from_slice(&number.to_be_bytes());
    };
    let at = layout.transport;
    move_by(&mut new.bytes[at + 4..at + 8], own);
    if new.bytes[at + 13] & 16 != 0 {
        move_by(&mut new.bytes[at + 8..at + 12], peers);
    }
    let mut option = at + 20;
    while option + 1 < payload {
        match new.bytes[option] {
            0 => break,
            1 => option += 1,
            kind => {
                let length = usize::from(new.bytes[option + 1]).max(2);
                if kind == 5 {
                    for edge in (option + 2..option + length).step_by(4) {
                        move_by(&mut new.bytes[edge..edge + 4], peers);
                    }
                }
                option += length;
            }
        }
    }
    new
}

#[test]
fn a_vlan_tag_changes_nothing() {
    says_the_same("", |frames| {
        each(frames, |_, frame| {
            let mut new = frame.clone();
            if frame.is_ip() {
                new.bytes.splice(12..12, [0x81, 0, 0, 7]);
                new.original_len += 4;
            }
            new
        })
    });
}

#[test]
fn a_cooked_capture_says_the_same() {
    says_the_same("", |frames| {
        each(frames, |_, frame| {
            let mut new = frame.clone();
            if frame.is_ip() {
                // Protocol, reserved, interface, ARPHRD_ETHER, packet type, address length, address.
                let mut header = frame.bytes[12..14].to_vec();
                header.extend([0, 0, 0, 0, 0, 3, 0, 1, 0, 6]);
                header.extend(&frame.bytes[6..12]);
                header.extend([0, 0]);
                new.bytes.splice(0..14, header);
                new.original_len += 6;
                new.link = SLL2;
            }
            new
        })
    });
}

/// A fault that holds although the conversation worked: one of the transfer, or certificates that the part lacks.
fn undoes_success(flow: &Flow) -> bool {
    flow.stage == Stage::Transfer || flow.cause == Some(Cause::TlsIntercepted)
}

/// Whatever was proved by more packets; a fault of the transfer may undo a success, so a part of it may be one.
fn may_become(whole: &[&Flow], part: &Flow) -> bool {
    let as_before = |flow: &&Flow| flow.outcome == part.outcome || flow.recovered;
    let open = matches!(
        part.outcome,
        Outcome::Pending | Outcome::Unjudged | Outcome::Abandoned
    );
    let faulty = is_faulty(part.outcome);
    // A proxy's "log in" is a refusal until the client does.
    let asked_to_log_in = part.cause == Some(Cause::ProxyDenied);
    // Questions that were cut are no longer listed as such.
    let question = whole.is_empty() && part.server.port == 53;
    open || asked_to_log_in
        || question
        || whole.iter().any(as_before)
        || (part.outcome == Outcome::Succeeded && whole.iter().any(|flow| undoes_success(flow)))
        || (faulty && whole.iter().any(|flow| is_faulty(flow.outcome)))
}

/// Every capture judged as it is and with less in it.
fn says_no_more(path: &Path, frames: &[Recorded], less: &[Recorded], what: &str) {
    let (before, after) = (judge(frames, end_of(frames)), judge(less, end_of(less)));
    let whole = flows(&before);
    for (key, parts) in flows(&after) {
        let known = whole.get(&key).map(Vec::as_slice).unwrap_or_default();
        for part in parts {
            let before: Vec<String> = known.iter().map(|flow| verdict(flow)).collect();
            assert!(
                may_become(known, part),
                "{} {what}: {key:?} was {before:?}, is {}: {:?}",
                path.display(),
                verdict(part),
                part.explanation
            );
        }
    }
}

#[test]
fn raw_ip_makes_no_fault_of_a_success() {
    for path in captures() {
        let frames = read(&path);
        let raw = each(&frames, |_, frame| {
            let mut new = frame.clone();
            if frame.is_ip() {
                new.bytes.drain(..14);
                new.original_len -= 14;
                new.link = RAW;
            }
            new
        });
        says_no_more(&path, &frames, &raw, "as raw IP");
    }
}

#[test]
fn a_capture_cut_at_any_frame_says_no_more() {
    for path in captures() {
        let frames = read(&path);
        // Some 60 cuts a capture, at each frame of the short ones.
        for cut in (1..frames.len()).step_by((frames.len() / 60).max(1)) {
            says_no_more(&path, &frames, &frames[..cut], &format!("cut after {cut}"));
        }
    }
}

#[test]
fn a_capture_that_began_late_says_no_more() {
    for path in captures() {
        let frames = read(&path);
        for cut in (1..frames.len()).step_by((frames.len() / 60).max(1)) {
            says_no_more(&path, &frames, &frames[cut..], &format!("from {cut} on"));
        }
    }
}

#[test]
fn a_snap_length_makes_no_fault_of_a_success() {
    for path in captures() {
        let frames = read(&path);
        for snap in [54, 66, 96, 200, 600] {
            let cut = each(&frames, |_, frame| {
                let mut new = frame.clone();
                new.bytes.truncate(snap);
                new
            });
            says_no_more(&path, &frames, &cut, &format!("snapped to {snap}"));
        }
    }
}

#[test]
fn one_direction_alone_is_no_fault() {
    for path in captures() {
        let frames = read(&path);
        for server in [true, false] {
            let half: Frames = frames
                .iter()
                .filter(|frame| frame.servers() == Some(server))
                .cloned()
                .collect();
            if half.is_empty() {
                continue;
            }
            for flow in judge(&half, end_of(&frames)).flows {
                let name = path.display();
                assert!(
                    !is_faulty(flow.outcome),
                    "{name} from servers {server}: {}",
                    verdict(&flow)
                );
                assert_ne!(flow.outcome, Outcome::Succeeded, "{name}");
            }
        }
    }
}

#[test]
fn a_segment_split_in_two_changes_nothing() {
    // Except where the size of the packets is what matters.
    says_the_same("path-mtu", |frames| frames.iter().flat_map(split).collect());
}

/// A data segment as two, at its middle.
fn split(frame: &Recorded) -> Frames {
    let halves = || {
        let layout = frame
            .layout()
            .filter(|layout| layout.end <= frame.bytes.len())?;
        let from = layout.payload?;
        let flags = frame.bytes[layout.transport + 13];
        let length = layout
            .end
            .checked_sub(from)
            .filter(|&length| length >= 40)?;
        // Super-frames are split as they are; SYNs and RSTs are left.
        (flags & 6 == 0).then_some((layout, from, from + length / 2))
    };
    let Some((layout, from, middle)) = halves() else {
        return vec![frame.clone()];
    };
    let sized = |mut bytes: Vec<u8>| {
        let at = layout.network + if layout.v6 { 4 } else { 2 };
        let headers = if layout.v6 { 40 } else { 0 };
        let length = u16::try_from(bytes.len() - layout.network - headers).unwrap();
        bytes[at..at + 2].copy_from_slice(&length.to_be_bytes());
        let original_len = u32::try_from(bytes.len()).unwrap();
        Recorded {
            bytes,
            original_len,
            ..frame.clone()
        }
    };
    let mut first = sized(frame.bytes[..middle].to_vec());
    // FIN and PSH belong to the last byte.
    first.bytes[layout.transport + 13] &= !(1 | 8);
    let rest = [&frame.bytes[..from], &frame.bytes[middle..layout.end]].concat();
    let mut second = sized(rest);
    let at = layout.transport + 4;
    let seq = u32::from_be_bytes(second.bytes[at..at + 4].try_into().unwrap());
    let skip = u32::try_from(middle - from).unwrap();
    second.bytes[at..at + 4].copy_from_slice(&seq.wrapping_add(skip).to_be_bytes());
    vec![first, second]
}
