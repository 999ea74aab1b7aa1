//! Files that windfall writes are their owner's alone, and go where they were meant to.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::run::{PROGRAM, Ran, capture, finish};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("private")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a command of a shell that lets everybody do everything.
fn run_open(command: &str) -> Ran {
    let mut shell = assert_cmd::Command::new("sh");
    finish(
        shell
            .env_clear()
            .args(["-c", &format!("umask 000; exec {PROGRAM} {command}")]),
    )
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn whatever_the_umask_is() {
    let place = folder("umask");
    let (evidence, log) = (place.join("evidence"), place.join("log"));
    let demo = capture("itunes-failure.pcapng");
    let ran = run_open(&format!(
        "replay -v --log-file {} --save-failing {} {demo}",
        log.display(),
        evidence.display()
    ));
    assert_eq!(ran.status, 1, "{}", ran.told);
    assert_eq!(mode(&evidence), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&evidence)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() > 2);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(mode(&log), 0o600);
    assert!(fs::read_to_string(&log).unwrap().contains("replayed"));
}

#[test]
fn a_log_goes_nowhere_that_a_link_points_to() {
    let place = folder("link");
    let (link, target) = (place.join("log"), place.join("precious"));
    fs::write(&target, "precious").unwrap();
    symlink(&target, &link).unwrap();
    let demo = capture("itunes-failure.pcapng");
    let ran = run_open(&format!("replay -v --log-file {} {demo}", link.display()));
    assert_eq!(ran.status, 2);
    let what = "it is a symbolic link, which is not followed: give the name of the file itself";
    assert!(ran.told.contains(what), "{}", ran.told);
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
}
