//! Every flag has a twin in the environment.

use serde_json::Value;

use crate::run::{Ran, capture, finish, program, run, tried, written};

/// Replays with these variables set, as JSON.
fn with(variables: &[(&str, &str)], file: &str) -> Ran {
    let mut command = program();
    command
        .args(["replay", file])
        .env("WINDFALL_FORMAT", "json");
    finish(command.envs(variables.iter().copied()))
}

fn demo() -> String {
    capture("itunes-failure.pcapng")
}

#[test]
fn twins_choose_what_is_judged() {
    let own = written(
        "twin.toml",
        b"[[host]]\npattern = \"mesu.apple.com\"\nremove = true\n",
    );
    let all = tried(&with(&[], &demo()).json());
    for (name, value) in [
        ("WINDFALL_PROFILE", "itunes"),
        ("WINDFALL_CATALOGUE", own.as_str()),
        ("WINDFALL_CLIENT", "192.168.7.21,10.0.0.0/8"),
    ] {
        let fewer = tried(&with(&[(name, value)], &demo()).json());
        assert!((1..all.len()).contains(&fewer.len()), "{name}: {fewer:?}");
    }
    for (name, value, file, expected) in [
        (
            "WINDFALL_ALLOW_PRIVATE",
            "gs.apple.com,10.0.0.0/8",
            "dns-sinkholed.pcap",
            "unjudged",
        ),
        (
            "WINDFALL_TRUSTED_ISSUER",
            "Acme, Inc.;Example Web Filter",
            "tls-intercepted-12.pcapng",
            "flaky",
        ),
    ] {
        assert_turns(name, value, file, expected);
    }
}

/// Without the variable something fails or is degraded; with it, nothing fails and something is as expected.
#[track_caller]
fn assert_turns(name: &str, value: &str, file: &str, expected: &str) {
    let statuses = |variables: &[(&str, &str)]| -> Vec<String> {
        let report = with(variables, &capture(file)).json();
        tried(&report)
            .into_iter()
            .map(|(_, status)| status)
            .collect()
    };
    let (before, after) = (statuses(&[]), statuses(&[(name, value)]));
    assert_ne!(before, after, "{name}");
    assert!(
        after.iter().any(|status| status == expected),
        "{name}: {after:?}"
    );
    assert!(
        after.iter().all(|status| status != "failing"),
        "{name}: {after:?}"
    );
}

#[test]
fn twins_set_the_waiting_times() {
    for (rule, file, expected) in [
        ("DNS", "dns-second-resolver.pcapng", "ok"),
        ("SYN", "syn-dropped.pcap", "pending"),
        ("HELLO", "hello-unanswered.pcapng", "unjudged"),
        ("HANDSHAKE", "handshake-stalled.pcap", "unjudged"),
        ("ZERO_WINDOW", "zero-window.pcap", "ok"),
        ("RETRANSMIT", "download-halts.pcapng.gz", "ok"),
        ("NTP", "ntp-unanswered.pcap", "pending"),
    ] {
        assert_turns(&format!("WINDFALL_{rule}_TIMER"), "1h", file, expected);
    }
    // A client that gives up waiting is a stall however long the rule waits; what is said of it differs.
    // Nobody requires port mappings: their outcome shows in the flows alone.
    let why = |file: &str, variables: &[(&str, &str)]| -> Vec<Value> {
        let report = with(variables, &capture(file)).json();
        let flows = report["flows"].as_array().unwrap();
        flows
            .iter()
            .map(|flow| flow["explanation"].clone())
            .collect()
    };
    for (rule, file) in [
        ("RESPONSE", "response-missing.pcap"),
        ("NAT_PMP", "nat-pmp.pcapng"),
    ] {
        let name = format!("WINDFALL_{rule}_TIMER");
        assert_ne!(
            why(file, &[]),
            why(file, &[(name.as_str(), "1h")]),
            "{rule}"
        );
    }
}

#[test]
fn twins_choose_what_is_shown_and_told() {
    let failing = with(&[("WINDFALL_FLOWS", "failing")], &demo()).json();
    let flows = failing["flows"].as_array().unwrap();
    assert!(!flows.is_empty() && flows.iter().all(|flow| flow["outcome"] != "succeeded"));
    let bounded = with(&[("WINDFALL_MAX_FLOWS", "3")], &demo()).json();
    assert!(bounded["summary"]["limits_hit"]["flows"].as_u64().unwrap() > 0);
    let verbose = with(&[("WINDFALL_VERBOSE", "2")], &demo());
    assert!(verbose.told.contains("replayed"), "{}", verbose.told);
    let log = written("twin.log", b"");
    let logged = with(
        &[("WINDFALL_LOG_FILE", &log), ("WINDFALL_VERBOSE", "1")],
        &demo(),
    );
    assert_eq!(logged.told, "");
    assert!(std::fs::read_to_string(&log).unwrap().contains("replayed"));
    let mut coloured = program();
    coloured
        .args(["replay", &demo()])
        .env("WINDFALL_COLOR", "always");
    assert!(finish(&mut coloured).out.contains('\x1b'));
}

#[test]
fn the_command_line_has_the_last_word() {
    let mut both = program();
    both.args(["replay", "--format", "text", &demo()])
        .env("WINDFALL_FORMAT", "json");
    assert!(finish(&mut both).out.starts_with("windfall "));
}

#[test]
fn a_twin_is_checked_like_its_flag() {
    let ran = with(&[("WINDFALL_PROFILE", "school")], &demo()).ended(2);
    assert!(ran.told.contains("school"), "{}", ran.told);
}

#[test]
fn no_flag_was_forgotten() {
    let help = run(["replay", "--help"]).ended(0).out;
    let flags = help.matches("\n      --").count() + help.matches("\n  -v, --").count();
    assert!(flags > 15, "{help}");
    assert_eq!(help.matches("[env: WINDFALL_").count(), flags, "{help}");
}
