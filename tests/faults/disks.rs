//! Disks that are full.

use std::path::Path;
use std::process::Command;

/// Runs a command of a shell with a disk of 64 KiB at `$DISK`, in namespaces of its own; none without the right to.
fn with_small_disk(name: &str, command: &str) -> Option<(i32, String, String)> {
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("disk-{name}"));
    std::fs::create_dir_all(&disk).unwrap();
    let script =
        format!("mount -t tmpfs -o size=64k,mode=777 tmpfs \"$DISK\" || exit 77\n{command}");
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("DISK", &disk)
        .env("WINDFALL", env!("CARGO_BIN_EXE_windfall"))
        .env(
            "FILE",
            format!(
                "{}/captures/itunes-failure.pcapng",
                env!("CARGO_MANIFEST_DIR")
            ),
        )
        .output();
    let output = match output {
        Ok(output) if output.status.code() != Some(77) => output,
        _ => {
            eprintln!("{name}: skipped: needs `unshare` and user namespaces");
            return None;
        }
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Some((
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    ))
}

#[test]
fn a_report_that_a_full_disk_cuts_has_its_status() {
    let command = "head -c 60000 /dev/zero > \"$DISK/filler\"; \"$WINDFALL\" replay --format json \"$FILE\" > \"$DISK/report\"";
    if let Some((status, _, told)) = with_small_disk("report", command) {
        assert_eq!(status, 4, "{told}");
        assert!(
            told.contains("cannot write to standard output: No space left"),
            "{told}"
        );
    }
}

#[test]
fn evidence_that_a_full_disk_cuts_is_told_and_the_report_is_whole() {
    let command = "head -c 50000 /dev/zero > \"$DISK/filler\"; \"$WINDFALL\" replay --save-failing \"$DISK/evidence\" \"$FILE\"";
    if let Some((status, out, told)) = with_small_disk("evidence", command) {
        assert_eq!(status, 4, "{told}");
        assert!(out.contains("3 required connections are failing"), "{out}");
        let failed: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("error: "))
            .collect();
        assert!(!failed.is_empty(), "{told}");
        for line in failed {
            assert!(line.contains("No space left"), "{line}");
        }
    }
}
