//! Without a screen: the lines come as the rules say, and the report judges all of it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::session::held;

/// The screen and the lines may come this much after the time at which a rule holds, in seconds.
const LATE: f64 = 2.0;

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
    let Some(out) = held("outage", "live-outage", &[]) else {
        return;
    };
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

/// nftables on the gateway drops what goes to one host; both its sides are watched.
#[test]
fn what_the_gateway_drops_is_told_to_be_dropped_in_it() {
    let Some(out) = held("sides", "live-sides", &[]) else {
        return;
    };
    let events = timed(&out.join("events"));
    let lines = timed(&out.join("lines"));
    let dropped = when(&events, 0.0, &["dropped"]).unwrap();
    let words = ["failing", "albert.apple.com", "dropped-in-gateway"];
    let told = when(&lines, dropped, &words).unwrap_or_else(|| panic!("{lines:#?}"));
    // A SYN that is not answered is a stall after 3 s; the client needs a moment to begin.
    let after = told - dropped;
    assert!((3.0..=3.0 + 0.5 + LATE).contains(&after), "after {after} s");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report")).unwrap()).unwrap();
    let rows = report["requirements"].as_array().unwrap();
    let tried: Vec<&Value> = rows.iter().filter(|row| !row["client"].is_null()).collect();
    let failing: Vec<&&Value> = tried
        .iter()
        .filter(|row| row["status"] == "failing")
        .collect();
    assert_eq!(failing.len(), 1, "{failing:#?}");
    assert_eq!(failing[0]["where"], "dropped-in-gateway");
    // The gateway's own address on the other side is nobody's device.
    let outside = Value::from("198.18.0.7");
    let addresses = tried
        .iter()
        .flat_map(|row| row["client"]["addresses"].as_array().unwrap());
    assert!(addresses.into_iter().all(|address| *address != outside));
    let flows = report["flows"].as_array().unwrap();
    let twins = flows
        .iter()
        .filter(|flow| flow["standing"] == "twin")
        .count();
    let own = flows
        .iter()
        .filter(|flow| !flow["twin"].is_null() && flow["standing"] == "own");
    assert_eq!(twins, own.count());
}
