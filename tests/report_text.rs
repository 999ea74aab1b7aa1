//! The text report: everything an operator needs is there, for every capture, and nothing that is not known is shown.

#![expect(clippy::unwrap_used, reason = "tests assert by panicking")]

#[path = "support/captures.rs"]
mod captures;

use std::path::Path;
use std::process::Command;

use captures::captures;
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::report::{Format, Options, listed::Listed, write};
use windfall::verdict::outcome::{Outcome, Standing, Status};
use windfall::verdict::summary::{BonjourService, Summary};

fn summary(path: &Path) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [path.to_owned()];
    replay(&Request::new(&paths, &catalogue), |_, _| {}).summary
}

fn demo() -> Summary {
    summary(&Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/itunes-failure.pcapng"))
}

fn text(summary: &Summary, listed: Option<Listed>) -> String {
    let mut out = Vec::new();
    let options = Options {
        format: Format::Text,
        listed,
        colour: false,
    };
    write(summary, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Flows that nobody requires.
fn others(summary: &Summary) -> usize {
    let flows = summary.flows.iter();
    flows.filter(|flow| flow.requirement.is_none()).count()
}

/// The text on one line, so that wrapping does not matter.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_faulty_requirement_says_why_what_to_do_and_which_frames_prove_it() {
    let mut faulty = 0;
    for path in captures() {
        let summary = summary(&path);
        let text = words(&text(&summary, None));
        for row in &summary.requirements {
            if !matches!(
                row.status,
                Status::Failing | Status::Flaky | Status::Degraded
            ) {
                continue;
            }
            faulty += 1;
            let at = format!("{}: {}", path.display(), row.pattern);
            assert!(text.contains(&format!("WHY {}", row.pattern)), "{at}");
            for sentence in [&row.explanation, &row.remedy] {
                let sentence = sentence.as_deref().unwrap_or_else(|| panic!("{at}"));
                assert!(text.contains(&words(sentence)), "{at}: {sentence}");
                assert!(sentence.ends_with('.'), "{at}: {sentence}");
                assert!(
                    ![" 0 hops", "(0 hops"]
                        .iter()
                        .any(|zero| sentence.contains(zero)),
                    "{at}: {sentence}"
                );
            }
            assert!(!row.evidence.is_empty(), "{at}");
            for evidence in row.evidence.iter().take(4) {
                let frame = format!("frame {} ", evidence.frame);
                assert!(text.contains(&frame), "{at}: {frame}");
            }
            let cause = row.cause.unwrap_or_else(|| panic!("{at}"));
            assert!(text.contains(cause.as_str()), "{at}: {cause}");
        }
    }
    assert!(faulty > 25, "{faulty}");
}

#[test]
fn what_is_not_known_is_not_shown() {
    for path in captures() {
        let summary = summary(&path);
        for listed in [None, Some(Listed::Required), Some(Listed::All)] {
            let text = text(&summary, listed);
            for nothing in [
                "null", "None", "NaN", "Some(", "()", "[]", "{}", ": \n", "  \n",
            ] {
                assert!(!text.contains(nothing), "{nothing:?} in {text}");
            }
            assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
            let first = text.lines().next().unwrap();
            assert!(first.contains(" UTC ("), "{first}");
        }
    }
}

#[test]
fn the_answer_comes_first_and_agrees_with_the_rows() {
    for path in captures() {
        let summary = summary(&path);
        let failing = summary
            .requirements
            .iter()
            .filter(|row| row.status == Status::Failing && !row.optional)
            .count();
        let text = text(&summary, None);
        let answer = text
            .lines()
            .skip_while(|line| !line.is_empty())
            .nth(1)
            .unwrap();
        let expected = match failing {
            0 => "✗ ".to_owned(),
            1 => "✗ 1 required connection is failing".to_owned(),
            more => format!("✗ {more} required connections are failing"),
        };
        assert_eq!(answer.starts_with(&expected), failing > 0, "{answer}");
    }
}

#[test]
fn a_capture_without_required_connections_proves_nothing() {
    let mut summary = demo();
    summary.requirements.retain(|row| row.client.is_none());
    let text = text(&summary, None);
    assert!(text.contains("this capture proves nothing"), "{text}");
    assert!(!text.contains('✓'), "{text}");
}

#[test]
fn a_finding_is_in_the_answer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/apple-address-unnamed.pcap");
    let text = text(&summary(&path), None);
    let answer = text.split("\n\n").nth(1).unwrap();
    assert!(
        answer.contains("! 2 findings, see below: apple-address-unnamed, names-hidden"),
        "{answer}"
    );
    let whole = words(&text);
    assert!(
        whole.contains("17.253.144.10 stalled (syn-unanswered)"),
        "{whole}"
    );
}

#[test]
fn what_limits_the_trust_in_a_capture_is_told() {
    let mut summary = demo();
    let capture = summary.captures.first_mut().unwrap();
    capture.error = Some("packet 7 at byte 1204 is cut off".into());
    capture.dropped_kernel = Some(12);
    capture.dropped_interface = Some(0);
    capture.truncated = 1;
    capture.duplicates = 1500;
    capture.malformed.insert("ipv4-truncated".into(), 3);
    capture.malformed.insert("unsupported-link-type".into(), 2);
    summary.summary.limits_hit.insert("lookups".into(), 4);
    let text = words(&text(&summary, None));
    for told in [
        "! packet 7 at byte 1204 is cut off",
        "! 12 frames were dropped by the kernel",
        "! 1 frame is cut by the snap length",
        "! 1,500 frames were captured twice",
        "! 5 frames could not be decoded: 3 ipv4-truncated, 2 unsupported-link-type",
        "! the limit on lookups was hit 4 times",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("dropped by the interface"), "{text}");
}

#[test]
fn a_long_list_is_cut_unless_asked_for() {
    let mut summary = demo();
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.outcome == Outcome::Reset)
        .unwrap()
        .clone();
    let failing = |summary: &Summary| -> usize {
        let flows = summary
            .flows
            .iter()
            .filter(|flow| Listed::Failing.flow(flow));
        flows.count()
    };
    summary.flows.extend(std::iter::repeat_n(flow, 40));
    let all = failing(&summary);
    let listed = |text: &str| {
        let flows = text.split_once("\nFLOWS ").unwrap().1;
        flows.matches("wireshark: ").count()
    };
    let brief = text(&summary, None);
    assert_eq!(listed(&brief), 12, "{brief}");
    let rest = format!("and {} more (--flows failing lists them)", all - 12);
    assert!(brief.contains(&rest), "{brief}");
    let whole = text(&summary, Some(Listed::Failing));
    assert_eq!(listed(&whole), all, "{whole}");
}

