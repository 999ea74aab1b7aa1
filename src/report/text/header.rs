//! What was read, whether it can be relied on, and the answer in one line.

use std::io;

use crate::report::page::{Page, Paint};
use crate::verdict::summary::{Capture, Summary};
use crate::words::inputs::{between, limits, remarks as remarks_of, source};
use crate::words::{answer, counted, length, period as captured, status};

/// What was read, and what limits the trust in it.
pub(super) fn inputs(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let inputs: Vec<&str> = summary.captures.iter().map(source).collect();
    let mut facts = vec![format!("windfall {}", env!("CARGO_PKG_VERSION"))];
    match inputs.as_slice() {
        [one] => facts.push((*one).to_owned()),
        several => facts.push(counted(length(several), "file", "files")),
    }
    facts.push(counted(summary.summary.frames, "frame", "frames"));
    facts.extend(captured(summary).map(between));
    let line = page.line().put(Paint::Strong, &facts.join(" · "));
    page.end(&line)?;
    for (at, capture) in summary.captures.iter().enumerate() {
        if inputs.len() > 1 {
            let line = page
                .line()
                .put(Paint::Dim, &format!("  file {}  ", at + 1))
                .plain(&one_of_several(capture));
            page.end(&line)?;
        }
        remarks(page, capture)?;
    }
    limits(summary)
        .iter()
        .try_for_each(|text| remark(page, text))
}

fn one_of_several(capture: &Capture) -> String {
    let mut facts = vec![source(capture).to_owned()];
    facts.push(counted(capture.frames, "frame", "frames"));
    facts.extend(capture.first.zip(capture.last).map(between));
    facts.join(" · ")
}

/// What limits the trust in a capture.
fn remarks(page: &mut Page<'_>, capture: &Capture) -> io::Result<()> {
    if let Some(error) = &capture.error {
        let line = page.line().to(2).put(Paint::Bad, "!").plain(" ");
        page.paragraph(line, Paint::Bad, error)?;
    }
    remarks_of(capture)
        .iter()
        .try_for_each(|text| remark(page, text))
}

fn remark(page: &mut Page<'_>, text: &str) -> io::Result<()> {
    let line = page.line().to(2).plain("! ");
    page.paragraph(line, Paint::Plain, text)
}

/// The lines that a person in a hurry reads.
pub(super) fn answer(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    page.blank()?;
    for (state, text) in answer::lines(summary) {
        let (glyph, paint) = status(state);
        let line = page.line().put(paint, glyph).plain(" ");
        page.paragraph(line, Paint::Strong, &text)?;
    }
    let Some(beside) = answer::beside(summary) else {
        return Ok(());
    };
    let line = page.line().put(Paint::Warn, "!").plain(" ");
    page.paragraph(line, Paint::Strong, &beside)
}
