//! What was read, whether it can be relied on, and the answer in one line.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::capture::frame::Timestamp;
use crate::report::page::{Page, Paint};
use crate::verdict::outcome::Status;
use crate::verdict::summary::{Capture, Client, Requirement, Summary};
use crate::words::{
    clock, counted, day, length, list, number, period as captured, some_of, span as span_words,
    status,
};

/// Names and devices that the answer lists before it counts.
const NAMES: usize = 4;
const DEVICES: usize = 3;

/// What was read, and what limits the trust in it.
pub(super) fn inputs(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let inputs: Vec<&str> = summary.captures.iter().map(source).collect();
    let mut facts = vec![format!("windfall {}", env!("CARGO_PKG_VERSION"))];
    match inputs.as_slice() {
        [one] => facts.push((*one).to_owned()),
        several => facts.push(counted(length(several), "file", "files")),
    }
    facts.push(counted(summary.summary.frames, "frame", "frames"));
    facts.extend(captured(summary).map(period));
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
    limits(page, summary)
}

fn source(capture: &Capture) -> &str {
    let name = capture.path.as_deref().or(capture.interface.as_deref());
    match name {
        Some("-") => "standard input",
        other => other.unwrap_or("capture"),
    }
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

/// The lines that a person in a hurry reads.
pub(super) fn answer(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let tried: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.client.is_some() && !(row.optional && row.status == Status::Failing))
        .collect();
    let with = |wanted: Status| -> Vec<&Requirement> {
        let rows = tried.iter().copied();
        rows.filter(|row| row.status == wanted).collect()
    };
    let [failing, flaky, degraded, ok] =
        [Status::Failing, Status::Flaky, Status::Degraded, Status::Ok].map(with);
    let open = length(&with(Status::Pending)) + length(&with(Status::Unjudged));
    let mut lines = vec![if !failing.is_empty() {
        let text = format!(
            "{} failing: {}",
            connections(&failing),
            names(&failing, summary)
        );
        (Status::Failing, text)
    } else if !(ok.is_empty() && flaky.is_empty() && degraded.is_empty()) {
        (Status::Ok, "nothing required is failing".to_owned())
    } else if tried.is_empty() {
        let text = "no attempt at a required host was seen: this capture proves nothing about them";
        (Status::NotSeen, text.to_owned())
    } else {
        let text =
            "no attempt at a required host could be judged: this capture proves nothing about them";
        (Status::Unjudged, text.to_owned())
    }];
    for (rows, status) in [(&flaky, Status::Flaky), (&degraded, Status::Degraded)] {
        if !rows.is_empty() {
            let text = format!("{} {status}: {}", connections(rows), names(rows, summary));
            lines.push((status, text));
        }
    }
    if !ok.is_empty() {
        lines.push((Status::Ok, format!("{} ok", connections(&ok))));
    }
    if open > 0 && lines.len() > 1 {
        lines.push((
            Status::Unjudged,
            format!("{} could not be judged", number(open)),
        ));
    }
    page.blank()?;
    for (state, text) in lines {
        let (glyph, paint) = status(state);
        let line = page.line().put(paint, glyph).plain(" ");
        page.paragraph(line, Paint::Strong, &text)?;
    }
    beside(page, summary)
}

/// What the requirements do not show and a person should not miss.
fn beside(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let codes: BTreeSet<&str> = summary
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    if codes.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = codes.into_iter().collect();
    let findings = counted(length(&summary.findings), "finding", "findings");
    let line = page.line().put(Paint::Warn, "!").plain(" ");
    let text = format!("{findings}, see below: {}", codes.join(", "));
    page.paragraph(line, Paint::Strong, &text)
}

fn connections(rows: &[&Requirement]) -> String {
    counted(
        length(rows),
        "required connection is",
        "required connections are",
    )
}

/// The hosts of these rows; by device where the capture shows several.
fn names(rows: &[&Requirement], summary: &Summary) -> String {
    let clients: BTreeSet<&Client> = summary
        .requirements
        .iter()
        .filter_map(|row| row.client.as_ref())
        .collect();
    if clients.len() <= 1 {
        let patterns: Vec<&str> = rows.iter().map(|row| row.pattern.as_str()).collect();
        return some_of(&patterns, NAMES);
    }
    let mut by_client: BTreeMap<&Client, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(client) = &row.client {
            by_client.entry(client).or_default().push(&row.pattern);
        }
    }
    let texts: Vec<String> = by_client
        .into_iter()
        .map(|(client, patterns)| {
            let address = client
                .addresses
                .first()
                .map_or_else(String::new, ToString::to_string);
            format!("{} ({address})", some_of(&patterns, NAMES))
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    some_of(&texts, DEVICES)
}
