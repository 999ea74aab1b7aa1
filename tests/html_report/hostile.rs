//! What strangers put on the wire is shown and never obeyed.
//!
//! A page with hostile text in every field must have the very elements and attributes of one with harmless text there.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::made::{bundled, page};
use crate::support::session::{is_reset, resolves, to};
use crate::support::trace::Trace;
use crate::support::{CLIENT, SERVER, mdns};
use windfall::report::listed::Listed;
use windfall::verdict::summary::{Certificate, Evidence, Process, Summary, Tls};

/// Breaks out of texts, attributes, the style, the script and comments; turns text round; hides; ends strings and lines.
const EVIL: &str = "<script>alert(1)</script>\"onmouseover=\"alert(1)\" '></style></title><!--\u{202e}\0\x1b[2J\n\u{200b}&lt;";

/// What is shown of it.
const SHOWN: &str = "<script>alert(1)</script>\"onmouseover=\"alert(1)\" '></style></title><!--\\u{202e}\\x00\\x1b[2J\\x0a\\u{200b}&lt;";

/// Puts a text in every field that may hold one of strangers.
fn everywhere(summary: &mut Summary, text: &str) {
    let own = || text.to_owned();
    let notes = |evidence: &mut Vec<Evidence>| evidence.iter_mut().for_each(|one| one.note = own());
    for capture in &mut summary.captures {
        capture.path = Some(own());
        capture.format = own();
        capture.link_types = vec![own()];
        capture.malformed = BTreeMap::from([(own(), 1)]);
        capture.error = Some(own());
    }
    for row in &mut summary.requirements {
        (row.id, row.pattern, row.service) = (own(), own(), own());
        row.ports = vec![own()];
        row.explanation = row.explanation.take().map(|_| own());
        row.remedy = row.remedy.take().map(|_| own());
        if let Some(client) = &mut row.client {
            client.mac = Some(own());
        }
        if let Some(twin) = &mut row.twin {
            (twin.id, twin.interface) = (own(), Some(own()));
        }
        notes(&mut row.evidence);
    }
    for flow in &mut summary.flows {
        flow.id = own();
        flow.requirement = flow.requirement.take().map(|_| own());
        flow.by_port = flow.by_port.take().map(|_| own());
        flow.interface = Some(own());
        flow.explanation = flow.explanation.take().map(|_| own());
        flow.wireshark_filter = own();
        flow.process = Some(Process {
            name: Some(own()),
            pid: None,
        });
        flow.tls = Some(Tls {
            version: Some(own()),
            certificate: Some(Certificate {
                subject: own(),
                issuer: own(),
            }),
            ..Tls::default()
        });
        if let Some(name) = &mut flow.name {
            name.host = own();
        }
        if let Some(twin) = &mut flow.twin {
            (twin.id, twin.interface) = (own(), Some(own()));
        }
        notes(&mut flow.evidence);
    }
    for question in &mut summary.dns {
        (question.name, question.kind, question.rcode) = (own(), own(), Some(own()));
        question.requirement = question.requirement.take().map(|_| own());
        notes(&mut question.evidence);
    }
    for service in &mut summary.bonjour {
        (service.instance, service.service, service.host) = (own(), own(), Some(own()));
        service.txt = BTreeMap::from([(own(), own())]);
    }
    for finding in &mut summary.findings {
        (finding.code, finding.detail) = (own(), own());
        notes(&mut finding.evidence);
    }
    for process in &mut summary.processes {
        (process.name, process.description, process.failure) = (own(), own(), own());
    }
    summary.summary.limits_hit = BTreeMap::from([(own(), 1)]);
}

/// A page with this text wherever it may stand.
fn filled(capture: &str, text: &str, listed: Option<Listed>) -> String {
    let mut summary = bundled(capture);
    everywhere(&mut summary, text);
    page(&summary, listed)
}

/// The page of the demonstration, as hostile as it may be.
pub(crate) fn hostile() -> String {
    filled("itunes-failure.pcapng", EVIL, Some(Listed::All))
}

/// The shape of a page: elements, each with the names of its attributes.
fn shape(page: &str) -> Vec<(String, Vec<String>)> {
    let document = Document::parse(page);
    let elements = document.elements.iter();
    elements
        .map(|one| (one.name.clone(), one.attributes.keys().cloned().collect()))
        .collect()
}

/// Nothing that hides or is obeyed, beside the ends of lines.
fn is_inert(page: &str) -> bool {
    !page
        .chars()
        .any(|char| char != '\n' && windfall::words::escape::is_hidden(char))
}

#[test]
fn hostile_text_in_every_field_changes_nothing_but_text() {
    for name in [
        "itunes-failure.pcapng",
        "gateway-both-sides.pcapng",
        "bonjour-unreachable.pcapng",
        "bonjour.pcapng",
        "nxdomain.pcapng",
        "cut-short.pcapng",
    ] {
        for listed in [None, Some(Listed::All)] {
            let (evil, tame) = (filled(name, EVIL, listed), filled(name, "tame", listed));
            assert!(shape(&evil) == shape(&tame), "{name} {listed:?}");
            assert!(is_inert(&evil), "{name}");
            let shown = Document::parse(&evil);
            let body = shown.all("body").next().unwrap();
            assert!(body.text.contains(SHOWN), "{name}");
        }
    }
}

#[test]
fn no_section_is_left_out_of_the_hostile_pages() {
    let headings = |name: &str| {
        let document = Document::parse(&page(&bundled(name), None));
        let headings: Vec<String> = document.all("h2").map(|one| one.text.clone()).collect();
        headings.join(", ")
    };
    let seen = ["itunes-failure.pcapng", "bonjour-unreachable.pcapng"]
        .map(headings)
        .concat();
    for section in [
        "Required",
        "DNS",
        "Bonjour",
        "Findings",
        "Not required",
        "How it was captured",
    ] {
        assert!(seen.contains(section), "{section}: {seen}");
    }
}

/// Through the packets: server name, DNS name, and all that Bonjour carries.
#[test]
fn hostile_names_off_the_wire_are_shown_as_they_were() {
    let evil = "<img src=x onerror=alert(1)>\u{202e}\"'";
    let mut trace = Trace::new();
    let host = format!("{evil}.itunes.apple.com");
    resolves(&mut trace, 0.0, 40_001, &host, &[SERVER]);
    is_reset(&mut trace, 0.1, &mut to(50_001, SERVER, 443), &host);
    let service = mdns::Service::new(evil, "_airplay._tcp", "box.local", 7000, CLIENT);
    let service = service.txt(&format!("model={evil}"));
    trace.at(1.0, mdns::to_all(CLIENT, &service.announcement()));
    trace.until(20.0);
    let summary = trace.summary();
    let carried = serde_json::to_string(&summary).unwrap();
    assert!(carried.matches("onerror").count() >= 4, "{carried}");
    let text = page(&summary, Some(Listed::All));
    assert!(is_inert(&text));
    let document = Document::parse(&text);
    assert_eq!(document.all("img").count(), 0);
    let body = &document.all("body").next().unwrap().text;
    assert!(body.contains("<img src=x onerror=alert(1)>\\u{202e}\"'.itunes.apple.com"));
    assert!(body.contains("model=<img src=x onerror=alert(1)>\\u{202e}\"'"));
}
