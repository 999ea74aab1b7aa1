//! An outage, live: windfall on a gateway's interface while curl and dig of a device fail and recover.
//!
//! `tests/lab/live.sh` makes the network (client, gateway, servers, each its namespace), lets nftables drop and refuse,
//! and writes down when. Needs root and the lab's programs, which `make test` installs for root; elsewhere it says that
//! it was skipped.
#![expect(
    clippy::disallowed_methods,
    reason = "reads what the session wrote, and says why it skips"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The screen and the lines may come this much after the time at which a rule holds, in seconds.
const LATE: f64 = 2.0;

/// Why the session cannot run here.
fn hindrance() -> Option<String> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout != b"0\n" {
        return Some("it needs root, to make network namespaces".to_owned());
    }
    let programs = [
        "ip", "nft", "curl", "dig", "dnsmasq", "nginx", "openssl", "ethtool",
    ];
    let missing: Vec<&str> = programs
        .into_iter()
        .filter(|program| !in_path(program))
        .collect();
    (!missing.is_empty()).then(|| format!("{} not installed", missing.join(", ")))
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .any(|folder| folder.join(program).is_file())
}

/// Lines of a file of the session: the time, and what stands after it.
fn timed(path: &Path) -> Vec<(f64, String)> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let (time, what) = line.split_once(' ')?;
            Some((time.parse().ok()?, what.to_owned()))
        })
        .collect()
}

/// When a line with all these words came, after a time.
fn when(lines: &[(f64, String)], after: f64, words: &[&str]) -> Option<f64> {
    lines
        .iter()
        .find(|(at, line)| *at >= after && words.iter().all(|word| line.contains(word)))
        .map(|(at, _)| *at)
}

#[test]
fn an_outage_is_told_as_it_happens_and_so_is_its_end() {
    if let Some(why) = hindrance() {
        // Past the harness, which shows nothing of a test that passes.
        writeln!(std::io::stderr(), "skipped the live outage: {why}").unwrap();
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live-outage");
    let _ = fs::remove_dir_all(&out);
    let session = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/live.sh"))
        .args(["outage", env!("CARGO_BIN_EXE_windfall")])
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        session.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&session.stderr),
        fs::read_to_string(out.join("lines")).unwrap_or_default()
    );
    let events = timed(&out.join("events"));
    let lines = timed(&out.join("lines"));
    let at = |what: &str| when(&events, 0.0, &[what]).unwrap();
    let told = |event: &str, words: &[&str]| {
        let from = at(event);
        when(&lines, from, words).unwrap_or_else(|| panic!("{words:?} after {event}: {lines:#?}"))
            - from
    };

    // The rules' times: SYN 3 s, none for a refusal, DNS 5 s. The clients need a moment to begin.
    let begun = 0.5;
    for (event, words, rule) in [
        (
            "dropped",
            ["failing", "albert.apple.com", "syn-unanswered"],
            3.0,
        ),
        (
            "refused",
            ["failing", "gs.apple.com", "connection-refused"],
            0.0,
        ),
        (
            "silenced",
            ["failing", "skl.apple.com", "dns-unanswered"],
            5.0,
        ),
    ] {
        let after = told(event, &words);
        assert!(
            after <= rule + begun + LATE,
            "{words:?} came after {after} s"
        );
        assert!(
            after >= rule,
            "{words:?} came after {after} s, before its rule"
        );
    }
    for host in ["albert.apple.com", "gs.apple.com", "skl.apple.com"] {
        told("healed", &["ok", host]);
    }
    for host in ["itunes.apple.com", "init.itunes.apple.com"] {
        assert_eq!(when(&lines, 0.0, &["failing", &format!(" {host}")]), None);
    }

    // The final report judges all of it, so what failed before it worked is flaky, and nothing is failing.
    assert_eq!(fs::read_to_string(out.join("status")).unwrap().trim(), "0");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report")).unwrap()).unwrap();
    let capture = &report["captures"][0];
    assert_eq!(capture["interface"], "lan");
    assert_eq!(capture["format"], "live");
    for drops in ["dropped_kernel", "dropped_interface", "dropped_pipeline"] {
        assert_eq!(capture[drops], 0, "{drops}");
    }
    let status = |pattern: &str| {
        let rows = report["requirements"].as_array().unwrap();
        rows.iter()
            .find(|row| row["pattern"] == pattern && !row["client"].is_null())
            .map(|row| row["status"].clone())
    };
    assert_eq!(status("albert.apple.com").unwrap(), "flaky");
    assert_eq!(status("gs.apple.com").unwrap(), "flaky");
    assert_eq!(status("*.itunes.apple.com").unwrap(), "ok");
}
