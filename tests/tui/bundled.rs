//! A bundled capture as a run: its one picture, and what was asked of it.

use std::path::{Path, PathBuf};

use windfall::capture::frame::Timestamp;
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::{Health, Picture, Playback, Speed};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

/// The summary of a bundled capture, which must be whole.
pub(crate) fn summary(name: &str) -> Summary {
    let (summary, failures) = read(name);
    assert!(failures.is_empty(), "{failures:?}");
    summary
}

/// The same, of one that may be cut short.
pub(crate) fn summary_of_what_can_be_read(name: &str) -> Summary {
    read(name).0
}

fn read(name: &str) -> (Summary, Vec<String>) {
    let paths: Vec<PathBuf> = vec![Path::new("captures").join(name)];
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let outcome = replay(&Request::new(&paths, &catalogue), |_, _| {});
    (outcome.summary, outcome.failures)
}

/// The last picture of a live run that saw this.
pub(crate) fn picture(summary: Summary) -> Picture {
    let now = summary.captures[0].last.unwrap();
    Picture {
        number: 1,
        now,
        health: Health {
            packets_per_second: 1234.4,
            bytes_per_second: 1_530_000.0,
            queued: 1,
            queue_room: 64,
            deaf: Vec::new(),
            unkept: 0,
            workers: 2,
            confinement: ["user nobody", "landlock", "seccomp"]
                .map(str::to_owned)
                .into(),
            messages: Vec::new(),
            ended: None,
        },
        playback: None,
        summary,
    }
}

/// The same as a replay that stands at its end.
pub(crate) fn replayed(mut picture: Picture) -> Picture {
    let capture = &picture.summary.captures[0];
    let failures: Vec<Timestamp> = picture
        .summary
        .requirements
        .iter()
        .filter_map(|row| row.evidence.last())
        .map(|evidence| evidence.time)
        .collect();
    picture.playback = Some(Playback {
        first: capture.first.unwrap(),
        last: capture.last.unwrap(),
        speed: Speed::Times(10),
        paused: false,
        failures,
    });
    picture
}
