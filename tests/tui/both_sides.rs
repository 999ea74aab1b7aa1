//! The ladder of a flow that was captured on both sides of a gateway.

use crossterm::event::KeyCode;

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
