//! Flags, and their twins in the environment, choose what is judged and what is shown.

use serde_json::Value;

use crate::run::{capture, finish, program, run, tried, written};

fn json(arguments: &[&str], file: &str) -> Value {
    let mut command = program();
    command.args(["replay", "--format", "json"]).args(arguments);
    let ran = finish(command.arg(capture(file)));
    assert!(ran.status <= 1, "{}", ran.told);
    ran.json()
}

fn status(report: &Value, pattern: &str) -> String {
    let rows = tried(report);
    let found = rows.iter().find(|(known, _)| known == pattern);
    assert!(found.is_some(), "{pattern} is not in {rows:?}");
    found.unwrap().1.clone()
}

#[test]
fn clients_are_chosen_by_any_of_their_addresses() {
    let all = tried(&json(&[], "itunes-failure.pcapng")).len();
    for client in [
        "192.168.7.21",
        "192.168.7.21/32",
        "2001:db8:7::21",
        "f00::/16,192.168.7.21",
    ] {
        let report = json(&["--client", client], "itunes-failure.pcapng");
        assert_eq!(status(&report, "mesu.apple.com"), "failing", "{client}");
        assert!((2..all).contains(&tried(&report).len()), "{client}");
        for flow in report["flows"].as_array().unwrap() {
            let ip = flow["client"]["ip"].as_str().unwrap();
            assert!(["192.168.7.21", "2001:db8:7::21"].contains(&ip), "{ip}");
        }
    }
    let nobody = run([
        "replay",
        "--client",
        "10.0.0.0/8",
        &capture("itunes-failure.pcapng"),
    ])
    .ended(0);
    assert!(
        nobody
            .out
            .contains("no attempt at a required host was seen"),
        "{}",
        nobody.out
    );
}

#[test]
fn flows_choose_what_text_lists() {
    let demo = capture("itunes-failure.pcapng");
    let rows = |flows: &str| run(["replay", "--flows", flows, &demo]).ended(1).out;
    let (failing, required, all) = (rows("failing"), rows("required"), rows("all"));
    assert!(failing.contains("gs.apple.com (sni)"), "{failing}");
    assert!(!failing.contains("itunes.apple.com (sni)"), "{failing}");
    assert!(required.contains("itunes.apple.com (sni)"), "{required}");
    assert!(!required.contains("www.example.com"), "{required}");
    assert!(all.contains("www.example.com (sni)"), "{all}");
    let report = json(&[], "itunes-failure.pcapng");
    let flows = report["flows"].as_array().unwrap();
    let others = flows
        .iter()
        .filter(|flow| flow["requirement"].is_null())
        .count();
    let questions = report["dns"].as_array().unwrap().len();
    for text in [&failing, &required, &all] {
        // Counts are of all, listed or not.
        assert!(
            text.contains(&format!(" of {} flows", flows.len())),
            "{text}"
        );
        assert!(
            text.contains(&format!("NOT REQUIRED  {others} flows: ")),
            "{text}"
        );
        assert!(
            text.contains(&format!("DNS  {questions} questions: ")),
            "{text}"
        );
    }
    // All of them names the hosts that nobody tried, too.
    assert!(all.contains(" · skl.apple.com "), "{all}");
}

#[test]
fn a_profile_chooses_the_lists() {
    let names = |profile: &str| {
        let out = run(["catalogue", "hosts", "--profile", profile])
            .ended(0)
            .out;
        let names: Vec<String> = out
            .lines()
            .skip(1)
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        names
    };
    let (itunes, enterprise, all) = (names("itunes"), names("enterprise"), names("all"));
    assert_eq!(itunes.len(), 20);
    assert!(itunes.contains(&"deimos3.apple.com".to_owned()));
    assert!(!enterprise.contains(&"deimos3.apple.com".to_owned()));
    assert!(enterprise.contains(&"ocsp.digicert.com".to_owned()));
    assert!(!itunes.contains(&"ocsp.digicert.com".to_owned()));
    for name in itunes.iter().chain(&enterprise) {
        assert!(all.contains(name), "{name}");
    }
    let report = json(&["--profile", "itunes"], "healthy-store.pcapng");
    assert!(
        tried(&report)
            .iter()
            .all(|(pattern, _)| pattern != "ocsp.digicert.com")
    );
}

#[test]
fn private_answers_may_be_meant() {
    assert_eq!(
        status(&json(&[], "dns-sinkholed.pcap"), "gs.apple.com"),
        "failing"
    );
    for allowed in ["gs.apple.com", "APPLE.com", "*.apple.com", "0.0.0.0/8"] {
        let report = json(&["--allow-private", allowed], "dns-sinkholed.pcap");
        assert_ne!(status(&report, "gs.apple.com"), "failing", "{allowed}");
    }
    for other in ["mesu.apple.com", "s.apple.com", "10.0.0.0/8"] {
        let report = json(&["--allow-private", other], "dns-sinkholed.pcap");
        assert_eq!(status(&report, "gs.apple.com"), "failing", "{other}");
    }
}

