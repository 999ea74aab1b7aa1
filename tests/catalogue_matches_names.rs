//! A name belongs to the most specific entry whose ports count, and look-alikes belong to none.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use proptest::prelude::*;
use windfall::catalogue::{Catalogue, Profile};
use windfall::transport::Transport::{self, Tcp, Udp};

fn all() -> Catalogue {
    Catalogue::builtin(Profile::All).unwrap()
}

fn owner<'a>(
    catalogue: &'a Catalogue,
    host: &str,
    transport: Transport,
    port: u16,
) -> Option<&'a str> {
    let id = catalogue.owner(host.as_bytes(), transport, port)?;
    catalogue
        .requirement(id)
        .map(|requirement| requirement.pattern.as_str())
}

#[test]
fn the_most_specific_pattern_owns() {
    let catalogue = all();
    for (host, transport, port, expected) in [
        ("gs.apple.com", Tcp, 443, "gs.apple.com"),
        ("GS.Apple.COM.", Tcp, 443, "gs.apple.com"),
        ("itunes.apple.com", Tcp, 443, "itunes.apple.com"),
        ("p1.itunes.apple.com", Tcp, 443, "*.itunes.apple.com"),
        ("a.b.c.itunes.apple.com", Tcp, 443, "*.itunes.apple.com"),
        ("vpp.itunes.apple.com", Tcp, 443, "vpp.itunes.apple.com"),
        ("x.vpp.itunes.apple.com", Tcp, 443, "*.itunes.apple.com"),
        ("gg.apple.com", Tcp, 443, "gg.apple.com"),
        ("gg2.apple.com", Tcp, 443, "gg*.apple.com"),
        ("updates.cdn-apple.com", Tcp, 443, "updates.cdn-apple.com"),
        ("appleid.cdn-apple.com", Tcp, 443, "appleid.cdn-apple.com"),
        ("oscdn.cdn-apple.com", Tcp, 443, "*.cdn-apple.com"),
        ("1-courier.push.apple.com", Tcp, 5223, "*.push.apple.com"),
        ("ocsp.digicert.com", Tcp, 80, "ocsp.digicert.com"),
        ("status.digicert.com", Tcp, 80, "*.digicert.com"),
        ("s3.eu-west-1.amazonaws.com", Tcp, 443, "*.amazonaws.com"),
    ] {
        assert_eq!(
            owner(&catalogue, host, transport, port),
            Some(expected),
            "{host}:{port}/{transport}"
        );
    }
}

#[test]
fn a_port_that_does_not_count_hands_the_name_on() {
    let catalogue = all();
    // The exact entry lists TCP alone; the wildcard of the article takes UDP 443 too.
    assert_eq!(
        owner(&catalogue, "updates.cdn-apple.com", Udp, 443),
        Some("*.cdn-apple.com")
    );
    assert_eq!(
        owner(&catalogue, "gg.apple.com", Udp, 443),
        Some("gg*.apple.com")
    );
    assert_eq!(
        owner(&catalogue, "mask.icloud.com", Udp, 443),
        Some("mask.icloud.com")
    );
    assert_eq!(
        owner(&catalogue, "mask.icloud.com", Tcp, 443),
        Some("*.icloud.com")
    );
    for (host, transport, port) in [
        ("gs.apple.com", Tcp, 22),
        ("gs.apple.com", Tcp, 8443),
        ("gs.apple.com", Tcp, 3689),
        ("time.apple.com", Tcp, 123),
        ("ocsp.apple.com", Tcp, 443),
        ("p1.itunes.apple.com", Udp, 5353),
    ] {
        assert_eq!(
            owner(&catalogue, host, transport, port),
            None,
            "{host}:{port}/{transport}"
        );
    }
}

#[test]
fn a_dns_question_belongs_to_a_name_whatever_the_port() {
    let catalogue = all();
    let pattern = |host: &[u8]| {
        catalogue
            .owner_of_name(host)
            .and_then(|id| catalogue.requirement(id))
            .map(|found| found.pattern.as_str())
    };
    assert_eq!(pattern(b"tImE.aPpLe.CoM"), Some("time.apple.com"));
    assert_eq!(
        pattern(b"updates.cdn-apple.com"),
        Some("updates.cdn-apple.com")
    );
    assert_eq!(pattern(b"apple.com"), None);
    assert_eq!(pattern(b"www.apple.com"), None);
}

