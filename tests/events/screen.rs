//! The console on the screen.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::TestBackend;
use windfall::events::overview::Overview;
use windfall::tui::{FleetSession, Shown};
use windfall::verdict::outcome::{Cause, Status};

use crate::folded::{fleet, told};
use crate::made::second;

fn shown(trouble: Option<&str>) -> Shown {
    let failing = (1, Some(1), Status::Failing, Some(Cause::SynUnanswered));
    let berlin = told(
        "berlin",
        0,
        &[vec![failing, (2, Some(1), Status::Ok, None)]],
        false,
    );
    let rome = told("rome", 0, &[vec![(1, Some(2), Status::Ok, None)]], true);
    let fleet = fleet(berlin.into_iter().chain(rome));
    Shown {
        overview: Arc::new(Overview::of(&fleet, second(300))),
        trouble: trouble.map(str::to_owned),
    }
}

struct Seen {
    session: FleetSession<TestBackend>,
    now: Duration,
}

impl Seen {
    fn new(width: u16, height: u16) -> Self {
        let backend = TestBackend::new(width, height);
        let session = FleetSession::new(backend, shown(None), false).unwrap();
        Self {
            session,
            now: Duration::ZERO,
        }
    }

    fn press(&mut self, code: KeyCode) -> bool {
        self.session.press(&KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn text(&mut self) -> String {
        self.now += Duration::from_secs(1);
        self.session.draw(self.now).unwrap();
        self.session.backend().to_string()
    }

    #[track_caller]
    fn shows(&mut self, words: &[&str]) {
        let text = self.text();
        for words in words {
            assert!(text.contains(words), "{words:?} is not in\n{text}");
        }
    }
}

#[test]
fn it_shows_what_fails_where_since_when_and_who_is_silent() {
    let mut seen = Seen::new(120, 20);
    seen.shows(&[
        "windfall fleet · 2 gateways",
        "✗ 1 required connection is failing: h1.example.net; not heard: berlin",
        "✗ failing  h1.example.net",
        "failing at berlin since 2023-11-14 22:13:20; ok at rome",
    ]);
    seen.press(KeyCode::Tab);
    seen.shows(&["! silent", "· stopped", "1 failing, 1 ok", "280 s ago"]);
}

#[test]
fn enter_drills_down_to_the_evidence_and_escape_comes_back() {
    let mut seen = Seen::new(80, 24);
    seen.press(KeyCode::Enter);
    seen.shows(&[
        "berlin · 192.168.7.1",
        "syn-unanswered",
        "It is syn-unanswered.",
        "frame 7",
        "SYN, not answered",
        "1:flow-1",
    ]);
    seen.press(KeyCode::End);
    seen.shows(&["rome"]);
    seen.press(KeyCode::Esc);
    seen.shows(&["where, since when"]);
}

#[test]
fn only_what_fails_can_be_shown() {
    let mut seen = Seen::new(80, 24);
    seen.shows(&["h2.example.net"]);
    seen.press(KeyCode::Char('f'));
    let text = seen.text();
    assert!(
        text.contains("h1.example.net") && !text.contains("h2.example.net"),
        "{text}"
    );
}

#[test]
fn trouble_with_the_broker_is_in_sight_and_q_quits() {
    let mut seen = Seen::new(100, 20);
    seen.session.show(shown(Some("the broker is away")));
    seen.shows(&["the broker is away"]);
    assert!(seen.press(KeyCode::Char('?')));
    seen.shows(&["this help", "next list"]);
    assert!(
        seen.press(KeyCode::Char('x')),
        "a key that is not bound closes nothing"
    );
    assert!(!seen.press(KeyCode::Char('q')));
}

#[test]
fn any_size_is_survived() {
    for (width, height) in [(1, 1), (10, 3), (39, 9), (40, 10), (80, 24), (300, 100)] {
        let mut seen = Seen::new(width, height);
        for code in [
            KeyCode::Enter,
            KeyCode::PageDown,
            KeyCode::End,
            KeyCode::Tab,
            KeyCode::Enter,
        ] {
            seen.text();
            seen.press(code);
        }
        seen.text();
    }
}
