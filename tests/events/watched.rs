//! `watch --events` to a file and to standard output, live.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::namespace::{inside, ip, text, wire};
use crate::watching::{PATIENCE, Watching};
use crate::wire::{Frames, arrives};

/// A disk of this size for the length of the test: its mount is the namespace's own.
fn disk(size: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("windfall-events-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let options = format!("size={size},mode=777");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
        .arg(&place)
        .output()
        .unwrap();
    assert!(mounted.status.success(), "{}", text(&mounted));
    place
}

/// The whole lines of a file.
fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    whole.collect()
}

/// Waits for a line that is so.
#[track_caller]
fn until(path: &Path, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let lines = lines(path);
        if let Some(line) = lines.iter().find(|line| is(line)) {
            return line.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "{what} never came: {lines:#?}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn is_kind(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |line| line["kind"] == kind
}

#[test]
fn each_change_is_a_line_and_so_is_what_happens_to_the_capture() {
    inside(
        "watched::each_change_is_a_line_and_so_is_what_happens_to_the_capture",
        || {
            wire();
            let path = disk("16m").join("events.ndjson");
            let flags = format!(
                "--events {} --gateway lab.gw-1 --events-heartbeat 1s",
                path.display()
            );
            let watching = Watching::far(&flags);
            let start = until(&path, "the start", is_kind("start"));
            assert_eq!(start["gateway"], "lab.gw-1");
            assert_eq!(start["interfaces"], serde_json::json!(["far"]));
            until(&path, "a heartbeat", is_kind("heartbeat"));
            Frames::new().capture("itunes-failure.pcapng");
            arrives();
            let failing = until(&path, "the failure", |line| {
                line["pattern"] == "gs.apple.com" && line["status"] == "failing"
            });
            assert_eq!(failing["cause"], "reset-after-client-hello");
            assert_eq!(failing["client"]["addresses"][0], "192.168.7.20");
            ip("link set far down");
            until(&path, "the trouble", |line| {
                line["kind"] == "notice" && line["trouble"] == true
            });
            ip("link set far up");
            until(&path, "its end", |line| {
                line["kind"] == "notice" && line["trouble"] == false
            });
            watching.signal("INT");
            let left = watching.left();
            assert_eq!(left.status, Some(1), "{:#?}", left.said);
            assert_eq!(left.report()["schema"], 1, "the report is written as ever");
            let all = lines(&path);
            assert_eq!(all.last().unwrap()["kind"], "stop");
            let numbers: Vec<u64> = all
                .iter()
                .map(|line| line["sequence"].as_u64().unwrap())
                .collect();
            assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>());
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        },
    );
}

#[test]
fn a_full_disk_is_told_and_the_capture_goes_on() {
    inside(
        "watched::a_full_disk_is_told_and_the_capture_goes_on",
        || {
            wire();
            let disk = disk("8k");
            let path = disk.join("events.ndjson");
            let mut watching = Watching::far(&format!("--events {} --gateway gw", path.display()));
            let mut sender = Frames::new();
            sender.capture("itunes-failure.pcapng");
            arrives();
            watching.until("and the capture goes on");
            watching.signal("INT");
            let left = watching.left();
            assert_eq!(left.status, Some(1), "{:#?}", left.said);
            let told = left
                .said
                .iter()
                .filter(|line| line.contains("events cannot be written"));
            assert_eq!(told.count(), 1, "{:#?}", left.said);
            assert_eq!(left.report()["captures"][0]["frames"], sender.sent);
        },
    );
}

#[test]
fn on_standard_output_they_take_the_place_of_the_report() {
    inside(
        "watched::on_standard_output_they_take_the_place_of_the_report",
        || {
            wire();
            let mut watching = Watching::far("--events - --gateway gw");
            Frames::new().capture("itunes-failure.pcapng");
            arrives();
            watching.until("gs.apple.com");
            watching.signal("INT");
            let left = watching.left();
            assert_eq!(left.status, Some(1), "{:#?}", left.said);
            let kinds: Vec<String> = left
                .out
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap())
                .map(|line| line["kind"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(kinds.first().unwrap(), "start");
            assert_eq!(kinds.last().unwrap(), "stop");
            assert!(kinds.iter().any(|kind| kind == "status"));
        },
    );
}

/// Without the feature there is nothing in it that could reach a broker, and it says so.
#[cfg(not(feature = "fleet"))]
#[test]
fn without_the_feature_a_broker_is_refused_in_words() {
    for arguments in [["watch", "--events=nats://hub"], ["fleet", "nats://hub"]] {
        let ran = Command::new(env!("CARGO_BIN_EXE_windfall"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(2));
        let said = text(&ran);
        assert!(
            said.contains("cargo build --release --features fleet"),
            "{said}"
        );
    }
}

#[test]
fn a_spool_without_a_broker_is_refused_in_words() {
    let told = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_windfall"))
            .env_clear()
            .args([
                "watch",
                "--no-tui",
                "--gateway=berlin",
                "-i",
                "lo",
                "-f",
                "no such filter",
            ])
            .args(arguments)
            .output()
            .unwrap();
        (ran.status.code(), text(&ran))
    };
    let file = std::env::temp_dir().join(format!("windfall-spool-{}", std::process::id()));
    let to_file = format!("--events={}", file.display());
    for events in [&[][..], &["--events=-"], &[&to_file]] {
        let (status, said) = told(&[&["--events-spool=/var/spool/windfall"], events].concat());
        assert_eq!(status, Some(2), "{said}");
        assert!(
            said.contains("--events-spool keeps events for a broker"),
            "{said}"
        );
        // Without it, the interface is opened, which ends at the filter or at a right that is missing.
        let (_, said) = told(events);
        assert!(!said.is_empty() && !said.contains("spool"), "{said}");
    }
    let (_, said) = told(&[
        "--events-spool=/var/spool/windfall",
        "--events=nats://192.0.2.1",
    ]);
    assert!(!said.contains("keeps events for a broker"), "{said}");
    let _ = std::fs::remove_file(file);
}

/// What the default build is made of.
#[test]
fn a_default_build_has_no_runtime_in_it() {
    let tree = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "--edges",
                "normal,build",
                "--prefix",
                "none",
            ])
            .args([
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ])
            .args(arguments)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", text(&ran));
        String::from_utf8(ran.stdout).unwrap()
    };
    let has = |tree: &str, name: &str| {
        tree.lines()
            .any(|line| line.split(' ').next() == Some(name))
    };
    let usual = tree(&[]);
    assert!(has(&usual, "clap"), "{usual}");
    for absent in ["tokio", "async-nats", "tokio-rustls", "futures-util"] {
        assert!(!has(&usual, absent), "{absent} is in the default build");
    }
    assert!(has(&tree(&["--features", "fleet"]), "tokio"));
}
