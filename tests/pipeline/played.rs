//! A replay on the screen: read once for its timeline, then played forward and back.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use windfall::capture::frame::Timestamp;
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::{Command, Picture, Run, Speed};
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::Setup;
use windfall::pipeline::playback::{PlaybackRun, Played, play};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::outcome::Status;
use windfall::verdict::summary::Summary;

const CAPTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/captures/itunes-failure.pcapng"
);

fn until(run: &PlaybackRun, wished: impl Fn(&Picture) -> bool) -> Arc<Picture> {
    let begun = Instant::now();
    loop {
        let picture = run.picture();
        if wished(&picture) {
            return picture;
        }
        let playback = &picture.playback;
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "never seen: {} at {}, {playback:?}, {:?}",
            picture.number,
            picture.now,
            picture.health
        );
        std::thread::yield_now();
    }
}

fn statuses(summary: &Summary) -> Vec<Status> {
    summary.requirements.iter().map(|row| row.status).collect()
}

fn played<R>(workers: usize, look: impl FnOnce(&PlaybackRun, &Picture) -> R) -> (R, Played) {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [PathBuf::from(CAPTURE)];
    let setup = Setup {
        request: Request {
            workers,
            ..Request::new(&paths, &catalogue)
        },
        window: None,
        confinement: Vec::new(),
        patience: Patience::Wait,
        scribe: None,
    };
    play(&setup, Speed::Max, |run| {
        let whole = until(run, |picture| picture.health.ended.is_some());
        look(run, &whole)
    })
}

#[test]
fn the_timeline_is_known_first_and_what_is_shown_is_the_replays_report() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [PathBuf::from(CAPTURE)];
    let wanted = replay(&Request::new(&paths, &catalogue), |_, _| {}).summary;
    let ((), played) = played(2, |_, whole| {
        assert_eq!(statuses(&whole.summary), statuses(&wanted));
        let playback = whole.playback.clone().unwrap();
        assert_eq!(Some(playback.first), wanted.captures[0].first);
        assert!(Some(playback.last) >= wanted.captures[0].last);
        assert!(playback.paused, "it stands still at the end");
        assert!(!playback.failures.is_empty());
        let within = |at: &Timestamp| playback.first <= *at && *at <= playback.last;
        assert!(playback.failures.iter().all(within));
        assert!(playback.failures.is_sorted());
    });
    assert_eq!(played, Played::default());
}

#[test]
fn back_is_how_things_stood_then_and_forward_again_how_they_came_out() {
    let ((), played) = played(1, |run, whole| {
        let playback = whole.playback.clone().unwrap();
        // A moment before the first failure was decided.
        let before = playback.failures[0].before(Duration::from_millis(1));
        run.ask(Command::Seek(before));
        let then = until(run, |picture| {
            picture.number > whole.number && picture.now == before
        });
        let failing = |picture: &Picture| {
            let rows = picture.summary.requirements.iter();
            rows.filter(|row| row.status == Status::Failing).count()
        };
        assert!(failing(&then) < failing(whole));
        assert!(then.playback.clone().unwrap().paused);
        assert_eq!(then.health.ended, None);
        run.ask(Command::Pause(false));
        let again = until(run, |picture| {
            picture.number > then.number && picture.health.ended.is_some()
        });
        assert_eq!(statuses(&again.summary), statuses(&whole.summary));
        assert_eq!(again.playback.clone().unwrap().failures, playback.failures);
    });
    assert_eq!(played, Played::default());
}

#[test]
fn it_plays_at_the_speed_asked_for_and_ends_when_told_to() {
    let ((), played) = played(1, |run, whole| {
        let first = whole.playback.clone().unwrap().first;
        run.ask(Command::Speed(Speed::Times(2)));
        run.ask(Command::Seek(first));
        until(run, |picture| picture.now == first);
        let begun = Instant::now();
        run.ask(Command::Pause(false));
        let later = until(run, |picture| {
            picture.now > first.after(Duration::from_millis(600))
        });
        let played = later.now.since(first);
        assert!(
            played <= begun.elapsed() * 2 + Duration::from_millis(100),
            "{played:?}"
        );
        assert_eq!(later.playback.clone().unwrap().speed, Speed::Times(2));
        run.ask(Command::Quit);
        assert!(run.is_over());
    });
    assert_eq!(played, Played::default());
}
