//! Every key, from the table of the keys.

use ratatui::layout::Size;

use crate::tui::keys::{BINDINGS, Binding};
use crate::tui::text::{Piece, Pieces};
use crate::words::Paint;

/// Columns of the keys.
const KEYS: usize = 12;

/// Lines of help that fit.
pub(crate) const fn height(size: Size) -> u16 {
    // The frame's two lines.
    size.height.saturating_sub(2)
}

pub(crate) fn lines(playback: bool) -> Vec<Pieces> {
    let mut lines: Vec<Pieces> = BINDINGS
        .iter()
        .filter(|binding| !binding.playback)
        .map(line)
        .collect();
    lines.push(plain(
        "click selects, a second click opens; the wheel scrolls",
    ));
    lines.push(plain(
        "Shift with the mouse selects text, in most terminals",
    ));
    lines.push(Pieces::new());
    lines.push(vec![Piece::new(
        Paint::Strong,
        if playback {
            "replay"
        } else {
            "replay (replay --tui)"
        },
    )]);
    lines.extend(BINDINGS.iter().filter(|binding| binding.playback).map(line));
    lines.push(plain("click on the timeline goes there"));
    lines.push(Pieces::new());
    lines.push(vec![Piece::new(Paint::Strong, "filter")]);
    lines.push(plain("status:failing client:192.168.7.20 host:*.apple.com"));
    lines.push(plain(
        "port:443 cause:reset origin:middlebox words -without",
    ));
    lines.push(Pieces::new());
    lines.push(plain(
        "✗ failing  ~ in part  ✓ works  · not known, or not tried",
    ));
    lines.push(plain(
        "a second or more: █ failed  ▄ both  ▁ worked  · nothing",
    ));
    lines
}

fn line(binding: &Binding) -> Pieces {
    vec![
        Piece::new(Paint::Strong, &format!("{:<KEYS$}", binding.label())),
        Piece::plain(binding.help),
    ]
}

fn plain(text: &str) -> Pieces {
    vec![Piece::new(Paint::Dim, text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_the_help() {
        for playback in [false, true] {
            let lines = lines(playback);
            for binding in BINDINGS {
                let found = lines.iter().any(|line| {
                    let [keys, help] = line.as_slice() else {
                        return false;
                    };
                    keys.text().trim_end() == binding.label() && help.text() == binding.help
                });
                assert!(found, "{binding:?}");
                assert!(!binding.label().is_empty());
            }
        }
    }
}
