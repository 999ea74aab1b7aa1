//! The ladder of a flow that was captured on both sides of a gateway.

use crossterm::event::KeyCode;
use windfall::verdict::outcome::Where;

use crate::bundled::{picture, summary};
use crate::seen::Seen;

/// The detail of the required connection that broke there.
fn detail(place: &str, size: (u16, u16)) -> Seen {
    let picture = picture(summary("gateway-both-sides.pcapng"));
    let rows = &picture.summary.requirements;
    let row = rows
        .iter()
        .find(|row| row.whereabouts.is_some_and(|at| at.as_str() == place))
        .unwrap();
    let client = row.client.as_ref().unwrap().addresses[0];
    let filter = format!("/host:{} client:{client}", row.pattern);
    let mut seen = Seen::new(picture, size);
    seen.keys(&filter);
    seen.press(KeyCode::Enter);
    seen.press(KeyCode::Enter);
    seen
}

#[test]
fn each_place_where_it_broke_is_drawn() {
    for size in [(80, 24), (140, 40)] {
        for (place, note, sign) in [
            ("dropped-in-gateway", "SYN, not answered", "✗│"),
            ("not-forwarded-back", "│✗─ ", "never came"),
            ("beyond-gateway", "├── it left the gateway", "▶│"),
            ("rejected-by-gateway", "│◀─ RST, TTL 64", "─┤"),
        ] {
            let seen = detail(place, size);
            let text = seen.text();
            seen.line(&format!("✗ {place}"));
            let both = |line: &String| line.contains(note) && line.contains(sign);
            assert!(seen.lines().iter().any(both), "{place}\n{text}");
        }
    }
}

#[test]
fn the_list_of_flows_says_where_each_broke() {
    for (size, name) in [
        ((120, 40), "both-sides-flows-120x40"),
        ((80, 24), "both-sides-flows-80x24"),
    ] {
        let mut seen = Seen::new(picture(summary("gateway-both-sides.pcapng")), size);
        seen.press(KeyCode::Tab);
        insta::assert_snapshot!(name, seen.text());
    }
}

#[test]
fn the_list_of_questions_says_where_each_broke() {
    let mut picture = picture(summary("resolver-silent.pcap"));
    let mut unanswered = picture
        .summary
        .dns
        .iter_mut()
        .filter(|row| row.cause.is_some());
    unanswered.next().unwrap().whereabouts = Some(Where::DroppedInGateway);
    // What is not known of the others is not said of them.
    assert!(unanswered.next().is_some());
    let mut seen = Seen::new(picture, (120, 40));
    seen.press(KeyCode::Tab);
    seen.press(KeyCode::Tab);
    insta::assert_snapshot!("both-sides-dns-120x40", seen.text());
}

#[test]
fn a_copy_of_the_same_side_is_not_drawn_beyond_the_gateway() {
    let mut seen = Seen::new(picture(summary("any-interface.pcap")), (140, 40));
    seen.keys("/host:gs.apple.com");
    seen.press(KeyCode::Enter);
    seen.press(KeyCode::Enter);
    seen.line("RST, TTL 64");
    assert!(!seen.text().contains("├──"), "{}", seen.text());
    assert!(!seen.text().contains("gateway, as"), "{}", seen.text());
}

#[test]
fn a_flow_without_a_twin_has_no_gateway() {
    let mut seen = Seen::new(picture(summary("itunes-failure.pcapng")), (140, 40));
    seen.keys("/host:gs.apple");
    seen.press(KeyCode::Enter);
    seen.press(KeyCode::Enter);
    seen.line("RST, TTL 64");
    assert!(!seen.text().contains("gateway"), "{}", seen.text());
}
