//! Every connection that failed has its proof drawn, frame by frame.

use std::collections::BTreeSet;

use crate::captures::captures;
use crate::document::{Document, Element};
use crate::made::{bundled, page, summary};
use windfall::verdict::outcome::{Outcome, Standing};
use windfall::verdict::summary::{Evidence, Flow};

fn has_failed(flow: &Flow) -> bool {
    let failed = [Outcome::Stalled, Outcome::Reset, Outcome::Failed].contains(&flow.outcome);
    failed && flow.standing != Standing::Twin
}

/// Capture and number of the frames that an element draws, on this side of the gateway or the other.
fn drawn(document: &Document, of: &Element, side: Option<&str>) -> BTreeSet<(u32, u64)> {
    document
        .inside(of, "tr")
        .filter(|row| row.get("data-frame").is_some() && row.get("data-side") == side)
        .map(|row| {
            let number = |name: &str| row.get(name).unwrap().parse::<u64>().unwrap();
            (
                u32::try_from(number("data-capture")).unwrap(),
                number("data-frame"),
            )
        })
        .collect()
}

fn frames(evidence: &[Evidence]) -> BTreeSet<(u32, u64)> {
    evidence
        .iter()
        .map(|one| (one.capture, one.frame))
        .collect()
}

#[test]
fn every_failed_flow_has_a_ladder_of_its_evidence() {
    let mut ladders = 0;
    for path in captures() {
        let summary = summary(&path);
        let document = Document::parse(&page(&summary, None));
        let mut shown: Vec<_> = document
            .all("details")
            .filter_map(|one| {
                Some((
                    one.get("data-flow")?.to_owned(),
                    drawn(&document, one, None),
                ))
            })
            .collect();
        let mut told: Vec<_> = summary
            .flows
            .iter()
            .filter(|flow| has_failed(flow))
            .map(|flow| (flow.id.clone(), frames(&flow.evidence)))
            .collect();
        shown.sort();
        told.sort();
        assert_eq!(shown, told, "{}", path.display());
        ladders += told.len();
    }
    assert!(ladders > 50, "{ladders}");
}

#[test]
fn both_sides_of_a_gateway_stand_beside_each_other() {
    let summary = bundled("gateway-both-sides.pcapng");
    let document = Document::parse(&page(&summary, None));
    let mut sides = 0;
    for flow in summary.flows.iter().filter(|flow| has_failed(flow)) {
        let of_flow = |one: &&Element| one.get("data-flow") == Some(&flow.id);
        let ladder = document.all("details").find(of_flow).unwrap();
        let place = flow.whereabouts.unwrap();
        assert!(ladder.text.contains("gateway"), "{place}");
        let beyond = drawn(&document, ladder, Some("other"));
        let Some(twin) = &flow.twin else {
            assert!(beyond.is_empty(), "{place}");
            continue;
        };
        let port = format!("gateway, as {}:{} on wan", twin.client.ip, twin.client.port);
        assert!(ladder.text.contains(&port), "{port}");
        let copy = summary
            .flows
            .iter()
            .find(|copy| copy.id == twin.id)
            .unwrap();
        let of_both: BTreeSet<_> = frames(&flow.evidence)
            .union(&frames(&copy.evidence))
            .copied()
            .collect();
        let here = drawn(&document, ladder, None);
        let all: BTreeSet<_> = here.union(&beyond).copied().collect();
        assert_eq!(all, of_both, "{place}");
        assert!(!beyond.is_empty(), "{place}");
        sides += 1;
    }
    assert_eq!(sides, 2);
}

/// Of a bridge and its port both show the client's side: neither proves that anything left.
#[test]
fn a_copy_of_the_same_side_is_not_drawn_beyond_the_gateway() {
    let summary = bundled("any-interface.pcap");
    let document = Document::parse(&page(&summary, None));
    let of = |flow: &&Flow| has_failed(flow) && flow.twin.is_some();
    let flow = summary.flows.iter().find(of).unwrap();
    let of_flow = |one: &&Element| one.get("data-flow") == Some(&flow.id);
    let ladder = document.all("details").find(of_flow).unwrap();
    assert!(drawn(&document, ladder, Some("other")).is_empty());
    assert!(ladder.text.contains("gateway to client: RST, TTL 64"));
    assert!(!ladder.text.contains("to server: SYN"));
}

#[test]
fn an_arrow_says_in_words_where_it_stopped() {
    let summary = bundled("gateway-both-sides.pcapng");
    let document = Document::parse(&page(&summary, None));
    for (place, words) in [
        (
            "dropped-in-gateway",
            "client to gateway, stopped there: SYN, not answered",
        ),
        (
            "not-forwarded-back",
            "server to gateway, stopped there: SYN-ACK, not acknowledged",
        ),
        (
            "beyond-gateway",
            "gateway to server, lost: SYN, not answered",
        ),
        ("rejected-by-gateway", "gateway to client: RST, TTL 64"),
    ] {
        let said = document
            .all("details")
            .filter(|one| one.text.contains(place))
            .any(|one| one.text.contains(words));
        assert!(said, "{place}: {words}");
    }
    let summary = bundled("itunes-failure.pcapng");
    let document = Document::parse(&page(&summary, None));
    let body = document.all("body").next().unwrap();
    for words in [
        "client to server: ClientHello",
        "middlebox to client: RST, TTL 64",
        "client to server, lost: SYN, not answered",
    ] {
        assert!(body.text.contains(words), "{words}");
    }
}
