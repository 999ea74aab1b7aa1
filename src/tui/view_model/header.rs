//! The first line: where from, when, how fast, and whether anything was lost.
//!
//! What matters least stands last, and is left out where there is no room.

use std::fmt::Write as _;

use crate::capture::frame::Timestamp;
use crate::picture::Picture;
use crate::tui::health::{dropped, rate, source};
use crate::tui::state::State;
use crate::tui::text::{Piece, Pieces, width};
use crate::words::{Paint, clock, counted, length, span};

/// Columns between two parts.
const GAP: usize = 2;

pub(super) fn header(state: &State, columns: usize) -> Pieces {
    let picture = &state.shown;
    let health = &state.latest.health;
    let mut parts: Vec<Pieces> = Vec::new();
    if state.held {
        let age = state.latest.now.since(picture.now);
        let text = format!(" PAUSED, {} old ", span(age));
        parts.push(vec![Piece::reversed(Paint::Warn, &text)]);
    }
    parts.push(vec![Piece::new(Paint::Strong, &sources(picture))]);
    // Before the first frame or tick there is no time.
    if picture.now > Timestamp::MIN {
        parts.push(vec![Piece::plain(&format!("{} UTC", clock(picture.now)))]);
    }
    if health.ended.is_some() {
        parts.push(vec![Piece::plain("ended")]);
    } else {
        let text = format!("{} pkt/s", rate(health.packets_per_second));
        parts.push(vec![Piece::plain(&text)]);
    }
    parts.push(vec![drops(picture)]);
    if health.ended.is_none() {
        let full = health.queue_room > 0 && health.queued * 2 > health.queue_room;
        let paint = if full { Paint::Warn } else { Paint::Plain };
        let text = format!("queue {}/{}", health.queued, health.queue_room);
        parts.push(vec![Piece::new(paint, &text)]);
    }
    let frames = counted(picture.summary.summary.frames, "frame", "frames");
    let frames = vec![Piece::plain(&frames)];
    let used: usize = parts.iter().map(|part| width(part) + GAP).sum();
    let beside_frames = columns.saturating_sub(used + width(&frames) + GAP);
    let in_force = &health.confinement;
    match some_of(in_force, beside_frames) {
        Some(some) => parts.extend([frames, vec![Piece::new(Paint::Dim, &some)]]),
        // What keeps the process in check tells more than how much it has read.
        None if !in_force.is_empty() => {
            let some = some_of(in_force, columns.saturating_sub(used));
            let some = some.unwrap_or_else(|| "confined".to_owned());
            parts.extend([vec![Piece::new(Paint::Dim, &some)], frames]);
        }
        None => parts.push(frames),
    }
    fitting(parts, columns)
}

/// As many of these as fit, and how many more there are; none if not even the first one does.
fn some_of(all: &[String], columns: usize) -> Option<String> {
    (1..=all.len()).rev().find_map(|shown| {
        let mut text = all.get(..shown)?.join(", ");
        if shown < all.len() {
            let _ = write!(text, ", +{}", all.len() - shown);
        }
        (width(&[Piece::plain(&text)]) <= columns).then_some(text)
    })
}

/// The parts that fit, [`GAP`] columns apart.
pub(super) fn fitting(parts: Vec<Pieces>, columns: usize) -> Pieces {
    let mut line = Pieces::new();
    for part in parts {
        let gap = if line.is_empty() { 0 } else { GAP };
        if !line.is_empty() && width(&line) + gap + width(&part) > columns {
            break;
        }
        if gap > 0 {
            line.push(Piece::plain("  "));
        }
        line.extend(part);
    }
    line
}

fn sources(picture: &Picture) -> String {
    match picture.summary.captures.as_slice() {
        [] => "windfall".to_owned(),
        [one] => source(one).to_owned(),
        several if several.iter().all(|capture| capture.interface.is_some()) => {
            let names: Vec<&str> = several.iter().map(source).collect();
            names.join(", ")
        }
        several => counted(length(several), "file", "files"),
    }
}

fn drops(picture: &Picture) -> Piece {
    let drops: Vec<String> = picture
        .summary
        .captures
        .iter()
        .map(dropped)
        .filter(|drops| !drops.is_empty())
        .collect();
    if drops.is_empty() {
        Piece::plain("drops 0")
    } else {
        Piece::new(Paint::Bad, &format!("drops {}", drops.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_of_what_confines_as_fits_is_shown() {
        let all = ["user nobody", "no capabilities", "landlock", "seccomp"].map(str::to_owned);
        for (columns, shown) in [
            (47, Some("user nobody, no capabilities, landlock, seccomp")),
            (46, Some("user nobody, no capabilities, landlock, +1")),
            (32, Some("user nobody, no capabilities, +2")),
            (31, Some("user nobody, +3")),
            (15, Some("user nobody, +3")),
            (14, None),
            (0, None),
        ] {
            assert_eq!(some_of(&all, columns).as_deref(), shown, "{columns}");
        }
        assert_eq!(some_of(&[], 80), None);
    }
}
