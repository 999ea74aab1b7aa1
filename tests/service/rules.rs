//! Alert rules fire when they should, and not otherwise: promtool runs their own tests.

use std::process::Command;

use crate::namespace::{skipped, text};

#[test]
fn alert_rules_keep_to_their_tests() {
    let promtool = |arguments: &[&str]| {
        Command::new("promtool")
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/prometheus"))
            .args(arguments)
            .output()
    };
    if let Err(error) = promtool(&["--version"]) {
        return skipped(
            "alert rules",
            &format!("needs `promtool` (Prometheus): {error}"),
        );
    }
    for arguments in [
        ["check", "rules", "windfall.rules.yml"],
        ["test", "rules", "windfall.rules.test.yml"],
    ] {
        let ran = promtool(&arguments).unwrap();
        let said = text(&ran);
        assert!(ran.status.success(), "{said}");
        assert!(said.contains("SUCCESS"), "{said}");
    }
    let rules = include_str!("../../packaging/prometheus/windfall.rules.yml");
    let tests = include_str!("../../packaging/prometheus/windfall.rules.test.yml");
    let alerts: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() >= 8, "{alerts:?}");
    for alert in alerts {
        let tested = format!("alertname: {alert}");
        assert!(tests.contains(&tested), "{alert} has no test");
    }
}