#[test]
fn copies_and_subflows_are_not_called_unneeded() {
    let mut summary = demo();
    let others = others(&summary);
    for (flow, standing) in summary
        .flows
        .iter_mut()
        .filter(|flow| flow.requirement.is_none())
        .zip([Standing::Twin, Standing::Subflow])
    {
        flow.standing = standing;
    }
    let text = words(&text(&summary, None));
    let fewer = format!("NOT REQUIRED {} flows", others - 2);
    assert!(text.contains(&fewer), "{text}");
    assert!(
        text.contains("NOT COUNTED 1 flow is the copy of another, captured on another interface or VLAN; 1 Multipath TCP subflow"),
        "{text}"
    );
}

#[test]
fn flows_known_by_port_and_bonjour_have_their_sections() {
    let mut summary = demo();
    let others = others(&summary);
    let flow = summary
        .flows
        .iter_mut()
        .find(|flow| flow.requirement.is_none() && flow.outcome == Outcome::Stalled)
        .unwrap();
    flow.by_port = Some("daap".into());
    summary.bonjour.clear();
    summary.bonjour.push(BonjourService {
        instance: "Jan’s \u{202e}TV".into(),
        service: "_airplay._tcp".into(),
        host: Some("tv.local".into()),
        port: Some(7000),
        addresses: Vec::new(),
        txt: [("model", "AppleTV6,2"), ("Machine Name", "Jan’s \x1bMusic")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        last_seen: summary.captures.first().unwrap().last.unwrap(),
        goodbye: true,
        asked_by: Vec::new(),
    });
    let text = words(&text(&summary, None));
    assert!(text.contains("daap 1 flow: 1 stalled"), "{text}");
    let fewer = format!("NOT REQUIRED {} flows", others - 1);
    assert!(text.contains(&fewer), "{text}");
    assert!(
        text.contains(
            "BONJOUR 1 device, 1 service Jan’s \\u{202e}TV _airplay._tcp tv.local:7000 (AppleTV6,2) library Jan’s \\x1bMusic gone"
        ),
        "{text}"
    );
}

#[test]
fn every_filter_pastes_into_wireshark_and_selects_frames() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is not installed");
        return;
    }
    for path in captures() {
        let text = text(&summary(&path), None);
        let mut filters: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("wireshark: "))
            .collect();
        filters.sort_unstable();
        filters.dedup();
        for filter in filters {
            let output = Command::new("tshark")
                .arg("-r")
                .arg(&path)
                .args(["-c", "2000", "-Y", filter])
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "{}: {filter}: {told}",
                path.display()
            );
            assert!(!output.stdout.is_empty(), "{}: {filter}", path.display());
        }
    }
}
