//! No key, click, size or picture breaks the screen.

use crossterm::event::{KeyCode, MouseButton, MouseEventKind};

use crate::bundled::{picture, replayed};
use crate::seen::Seen;

const CODES: &[KeyCode] = &[
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Backspace,
];
const LETTERS: &str = "?jk/nNsfFpwy +-=[]:*!-aé居";
const SIZES: &[(u16, u16)] = &[
    (80, 24),
    (1, 1),
    (40, 10),
    (41, 11),
    (60, 15),
    (300, 5),
    (50, 100),
    (120, 40),
    (64, 21),
    (200, 70),
];

/// A fixed series of numbers that looks like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }
}

#[test]
fn whatever_is_pressed_there_is_a_screen() {
    let letters: Vec<char> = LETTERS.chars().collect();
    for (seed, name) in [
        "itunes-failure.pcapng",
        "bonjour.pcapng",
        "cut-short.pcapng",
    ]
    .into_iter()
    .enumerate()
    {
        let whole = replayed(picture(crate::bundled::summary_of_what_can_be_read(name)));
        let mut empty = whole.clone();
        empty.summary.requirements.clear();
        empty.summary.flows.clear();
        empty.summary.dns.clear();
        empty.summary.bonjour.clear();
        empty.summary.captures.clear();
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15 + u64::try_from(seed).unwrap());
        let mut seen = Seen::new(whole.clone(), (80, 24));
        for number in 2..1500 {
            match chance.below(10) {
                0..4 => seen.press(CODES[chance.below(CODES.len())]),
                4..7 => seen.press(KeyCode::Char(letters[chance.below(letters.len())])),
                7 => {
                    let column = u16::try_from(chance.below(130)).unwrap();
                    let row = u16::try_from(chance.below(50)).unwrap();
                    let kinds = [
                        MouseEventKind::Down(MouseButton::Left),
                        MouseEventKind::ScrollDown,
                        MouseEventKind::ScrollUp,
                    ];
                    seen.mouse(kinds[chance.below(3)], column, row);
                }
                8 => {
                    let (width, height) = SIZES[chance.below(SIZES.len())];
                    seen.resize(width, height);
                }
                _ => {
                    let mut next = if chance.below(5) == 0 {
                        empty.clone()
                    } else {
                        whole.clone()
                    };
                    next.number = number;
                    if chance.below(3) == 0 {
                        next.playback = None;
                    }
                    seen.show(next);
                }
            }
        }
        seen.resize(80, 24);
        assert!(!seen.text().trim().is_empty());
    }
}

#[test]
fn every_bundled_capture_has_a_screen() {
    let mut names: Vec<String> = std::fs::read_dir("captures")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".pcap"))
        .collect();
    names.sort();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        let summary = crate::bundled::summary_of_what_can_be_read(&name);
        let mut seen = Seen::new(picture(summary), (80, 24));
        for _ in 0..5 {
            seen.press(KeyCode::Enter);
            seen.press(KeyCode::Esc);
            seen.press(KeyCode::Tab);
        }
        let name = &name[..name.len().min(20)];
        assert!(seen.lines()[0].starts_with(name), "{}", seen.text());
    }
}
