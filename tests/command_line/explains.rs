//! `windfall explain`.

use crate::run::{capture, run};

#[test]
fn an_error_number_names_the_hosts_to_look_at_first() {
    let out = run(["explain", "3194"]).ended(0).out;
    assert!(out.starts_with("iTunes error 3194: "), "{out}");
    let hosts = out.split_once("LOOK AT FIRST").unwrap().1;
    let first = hosts.lines().nth(1).unwrap();
    assert!(first.trim_start().starts_with("gs.apple.com "), "{hosts}");
    for number in ["3000", "3999"] {
        run(["explain", number]).ended(0);
    }
    for number in ["2999", "4000", "0", "99999999999"] {
        let ran = run(["explain", number]).ended(2);
        assert!(ran.told.contains(number), "{}", ran.told);
    }
}

#[test]
fn an_error_number_with_a_capture_says_how_its_hosts_fare() {
    let out = run(["explain", "3194", &capture("itunes-failure.pcapng")])
        .ended(1)
        .out;
    for row in [
        "✗ failing   gs.apple.com:443/tcp",
        "✗ failing   albert.apple.com:443/tcp",
        "✗ failing   mesu.apple.com",
        "✓ ok        appldnld.apple.com:80/tcp",
        " · skl.apple.com",
    ] {
        assert!(out.contains(row), "{row}: {out}");
    }
    assert!(!out.contains("push.apple.com"), "{out}");
    // What else fails there is no concern of this number.
    let out = run(["explain", "3194", &capture("http-error.pcapng")])
        .ended(0)
        .out;
    assert!(!out.contains("ocsp.digicert.com"), "{out}");
}

#[test]
fn a_cause_is_explained_and_found_in_a_capture() {
    let out = run(["explain", "syn-unanswered"]).ended(0).out;
    assert!(out.starts_with("syn-unanswered: "), "{out}");
    assert!(out.contains("  do      Allow "), "{out}");
    assert!(!out.contains('{'), "{out}");
    let out = run([
        "explain",
        "syn-unanswered",
        &capture("itunes-failure.pcapng"),
    ])
    .ended(1)
    .out;
    assert!(
        out.contains("✗ failing   albert.apple.com:443/tcp"),
        "{out}"
    );
    assert!(out.contains("~ degraded  *.push.apple.com"), "{out}");
    assert!(!out.contains("gs.apple.com"), "{out}");
    let out = run(["explain", "zero-window", &capture("itunes-failure.pcapng")])
        .ended(0)
        .out;
    assert!(
        out.contains("no required connection shows this here"),
        "{out}"
    );
}

#[test]
fn every_cause_can_be_asked_for_and_nothing_else() {
    for cause in windfall::verdict::outcome::Cause::ALL {
        run(["explain", cause.as_str()]).ended(0);
    }
    for finding in windfall::verdict::findings::CODES {
        run(["explain", finding]).ended(0);
    }
    let ran = run(["explain", "bad-luck"]).ended(2);
    assert!(
        ran.told.contains("bad-luck") && ran.told.contains("syn-unanswered"),
        "{}",
        ran.told
    );
}

#[test]
fn a_finding_is_explained_and_found_in_a_capture() {
    let out = run(["explain", "Bonjour-Filtered"]).ended(0).out;
    assert!(out.starts_with("bonjour-filtered: "), "{out}");
    let found = capture("bonjour-filtered.pcapng");
    let out = run(["explain", "bonjour-filtered", &found]).ended(0).out;
    let shown = out.matches("FINDING").count();
    assert!(shown == 1 && out.contains("192.168.7.2"), "{out}");
    // Not this one, and no requirement either.
    for (code, name) in [
        ("bonjour-unreachable", "bonjour-filtered.pcapng"),
        ("names-hidden", "itunes-failure.pcapng"),
    ] {
        let out = run(["explain", code, &capture(name)]).ended(0).out;
        assert!(out.contains("nothing like this here"), "{out}");
        assert!(
            !out.contains("FINDING") && !out.contains("gs.apple.com"),
            "{out}"
        );
    }
}

#[test]
fn an_unreadable_capture_is_told() {
    let ran = run(["explain", "3194", "/nonexistent.pcap"]).ended(3);
    assert!(ran.told.contains("/nonexistent.pcap"), "{}", ran.told);
    assert!(ran.out.contains("LOOK AT FIRST"), "{}", ran.out);
}

#[test]
fn a_place_where_it_broke_is_explained_with_those_that_broke_there() {
    let whole = capture("gateway-both-sides.pcapng");
    let out = run(["explain", "dropped-in-gateway", &whole]).ended(1).out;
    assert!(
        out.starts_with("dropped-in-gateway: This gateway dropped"),
        "{out}"
    );
    assert!(out.contains("✗ failing   gs.apple.com"), "{out}");
    assert!(!out.contains("albert.apple.com"), "{out}");
    for place in windfall::verdict::outcome::Where::ALL {
        run(["explain", place.as_str()]).ended(0);
    }
}
