//! Clocks that are set while they stamp packets: no stall is made of the time that did not pass.

use std::collections::BTreeMap;

use windfall::verdict::outcome::Outcome;
use windfall::verdict::rows::is_faulty;
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::made::{Taken, frames, judged, pcap, written};

const HOUR: i64 = 3_600_000_000;

/// How many flows and questions of each pair of ends are faulty.
fn faults(summary: &Summary) -> BTreeMap<String, usize> {
    let mut faults = BTreeMap::new();
    let flows = summary.flows.iter().filter(|flow| is_faulty(flow.outcome));
    for flow in flows {
        let ends = format!("{:?} {:?} {:?}", flow.transport, flow.client, flow.server);
        *faults.entry(ends).or_default() += 1;
    }
    for row in summary.dns.iter().filter(|row| is_faulty(row.outcome)) {
        *faults
            .entry(format!("{} {} {}", row.client, row.name, row.kind))
            .or_default() += 1;
    }
    faults
}

/// Every capture, with its clock moved by so much from so many places on: no fault that was not there before.
#[track_caller]
fn no_new_faults(name: &str, by: i64, seconds_until_then: Option<i64>) {
    let mut made = 0;
    for path in captures() {
        let Some((link, whole)) = frames(&path) else {
            continue;
        };
        let before = faults(&judged(std::slice::from_ref(&path)).0);
        for part in 1..6 {
            let place = whole.len() * part / 6;
            let mut moved: Vec<Taken> = whole.clone();
            if let Some(seconds) = seconds_until_then {
                let to = seconds * 1_000_000 - whole[place].micros;
                for frame in &mut moved {
                    frame.micros += to;
                }
            }
            for frame in &mut moved[place..] {
                frame.micros += by;
            }
            let file = written(&format!("{name}.pcap"), &pcap(link, &moved));
            let (summary, failures) = judged(&[file]);
            assert!(failures.is_empty(), "{failures:?}");
            for (ends, count) in faults(&summary) {
                let was = before.get(&ends).copied().unwrap_or(0);
                assert!(
                    count <= was,
                    "{}, clock moved at frame {place}: {ends} has {count} faults, was {was}",
                    path.display()
                );
            }
            made += 1;
        }
    }
    assert!(made > 150, "only {made} captures");
}

#[test]
fn a_clock_set_back_in_the_middle_makes_nothing_stall() {
    no_new_faults("back", -HOUR, None);
}

/// In a file, an hour that was set looks as an hour of silence does: what was open then may have waited for it. What had
/// worked, and what came after, did not.
#[test]
fn a_clock_set_forth_in_the_middle_changes_nothing_before_and_after() {
    let mut compared = 0;
    for path in captures() {
        let Some((link, whole)) = frames(&path) else {
            continue;
        };
        let before = judged(std::slice::from_ref(&path)).0;
        let place = whole.len() / 2;
        let mut moved = whole.clone();
        for frame in &mut moved[place..] {
            frame.micros += HOUR;
        }
        let after = judged(&[written("forth.pcap", &pcap(link, &moved))]).0;
        let micros = |at: windfall::capture::frame::Timestamp| at.as_nanos() / 1000;
        let outcomes: BTreeMap<_, _> = after
            .flows
            .iter()
            .map(|flow| ((flow.id.clone(), micros(flow.first)), flow.outcome))
            .collect();
        for flow in &before.flows {
            let is_after = micros(flow.first) > whole[place].micros;
            let is_before = micros(flow.last) < whole[place].micros;
            if !(is_after || is_before && flow.outcome == Outcome::Succeeded) {
                continue;
            }
            let first = micros(flow.first) + if is_after { HOUR } else { 0 };
            if let Some(outcome) = outcomes.get(&(flow.id.clone(), first)) {
                assert!(
                    outcome == &flow.outcome || !is_faulty(*outcome),
                    "{}: {} was {}, is {outcome}",
                    path.display(),
                    flow.id,
                    flow.outcome
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "only {compared} flows");
}

/// A pcap file has 32 bits of seconds: after 2106-02-07 06:28:15 comes 1970.
#[test]
fn seconds_that_roll_over_in_2106_make_nothing_stall() {
    no_new_faults("rollover", 0, Some(1 << 32));
}

#[test]
fn the_last_second_of_2106_is_told_as_what_it_is() {
    let path = captures()
        .into_iter()
        .find(|path| path.ends_with("healthy-store.pcapng"));
    let (link, mut frames) = frames(&path.unwrap()).unwrap();
    let last = frames.last().unwrap().micros;
    let to = ((1 << 32) - 1) * 1_000_000 - last / 1_000_000 * 1_000_000;
    for frame in &mut frames {
        frame.micros += to;
    }
    let (summary, _) = judged(&[written("2106.pcap", &pcap(link, &frames))]);
    let last = summary.captures[0].last.unwrap().to_string();
    assert!(last.starts_with("2106-02-07T06:28:15"), "{last}");
    assert!(summary.flows.iter().all(|flow| !is_faulty(flow.outcome)));
}

/// After the clock was set back, what is really silent is still found, by the time that it shows itself.
#[test]
fn silence_after_a_step_is_silence() {
    let path = captures()
        .into_iter()
        .find(|path| path.ends_with("hello-unanswered.pcapng"));
    let path = path.unwrap();
    let (link, whole) = frames(&path).unwrap();
    let before = faults(&judged(&[path]).0);
    assert!(!before.is_empty());
    let mut moved = whole.clone();
    let first = Taken {
        micros: whole[0].micros + HOUR,
        ..whole[0].clone()
    };
    moved.insert(0, first);
    let (summary, _) = judged(&[written("silence.pcap", &pcap(link, &moved))]);
    assert_eq!(faults(&summary), before);
}