#[test]
fn an_issuer_may_be_trusted() {
    let causes = |report: &Value| -> Vec<String> {
        let flows = report["flows"].as_array().unwrap();
        flows
            .iter()
            .filter_map(|flow| flow["cause"].as_str().map(ToOwned::to_owned))
            .collect()
    };
    let file = "tls-intercepted-12.pcapng";
    assert!(causes(&json(&[], file)).contains(&"tls-intercepted".to_owned()));
    let trusted = json(&["--trusted-issuer", "Example Web Filter"], file);
    assert!(!causes(&trusted).contains(&"tls-intercepted".to_owned()));
    let other = json(&["--trusted-issuer", "Example Web"], file);
    assert!(causes(&other).contains(&"tls-intercepted".to_owned()));
}

#[test]
fn rules_wait_as_long_as_they_are_told() {
    let file = "syn-dropped.pcap";
    assert_eq!(status(&json(&[], file), "gs.apple.com"), "failing");
    assert_eq!(
        status(&json(&["--syn-timer", "1m30s"], file), "gs.apple.com"),
        "pending"
    );
    let file = "dns-second-resolver.pcapng";
    assert_eq!(status(&json(&[], file), "gs.apple.com"), "degraded");
    assert_eq!(
        status(&json(&["--dns-timer", "20s"], file), "gs.apple.com"),
        "ok"
    );
    let file = "ntp-unanswered.pcap";
    assert_eq!(status(&json(&[], file), "time.apple.com"), "failing");
    assert_eq!(
        status(&json(&["--ntp-timer", "20s"], file), "time.apple.com"),
        "pending"
    );
    let silent = |report: &Value| report.to_string().contains("nat-pmp-unanswered");
    assert!(silent(&json(&[], "nat-pmp.pcapng")));
    assert!(!silent(&json(
        &["--nat-pmp-timer", "20s"],
        "nat-pmp.pcapng"
    )));
}

#[test]
fn a_bound_that_bites_is_told() {
    let ran = run([
        "replay",
        "--max-flows",
        "3",
        &capture("itunes-failure.pcapng"),
    ]);
    assert!(
        ran.out.contains("! the limit on flows was hit"),
        "{}",
        ran.out
    );
    let report = json(&["--max-flows", "3"], "itunes-failure.pcapng");
    assert!(report["summary"]["limits_hit"]["flows"].as_u64().unwrap() > 0);
    assert_eq!(
        json(&[], "itunes-failure.pcapng")["summary"]["limits_hit"],
        serde_json::json!({})
    );
}

#[test]
fn a_catalogue_of_ones_own_adds_and_removes() {
    let own = written(
        "own.toml",
        b"[[host]]\npattern = \"www.example.com\"\nports = [\"443/tcp\"]\nuse = \"the example\"\n\n[[host]]\npattern = \"gs.apple.com\"\nremove = true\n",
    );
    let report = json(&["--catalogue", &own], "itunes-failure.pcapng");
    assert_eq!(status(&report, "www.example.com"), "ok");
    assert!(
        tried(&report)
            .iter()
            .all(|(pattern, _)| pattern != "gs.apple.com")
    );
}

#[test]
fn the_clock_is_told_in_the_summary() {
    let summary = &json(&[], "itunes-failure.pcapng")["summary"];
    assert!(summary["wall_ms"].as_f64().unwrap() > 0.0);
    assert!(summary["packets_per_second"].as_f64().unwrap() > 0.0);
    assert!(summary["frames"].as_u64().unwrap() > 1000);
}

#[test]
fn csv_has_a_row_for_each_requirement_and_device() {
    let ran = run([
        "replay",
        "--format",
        "csv",
        &capture("itunes-failure.pcapng"),
    ])
    .ended(1);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|known| known == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let seen: Vec<_> = rows
        .iter()
        .filter(|row| !row[column("client")].is_empty())
        .collect();
    let report = json(&[], "itunes-failure.pcapng");
    assert_eq!(seen.len(), tried(&report).len());
    let rows_of = report["requirements"].as_array().unwrap();
    let gs = rows_of
        .iter()
        .find(|row| row["pattern"] == "gs.apple.com")
        .unwrap();
    let frames: Vec<String> = gs["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|evidence| evidence["frame"].to_string())
        .collect();
    assert!(frames.len() > 1, "{frames:?}");
    let frames = frames.join(" ");
    let row = seen
        .iter()
        .find(|row| &row[column("requirement")] == "gs.apple.com")
        .unwrap();
    for (name, value) in [
        ("status", "failing"),
        ("client", "192.168.7.20 2001:db8:7::20"),
        ("reset", "4"),
        ("cause", "reset-after-client-hello"),
        ("origin", "middlebox"),
        ("frames", frames.as_str()),
    ] {
        assert_eq!(&row[column(name)], value, "{name}");
    }
    assert!(row[column("wireshark_filter")].starts_with("ip.addr == 192.168.7.20 && "));
    let nobody = rows
        .iter()
        .find(|row| &row[column("requirement")] == "skl.apple.com")
        .unwrap();
    assert_eq!(&nobody[column("status")], "not-seen");
    assert_eq!(&nobody[column("cause")], "");
    assert!(rows.iter().all(|row| row.iter().all(|cell| cell != "null")));
}
