//! A replay's time from end to end: how far it is, and where required attempts failed.

use ratatui::layout::Rect;

use crate::capture::frame::Timestamp;
use crate::picture::{Playback, Speed};
use crate::tui::state::State;
use crate::tui::text::{Piece, Pieces};
use crate::words::timeline::cell;
use crate::words::{Paint, clock};

/// Columns before the bar: state, speed, first time; and after it: last time.
const BEFORE: u16 = 18;
const AFTER: u16 = 9;

/// Where the bar stands within the line.
pub(crate) fn bar(line: Rect) -> Rect {
    Rect {
        x: line.x + BEFORE.min(line.width),
        width: line.width.saturating_sub(BEFORE + AFTER),
        ..line
    }
}

pub(super) fn timeline(state: &State, line: Rect) -> Pieces {
    let Some(playback) = state.playback() else {
        return Pieces::new();
    };
    let speed = match playback.speed {
        Speed::Times(times) => format!("{times}×"),
        Speed::Max => "max".to_owned(),
    };
    let (word, paint) = if playback.paused {
        (format!("‖ {speed}"), Paint::Warn)
    } else {
        (format!("▶ {speed}"), Paint::Good)
    };
    let mut pieces = vec![
        Piece::new(paint, &format!("{word:<8} ")),
        Piece::new(Paint::Dim, &format!("{} ", clock(playback.first))),
    ];
    let now = state.seeking.unwrap_or(state.latest.now);
    pieces.extend(cells(playback, now, usize::from(bar(line).width)));
    pieces.push(Piece::new(
        Paint::Dim,
        &format!(" {}", clock(playback.last)),
    ));
    pieces
}

/// `━━✗━━●───✗──`: failures stay in sight wherever the replay stands.
fn cells(playback: &Playback, now: Timestamp, width: usize) -> Pieces {
    let place = |at: Timestamp| cell(at, (playback.first, playback.last), width);
    let here = place(now);
    let mut failed = vec![false; width];
    for failure in &playback.failures {
        if let Some(cell) = failed.get_mut(place(*failure)) {
            *cell = true;
        }
    }
    let glyph = |(at, failed): (usize, &bool)| match (at.cmp(&here), failed) {
        (std::cmp::Ordering::Equal, true) => Piece::reversed(Paint::Bad, "✗"),
        (std::cmp::Ordering::Equal, false) => Piece::new(Paint::Strong, "●"),
        (_, true) => Piece::new(Paint::Bad, "✗"),
        (std::cmp::Ordering::Less, false) => Piece::plain("━"),
        (std::cmp::Ordering::Greater, false) => Piece::new(Paint::Dim, "─"),
    };
    failed.iter().enumerate().map(glyph).collect()
}