#[test]
fn look_alikes_match_nothing() {
    let catalogue = all();
    let long_label = [b"a".repeat(64).as_slice(), b".itunes.apple.com"].concat();
    let long_name = [b"a.".repeat(130).as_slice(), b"itunes.apple.com"].concat();
    for host in [
        b"".as_slice(),
        b".",
        b"..",
        b"evilapple.com",
        b"evilitunes.apple.com",
        b"apple.com.evil.example",
        b"gs.apple.com.evil.example",
        b"ggs.example.apple.com",
        b"a.gg.apple.com",
        b"a.gg2.apple.com",
        b"g.apple.com",
        b"cdn-apple.com",
        b"mzstatic.com",
        b"push.apple.com",
        b"gs-apple.com",
        b"gs.apple.comm",
        b"gs.apple.co",
        b"gs.apple.com..",
        b".gs.apple.com",
        b"a..itunes.apple.com",
        b".itunes.apple.com",
        b"gs.apple.com\0",
        b"gs.apple.com\0.evil.example",
        b"a\0.itunes.apple.com",
        b"gs.apple.com ",
        b"gs.apple.com:443",
        b"*.itunes.apple.com",
        b"a\\..itunes.apple.com",
        "gѕ.apple.com".as_bytes(),
        "b.іtunes.apple.com".as_bytes(),
        "ü.itunes.apple.com".as_bytes(),
        b"xn--g-gtb.apple.com.example",
        b"\xff.itunes.apple.com",
        &long_label,
        &long_name,
    ] {
        assert!(!catalogue.covers(host), "{}", host.escape_ascii());
    }
}

#[test]
fn a_match_says_who_owns_and_who_else_covers() {
    let catalogue = all();
    let report = catalogue.match_name(b"Updates.cdn-Apple.com.", Some(443), Some(Udp));
    assert_eq!(report.host, "updates.cdn-apple.com");
    assert_eq!(report.problem, None);
    let candidates: Vec<(&str, bool)> = report
        .candidates
        .iter()
        .map(|candidate| (candidate.pattern.as_str(), candidate.port_counts))
        .collect();
    assert_eq!(
        candidates,
        [("updates.cdn-apple.com", false), ("*.cdn-apple.com", true)]
    );
    assert_eq!(report.owner, catalogue.find("*.cdn-apple.com"));
    assert_eq!(report.candidates[0].ports.to_string(), "443/tcp");

    let any_port = catalogue.match_name(b"gs.apple.com", None, None);
    assert_eq!(any_port.owner, catalogue.find("gs.apple.com"));
    let any_transport = catalogue.match_name(b"time.apple.com", Some(123), None);
    assert_eq!(any_transport.owner, catalogue.find("time.apple.com"));

    let radio = catalogue.match_name(b"radio.example", Some(8010), None);
    assert_eq!((radio.owner, radio.candidates.len()), (None, 0));
    assert_eq!(radio.by_port.unwrap().name, "internet-radio");

    let no_name = catalogue.match_name(b"a..b", Some(443), Some(Tcp));
    assert!(no_name.problem.unwrap().contains("not a host name"));
}

proptest! {
    /// What `match_name` explains is what `owner` decides.
    #[test]
    fn the_explanation_agrees_with_the_decision(
        labels in prop::collection::vec(prop::sample::select(vec!["a", "gg", "gg9", "gs", "itunes", "updates", "mask", "push"]), 0..3),
        base in prop::sample::select(vec!["apple.com", "itunes.apple.com", "cdn-apple.com", "icloud.com", "digicert.com", "example.org"]),
        port in prop::sample::select(vec![0u16, 22, 80, 123, 443, 554, 2197, 3689, 5223, 8080]),
        udp in any::<bool>(),
    ) {
        let catalogue = all();
        let host = labels.iter().copied().chain([base]).collect::<Vec<_>>().join(".");
        let transport = if udp { Udp } else { Tcp };
        let report = catalogue.match_name(host.as_bytes(), Some(port), Some(transport));
        prop_assert_eq!(report.owner, catalogue.owner(host.as_bytes(), transport, port));
        prop_assert_eq!(report.candidates.first().map(|candidate| candidate.requirement), catalogue.owner_of_name(host.as_bytes()));
        prop_assert_eq!(report.candidates.is_empty(), !catalogue.covers(host.as_bytes()));
    }

    #[test]
    fn arbitrary_bytes_never_panic(host in prop::collection::vec(any::<u8>(), 0..400), port in any::<u16>()) {
        let catalogue = all();
        let _ = catalogue.owner(&host, Tcp, port);
        let _ = catalogue.match_name(&host, Some(port), None);
    }
}
