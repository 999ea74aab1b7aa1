//! The first line: where from, when, how fast, and whether anything was lost.
//!
//! What matters least stands last, and is left out where there is no room.

use crate::capture::frame::Timestamp;
use crate::picture::Picture;
use crate::tui::health::{dropped, rate, source};
use crate::tui::state::State;
use crate::tui::text::{Piece, Pieces, width};
use crate::words::{Paint, clock, counted, length, span};

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
    parts.push(vec![Piece::plain(&frames)]);
    if !health.confinement.is_empty() {
        let whole = vec![Piece::new(Paint::Dim, &health.confinement.join(", "))];
        let used: usize = parts.iter().map(|part| width(part) + 2).sum();
        if used + width(&whole) <= columns {
            parts.push(whole);
        } else {
            parts.push(vec![Piece::new(Paint::Dim, "confined (see Health)")]);
        }
    }
    fitting(parts, columns)
}

/// The parts that fit, two columns apart.
pub(super) fn fitting(parts: Vec<Pieces>, columns: usize) -> Pieces {
    let mut line = Pieces::new();
    for part in parts {
        let gap = if line.is_empty() { 0 } else { 2 };
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
