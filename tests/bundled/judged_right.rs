//! Every bundled capture gives the report that a person judged right.
//!
//! `captures/NAME.expected.json` holds what was judged. After a deliberate change of a rule, read the difference and
//! write the files anew with `WINDFALL_ACCEPT=1 cargo test --test bundled`.

use serde_json::Value;

use windfall::verdict::outcome::Outcome;

use crate::replayed;

/// Captures in which nothing is wrong, though much looks like it.
const HEALTHY: &[&str] = &[
    "healthy-store",
    "healthy-large-hello",
    "healthy-quic",
    "gso-super-frames",
    "keep-alives",
    "happy-eyeballs",
    "proxy-login",
    "client-rst-after-completion",
    "retransmission-recovered",
    "ntp-healthy",
];

#[test]
fn each_capture_gives_the_report_that_was_judged_right() {
    let accept = std::env::var_os("WINDFALL_ACCEPT").is_some();
    let mut wrong = Vec::new();
    for path in replayed::all() {
        let got = replayed::judged(&replayed::run(std::slice::from_ref(&path)).summary);
        let expected_path =
            replayed::folder().join(format!("{}.expected.json", replayed::stem(&path)));
        if accept {
            std::fs::write(
                &expected_path,
                serde_json::to_string_pretty(&got).unwrap() + "\n",
            )
            .unwrap();
        }
        let expected: Value = std::fs::read(&expected_path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        if got != expected {
            wrong.push(format!(
                "{}: got {got:#}\nexpected {expected:#}",
                path.display()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} captures differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn healthy_captures_show_nothing_stalled_reset_or_failed() {
    let names: Vec<String> = replayed::all()
        .iter()
        .map(|path| replayed::stem(path))
        .collect();
    for healthy in HEALTHY {
        assert!(
            names.iter().any(|name| name == healthy),
            "{healthy} is missing"
        );
    }
    for path in replayed::all() {
        if !HEALTHY.contains(&replayed::stem(&path).as_str()) {
            continue;
        }
        let summary = replayed::run(std::slice::from_ref(&path)).summary;
        for outcome in [Outcome::Stalled, Outcome::Reset, Outcome::Failed] {
            let flows = summary
                .flows
                .iter()
                .filter(|flow| flow.outcome == outcome)
                .count();
            let questions = summary
                .dns
                .iter()
                .filter(|row| row.outcome == outcome)
                .count();
            assert_eq!((flows, questions), (0, 0), "{}: {outcome}", path.display());
        }
        assert!(
            summary
                .flows
                .iter()
                .any(|flow| flow.outcome == Outcome::Succeeded)
        );
    }
}

#[test]
fn every_capture_has_its_row_in_the_readme_and_every_row_its_capture() {
    let readme = std::fs::read_to_string(replayed::folder().join("README.md")).unwrap();
    let files: Vec<String> = replayed::all()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for file in &files {
        assert!(
            readme.contains(&format!("`{file}`")),
            "captures/README.md says nothing of {file}"
        );
    }
    let named = readme
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains(".pcap") && !word.contains(['/', ' ', '*', 'N']));
    for word in named {
        assert!(
            files.iter().any(|file| file == word),
            "captures/README.md names {word}, which is missing"
        );
    }
}

#[test]
fn a_report_is_the_same_every_time() {
    let demo = replayed::folder().join("itunes-failure.pcapng");
    let text =
        || serde_json::to_string(&replayed::run(std::slice::from_ref(&demo)).summary).unwrap();
    assert_eq!(text(), text());
}
