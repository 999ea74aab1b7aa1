//! Every cause has a text, error numbers point at hosts, issuers and Apple's networks are known.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;

use windfall::catalogue::{Catalogue, Profile, RemedyFacts};
use windfall::verdict::outcome::{Cause, Where};

fn all() -> Catalogue {
    Catalogue::builtin(Profile::All).unwrap()
}

#[test]
fn every_cause_has_a_text_and_every_text_a_cause() {
    let catalogue = all();
    let codes: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    let texts: BTreeSet<&str> = catalogue.causes().map(|text| text.code.as_str()).collect();
    assert_eq!(texts, codes);
    for cause in Cause::ALL {
        assert_eq!(
            catalogue.explain_cause(cause.as_str()).unwrap().code,
            cause.as_str()
        );
    }
    assert_eq!(catalogue.explain_cause("Syn-Unanswered"), None);
    assert_eq!(catalogue.explain_cause(""), None);
}

#[test]
fn every_finding_has_a_text_and_every_text_a_finding() {
    let catalogue = all();
    let texts: Vec<&str> = catalogue
        .findings()
        .map(|text| text.code.as_str())
        .collect();
    assert_eq!(texts, windfall::verdict::findings::CODES);
    for text in catalogue.findings() {
        let remedy = text.remedy_with(&RemedyFacts::default());
        assert!(!remedy.contains(['{', '}']), "{remedy}");
        assert_eq!(catalogue.explain_cause(&text.code), None);
    }
}

#[test]
fn every_place_where_it_may_break_has_a_text() {
    let catalogue = all();
    for place in Where::ALL {
        let text = catalogue.explain_where(place.as_str()).unwrap();
        assert_eq!(text.code, place.as_str());
        let remedy = text.remedy_with(&RemedyFacts::default());
        assert!(!remedy.contains(['{', '}']), "{remedy}");
        for code in &text.instead_of {
            assert!(catalogue.explain_cause(code).is_some(), "{place}: {code}");
        }
    }
    assert_eq!(catalogue.explain_where("syn-unanswered"), None);
}

#[test]
fn a_place_that_says_more_than_the_cause_has_the_remedy() {
    let catalogue = all();
    let of = |cause, place| &catalogue.remedy_text(cause, place).unwrap().code;
    for (cause, place, told) in [
        ("syn-unanswered", Some("beyond-gateway"), "beyond-gateway"),
        ("syn-unanswered", None, "syn-unanswered"),
        ("syn-unanswered", Some("elsewhere"), "syn-unanswered"),
        // Who reset is told by the cause, wherever beyond.
        (
            "reset-in-handshake",
            Some("beyond-gateway"),
            "reset-in-handshake",
        ),
        // A rule is not what a small MTU or a full table asks for.
        ("path-mtu", Some("dropped-in-gateway"), "path-mtu"),
        (
            "transfer-stalled",
            Some("dropped-in-gateway"),
            "transfer-stalled",
        ),
    ] {
        assert_eq!(of(cause, place), told, "{cause} {place:?}");
    }
    assert_eq!(catalogue.remedy_text("", Some("beyond-gateway")), None);
}

#[test]
fn a_remedy_names_the_case() {
    let catalogue = all();
    let facts = RemedyFacts {
        host: Some("gs.apple.com"),
        ports: Some("443/tcp"),
        client: Some("192.168.7.20"),
        server: Some("203.0.113.9"),
        from: Some("192.168.7.1"),
        hops: Some(1),
        by_server: false,
    };
    for text in catalogue.causes() {
        let remedy = text.remedy_with(&facts);
        assert!(!remedy.contains(['{', '}']), "{remedy}");
        let by_server = text.remedy_with(&RemedyFacts {
            by_server: true,
            ..facts
        });
        assert!(!by_server.contains(['{', '}']), "{by_server}");
        let general = text.remedy_with(&RemedyFacts::default());
        assert!(!general.contains(['{', '}']), "{general}");
    }
    let remedy = catalogue
        .explain_cause("reset-after-client-hello")
        .unwrap()
        .remedy_with(&facts);
    assert!(
        remedy.starts_with(
            "Allow 443/tcp to gs.apple.com without TLS inspection on the device 1 hop away"
        ),
        "{remedy}"
    );
}

