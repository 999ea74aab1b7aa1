//! The report for people, who read it during an outage.
//!
//! Top down: what was read, the one line that answers the question, then for each device its required connections with
//! why and what to do, then everything else in counts. Every state can be told without colour. Sections with nothing to
//! say are left out; counts are taken from everything, listed or not. Times are UTC.

mod beside;
mod bonjour;
mod header;
mod lists;
mod processes;
mod requirements;
mod why;

use std::io::{self, Write};

use super::listed::Listed;
use super::page::Page;
use crate::verdict::summary::Summary;
use crate::words::made::Made;
use crate::words::{self, Times};

/// Flows, and questions, that are listed if nobody asked for a list: enough to see what is meant, few enough to read.
const FEW: usize = 12;

/// Writes the report; without `listed`, the first of what failed is listed.
///
/// # Errors
/// What the writer says.
pub fn write(
    summary: &Summary,
    listed: Option<Listed>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(out, colour);
    let times = Times::over(words::period(summary), summary.captures.len());
    let made = Made::of(summary);
    let most = listed.map_or(FEW, |_| usize::MAX);
    let listed = listed.unwrap_or(Listed::Failing);
    header::inputs(&mut page, summary)?;
    header::answer(&mut page, summary)?;
    requirements::write(&mut page, summary, &made, listed, times)?;
    beside::findings(&mut page, summary, times)?;
    processes::write(&mut page, summary)?;
    bonjour::write(&mut page, summary, most)?;
    beside::by_port(&mut page, summary)?;
    beside::not_required(&mut page, summary, listed)?;
    beside::not_counted(&mut page, summary)?;
    lists::questions(&mut page, summary, listed, most, times)?;
    lists::flows(&mut page, summary, listed, most, times)
}

/// Writes what was read and the answer alone.
///
/// # Errors
/// What the writer says.
pub fn write_answer(summary: &Summary, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, colour);
    header::inputs(&mut page, summary)?;
    header::answer(&mut page, summary)
}

/// Writes what was read and the findings alone.
///
/// # Errors
/// What the writer says.
pub fn write_findings(summary: &Summary, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, colour);
    let times = Times::over(words::period(summary), summary.captures.len());
    header::inputs(&mut page, summary)?;
    beside::findings(&mut page, summary, times)
}

/// Writes what was read and the requirements alone, those that nobody tried by name.
///
/// # Errors
/// What the writer says.
pub fn write_requirements(summary: &Summary, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, colour);
    let times = Times::over(words::period(summary), summary.captures.len());
    header::inputs(&mut page, summary)?;
    requirements::write(&mut page, summary, &Made::of(summary), Listed::All, times)
}
