//! `windfall merge` as a user meets it.

use std::path::Path;
use std::process::{Command, Output};

const FAILURE: &str = "captures/itunes-failure.pcapng";
const HEALTHY: &str = "captures/healthy-store.pcapng";

fn windfall(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windfall"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments);
    assert_cmd::Command::from_std(command)
        .write_stdin(input)
        .output()
        .unwrap()
}

fn report(capture: &str, more: &[&str]) -> Vec<u8> {
    windfall(
        &[&["replay", "--format", "json", capture], more].concat(),
        b"",
    )
    .stdout
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn reports_come_through_a_pipe_one_after_the_other() {
    let both = [report(HEALTHY, &[]), report(FAILURE, &[])].concat();
    let merged = windfall(&["merge", "--color", "never", "-"], &both);
    assert_eq!(merged.status.code(), Some(1), "{}", said(&merged));
    let text = String::from_utf8(merged.stdout).unwrap();
    assert!(
        text.contains("✗ 2 required connections are failing: albert.apple.com"),
        "{text}"
    );
    assert!(text.contains(FAILURE) && text.contains(HEALTHY), "{text}");
    // In the other order, the same words.
    let other = [report(FAILURE, &[]), report(HEALTHY, &[])].concat();
    assert_eq!(
        String::from_utf8(windfall(&["merge", "-"], &other).stdout).unwrap(),
        text
    );
}

#[test]
fn a_healthy_report_is_status_0() {
    assert_eq!(
        windfall(&["merge", "-"], &report(HEALTHY, &[]))
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn what_cannot_be_merged_is_told() {
    let few = report(HEALTHY, &["--flows", "failing"]);
    let merged = windfall(&["merge", "-"], &few);
    assert_eq!(merged.status.code(), Some(2));
    assert!(
        said(&merged).contains("--flows required"),
        "{}",
        said(&merged)
    );

    let twice = [report(HEALTHY, &[]), report(HEALTHY, &[])].concat();
    let merged = windfall(&["merge", "-"], &twice);
    assert_eq!(merged.status.code(), Some(2));
    assert!(
        said(&merged).contains(
            "standard input and standard input (report 2) are both of captures/healthy-store.pcapng"
        ),
        "{}",
        said(&merged)
    );

    let lines = windfall(&["replay", "--format", "ndjson", HEALTHY], b"").stdout;
    for (input, expected) in [
        (&b"{}"[..], "is no report of --format json"),
        (b"", "is empty"),
        (b"\x00\xff", "is no report of --format json"),
        (&lines, "ndjson"),
    ] {
        let merged = windfall(&["merge", "-"], input);
        assert_eq!(merged.status.code(), Some(3), "{}", said(&merged));
        assert!(said(&merged).contains(expected), "{}", said(&merged));
    }

    let merged = windfall(&["merge", "no-such.json"], b"");
    assert_eq!(merged.status.code(), Some(3));
    assert!(
        said(&merged).contains("cannot read the report no-such.json"),
        "{}",
        said(&merged)
    );
}

/// Dask maps captures to reports and folds these into one, in two processes of its own.
#[test]
fn an_engine_that_maps_and_reduces_gives_the_report_of_one_run() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/merge_with_dask.py");
    let has_dask = |python: &&str| {
        let tried = Command::new(python)
            .args(["-c", "import distributed"])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    // The system's, whose packages the system's package manager installs, and the one of this shell.
    let Some(python) = ["/usr/bin/python3", "python3"].into_iter().find(has_dask) else {
        eprintln!("skipped: Python's distributed (Debian: python3-distributed) is not installed");
        return;
    };
    let captures = [
        FAILURE,
        HEALTHY,
        "captures/healthy-quic.pcapng",
        "captures/nxdomain.pcapng",
    ];
    let output = Command::new(python)
        .arg(script)
        .args(["--workers", "2", env!("CARGO_BIN_EXE_windfall")])
        .args(captures)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let reports: Vec<u8> = captures
        .iter()
        .flat_map(|capture| report(capture, &[]))
        .collect();
    let here = windfall(&["merge", "--format", "json", "-"], &reports);
    let told = said(&output);
    assert!(told.contains("2 worker processes"), "{told}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(here.stdout).unwrap()
    );
}
