//! Makes text off the wire harmless: the one place for each output.
//!
//! Input: any text. Output: for the terminal, text without control characters, escape sequences, bidirectional
//! overrides or invisible characters (they show as `\x1b`, `\u{202e}`); for CSV, a cell that no spreadsheet takes for a
//! formula; for JSON, which characters to write as `\u` sequences. Backslashes stay single: names spell odd bytes with
//! them already (RFC 1035 section 5.1), and a backslash by itself does nothing to a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// Marks that may follow one letter. Vietnamese needs two; more of them are there to overprint other lines.
const MARKS_A_LETTER: u32 = 2;

/// Printable ASCII alone: nearly all text there is, and told without taking it apart into characters.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Text that a terminal shows and never obeys, on one line.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    // Marks since the last letter; a mark that opens the text would join whatever stands before it.
    let mut marks = MARKS_A_LETTER;
    for char in text.chars() {
        let is_mark = char.width() == Some(0);
        let excess = is_mark && marks >= MARKS_A_LETTER;
        if is_hidden(char) || excess {
            spell(char, &mut safe);
            marks = 0;
        } else {
            safe.push(char);
            marks = if is_mark { marks + 1 } else { 0 };
        }
    }
    Cow::Owned(safe)
}

/// `\x1b` for ASCII, `\u{202e}` for the rest.
fn spell(char: char, text: &mut String) {
    // Writing to a String never fails.
    let _ = if char.is_ascii() {
        write!(text, "\\x{:02x}", u32::from(char))
    } else {
        write!(text, "\\u{{{:x}}}", u32::from(char))
    };
}

/// A character that a terminal obeys instead of showing it, or that shows nothing and so hides a difference.
#[must_use]
pub fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            // Soft hyphen, combining grapheme joiner, Arabic letter mark.
            '\u{ad}' | '\u{34f}' | '\u{61c}'
            // Hangul and Khmer characters without a shape, Mongolian separators.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            // Zero-width space and joiners, direction marks; line and paragraph separators, bidirectional embeddings
            // and overrides; invisible operators, isolates and the deprecated controls.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{ffa0}'
            // Variation selectors, byte order mark, interlinear annotations.
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            // Shorthand and musical format controls, tags.
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A cell of a CSV file. Spreadsheets take a cell that begins with one of these signs for a formula, quoted or not; an
/// apostrophe before it says that it is text (OWASP, CSV injection).
#[must_use]
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let safe = terminal(text);
    let first = safe.trim_start().chars().next();
    if matches!(
        first,
        Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠')
    ) {
        Cow::Owned(format!("'{safe}"))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing() {
        for (text, shown) in [
            ("gs.apple.com", "gs.apple.com"),
            ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
            ("a\nb\r\tc\x7f", "a\\x0ab\\x0d\\x09c\\x7f"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("moc.\u{202e}elppa", "moc.\\u{202e}elppa"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("gs\u{200b}.apple.com", "gs\\u{200b}.apple.com"),
            ("\u{e0041}", "\\u{e0041}"),
            ("Jan’s iPhone", "Jan’s iPhone"),
            ("居間", "居間"),
        ] {
            assert_eq!(terminal(text), shown, "{text:?}");
        }
    }

    #[test]
    fn letters_keep_their_marks_but_never_a_heap_of_them() {
        assert_eq!(terminal("e\u{301}"), "e\u{301}");
        assert_eq!(terminal("e\u{323}\u{302}"), "e\u{323}\u{302}");
        assert_eq!(
            terminal("e\u{301}\u{301}\u{301}"),
            "e\u{301}\u{301}\\u{301}"
        );
        assert_eq!(terminal("\u{301}e"), "\\u{301}e");
    }

    #[test]
    fn every_control_and_invisible_character_is_spelt() {
        for char in ('\0'..=char::MAX).filter(|char| is_hidden(*char)) {
            let text = format!("a{char}b");
            let shown = terminal(&text);
            assert!(!shown.contains(char), "{:x}", u32::from(char));
        }
    }

    #[test]
    fn a_spreadsheet_computes_nothing() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "|x", "%x"] {
            assert!(csv_cell(text).starts_with('\''), "{text}");
        }
        assert_eq!(csv_cell("\t=1"), "\\x09=1");
        assert_eq!(csv_cell("*.itunes.apple.com"), "*.itunes.apple.com");
        assert_eq!(csv_cell(""), "");
    }
}
