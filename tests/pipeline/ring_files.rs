//! A recording in several files is judged as one.

use std::path::PathBuf;

use windfall::capture::Replay;
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::file::Made;

fn summary(paths: &[PathBuf]) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    replay(&Request::new(paths, &catalogue), |_, _| {}).summary
}

/// A frame as files are made of it: time, bytes, length on the wire.
type Recorded = (u64, Vec<u8>, u32);

/// All frames, as files are made of them, and their link types, each as often as it changes.
fn recorded(files: &mut Replay) -> (Vec<u16>, Vec<Recorded>) {
    let (mut links, mut frames) = (Vec::new(), Vec::new());
    while files.advance() {
        let frame = files.frame().unwrap();
        links.push(frame.link.0);
        let at = u64::try_from(frame.seen.at.as_nanos()).unwrap();
        frames.push((at, frame.bytes.to_vec(), frame.original_len));
    }
    links.dedup();
    (links, frames)
}

/// Files of a ring: each goes on where the one before ended, on the same interface. What is judged must not depend on
/// where one was cut, nor a connection that crosses the cut look unanswered.
#[test]
fn a_recording_in_several_files_is_judged_as_the_whole() {
    for path in captures() {
        let mut files = Replay::open(&[&path]);
        let (links, frames) = recorded(&mut files);
        // Merged by time, files keep their own order only.
        if links.len() != 1
            || files.interfaces().len() != 1
            || !frames.is_sorted_by_key(|frame| frame.0)
        {
            continue;
        }
        let whole = Made::recorded("whole", links[0], &frames);
        let third = frames.len().div_ceil(3);
        let parts: Vec<_> = frames
            .chunks(third)
            .enumerate()
            .map(|(number, part)| Made::recorded(&format!("part{number}"), links[0], part))
            .collect();
        let parts: Vec<PathBuf> = parts.iter().map(Made::path).collect();
        let judged = |summary: &Summary| {
            let flows = summary.flows.iter();
            let flows: Vec<String> = flows
                .map(|flow| {
                    format!(
                        "{} {} {} {:?}",
                        flow.id, flow.first, flow.outcome, flow.cause
                    )
                })
                .collect();
            (
                flows,
                summary.summary.outcome.clone(),
                summary.summary.status.clone(),
            )
        };
        assert_eq!(
            judged(&summary(&parts)),
            judged(&summary(&[whole.path()])),
            "{path:?}"
        );
    }
}

/// What a capture leaves open has not waited until somebody captures again.
#[test]
fn a_capture_that_begins_a_day_later_tells_nothing_of_what_the_one_before_left_open() {
    let mut left_open = 0;
    for path in captures() {
        let mut files = Replay::open(&[&path]);
        let (links, frames) = recorded(&mut files);
        if links.len() != 1 || frames.len() < 4 {
            continue;
        }
        // Cut in the midst of what it shows, and a single frame of something else a day later.
        let today = Made::recorded("monday", links[0], &frames[..frames.len() / 2]);
        let later = (frames[0].0 + 86_400_000_000_000, vec![0; 60], 60);
        let tomorrow = Made::recorded("tuesday", links[0], &[later]);
        let (alone, both) = (
            summary(&[today.path()]),
            summary(&[today.path(), tomorrow.path()]),
        );
        assert_eq!(alone.summary.outcome, both.summary.outcome, "{path:?}");
        let explained = |summary: &Summary| -> Vec<_> {
            summary
                .flows
                .iter()
                .map(|flow| flow.explanation.clone())
                .collect()
        };
        assert_eq!(explained(&alone), explained(&both), "{path:?}");
        left_open += alone.summary.outcome["pending"];
    }
    assert!(left_open > 10, "{left_open}");
}
