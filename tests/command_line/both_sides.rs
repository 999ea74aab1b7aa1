//! Both sides of a gateway in the text report: where each connection broke, and what to do there.

use crate::run::{capture, run};

/// Paragraphs joined to one line each: how they are broken is not promised.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_flow_says_where_it_broke() {
    let report = run(["replay", &capture("gateway-both-sides.pcapng")]).ended(1);
    let listed = report.out.split_once("\nFLOWS ").unwrap().1;
    for (host, why) in [
        ("gs.apple.com", "syn-unanswered, dropped-in-gateway"),
        (
            "play.itunes.apple.com",
            "syn-unanswered, not-forwarded-back",
        ),
        ("albert.apple.com", "syn-unanswered, beyond-gateway"),
        (
            "buy.itunes.apple.com",
            "connection-refused, rejected-by-gateway",
        ),
    ] {
        let line = format!("  {host} (dns)  {why}\n");
        assert!(listed.contains(&line), "{line}{listed}");
    }
}

#[test]
fn each_remedy_is_for_where_it_broke() {
    let report = run(["replay", &capture("gateway-both-sides.pcapng")]).ended(1);
    let text = joined(&report.out);
    for remedy in [
        "DO Allow 443/tcp from 192.168.7.20 to gs.apple.com (192.0.2.35) in this gateway's forward rules; nothing \
         beyond it has seen these packets.",
        "DO Let answers from 192.0.2.42 through to 192.168.7.20 on this gateway",
        "DO Nothing needs to be allowed on this gateway, which passed it on: give the frames of its outer side to whoever \
         runs what is beyond, and have 443/tcp to albert.apple.com (192.0.2.39) let through there.",
        "DO Take buy.itunes.apple.com (443/tcp) off the rule or filter of this gateway that rejects it for 192.168.7.21.",
    ] {
        assert!(text.contains(remedy), "{remedy}\n{}", report.out);
    }
    assert!(!text.contains("on the firewall"), "{}", report.out);
}

#[test]
fn one_side_alone_accuses_no_gateway() {
    let report = run(["replay", &capture("syn-dropped.pcap")]).ended(1);
    let text = joined(&report.out);
    assert!(
        text.contains("on the firewall, in both directions"),
        "{text}"
    );
    assert!(!text.contains("gateway"), "{text}");
}
