//! Text in columns: escaped, cut and wrapped as a terminal counts columns.
//!
//! Input: any text, off the wire too. Output: [`Piece`]s that hold nothing a terminal obeys, and lines of them. Widths
//! are those of Unicode Standard Annex 11; text is cut between grapheme clusters (Annex 29), never within one.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::words::{Paint, escape};

/// Text of one look. Made through [`Piece::new`], so that no text escapes the escaping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    text: String,
    pub(crate) paint: Paint,
    /// Shown with foreground and background exchanged.
    pub(crate) reverse: bool,
}

impl Piece {
    pub(crate) fn new(paint: Paint, text: &str) -> Self {
        Self {
            text: escape::terminal(text).into_owned(),
            paint,
            reverse: false,
        }
    }

    pub(crate) fn plain(text: &str) -> Self {
        Self::new(Paint::Plain, text)
    }

    pub(crate) fn reversed(paint: Paint, text: &str) -> Self {
        Self {
            reverse: true,
            ..Self::new(paint, text)
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn width(&self) -> usize {
        self.text.width()
    }
}

/// Pieces beside each other.
pub(crate) type Pieces = Vec<Piece>;

/// Columns of pieces beside each other.
pub(crate) fn width(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::width).sum()
}

/// Columns of text that is escaped already.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// At most so many columns of escaped text; what is cut ends with `…`.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.width() <= most {
        return Cow::Borrowed(text);
    }
    let Some(room) = most.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut cut = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used > room {
            break;
        }
        cut.push_str(cluster);
    }
    cut.push('…');
    Cow::Owned(cut)
}

/// Breaks text at spaces into lines of at most so many columns; a longer word is broken where the line ends.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let safe = escape::terminal(text);
    let most = most.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in safe.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() > most {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for cluster in word.graphemes(true) {
            if !line.is_empty() && line.width() + cluster.width() > most {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(cluster);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Lines of text below each other, the first after a label, the others below its text.
pub(crate) fn labelled(label: &str, paint: Paint, text: &str, most: usize) -> Vec<Pieces> {
    let indent = label.width();
    wrap(text, most.saturating_sub(indent))
        .into_iter()
        .enumerate()
        .map(|(at, line)| {
            let lead = if at == 0 {
                Piece::new(Paint::Strong, label)
            } else {
                Piece::plain(&" ".repeat(indent))
            };
            vec![lead, Piece::new(paint, &line)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_between_clusters() {
        for (text, most, cut_text) in [
            ("gs.apple.com", 12, "gs.apple.com"),
            ("gs.apple.com", 5, "gs.a…"),
            ("居間のテレビ", 6, "居間…"),
            ("居間のテレビ", 5, "居間…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("🇩🇪🇩🇪", 3, "🇩🇪…"),
            ("مرحبا", 4, "مرح…"),
            ("x", 0, ""),
        ] {
            let shown = cut(text, most);
            assert_eq!(shown, cut_text, "{text} in {most}");
            assert!(shown.width() <= most);
        }
    }

    #[test]
    fn lines_are_wrapped_at_spaces_and_long_words_at_the_margin() {
        assert_eq!(
            wrap("a RST followed the hello", 10),
            ["a RST", "followed", "the hello"]
        );
        assert_eq!(wrap("2001:db8:7::20", 6), ["2001:d", "b8:7::", "20"]);
        assert_eq!(wrap("居間のテレビ", 5), ["居間", "のテ", "レビ"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a\u{1b}[2Jb", 20), ["a\\x1b[2Jb"]);
    }
}
