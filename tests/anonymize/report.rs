//! Reports: nothing that is somebody's is left in any format, and what they say is the same.

use windfall::anonymize::Anonymizer;
use windfall::report::listed::Listed;
use windfall::report::{Format, Options, write};
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::leaks::{Secrets, catalogue, judged, key};

const FORMATS: [Format; 5] = [
    Format::Text,
    Format::Json,
    Format::Ndjson,
    Format::Csv,
    Format::Html,
];

fn written(summary: &Summary, format: Format) -> String {
    let options = Options {
        format,
        listed: Some(Listed::All),
        colour: false,
    };
    let mut out = Vec::new();
    write(summary, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_format_tells_whose_packets_they_were() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    let mut secrets = 0;
    for path in captures() {
        let summary = judged(&path);
        let hidden = Secrets::of(&summary, &to);
        secrets += hidden.addresses.len() + hidden.macs.len() + hidden.names.len();
        let shown = to.summary(&summary);
        for format in FORMATS {
            let text = written(&shown, format);
            let found = hidden.in_text(&text);
            assert_eq!(found, [""; 0], "{} as {format:?}", path.display());
            // The check itself sees what is there.
            if format == Format::Json && !hidden.addresses.is_empty() {
                assert!(!hidden.in_text(&written(&summary, format)).is_empty());
            }
        }
    }
    assert!(secrets > 300, "only {secrets} names and addresses to hide");
}

/// What a report says, without whom it is about.
fn said(summary: &Summary) -> Vec<String> {
    let rows = summary.requirements.iter().map(|row| {
        format!(
            "{} {} {:?} {:?} {:?}",
            row.id, row.status, row.cause, row.origin, row.attempts
        )
    });
    let flows = summary.flows.iter().map(|flow| {
        format!(
            "{:?} {} {:?} {}",
            flow.first, flow.outcome, flow.cause, flow.server.port
        )
    });
    let findings = summary.findings.iter().map(|finding| finding.code.clone());
    rows.chain(flows).chain(findings).collect()
}

#[test]
fn what_it_says_is_the_same() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    for path in captures() {
        let summary = judged(&path);
        let shown = to.summary(&summary);
        assert_eq!(said(&shown), said(&summary), "{}", path.display());
        let ids = |summary: &Summary| {
            let flows = summary.flows.iter().map(|flow| flow.id.clone());
            flows.collect::<std::collections::HashSet<_>>()
        };
        let known = ids(&shown);
        assert_eq!(known.len(), ids(&summary).len());
        for id in shown.requirements.iter().flat_map(|row| &row.flows) {
            assert!(known.contains(id), "{}: {id} is of no flow", path.display());
        }
    }
}

#[test]
fn windfalls_own_words_stay() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(7), &catalogue);
    let demo = captures()
        .into_iter()
        .find(|path| path.ends_with("itunes-failure.pcapng"));
    let text = written(&to.summary(&judged(&demo.unwrap())), Format::Text);
    for words in [
        "gs.apple.com",
        "*.push.apple.com",
        "for the public name mesu.apple.com: a filter answers",
        "A RST followed the ClientHello before the server's answer; the server's own data went on 73.9",
        "to albert.apple.com (",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn the_same_key_gives_the_same_report_and_another_one_another() {
    let catalogue = catalogue();
    let demo = captures()
        .into_iter()
        .find(|path| path.ends_with("itunes-failure.pcapng"));
    let summary = judged(&demo.unwrap());
    let with = |seed| {
        let to = Anonymizer::new(&key(seed), &catalogue);
        written(&to.summary(&summary), Format::Json)
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}
