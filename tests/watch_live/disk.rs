//! `--write`: the latest traffic on disk, and what happens when the disk is full.

use std::path::{Path, PathBuf};
use std::process::Command;

use windfall::capture::Replay;
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::outcome::{Cause, Status};

use crate::namespace::{inside, text, wire};
use crate::watching::{Left, Watching};
use crate::wire::{Frames, arrives};

/// A disk of this size for the length of the test: its mount is the namespace's own.
fn disk(size: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("windfall-disk-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let mut mount = Command::new("mount");
    let options = format!("size={size},mode=777");
    let mounted = mount
        .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
        .arg(&place)
        .output()
        .unwrap();
    assert!(mounted.status.success(), "{}", text(&mounted));
    place
}

/// Watches one capture go by, with a ring on this disk. What was left, and how many frames were sent.
fn watched(disk: &Path) -> (Left, u64) {
    wire();
    let ring = disk.join("ring.pcapng");
    let mut watching = Watching::far(&format!("--write {}", ring.display()));
    let mut sender = Frames::new();
    sender.capture("itunes-failure.pcapng");
    arrives();
    watching.until("failing");
    watching.signal("INT");
    (watching.left(), sender.sent)
}

/// Frames that windfall reads from the ring's files.
fn on_disk(disk: &Path) -> u64 {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(disk)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut files = Replay::open(&paths);
    let mut frames = 0;
    while files.advance() {
        frames += u64::from(files.frame().is_some());
    }
    frames
}

#[test]
fn what_is_written_is_what_came() {
    inside("disk::what_is_written_is_what_came", || {
        let disk = disk("16m");
        let (left, sent) = watched(&disk);
        assert_eq!(left.status, Some(1), "{:#?}", left.said);
        assert_eq!(on_disk(&disk), sent);
    });
}

#[test]
fn a_full_disk_is_told_once_and_the_capture_goes_on() {
    inside(
        "disk::a_full_disk_is_told_once_and_the_capture_goes_on",
        || {
            let disk = disk("64k");
            let (left, sent) = watched(&disk);
            assert_eq!(left.status, Some(1), "{:#?}", left.said);
            let told: Vec<&String> = left
                .said
                .iter()
                .filter(|line| line.contains("the capture goes on"))
                .collect();
            assert_eq!(told.len(), 1, "{:#?}", left.said);
            assert!(told[0].contains("ring"), "{told:?}");
            assert_eq!(left.report()["captures"][0]["frames"], sent, "none is lost");
            let kept = on_disk(&disk);
            assert!((1..sent).contains(&kept), "{kept} of {sent} can be read");
        },
    );
}

#[test]
fn what_failed_is_on_disk_before_it_ends() {
    inside("disk::what_failed_is_on_disk_before_it_ends", || {
        let disk = disk("16m");
        wire();
        let mut watching = Watching::far(&format!("--save-failing {}", disk.display()));
        Frames::new().capture("itunes-failure.pcapng");
        arrives();
        watching.until("/gs.apple.com-192.168.7.20.pcapng: ");
        watching.signal("KILL");
        assert_eq!(watching.left().status, None);
        let catalogue = Catalogue::builtin(Profile::All).unwrap();
        let paths = [disk.join("gs.apple.com-192.168.7.20.pcapng")];
        let again = replay(&Request::new(&paths, &catalogue), |_, _| {});
        assert_eq!(again.failures, [""; 0]);
        let mut rows = again.summary.requirements.iter();
        let row = rows.find(|row| row.pattern == "gs.apple.com").unwrap();
        assert_eq!(row.status, Status::Failing);
        assert_eq!(row.cause, Some(Cause::ResetAfterClientHello));
    });
}
