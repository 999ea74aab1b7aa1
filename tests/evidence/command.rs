//! `windfall replay --save-failing`.

use std::path::Path;
use std::process::Command;

use crate::kept;

/// Exit status and what was told on standard error.
fn replay(folder: &Path, capture: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_windfall"))
        .env_clear()
        .args(["replay", "--save-failing"])
        .args([folder, capture])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), told)
}

#[test]
fn what_was_written_is_told_a_line_each() {
    let folder = kept::folder("command");
    let (status, told) = replay(&folder, &kept::bundled("itunes-failure.pcapng"));
    assert_eq!(status, 1);
    let expected = format!(
        "windfall: wrote {}/gs.apple.com-192.168.7.20.pcapng: 48 packets, gs.apple.com failing for 192.168.7.20",
        folder.display()
    );
    assert!(told.lines().any(|line| line == expected), "{told}");
    assert_eq!(told.lines().count(), 4, "{told}");
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        4,
        "no .partial is left"
    );
}

#[test]
fn a_healthy_capture_leaves_no_folder() {
    let folder = kept::folder("command-healthy");
    let (status, told) = replay(&folder, &kept::bundled("healthy-store.pcapng"));
    assert_eq!((status, told.as_str()), (0, ""));
    assert!(!folder.exists());
}

#[test]
fn what_cannot_be_written_has_its_own_status() {
    let (status, told) = replay(
        Path::new("/dev/null/x"),
        &kept::bundled("itunes-failure.pcapng"),
    );
    assert_eq!(status, 4, "{told}");
    assert!(told.contains("/dev/null/x cannot be made"), "{told}");
}

#[test]
fn standard_input_is_refused_before_it_is_read() {
    let (status, told) = replay(&kept::folder("command-stdin"), Path::new("-"));
    assert_eq!(status, 2, "{told}");
    assert!(told.contains("save it in a file first"), "{told}");
}
