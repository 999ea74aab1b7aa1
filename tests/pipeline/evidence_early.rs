//! Evidence is on disk as soon as a row fails: what happens to the run later takes nothing away.

use std::path::{Path, PathBuf};

use windfall::capture::Replay;
use windfall::capture::frame::LinkType;
use windfall::capture::interface::{Interface, InterfaceTable};
use windfall::catalogue::{Catalogue, Profile};
use windfall::picture::Picture;
use windfall::pipeline::intake::Patience;
use windfall::pipeline::live::{self, LiveRun, Setup};
use windfall::pipeline::scribes::FromKept;
use windfall::verdict::outcome::Status;

use crate::support::session::{is_ignored, to};
use crate::support::trace::{Trace, time};
use crate::support::{HOST, SERVER};
use crate::watched::{self, Script, Step, frames, row, setup, until};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("early")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn scribe(folder: &Path) -> FromKept {
    let mut interfaces = InterfaceTable::new();
    interfaces.add(Interface {
        capture: 0,
        name: Some("fake0".into()),
        description: None,
        link: LinkType(1),
    });
    FromKept::new(interfaces, folder.to_owned(), None).saving(folder.to_owned())
}

/// The files in a folder with the packets that can be read of each.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut files: Vec<(String, u64)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let mut replay = Replay::open(&[&path]);
            let mut packets = 0;
            while replay.advance() {
                packets += 1;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, packets)
        })
        .collect();
    files.sort();
    files
}

fn is_told(picture: &Picture) -> bool {
    let mut messages = picture.health.messages.iter();
    messages.any(|message| message.text.starts_with("wrote "))
}

fn is_over(run: &LiveRun) {
    let begun = std::time::Instant::now();
    while !run.is_over() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
        std::thread::yield_now();
    }
}

#[test]
fn a_row_is_written_when_it_fails_and_not_again_at_the_end() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let folder = folder("once");
    let scribe = scribe(&folder);
    let setup = Setup {
        scribe: Some(&scribe),
        ..setup(&catalogue, 2, Patience::Drop)
    };
    let steps = vec![
        Step::Frames(frames(&watched::ignored())),
        Step::Silence(time(60.0)),
    ];
    let mut early = Vec::new();
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
        until(run, is_told);
        early = files(&folder);
    });
    let name = format!("{HOST}-192.168.7.20.pcapng");
    // Question, answer and four SYNs.
    assert_eq!(early, [(name, 6)]);
    assert_eq!(row(&ended.summary, HOST).status, Status::Failing);
    let again = scribe.finish(&ended.summary, &ended.kept).unwrap();
    assert!(again.is_empty(), "{again:?}");
    assert_eq!(files(&folder), early);
}

#[test]
fn what_was_seen_since_is_written_at_the_end_beside_it() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let folder = folder("more");
    let scribe = scribe(&folder);
    let setup = Setup {
        scribe: Some(&scribe),
        ..setup(&catalogue, 1, Patience::Drop)
    };
    let first = vec![
        Step::Frames(frames(&watched::ignored())),
        Step::Silence(time(60.0)),
    ];
    // Another source, that goes on when the first file is there.
    let (go_on, gone) = crossbeam_channel::bounded(1);
    let mut second = Trace::new();
    is_ignored(&mut second, 70.0, &mut to(50_002, SERVER, 443));
    let steps = vec![
        Step::Wait(gone),
        Step::Frames(frames(&second)),
        Step::Silence(time(140.0)),
    ];
    let steps = first.into_iter().chain(steps).collect();
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
        until(run, is_told);
        go_on.send(()).unwrap();
        until(run, |picture| picture.now >= time(140.0));
    });
    let before = files(&folder);
    assert_eq!(before.len(), 1, "once a row: {before:?}");
    let again = scribe.finish(&ended.summary, &ended.kept).unwrap();
    assert_eq!(again.len(), 1, "{again:?}");
    let packets: Vec<u64> = files(&folder).iter().map(|(_, packets)| *packets).collect();
    assert_eq!(packets, [10, 6], "the second file has both: {again:?}");
}

#[test]
fn a_run_that_breaks_has_its_evidence_already() {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let folder = folder("broken");
    let scribe = scribe(&folder);
    let setup = Setup {
        scribe: Some(&scribe),
        ..setup(&catalogue, 2, Patience::Drop)
    };
    let (go_on, gone) = crossbeam_channel::bounded(1);
    let steps = vec![
        Step::Frames(frames(&watched::ignored())),
        Step::Silence(time(60.0)),
        Step::Wait(gone),
        Step::Panic,
    ];
    let ((), ended) = live::run(&setup, vec![Script::of(0, steps)], |run| {
        until(run, is_told);
        go_on.send(()).unwrap();
        is_over(run);
    });
    assert!(ended.broken.is_some());
    assert_eq!(files(&folder).len(), 1);
}
