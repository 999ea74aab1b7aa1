//! The report as one HTML file, for a ticket or a printer.
//!
//! Input: a summary. Output: a page that is whole in itself: style and script stand in it, a Content-Security-Policy
//! forbids every request and all else that could run, and without the script everything is there to be read.
//!
//! What came off the wire reaches the page in one way: a template (`maud`) escapes it for HTML, then `put` spells what a
//! reader would not see or a page would obey, as the text report does. Templates write no control character of their
//! own, so none can hide.
//!
//! The page is bounded: the worst rows come first, each list has a limit named here, and what is beyond it is counted.

mod attempts;
mod beside;
mod bonjour;
mod captured;
mod dns;
mod filter;
mod head;
mod ladder;
mod processes;
mod required;
mod shapes;
mod timeline;
mod why;

use std::fmt::Display;
use std::io::{self, Write};

use maud::{Markup, html};

use super::listed::Listed;
use crate::verdict::summary::Summary;
use crate::words::made::Made;
use crate::words::sides::Twins;
use crate::words::{self, Times, counted, escape};

/// Rows of required connections.
const ROWS: usize = 2_000;
/// Required connections that are explained.
const EXPLAINED: usize = 200;
/// Ladders of failed attempts at one required connection.
const LADDERS_OF_ONE: usize = 25;
/// Ladders of failed connections that nobody requires; with `--flows all`, every one up to [`LISTED`].
const OTHER_LADDERS: usize = 25;
/// Flows, or questions, of a list that was asked for (`--flows`).
const LISTED: usize = 500;
/// Failed DNS questions.
const QUESTIONS: usize = 200;
/// Findings.
const FINDINGS: usize = 200;
/// Bonjour services.
const SERVICES: usize = 500;
/// Inputs.
const INPUTS: usize = 200;
/// Addresses, identifiers or entries in one cell.
const IN_A_CELL: usize = 16;

/// What all parts of the page look things up in.
struct Report<'a> {
    summary: &'a Summary,
    made: Made<'a>,
    twins: Twins<'a>,
    times: Times,
    listed: Option<Listed>,
}

/// Writes the page; without `listed`, what failed is listed.
///
/// # Errors
/// What the writer says.
pub fn write(summary: &Summary, listed: Option<Listed>, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        summary,
        made: Made::of(summary),
        twins: Twins::of(summary),
        times: Times::over(words::period(summary), summary.captures.len()),
        listed,
    };
    head::write(&report, out)?;
    out.write_all(b"<body>\n")?;
    put(&shapes::definitions(), out)?;
    put(&captured::banner(&report), out)?;
    put(&captured::contents(&report), out)?;
    out.write_all(b"<main id=\"report\">\n")?;
    put(&required::section(&report), out)?;
    put(&beside::findings(&report), out)?;
    put(&dns::section(&report), out)?;
    put(&bonjour::section(&report), out)?;
    put(&processes::section(&report), out)?;
    put(&beside::not_required(&report), out)?;
    put(&captured::section(&report), out)?;
    out.write_all(b"</main>\n")?;
    put(&captured::footer(), out)?;
    head::write_script(out)?;
    out.write_all(b"</body>\n</html>\n")
}

/// Writes a piece of the page with nothing in it that hides or is obeyed.
fn put(markup: &Markup, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(escape::terminal(&markup.0).as_bytes())?;
    out.write_all(b"\n")
}

/// The first of these, and how many more there are.
fn some<T: Display>(values: &[T]) -> String {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    words::some_of(&texts, IN_A_CELL)
}

/// How many are beyond a limit, and where they can be had.
fn rest(more: usize, one: &str, many: &str) -> Markup {
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    html! {
        @if more > 0 {
            p.more { "And " (counted(more, one, many)) " more: too many for a page; " code { "--format json" } " has all of them." }
        }
    }
}

/// A Wireshark display filter, with a button that copies it where the page's script runs.
fn wireshark(filter: &str) -> Markup {
    html! {
        span.filter {
            code { (filter) }
            button.copy type="button" hidden { "Copy" span.vh { " this Wireshark filter" } }
        }
    }
}

/// A part of the page under a heading; its address is told by the table of contents.
fn part(id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (content)
        }
    }
}

/// A table with a name that can be scrolled where it is too wide, by keyboard too.
fn table(caption: &str, columns: &[&str], rows: &Markup) -> Markup {
    html! {
        div.wide role="group" aria-label=(caption) tabindex="0" {
            table {
                caption.vh { (caption) }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                (rows)
            }
        }
    }
}
