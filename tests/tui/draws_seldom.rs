//! The terminal is written to only when something changed, and at most ten times a second.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use ratatui::layout::Size;
use windfall::picture::Picture;
use windfall::tui::Event;

use crate::bundled::{picture, summary};
use crate::seen::Seen;

fn numbered(picture: &Picture, number: u64) -> Event {
    Event::Picture(Arc::new(Picture {
        number,
        ..picture.clone()
    }))
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let picture = picture(summary("healthy-store.pcapng"));
    let mut seen = Seen::new(picture.clone(), (80, 24));
    assert_eq!(seen.session.draws(), 1);
    for _ in 0..100 {
        seen.take(numbered(&picture, 1));
        seen.take(Event::Resize(Size::new(80, 24)));
        seen.mouse(MouseEventKind::Moved, 3, 3);
        seen.press(KeyCode::F(5));
        seen.press(KeyCode::Char(' ')); // nothing is replayed
    }
    assert_eq!(seen.session.draws(), 1);
    seen.take(numbered(&picture, 2));
    assert_eq!(seen.session.draws(), 2);
    seen.press(KeyCode::Down);
    assert_eq!(seen.session.draws(), 3);
}

#[test]
fn ten_times_a_second_is_the_most() {
    let picture = picture(summary("healthy-store.pcapng"));
    let mut seen = Seen::new(picture.clone(), (80, 24));
    let before = seen.session.draws();
    let start = seen.now;
    for millis in 1..=2000 {
        seen.session.take(numbered(&picture, 1 + millis));
        seen.session
            .draw(start + Duration::from_millis(millis))
            .unwrap();
    }
    assert_eq!(seen.session.draws() - before, 20);
}

#[test]
fn a_draw_that_must_wait_is_made_up_for() {
    let picture = picture(summary("healthy-store.pcapng"));
    let mut seen = Seen::new(picture, (80, 24));
    assert_eq!(seen.session.due_in(seen.now), None);
    let down = KeyEvent::new(KeyCode::Down, KeyModifiers::NONE);
    seen.session.take(Event::Key(down));
    let soon = seen.now + Duration::from_millis(30);
    assert_eq!(seen.session.due_in(soon), Some(Duration::from_millis(70)));
    seen.session.draw(soon).unwrap();
    assert_eq!(seen.session.draws(), 1);
    seen.session.draw(soon + Duration::from_millis(70)).unwrap();
    assert_eq!(seen.session.draws(), 2);
    assert_eq!(seen.session.due_in(soon), None);
}

#[test]
fn a_held_screen_is_drawn_once_a_second_for_its_age() {
    let picture = picture(summary("healthy-store.pcapng"));
    let mut seen = Seen::new(picture.clone(), (80, 24));
    seen.keys("p");
    let before = seen.session.draws();
    for tenth in 1..=30 {
        let mut next = picture.clone();
        next.number += tenth;
        next.now = picture.now.after(Duration::from_millis(100 * tenth));
        seen.show(next);
    }
    assert_eq!(seen.session.draws() - before, 3);
    seen.line("PAUSED, 3.0 s old");
}

#[test]
fn a_pointer_that_moves_costs_nothing() {
    let mut seen = Seen::new(picture(summary("itunes-failure.pcapng")), (80, 24));
    for column in 0..80 {
        seen.take(Event::Mouse(MouseEvent {
            kind: MouseEventKind::Moved,
            column,
            row: 5,
            modifiers: KeyModifiers::NONE,
        }));
    }
    assert_eq!(seen.session.draws(), 1);
}
