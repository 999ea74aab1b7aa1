//! A bundled capture as a run: its one picture, and what was asked of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use windfall::capture::frame::Timestamp;
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::{Command, Health, Message, Picture, Playback, Run, Speed};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::summary::Summary;

/// The summary of a bundled capture.
pub(crate) fn summary(name: &str) -> Summary {
    let path = Path::new("captures").join(name);
    let paths: Vec<PathBuf> = vec![path];
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let outcome = replay(&Request::new(&paths, &catalogue), |_, _| {});
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    outcome.summary
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
            workers: 2,
            confinement: ["user nobody", "landlock", "seccomp"].map(str::to_owned).into(),
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

/// A run that stands still and writes down what it is asked.
pub(crate) struct Still {
    picture: Arc<Picture>,
    pub(crate) asked: Mutex<Vec<Command>>,
}

impl Still {
    pub(crate) fn new(picture: Picture) -> Self {
        Self {
            picture: Arc::new(picture),
            asked: Mutex::new(Vec::new()),
        }
    }
}

impl Run for Still {
    fn picture(&self) -> Arc<Picture> {
        let asked = self.asked.lock().unwrap();
        let mut picture = (*self.picture).clone();
        for command in &*asked {
            picture.number += 1;
            let text = format!("{command:?}");
            if let (Command::Seek(at), Some(_)) = (command, &picture.playback) {
                picture.now = *at;
            }
            picture.health.messages.push(Message {
                at: picture.now,
                text,
                trouble: false,
            });
        }
        Arc::new(picture)
    }

    fn ask(&self, command: Command) {
        self.asked.lock().unwrap().push(command);
    }
}
