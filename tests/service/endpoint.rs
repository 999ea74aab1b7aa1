//! Metrics and health over HTTP, while packets come in.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::namespace::{inside, ip, text, wire};
use crate::scraped::{Answer, Series, exchange, get, series};
use crate::watching::{PATIENCE, Watching};
use crate::wire::{Frames, arrives};

/// Watches `far`, and where it serves.
pub(crate) fn serving(arguments: &str, variables: &[(&str, &str)]) -> (Watching, String) {
    ip("link set lo up");
    let arguments = format!("--metrics 127.0.0.1:0 {arguments}");
    let mut watching = Watching::far_with(&arguments, variables);
    watching.until("metrics are at ");
    let line = watching
        .said
        .iter()
        .find(|line| line.contains("metrics are at "));
    let (_, rest) = line.unwrap().split_once("http://").unwrap();
    let at = rest.trim_end_matches("/metrics").to_owned();
    (watching, at)
}

/// Scrapes until it is so, for which there is time.
#[track_caller]
pub(crate) fn until(at: &str, path: &str, what: &str, so: impl Fn(&Answer) -> bool) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = get(at, path);
        if so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {}", answer.body);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The sum over rows of a report of attempts at a requirement that came to an outcome.
fn attempts(report: &Value, requirement: &str, outcome: &str) -> f64 {
    let rows = report["requirements"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["id"] == requirement);
    rows.map(|row| row["attempts"][outcome].as_f64().unwrap())
        .sum()
}

