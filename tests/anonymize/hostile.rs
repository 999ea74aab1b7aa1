//! Sentences with text of strangers in them.

use windfall::anonymize::Anonymizer;
use windfall::verdict::summary::{BonjourService, Finding, Summary};

use crate::captures::captures;
use crate::leaks::{catalogue, judged, key};

fn with(name: &str, detail: &str) -> Summary {
    let demo = captures()
        .into_iter()
        .find(|path| path.ends_with("itunes-failure.pcapng"));
    let mut summary = judged(&demo.unwrap());
    summary.bonjour = vec![BonjourService {
        instance: name.to_owned(),
        service: "_airplay._tcp".to_owned(),
        host: None,
        port: None,
        addresses: Vec::new(),
        txt: [("deviceid".to_owned(), name.to_owned())].into(),
        last_seen: summary.captures[0].last.unwrap(),
        goodbye: false,
        asked_by: Vec::new(),
    }];
    summary.findings = vec![Finding {
        code: "bonjour-unreachable".to_owned(),
        clients: Vec::new(),
        detail: detail.to_owned(),
        evidence: Vec::new(),
    }];
    summary
}

fn detail(name: &str, detail: &str) -> String {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(3), &catalogue);
    let shown = to.summary(&with(name, detail));
    let json = serde_json::to_string(&shown).unwrap();
    assert!(!json.contains("jan") && !json.contains("Jan"), "{json}");
    shown.findings[0].detail.clone()
}

#[test]
fn no_name_is_left_in_a_sentence_whatever_it_looks_like() {
    for name in [
        "Jan’s MacBook Pro",
        "Jan",
        "jan, \"the\" man",
        "jan. 192.0.2.1: (x)",
        "ends with jan\"",
        "\u{202e}jan\x1b[2J",
    ] {
        let said = detail(name, &format!("“{name}” (_airplay._tcp) is announced"));
        assert!(said.ends_with("(_airplay._tcp) is announced"), "{said}");
    }
}

#[test]
fn what_no_field_names_is_found_by_its_looks() {
    for (text, starts, ends) in [
        (
            "redirected to jans-nas.example, which",
            "redirected to host-",
            ".invalid, which",
        ),
        (
            "CONNECT jan.example:443 failed",
            "CONNECT host-",
            ".invalid:443 failed",
        ),
        (
            "closed it with error 7, \"jan was here\"",
            "closed it with error 7, \"text-",
            "\"",
        ),
        (
            "closed it with \"jan\" or \"jan",
            "closed it with \"text-",
            "\"",
        ),
        (
            "a name like jän in it",
            "a name like host-",
            ".invalid in it",
        ),
        ("jan@example.org asked", "host-", ".invalid asked"),
        ("printer_of_jan answered", "host-", ".invalid answered"),
    ] {
        let said = detail("nobody here", text);
        assert!(said.starts_with(starts) && said.ends_with(ends), "{said}");
    }
}

#[test]
fn addresses_are_turned_in_whatever_form() {
    let catalogue = catalogue();
    let to = Anonymizer::new(&key(3), &catalogue);
    let turned = |text: &str| to.address(text.parse().unwrap()).to_string();
    let (v4, v6) = (turned("198.51.100.7"), turned("2001:db8::7"));
    for (text, said) in [
        ("at 198.51.100.7.", format!("at {v4}.")),
        ("(198.51.100.7:443)", format!("({v4}:443)")),
        ("[2001:db8::7]:443,", format!("[{v6}]:443,")),
        ("of 2001:db8::7: no", format!("of {v6}: no")),
        ("in 198.51.100.7/32", format!("in {v4}/32")),
        (
            "224.0.0.251 and 17.1.2.3 stay",
            "224.0.0.251 and 17.1.2.3 stay".to_owned(),
        ),
        ("after 0.4 s, TLS 1.3", "after 0.4 s, TLS 1.3".to_owned()),
    ] {
        assert_eq!(detail("nobody here", text), said);
    }
    let said = detail("nobody here", "from 3c:22:fb:01:02:03 to 3C-22-FB-01-02-03");
    assert!(!said.contains("22:fb") && !said.contains("22-FB"), "{said}");
}
