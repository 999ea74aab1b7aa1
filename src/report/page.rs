//! Lines of text with columns and colour.
//!
//! Everything that is put on a [`Line`] passes the terminal escape here, so no section can forget it. Columns are
//! counted as a terminal shows them (Unicode Standard Annex 11). Prose is wrapped at 100 columns; what must be pasted is
//! never broken.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

pub use crate::words::Paint;
use crate::words::escape;

/// Columns of prose: fits a ticket and half a wide screen, and does not depend on the terminal, so that a report looks
/// the same wherever it is read.
const WIDTH: usize = 100;

/// Select Graphic Rendition parameters (ECMA-48 8.3.117).
const fn code(paint: Paint) -> Option<&'static str> {
    match paint {
        Paint::Plain => None,
        Paint::Strong => Some("1"),
        Paint::Dim => Some("2"),
        Paint::Good => Some("32"),
        Paint::Warn => Some("33"),
        Paint::Bad => Some("1;31"),
    }
}

/// One line under construction.
pub struct Line {
    text: String,
    /// Columns used.
    width: usize,
    /// Where the next piece begins, if that is further.
    column: usize,
    colour: bool,
}

impl Line {
    /// Adds a piece.
    #[must_use]
    pub fn put(mut self, paint: Paint, text: &str) -> Self {
        let safe = escape::terminal(text);
        if safe.is_empty() {
            return self;
        }
        while self.width < self.column {
            self.text.push(' ');
            self.width += 1;
        }
        self.width += safe.width();
        match code(paint).filter(|_| self.colour) {
            Some(code) => {
                self.text.push_str("\x1b[");
                self.text.push_str(code);
                self.text.push('m');
                self.text.push_str(&safe);
                self.text.push_str("\x1b[0m");
            }
            None => self.text.push_str(&safe),
        }
        self
    }

    /// Adds a plain piece.
    #[must_use]
    pub fn plain(self, text: &str) -> Self {
        self.put(Paint::Plain, text)
    }

    /// Lets the next piece begin at this column, or two columns on where the line has come further.
    #[must_use]
    pub fn to(mut self, column: usize) -> Self {
        self.column = if self.width == 0 {
            column
        } else {
            column.max(self.width + 2)
        };
        self
    }
}

/// Where the report is written.
pub struct Page<'w> {
    out: &'w mut dyn Write,
    colour: bool,
}

impl<'w> Page<'w> {
    /// A page on this writer.
    pub fn new(out: &'w mut dyn Write, colour: bool) -> Self {
        Self { out, colour }
    }

    /// A new, empty line.
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            text: String::new(),
            width: 0,
            column: 0,
            colour: self.colour,
        }
    }

    /// Writes the line.
    ///
    /// # Errors
    /// What the writer says.
    pub fn end(&mut self, line: &Line) -> io::Result<()> {
        self.out.write_all(line.text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes an empty line.
    ///
    /// # Errors
    /// What the writer says.
    pub fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Writes a heading with a remark.
    ///
    /// # Errors
    /// What the writer says.
    pub fn heading(&mut self, title: &str, remark: &str) -> io::Result<()> {
        self.blank()?;
        let line = self.line().put(Paint::Strong, title);
        let indent = line.width + 2;
        let line = line.to(indent);
        self.paragraph(line, Paint::Plain, remark)
    }

    /// Goes on with the line in words, and breaks them at the page's width; the lines that follow begin below the first
    /// word.
    ///
    /// # Errors
    /// What the writer says.
    pub fn paragraph(&mut self, line: Line, paint: Paint, text: &str) -> io::Result<()> {
        let indent = line.width.max(line.column);
        let mut line = line;
        let mut words = String::new();
        for word in text.split_ascii_whitespace() {
            let used = indent + escape::terminal(&words).width();
            let wide = used + 1 + escape::terminal(word).width();
            if !words.is_empty() && wide > WIDTH {
                self.end(&line.put(paint, &words))?;
                line = self.line().to(indent);
                words.clear();
            }
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        self.end(&line.put(paint, &words))
    }
}

/// Columns that a terminal needs for this text.
#[must_use]
pub fn columns(text: &str) -> usize {
    escape::terminal(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(colour: bool, write: impl FnOnce(&mut Page<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Page::new(&mut out, colour));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_count_what_a_terminal_shows() {
        let text = written(false, |page| {
            for name in ["gs", "居間", "\x1b"] {
                let line = page.line().plain(name).to(6).plain("|");
                page.end(&line).unwrap();
            }
        });
        assert_eq!(text, "gs    |\n居間  |\n\\x1b  |\n");
    }

    #[test]
    fn colour_is_all_that_colour_adds() {
        let write = |page: &mut Page<'_>| {
            let line = page.line().put(Paint::Bad, "✗").to(4).plain("x");
            page.end(&line).unwrap();
        };
        assert_eq!(written(false, write), "✗   x\n");
        assert_eq!(written(true, write), "\x1b[1;31m✗\x1b[0m   x\n");
    }

    #[test]
    fn prose_hangs_below_its_first_word_and_long_words_stay_whole() {
        let long = "y".repeat(120);
        let text = written(false, |page| {
            let line = page.line().plain("WHY").to(5);
            let words = format!("{} {long} z", "x ".repeat(60).trim_end());
            page.paragraph(line, Paint::Plain, &words).unwrap();
        });
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("WHY  x x"), "{text}");
        assert!(lines[0].len() <= WIDTH, "{text}");
        assert!(lines[1..].iter().all(|line| line.starts_with("     ")));
        assert!(text.contains(&long));
        assert!(text.ends_with(" z\n"), "{text}");
    }
}
