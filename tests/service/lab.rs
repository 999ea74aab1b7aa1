//! Real traffic on the lab's gateway, scraped by curl, checked by promtool, and scraped by a real Prometheus.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::namespace::skipped;
use crate::scraped::{Series, series};
use crate::session::held;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The value of an attempts counter, and what the report says.
fn agree(scraped: &Series, report: &Value, requirement: &str, outcome: &str) -> f64 {
    let rows = report["requirements"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["id"] == requirement);
    let counts = rows.map(|row| row["attempts"][outcome].as_f64().unwrap());
    let reported: f64 = counts.sum();
    let name =
        format!("windfall_attempts_total{{requirement=\"{requirement}\",outcome=\"{outcome}\"}}");
    assert_eq!(scraped[&name], reported, "{name}");
    reported
}

#[test]
fn a_real_prometheus_sees_what_works_and_what_fails() {
    for program in ["prometheus", "promtool"] {
        let there = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .any(|folder| folder.join(program).is_file());
        if !there {
            return skipped("a real Prometheus", &format!("needs `{program}`"));
        }
    }
    let Some(out) = held("service", "live-service", &[]) else {
        return;
    };
    assert_eq!(fs::read_to_string(out.join("healthz")).unwrap(), "ok\n");
    // promtool is content: it says nothing.
    assert_eq!(fs::read_to_string(out.join("promtool")).unwrap(), "");

    let scraped = series(&fs::read_to_string(out.join("metrics")).unwrap());
    let report = json(&out.join("report"));
    assert!(agree(&scraped, &report, "itunes.apple.com", "succeeded") >= 2.0);
    assert!(agree(&scraped, &report, "albert.apple.com", "stalled") >= 1.0);
    assert_eq!(
        agree(&scraped, &report, "albert.apple.com", "succeeded"),
        0.0
    );
    let failing = r#"windfall_requirement_devices{requirement="albert.apple.com",status="failing",cause="syn-unanswered"}"#;
    assert_eq!(scraped[failing], 1.0);
    // Two devices, one of which may have series of its own.
    assert_eq!(scraped["windfall_devices"], 2.0);
    assert_eq!(scraped["windfall_clients_left_out"], 1.0);
    let open = series(&fs::read_to_string(out.join("openmetrics")).unwrap());
    assert_eq!(
        scraped.keys().collect::<Vec<_>>(),
        open.keys().collect::<Vec<_>>()
    );

    let stored = json(&out.join("prometheus.json"));
    assert_eq!(stored["status"], "success");
    let stored = stored["data"]["result"].as_array().unwrap().len();
    assert!(stored >= scraped.len() / 2, "{stored} of {}", scraped.len());
    let rules = json(&out.join("rules.json"));
    let rules = rules["data"]["groups"][0]["rules"]
        .as_array()
        .unwrap()
        .clone();
    assert!(rules.len() >= 8);
    assert!(
        rules.iter().all(|rule| rule["health"] != "err"),
        "{rules:#?}"
    );
    assert_eq!(fs::read_to_string(out.join("status")).unwrap().trim(), "1");
}
