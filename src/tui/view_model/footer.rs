//! The last line: the filter being typed, what just happened, or the keys that help further.

use std::time::Duration;

use super::header::fitting;
use crate::tui::keys::{Action, BINDINGS};
use crate::tui::state::{Mode, State};
use crate::tui::text::{Piece, Pieces, width};
use crate::words::{Paint, clock};

/// A message is news for this much capture time.
const NEWS: Duration = Duration::from_secs(10);

/// The line, and where the cursor stands in it.
pub(super) fn footer(state: &State, columns: usize) -> (Pieces, Option<usize>) {
    if let Mode::Filter(_) = state.mode {
        return typing(state, columns);
    }
    let mut parts = Vec::new();
    if let Some(note) = &state.note {
        parts.push(vec![Piece::new(Paint::Strong, note)]);
        return (fitting(parts, columns), None);
    }
    let (trouble, message) = message(state);
    parts.extend(trouble);
    if !state.filter.is_empty() {
        let text = format!(
            "/{} ({} shown, Esc shows all)",
            state.line,
            state.listed.len()
        );
        parts.push(vec![Piece::new(Paint::Warn, &text)]);
    } else if state.only_failing {
        parts.push(vec![Piece::new(Paint::Warn, "only failing (f shows all)")]);
    }
    parts.extend(message);
    if let Some(ended) = state
        .latest
        .health
        .ended
        .as_ref()
        .filter(|why| !why.is_empty())
    {
        parts.push(vec![Piece::new(Paint::Strong, &format!("ended: {ended}"))]);
    }
    parts.extend(hints(state));
    (fitting(parts, columns), None)
}

/// The latest message. Trouble comes before everything else while it is news; what went well must not hide that a
/// filter hides rows.
fn message(state: &State) -> (Option<Pieces>, Option<Pieces>) {
    let Some(message) = state.latest.health.messages.last() else {
        return (None, None);
    };
    let paint = if message.trouble {
        Paint::Bad
    } else {
        Paint::Strong
    };
    let text = format!("{} {}", clock(message.at), message.text);
    let told = Some(vec![Piece::new(paint, &text)]);
    if message.trouble && state.latest.now.since(message.at) <= NEWS {
        (told, None)
    } else {
        (None, told)
    }
}

fn typing(state: &State, columns: usize) -> (Pieces, Option<usize>) {
    // The end of a long line is where it grows.
    let room = columns.saturating_sub(2);
    let mut line = Piece::plain(&state.line);
    let mut start = state.line.as_str();
    while line.width() > room {
        let mut letters = start.chars();
        letters.next();
        start = letters.as_str();
        line = Piece::plain(start);
    }
    let mut pieces = vec![Piece::new(Paint::Strong, "/"), line];
    let cursor = width(&pieces);
    let told = match &state.filter_error {
        Some(error) => Piece::new(Paint::Bad, &format!("   {error}")),
        None => Piece::new(
            Paint::Dim,
            &format!(
                "   {} shown · status: client: host: port: cause: · Enter keeps, Esc drops",
                state.listed.len()
            ),
        ),
    };
    pieces.push(told);
    (pieces, Some(cursor))
}

/// `? help`, for the keys that are worth a place here.
fn hints(state: &State) -> impl Iterator<Item = Pieces> {
    let back = (state.mode == Mode::Detail).then(|| hint("Esc", "back"));
    let playback = state
        .playback()
        .is_some()
        .then(|| hint("Space", "play/pause"));
    let listed = BINDINGS
        .iter()
        .filter(|binding| state.mode != Mode::Detail || binding.action != Action::Open)
        .filter_map(|binding| {
            let label = binding.label();
            // The first of its keys is enough here.
            Some(hint(label.split(' ').next()?, binding.hint?))
        });
    back.into_iter().chain(playback).chain(listed)
}

fn hint(key: &str, word: &str) -> Pieces {
    vec![
        Piece::new(Paint::Strong, key),
        Piece::new(Paint::Dim, &format!(" {word}")),
    ]
}