#[test]
fn the_range_of_the_article_and_no_other() {
    let catalogue = all();
    let first = |number| {
        let text = catalogue.explain_error(number)?;
        assert_eq!((text.number, text.range), (number, (3000, 3999)));
        text.requirements
            .first()
            .and_then(|&id| catalogue.requirement(id))
            .map(|host| host.pattern.clone())
    };
    for number in [3004, 3013, 3014, 3018, 3194] {
        assert_eq!(first(number).as_deref(), Some("gs.apple.com"), "{number}");
    }
    for number in [3000, 3123, 3999] {
        assert_eq!(
            first(number).as_deref(),
            Some("itunes.apple.com"),
            "{number}"
        );
    }
    for number in [0, 9, 1013, 2999, 4000, u32::MAX] {
        assert_eq!(catalogue.explain_error(number), None, "{number}");
    }
}

#[test]
fn an_error_number_points_at_the_hosts_of_the_profile() {
    let catalogue = Catalogue::builtin(Profile::Enterprise).unwrap();
    let text = catalogue.explain_error(3194).unwrap();
    let hosts: Vec<&str> = text
        .requirements
        .iter()
        .map(|&id| catalogue.requirement(id).unwrap().pattern.as_str())
        .collect();
    assert_eq!(hosts[0], "gs.apple.com");
    assert!(hosts.contains(&"gg.apple.com") && !hosts.contains(&"gg*.apple.com"));
}

#[test]
fn issuers_of_listed_hosts_are_trusted_and_look_alikes_are_not() {
    let mut catalogue = all();
    for name in [
        "Apple Inc.",
        "DigiCert Inc",
        "digicert inc",
        "VeriSign, Inc.",
        "Symantec Corporation",
        "GeoTrust Inc.",
        "thawte, Inc.",
        "Entrust, Inc.",
        "Sectigo Limited",
        "COMODO CA Limited",
        "The USERTRUST Network",
        "GlobalSign nv-sa",
        "Amazon",
        "Google Trust Services LLC",
        "Google Trust Services",
        "Let's Encrypt",
        "Internet Security Research Group",
        "ISRG Root X1",
        "Baltimore",
    ] {
        assert!(catalogue.trusted_issuer(name), "{name}");
    }
    for name in [
        "",
        "Inc.",
        "DigiCert Proxy",
        "Not Apple Inc.",
        "Apple Inc. Proxy",
        "Fortinet",
        "Zscaler Inc.",
        "Аpple Inc.",
    ] {
        assert!(!catalogue.trusted_issuer(name), "{name}");
    }
    catalogue.add_trusted_issuer("Our Own CA");
    assert!(catalogue.trusted_issuer("our own ca"));
    catalogue.add_trusted_issuer("");
    assert!(!catalogue.trusted_issuer(""));
}

#[test]
fn apples_own_networks() {
    let catalogue = all();
    for inside in [
        "17.0.0.1",
        "17.253.144.10",
        "2620:149:af0::10",
        "2403:300:a42::1",
        "2a01:b740:a42::1",
        "::ffff:17.1.1.1",
    ] {
        assert!(
            catalogue.is_apple_address(inside.parse().unwrap()),
            "{inside}"
        );
    }
    for outside in [
        "16.255.255.255",
        "18.0.0.1",
        "192.168.17.1",
        "2620:14a::1",
        "2403:301::1",
        "2a01:b741::1",
        "2001:db8::17",
    ] {
        assert!(
            !catalogue.is_apple_address(outside.parse().unwrap()),
            "{outside}"
        );
    }
}
