//! `bench` measures what `replay` reports on, all of it, and says so when it cannot.

use serde_json::Value;

use crate::run::{capture, run, written};

fn names(list: &Value, field: &str) -> Vec<Value> {
    let rows = list.as_array().unwrap();
    rows.iter().map(|row| row[field].clone()).collect()
}

#[test]
fn it_counts_what_replay_counts() {
    let files = [capture("itunes-failure.pcapng"), capture("refused.pcapng")];
    let [first, second] = &files;
    let measured = run([
        "bench",
        "--format",
        "json",
        "--repeat",
        "2",
        "--workers",
        "2",
        first,
        second,
    ])
    .ended(0)
    .json();
    let report = run(["replay", "--format", "json", first, second]).json();
    let sum = |field: &str| -> u64 {
        let each = report["captures"].as_array().unwrap().iter();
        each.map(|capture| capture[field].as_u64().unwrap()).sum()
    };
    assert_eq!(measured["packets"], sum("frames"));
    assert_eq!(measured["bytes"], sum("bytes"));
    let on_disk: u64 = files
        .iter()
        .map(|file| std::fs::metadata(file).unwrap().len())
        .sum();
    assert_eq!(measured["file_bytes"], on_disk);
    assert_eq!(measured["files"], serde_json::json!(files));
    assert_eq!(measured["rounds"], 2);
    assert_eq!(
        names(&measured["stages"], "stage"),
        ["read", "decode", "analyse", "report"]
    );
    assert_eq!(names(&measured["runs"], "workers"), [1, 2]);
}

#[test]
fn rates_and_times_tell_the_same() {
    let path = capture("itunes-failure.pcapng");
    let measured = run(["bench", "--format", "json", "--repeat", "1", &path])
        .ended(0)
        .json();
    for run in measured["runs"].as_array().unwrap() {
        let median = |figure: &str| run[figure]["median"].as_f64().unwrap();
        let packets = measured["packets"].as_f64().unwrap();
        let seconds = median("ns_per_packet") * packets / 1e9;
        let near = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-9;
        assert!(
            near(median("packets_per_second") * seconds, packets),
            "{run:#}"
        );
        let bytes = measured["file_bytes"].as_f64().unwrap();
        assert!(
            near(median("file_bytes_per_second") * seconds, bytes),
            "{run:#}"
        );
    }
}

#[test]
fn text_has_a_row_for_each_stage_and_number_of_workers() {
    let ran = run([
        "bench",
        "--repeat",
        "1",
        "--workers",
        "2",
        &capture("refused.pcapng"),
    ])
    .ended(0);
    let first_words: Vec<&str> = ran
        .out
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        first_words[1..],
        [
            "STAGE", "read", "decode", "analyse", "report", "WORKERS", "1", "2"
        ],
        "{}",
        ran.out
    );
    assert_eq!(ran.told, "");
}

#[test]
fn what_fails_in_a_capture_is_no_failure_of_the_measurement() {
    run(["replay", &capture("refused.pcapng")]).ended(1);
    run(["bench", "--repeat", "1", &capture("refused.pcapng")]).ended(0);
}

#[test]
fn what_cannot_be_opened_is_3_and_measured_is_nothing() {
    for path in [
        "/nonexistent.pcap",
        &written("bench-noise.pcap", b"not a capture"),
    ] {
        let ran = run(["bench", path]).ended(3);
        assert_eq!(ran.out, "");
        assert!(
            ran.told.starts_with("windfall: error: ") && ran.told.contains(path),
            "{}",
            ran.told
        );
        assert_eq!(ran.told.lines().count(), 1, "{}", ran.told);
    }
}

#[test]
fn what_is_cut_short_is_3_and_measured_as_far_as_it_goes() {
    let whole = std::fs::read(capture("itunes-failure.pcapng")).unwrap();
    let cut = written("bench-cut.pcapng", &whole[..whole.len() / 2]);
    let ran = run(["bench", "--format", "json", "--repeat", "1", &cut]).ended(3);
    let report = run(["replay", "--format", "json", &cut]).ended(3).json();
    assert_eq!(ran.json()["packets"], report["captures"][0]["frames"]);
    assert!(
        ran.told.starts_with("windfall: error: ") && ran.told.contains(&cut),
        "{}",
        ran.told
    );
}

#[test]
fn what_cannot_be_measured_is_wrong_usage() {
    // A pcap file (version 2.4) without packets.
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1];
    let empty = written("bench-empty.pcap", &header.map(u32::to_le_bytes).concat());
    for (path, why) in [("-", "standard input"), (&*empty, "no packet to measure")] {
        let ran = run(["bench", path]).ended(2);
        assert_eq!(ran.out, "");
        assert!(ran.told.contains(why), "{}", ran.told);
    }
    run(["bench", "--repeat", "0", &empty]).ended(2);
}
