//! What was read, whether it can be relied on, and the answer in one line.

use std::io;

use super::words::{
    clock, counted, day, length, list, number, some_of, span as span_words, status,
};
use crate::capture::frame::Timestamp;
use crate::report::page::{Page, Paint};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Capture, Requirement, Summary};

/// Names that the answer lists before it counts.
const NAMES: usize = 4;

/// What was read, and what limits the trust in it.
pub(super) fn inputs(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let inputs: Vec<&str> = summary.captures.iter().map(source).collect();
    let mut facts = vec![format!("windfall {}", env!("CARGO_PKG_VERSION"))];
    match inputs.as_slice() {
        [one] => facts.push((*one).to_owned()),
        several => facts.push(counted(length(several), "capture", "captures")),
    }
    facts.push(counted(summary.summary.frames, "frame", "frames"));
    facts.extend(span(summary).map(period));
    let line = page.line().put(Paint::Strong, &facts.join(" · "));
    page.end(&line)?;
    for capture in &summary.captures {
        if inputs.len() > 1 {
            let line = page.line().to(2).plain(&one_of_several(capture));
            page.end(&line)?;
        }
        remarks(page, capture)?;
    }
    limits(page, summary)
}

fn source(capture: &Capture) -> &str {
    let name = capture.path.as_deref().or(capture.interface.as_deref());
    match name {
        Some("-") => "standard input",
        other => other.unwrap_or("capture"),
    }
}

/// Time of the first and the last frame over all inputs.
pub(super) fn span(summary: &Summary) -> Option<(Timestamp, Timestamp)> {
    let first = summary
        .captures
        .iter()
        .filter_map(|capture| capture.first)
        .min()?;
    let last = summary
        .captures
        .iter()
        .filter_map(|capture| capture.last)
        .max()?;
    Some((first, last))
}

fn period((first, last): (Timestamp, Timestamp)) -> String {
    let until = if day(first) == day(last) {
        clock(last)
    } else {
        format!("{} {}", day(last), clock(last))
    };
    let length = span_words(last.since(first));
    format!("{} {}–{until} UTC ({length})", day(first), clock(first))
}

fn one_of_several(capture: &Capture) -> String {
    let mut facts = vec![source(capture).to_owned()];
    facts.push(counted(capture.frames, "frame", "frames"));
    facts.extend(capture.first.zip(capture.last).map(period));
    facts.join(" · ")
}

/// What limits the trust in a capture.
fn remarks(page: &mut Page<'_>, capture: &Capture) -> io::Result<()> {
    if let Some(error) = &capture.error {
        let line = page.line().to(2).put(Paint::Bad, "!").plain(" ");
        page.paragraph(line, Paint::Bad, error)?;
    }
    let dropped = [
        (capture.dropped_kernel, "dropped by the kernel"),
        (capture.dropped_interface, "dropped by the interface"),
        (capture.dropped_pipeline, "dropped before analysis"),
    ];
    for (count, what) in dropped {
        if let Some(count) = count.filter(|count| *count > 0) {
            let frames = counted(count, "frame was", "frames were");
            remark(
                page,
                &format!("{frames} {what}: some verdicts may miss packets"),
            )?;
        }
    }
    let undecoded: u64 = capture.malformed.values().sum();
    if undecoded > 0 {
        let reasons = list(
            capture
                .malformed
                .iter()
                .map(|(reason, count)| (reason, *count)),
        );
        let frames = counted(undecoded, "frame", "frames");
        remark(page, &format!("{frames} could not be decoded: {reasons}"))?;
    }
    if capture.truncated > 0 {
        let frames = counted(capture.truncated, "frame is", "frames are");
        remark(
            page,
            &format!("{frames} cut by the snap length of the capture"),
        )?;
    }
    if capture.duplicates > 0 {
        let copies = counted(capture.duplicates, "frame was", "frames were");
        remark(
            page,
            &format!("{copies} captured twice; the copies count nowhere"),
        )?;
    }
    Ok(())
}

fn remark(page: &mut Page<'_>, text: &str) -> io::Result<()> {
    let line = page.line().to(2).plain("! ");
    page.paragraph(line, Paint::Plain, text)
}

fn limits(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    for (limit, count) in &summary.summary.limits_hit {
        let text = format!(
            "the limit on {limit} was hit {} times: the report is not complete",
            number(*count)
        );
        remark(page, &text)?;
    }
    Ok(())
}

/// The one line that a person in a hurry reads.
pub(super) fn answer(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let tried: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.client.is_some())
        .collect();
    let with = |wanted: Status| {
        let rows: Vec<&Requirement> = tried
            .iter()
            .copied()
            .filter(|row| row.status == wanted && !(row.optional && wanted == Status::Failing))
            .collect();
        rows
    };
    let [failing, flaky, degraded, ok] =
        [Status::Failing, Status::Flaky, Status::Degraded, Status::Ok].map(with);
    let shaky: Vec<String> = [(&flaky, "flaky"), (&degraded, "degraded")]
        .into_iter()
        .filter(|(rows, _)| !rows.is_empty())
        .map(|(rows, word)| format!("{} {word} ({})", rows.len(), names(rows)))
        .collect();
    let (state, mut text) = if !failing.is_empty() {
        let connections = counted(
            length(&failing),
            "required connection is failing",
            "required connections are failing",
        );
        (
            Status::Failing,
            format!("{connections}: {}", names(&failing)),
        )
    } else if !shaky.is_empty() {
        (Status::Degraded, "nothing required is failing".to_owned())
    } else if !ok.is_empty() {
        let text = format!(
            "nothing required is failing; {} ok",
            counted(
                length(&ok),
                "required connection is",
                "required connections are"
            )
        );
        (Status::Ok, text)
    } else if tried.is_empty() {
        let text =
            "no attempt at a required host was seen, so this capture proves nothing about them";
        (Status::NotSeen, text.to_owned())
    } else {
        let text = "no attempt at a required host could be judged, so this capture proves nothing about them";
        (Status::Unjudged, text.to_owned())
    };
    if !shaky.is_empty() {
        text = format!("{text}; {}", shaky.join(", "));
    }
    page.blank()?;
    let (glyph, paint) = status(state);
    let line = page.line().put(paint, glyph).plain(" ");
    page.paragraph(line, Paint::Strong, &text)
}

fn names(rows: &[&Requirement]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.pattern.as_str()) {
            names.push(&row.pattern);
        }
    }
    some_of(&names, NAMES)
}
