//! What is exported is documented, and what dashboard and alert rules ask for is exported.

use std::collections::BTreeSet;
use std::fs;

use windfall::service::metrics::{self, Format};

use crate::scraped::{families, series};
use crate::view::{page, summary, view};

fn file(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every family there is, also those that only devices or faults bring.
fn exported() -> BTreeSet<String> {
    families(&page(summary("itunes-failure.pcapng"), 5))
        .into_iter()
        .collect()
}

/// Every name of a metric in a text.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("windfall_") {
        let rest = &text[at..];
        let end = rest.find(|char: char| !char.is_ascii_lowercase() && char != '_');
        names.insert(rest[..end.unwrap_or(rest.len())].to_owned());
    }
    // The name of a package.
    names.remove("windfall_");
    names
}

#[test]
fn the_dashboard_is_json_and_asks_for_what_is_exported() {
    let text = file("packaging/grafana/windfall.json");
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut queries = Vec::new();
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            queries.push(target["expr"].as_str().unwrap());
        }
    }
    assert!(queries.len() >= panels.len());
    let asked: BTreeSet<String> = queries.iter().flat_map(|query| named(query)).collect();
    let exported = exported();
    let unknown: Vec<_> = asked.difference(&exported).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // What it does not show: series of single devices, which most do not have, and two that only rules need.
    let unseen: Vec<_> = exported.difference(&asked).collect();
    assert!(unseen.len() <= 4, "{unseen:?}");
}

#[test]
fn alert_rules_ask_for_what_is_exported() {
    let rules = file("packaging/prometheus/windfall.rules.yml");
    let asked = named(&rules);
    assert!(asked.len() >= 8, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&exported()).cloned().collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_documentation_tells_of_every_metric_and_no_other() {
    assert_eq!(named(&file("docs/service.md")), exported());
}

#[test]
fn both_formats_tell_the_same() {
    let summary = summary("itunes-failure.pcapng");
    let write = |format| metrics::write(view(summary.clone(), 2), format).unwrap();
    let (classic, open) = (write(Format::Classic), write(Format::OpenMetrics));
    assert!(open.ends_with("\n# EOF\n"));
    assert!(!classic.contains("# EOF"));
    assert_eq!(series(&classic), series(&open));
}

#[test]
fn values_are_those_of_the_report() {
    let summary = summary("itunes-failure.pcapng");
    let all = series(&page(summary.clone(), 0));
    let frames = summary.captures[0].frames;
    assert_eq!(
        all[r#"windfall_frames_total{interface="lan0"}"#],
        frames as f64
    );
    for (status, count) in &summary.summary.status {
        let name = format!("windfall_required_connections{{status=\"{status}\"}}");
        assert_eq!(all[&name], *count as f64, "{status}");
    }
    let status = |status: &str| {
        all[&format!(
            "windfall_requirement_status{{requirement=\"gs.apple.com\",status=\"{status}\"}}"
        )]
    };
    assert_eq!((status("failing"), status("ok")), (1.0, 0.0));
}