/// Every counter and gauge that the report knows, too, has its value.
fn agree(scraped: &Series, report: &Value) {
    let capture = &report["captures"][0];
    for (metric, field) in [
        ("frames", "frames"),
        ("captured_bytes", "bytes"),
        ("truncated_frames", "truncated"),
        ("duplicate_frames", "duplicates"),
    ] {
        let name = format!("windfall_{metric}_total{{interface=\"far\"}}");
        assert_eq!(Some(scraped[&name]), capture[field].as_f64(), "{metric}");
    }
    for by in ["kernel", "interface", "pipeline"] {
        let name = format!("windfall_dropped_frames_total{{interface=\"far\",by=\"{by}\"}}");
        assert_eq!(
            Some(scraped[&name]),
            capture[format!("dropped_{by}")].as_f64(),
            "{by}"
        );
    }
    for (outcome, count) in report["summary"]["outcome"].as_object().unwrap() {
        let name = format!("windfall_flows{{outcome=\"{outcome}\"}}");
        assert_eq!(Some(scraped[&name]), count.as_f64(), "{outcome}");
    }
    let mut compared = 0;
    for row in report["requirements"].as_array().unwrap() {
        if row["client"].is_null() {
            continue;
        }
        let id = row["id"].as_str().unwrap();
        for outcome in [
            "succeeded",
            "stalled",
            "reset",
            "failed",
            "abandoned",
            "unjudged",
        ] {
            let name =
                format!("windfall_attempts_total{{requirement=\"{id}\",outcome=\"{outcome}\"}}");
            assert_eq!(scraped[&name], attempts(report, id, outcome), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn metrics_are_those_of_the_report() {
    inside("endpoint::metrics_are_those_of_the_report", || {
        wire();
        let (mut watching, at) = serving("--window 1h", &[]);
        let mut sender = Frames::new();
        sender.capture("itunes-failure.pcapng");
        arrives();
        watching.until("gs.apple.com");
        // The verdicts of this capture are all made once its slowest rule has waited.
        let failing =
            r#"windfall_requirement_status{requirement="albert.apple.com",status="failing"} 1"#;
        until(&at, "/metrics", failing, |page| page.body.contains(failing));
        let pending = |page: &Answer| -> f64 {
            let all = series(&page.body);
            let pending = all.iter().filter(|(name, _)| name.contains("pending"));
            pending.map(|(_, count)| count).sum()
        };
        let last = until(&at, "/metrics", "nothing is pending", |page| {
            pending(page) == 0.0
        });
        watching.signal("TERM");
        let left = watching.left();
        assert_eq!(left.status, Some(1), "{:#?}", left.said);
        agree(&series(&last.body), &left.report());
    });
}

#[test]
fn health_is_about_the_interface_and_back_again() {
    inside(
        "endpoint::health_is_about_the_interface_and_back_again",
        || {
            wire();
            let (watching, at) = serving("--reattach", &[]);
            let well = until(&at, "/healthz", "it is well", |answer| answer.status == 200);
            assert_eq!(well.body, "ok\n");
            ip("link del far");
            let gone = until(&at, "/healthz", "far is gone", |answer| {
                answer.status == 503
            });
            assert_eq!(gone.body, "far cannot be heard: it is down or gone\n");
            let page = get(&at, "/metrics").body;
            let now = series(&page);
            assert_eq!(now[r#"windfall_capture_up{interface="far"}"#], 0.0);
            assert_eq!(now["windfall_healthy"], 0.0);
            wire();
            until(&at, "/healthz", "far is there again", |answer| {
                answer.status == 200
            });
            watching.signal("TERM");
            assert_eq!(watching.left().status, Some(0));
        },
    );
}

#[test]
fn whoever_is_rude_or_slow_holds_nobody_up() {
    inside("endpoint::whoever_is_rude_or_slow_holds_nobody_up", || {
        wire();
        let (watching, at) = serving("", &[]);
        // More than are answered at once, each with a head that never ends.
        let slow: Vec<_> = (0..40)
            .map(|_| {
                let mut stream = std::net::TcpStream::connect(&at).unwrap();
                std::io::Write::write_all(&mut stream, b"GET /metrics HTTP/1.1\r\nX: ").unwrap();
                stream
            })
            .collect();
        let begun = Instant::now();
        assert_eq!(get(&at, "/healthz").status, 200);
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(8), "{waited:?}");
        drop(slow);

        assert_eq!(get(&at, "/etc/passwd").status, 404);
        let posted = exchange(&at, b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(posted.status, 405);
        assert!(posted.head.contains("\r\nAllow: GET, HEAD\r\n"));
        assert_eq!(exchange(&at, b"\x16\x03\x01\x02\x00\r\n\r\n").status, 400);
        let head = exchange(&at, b"HEAD /metrics HTTP/1.1\r\n\r\n");
        assert_eq!((head.status, head.body.as_str()), (200, ""));

        let before = series(&get(&at, "/metrics").body);
        assert_eq!(
            before[r#"windfall_dropped_frames_total{interface="far",by="pipeline"}"#],
            0.0
        );
        // A scraper that is still there does not hold up the end.
        let open = std::net::TcpStream::connect(&at).unwrap();
        watching.signal("TERM");
        assert_eq!(watching.left().status, Some(0));
        drop(open);
    });
}

/// Needs no rights: it is found out before anything is opened.
#[test]
fn an_address_that_is_taken_is_told_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let ran = Command::new(env!("CARGO_BIN_EXE_windfall"))
        .args([
            "watch",
            "--no-tui",
            "-i",
            "lo",
            "--user",
            &user(),
            "--metrics",
            &at,
        ])
        .output()
        .unwrap();
    let said = text(&ran);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    let told =
        format!("cannot serve metrics on {at}; choose another address or port with --metrics");
    assert!(said.contains(&told), "{said}");
    assert!(said.contains("in use"), "{said}");
}

#[test]
fn metrics_of_devices_are_none_without_metrics() {
    let ran = Command::new(env!("CARGO_BIN_EXE_windfall"))
        .args(["watch", "--user", &user(), "--metrics-per-client", "5"])
        .output()
        .unwrap();
    let said = text(&ran);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("say where with --metrics"), "{said}");
}

/// Who runs this: anyone may stay who they are.
fn user() -> String {
    let ran = Command::new("id").arg("-un").output().unwrap();
    text(&ran).trim().to_owned()
}
