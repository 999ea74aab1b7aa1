//! The exit status tells what a run came to.

use crate::run::{capture, run, written};

#[test]
fn nothing_failing_is_0() {
    for healthy in ["healthy-store.pcapng", "keep-alives.pcap"] {
        let ran = run(["replay", &capture(healthy)]).ended(0);
        assert!(
            ran.out.contains("✓ nothing required is failing"),
            "{}",
            ran.out
        );
        assert_eq!(ran.told, "");
    }
}

#[test]
fn degraded_and_flaky_are_0() {
    for (shaky, word) in [
        ("push-5223-blocked.pcap", "degraded"),
        ("flaky-host.pcapng", "flaky"),
    ] {
        let ran = run(["replay", &capture(shaky)]).ended(0);
        assert!(ran.out.contains(&format!("~ {word}")), "{}", ran.out);
    }
}

#[test]
fn something_required_failing_is_1() {
    let ran = run(["replay", &capture("itunes-failure.pcapng")]).ended(1);
    assert!(
        ran.out.contains("✗ 3 required connections are failing"),
        "{}",
        ran.out
    );
}

#[test]
fn something_optional_failing_is_0() {
    let optional = written(
        "optional.toml",
        b"[[host]]\npattern = \"gs.apple.com\"\noptional = true\n",
    );
    let ran = run([
        "replay",
        "--catalogue",
        &optional,
        &capture("refused.pcapng"),
    ])
    .ended(0);
    assert!(ran.out.contains("✗ failing   gs.apple.com"), "{}", ran.out);
    assert!(ran.out.contains("[optional]"), "{}", ran.out);
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["replay"][..],
        &["replay", "--formt", "json", "x.pcap"],
        &["replay", "--format", "xml", "x.pcap"],
        &["replay", "--client", "10.0.0.1/8", "x.pcap"],
        &["replay", "--dns-timer", "5", "x.pcap"],
        &["replay", "--max-flows", "0", "x.pcap"],
        &["replay", "--allow-private", "not a name", "x.pcap"],
        &["watch", "--snaplen", "1"],
        &[],
    ] {
        let ran = crate::run::finish(crate::run::program().args(arguments)).ended(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(
            ran.told.contains("Usage:") || ran.told.contains("error:"),
            "{}",
            ran.told
        );
    }
}

#[test]
fn help_and_version_are_0() {
    let help = run(["replay", "--help"]).ended(0);
    assert!(help.out.contains("Examples:"), "{}", help.out);
    let version = run(["--version"]).ended(0);
    assert_eq!(
        version.out,
        format!("windfall {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_faulty_catalogue_is_2_with_its_place() {
    let faulty = written(
        "faulty.toml",
        b"[[host]]\npattern = \"mdm.example.com\"\nports = [\"99999/tcp\"]\nuse = \"x\"\n",
    );
    for arguments in [
        ["--catalogue", &faulty, "catalogue", "hosts"],
        ["replay", "--catalogue", &faulty, &capture("refused.pcapng")],
    ] {
        let ran = run(arguments).ended(2);
        let place = format!("error: {faulty}:3:10: ports: \"99999/tcp\"");
        assert!(ran.told.contains(&place), "{}", ran.told);
        assert_eq!(ran.out, "");
    }
    let absent = run(["--catalogue", "/nonexistent.toml", "catalogue", "hosts"]).ended(2);
    assert!(absent.told.contains("/nonexistent.toml"), "{}", absent.told);
}

#[test]
fn a_capture_cut_short_is_3_after_its_report() {
    let whole = std::fs::read(capture("itunes-failure.pcapng")).unwrap();
    let cut = written("cut.pcapng", &whole[..whole.len() / 2]);
    let ran = run(["replay", "--format", "json", &cut]).ended(3);
    let report = ran.json();
    let frames = report["captures"][0]["frames"].as_u64().unwrap();
    assert!(frames > 300, "{frames}");
    let place = format!("packet {} at byte ", frames + 1);
    let error = report["captures"][0]["error"].as_str().unwrap();
    assert!(error.contains(&place), "{error}");
    assert!(ran.told.contains(&place), "{}", ran.told);
    assert!(ran.told.contains(&cut), "{}", ran.told);
    let text = run(["replay", &cut]).ended(3);
    assert!(text.out.contains("gs.apple.com:443/tcp"), "{}", text.out);
    assert!(
        text.out
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&place),
        "{}",
        text.out
    );
}

#[test]
fn what_is_no_capture_is_3_and_the_others_are_reported() {
    let prose = written("prose.pcap", b"Dear diary, nothing was captured today.\n");
    let ran = run([
        "replay",
        &prose,
        &capture("itunes-failure.pcapng"),
        "/nonexistent.pcap",
    ]);
    let ran = ran.ended(3);
    assert!(
        ran.out.contains("3 required connections are failing"),
        "{}",
        ran.out
    );
    for name in [prose.as_str(), "/nonexistent.pcap"] {
        assert!(ran.told.contains(name), "{}", ran.told);
        assert!(ran.out.contains(name), "{}", ran.out);
    }
}
