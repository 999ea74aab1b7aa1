//! Names off the wire break no column and reach no terminal unescaped.

use crossterm::event::KeyCode;
use unicode_width::UnicodeWidthStr as _;
use windfall::picture::Picture;
use windfall::tui::Event;
use windfall::words::escape::is_hidden;

use crate::bundled::{picture, summary};
use crate::seen::Seen;

const NAMES: [&str; 12] = [
    "gs.apple.com",
    "居間のテレビ.local",
    "👩‍👩‍👧‍👦.example",
    "🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪",
    "مرحبا.بالعالم",
    "שלום.example",
    "e\u{301}\u{323}\u{302}\u{301}\u{301}\u{301}.example",
    "\x1b[2J\x1b]0;owned\x07",
    "moc.\u{202e}elppa",
    "a\nb\r\tc\u{9b}31m",
    "\u{200b}\u{feff}\u{301}",
    "",
];

/// A capture whose every text off the wire is one of the names.
fn hostile() -> Picture {
    let mut picture = picture(summary("itunes-failure.pcapng"));
    let summary = &mut picture.summary;
    let mut names = NAMES.iter().cycle().map(|name| (*name).to_owned());
    let mut name = || names.next().unwrap();
    for flow in &mut summary.flows {
        if let Some(known) = &mut flow.name {
            known.host = name();
        }
        flow.explanation = Some(name());
        for evidence in &mut flow.evidence {
            evidence.note = name();
        }
    }
    for question in &mut summary.dns {
        question.name = name();
        question.cname = Some(name());
        question.rcode = Some(name());
    }
    for row in &mut summary.requirements {
        row.explanation = Some(name());
        row.remedy = Some(name());
        row.service = name();
    }
    let service = summary.bonjour[0].clone();
    summary.bonjour = NAMES
        .iter()
        .map(|name| {
            let mut service = service.clone();
            (*name).clone_into(&mut service.instance);
            service.host = Some((*name).to_owned());
            service.txt.insert((*name).to_owned(), (*name).to_owned());
            service
        })
        .collect();
    summary.captures[0].path = Some(name());
    picture.health.ended = Some(name());
    picture
}

#[test]
fn columns_stand_below_their_titles_whatever_the_names() {
    for size in [(80, 24), (120, 40), (157, 60)] {
        for (tab, title, first) in [
            (1, "server", |cell: &str| {
                cell.starts_with(|c: char| c.is_ascii_hexdigit() || c == '[')
            }),
            (2, "type", |cell: &str| {
                let kinds = ["A", "HTTPS", "SRV", "PTR", "TXT"];
                kinds.iter().any(|kind| cell.starts_with(kind))
            }),
            (3, "service", |cell: &str| cell.starts_with("_airplay._tcp")),
        ] as [(usize, &str, fn(&str) -> bool); 3]
        {
            let mut seen = Seen::unseen(hostile(), size);
            for _ in 0..tab {
                seen.session.take(Event::Key(KeyCode::Tab.into()));
            }
            seen.draw();
            let heading = seen.line(title);
            let start = heading[..heading.find(title).unwrap()].width();
            let top = seen.row(title) + 1;
            let rule = seen.row("── ");
            let rows = (top..rule).filter(|row| !seen.lines()[usize::from(*row)].is_empty());
            let mut checked = 0;
            for row in rows {
                let cells = start..usize::from(size.0);
                let cell: String = cells
                    .map(|x| seen.buffer()[(u16::try_from(x).unwrap(), row)].symbol())
                    .collect();
                assert!(first(&cell), "{title} in {cell:?} of\n{}", seen.text());
                checked += 1;
            }
            assert!(checked >= 5, "{title}\n{}", seen.text());
        }
    }
}

#[test]
fn no_cell_holds_what_a_terminal_obeys() {
    for size in [(40, 10), (60, 15), (80, 24), (120, 40)] {
        let mut seen = Seen::new(hostile(), size);
        for _ in 0..5 {
            for _ in 0..12 {
                seen.press(KeyCode::Down);
                for cell in seen.buffer().content() {
                    assert!(!cell.symbol().chars().any(is_hidden), "{:?}", cell.symbol());
                }
            }
            seen.press(KeyCode::Enter);
            for line in seen.lines() {
                assert!(line.width() <= usize::from(size.0), "{line}");
                assert!(!line.chars().any(is_hidden), "{line:?}");
            }
            seen.press(KeyCode::Esc);
            seen.press(KeyCode::Tab);
        }
    }
}

#[test]
fn a_filter_holds_what_was_typed_and_obeys_nothing() {
    let mut seen = Seen::new(hostile(), (80, 24));
    seen.keys("/\u{202e}居間\u{9b}");
    assert!(
        seen.line("/\\u{202e}居間")
            .starts_with("/\\u{202e}居間\\u{9b}")
    );
}
