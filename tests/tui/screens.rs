//! Whole screens of bundled captures at the sizes that are promised.

use crossterm::event::KeyCode;
use ratatui::style::{Color, Modifier};

use windfall::picture::Message;

use crate::bundled::{picture, replayed, summary};
use crate::seen::Seen;

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

#[test]
fn an_outage_is_understood_at_every_size() {
    let mut seen = Seen::new(picture(summary("itunes-failure.pcapng")), USUAL);
    insta::assert_snapshot!("outage-80x24", seen.text());
    seen.resize(LARGE.0, LARGE.1);
    insta::assert_snapshot!("outage-120x40", seen.text());
    seen.resize(SMALL.0, SMALL.1);
    insta::assert_snapshot!("outage-60x15", seen.text());
}

#[test]
fn a_replay_has_a_timeline() {
    let mut seen = Seen::new(replayed(picture(summary("itunes-failure.pcapng"))), USUAL);
    seen.keys("n");
    insta::assert_snapshot!("replay-80x24", seen.text());
}

#[test]
fn the_one_who_reset_stands_between_the_parties() {
    let mut seen = Seen::new(picture(summary("itunes-failure.pcapng")), LARGE);
    seen.keys("/host:gs.apple");
    seen.press(KeyCode::Enter);
    seen.press(KeyCode::Enter);
    insta::assert_snapshot!("detail-of-a-reset-120x40", seen.text());
}

#[test]
fn each_list_has_its_columns() {
    let mut seen = Seen::new(picture(summary("itunes-failure.pcapng")), LARGE);
    for name in ["flows", "dns", "bonjour", "health"] {
        seen.press(KeyCode::Tab);
        insta::assert_snapshot!(format!("{name}-120x40"), seen.text());
    }
}

#[test]
fn what_works_is_said_to_work() {
    let seen = Seen::new(picture(summary("healthy-store.pcapng")), USUAL);
    insta::assert_snapshot!("healthy-80x24", seen.text());
}

#[test]
fn a_finding_is_told_beside_the_answer() {
    let seen = Seen::new(picture(summary("bonjour-filtered.pcapng")), USUAL);
    insta::assert_snapshot!("finding-80x24", seen.text());
}

#[test]
fn help_stands_over_the_screen() {
    let mut seen = Seen::new(replayed(picture(summary("itunes-failure.pcapng"))), LARGE);
    seen.keys("?");
    insta::assert_snapshot!("help-120x40", seen.text());
}

#[test]
fn a_small_terminal_is_told_what_is_needed() {
    let picture = picture(summary("itunes-failure.pcapng"));
    for size in [(39, 10), (40, 9), (20, 4)] {
        let seen = Seen::new(picture.clone(), size);
        let text = seen.lines().join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), "terminal too small (needs 40×10)");
    }
    let seen = Seen::new(picture, (40, 10));
    seen.line("3 failing");
    seen.line("✗ failing");
}

#[test]
fn colours_are_the_terminals_own_and_none_where_none_are_wanted() {
    let picture = replayed(picture(summary("itunes-failure.pcapng")));
    for colour in [true, false] {
        let mut seen = Seen::looking(picture.clone(), LARGE, colour);
        let mut used = Vec::new();
        for key in ["", "\t", "\t", "\t", "\t", "?"] {
            if key == "\t" {
                seen.press(KeyCode::Tab);
            } else {
                seen.keys(key);
            }
            for cell in seen.buffer().content() {
                assert_eq!(cell.bg, Color::Reset);
                used.push(cell.fg);
            }
        }
        let allowed: &[Color] = if colour {
            &[Color::Reset, Color::Red, Color::Green, Color::Yellow]
        } else {
            &[Color::Reset]
        };
        assert!(used.iter().all(|used| allowed.contains(used)));
        assert!(allowed.iter().all(|colour| used.contains(colour)));
    }
}

#[test]
fn trouble_of_the_capture_is_told_at_the_top() {
    let mut picture = picture(summary("itunes-failure.pcapng"));
    let capture = &mut picture.summary.captures[0];
    capture.dropped_kernel = Some(12);
    capture.dropped_pipeline = Some(3);
    picture.health.queued = 40;
    picture.health.messages.push(Message {
        at: picture.now,
        text: "eth0 went down".to_owned(),
        trouble: true,
    });
    let mut seen = Seen::new(picture, LARGE);
    seen.line("drops 12 kernel, 3 pipeline  queue 40/64");
    let column = seen.lines()[0].find("drops").unwrap();
    let cell = &seen.buffer()[(u16::try_from(column).unwrap(), 0)];
    assert_eq!(cell.fg, Color::Red);
    assert!(seen.lines()[39].starts_with("10:37:17 eth0 went down"));
    seen.line(" Health! ");
    seen.press(KeyCode::BackTab);
    seen.line("!  message      10:37:17 eth0 went down");
    seen.line("!  capture      itunes-failure.pcapng: 1,166 frames, dropped 12 kernel, 3 pipeline");
}

#[test]
fn a_run_that_ended_says_so_and_stays() {
    let mut picture = picture(summary("itunes-failure.pcapng"));
    picture.health.ended = Some("eth0 is gone".to_owned());
    let seen = Seen::new(picture, USUAL);
    seen.line("10:37:17 UTC  ended  drops 0");
    seen.line("ended: eth0 is gone");
    seen.line("✗ failing   albert");
}

#[test]
fn failing_rows_stand_out_without_colour() {
    let seen = Seen::looking(picture(summary("itunes-failure.pcapng")), USUAL, false);
    let row = seen.row("✗ failing   gs.apple.com");
    assert!(seen.buffer()[(0, row)].modifier.contains(Modifier::BOLD));
}
