//! How the capture fares, as rows: findings, what happened, inputs, bounds, confinement.
//!
//! Input: a picture. Output: rows in order of interest; the newest of what happened first. Drops are trouble: verdicts
//! may miss packets.

use crate::picture::{Health, Picture};
use crate::verdict::outcome::Outcome;
use crate::verdict::summary::{Capture, Evidence, Summary};
use crate::words::{self, counted, list, number};

/// Messages that are shown: the newest.
const MESSAGES: usize = 200;

/// One thing to know.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    /// What kind of thing it is.
    pub(crate) what: &'static str,
    /// One line, not escaped.
    pub(crate) text: String,
    /// It limits the trust in the verdicts, or is a finding.
    pub(crate) trouble: bool,
    /// Frames that show it.
    pub(crate) evidence: &'a [Evidence],
}

/// All rows.
pub(crate) fn rows(picture: &Picture) -> Vec<Row<'_>> {
    let mut rows = findings(&picture.summary);
    let health = &picture.health;
    if let Some(ended) = &health.ended {
        rows.push(row("ended", ended.clone(), false));
    }
    for message in health.messages.iter().rev().take(MESSAGES) {
        let text = format!("{} {}", crate::words::clock(message.at), message.text);
        rows.push(row("message", text, message.trouble));
    }
    for capture in &picture.summary.captures {
        inputs(capture, &mut rows);
    }
    for (limit, count) in &picture.summary.summary.limits_hit {
        let text = format!(
            "the limit on {limit} was hit {} times: the report is not complete",
            number(*count)
        );
        rows.push(row("limit", text, true));
    }
    rows.push(row("analysis", analysis(health), false));
    let confinement = if health.confinement.is_empty() {
        "nothing: this process may do what its user may".to_owned()
    } else {
        health.confinement.join(", ")
    };
    rows.push(row("confined by", confinement, false));
    rows
}

const fn row(what: &'static str, text: String, trouble: bool) -> Row<'static> {
    Row {
        what,
        text,
        trouble,
        evidence: &[],
    }
}

fn findings(summary: &Summary) -> Vec<Row<'_>> {
    let findings = summary.findings.iter().map(|finding| {
        let clients: Vec<String> = finding.clients.iter().map(ToString::to_string).collect();
        Row {
            what: "finding",
            text: format!(
                "{} ({}): {}",
                finding.code,
                clients.join(", "),
                finding.detail
            ),
            trouble: true,
            evidence: &finding.evidence,
        }
    });
    findings.collect()
}

fn analysis(health: &Health) -> String {
    format!(
        "{}, {} of {} batches wait, {} packets/s, {}/s",
        counted(
            u64::try_from(health.workers).unwrap_or(u64::MAX),
            "thread",
            "threads"
        ),
        health.queued,
        health.queue_room,
        rate(health.packets_per_second),
        bytes(health.bytes_per_second),
    )
}

/// Whole packets a second, with separators.
pub(crate) fn rate(per_second: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and a rate is never negative"
    )]
    let whole = per_second.round() as u64;
    number(whole)
}

/// `312 B`, `4.2 kB`, `1.3 MB`, `2.0 GB`.
fn bytes(count: f64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.into_iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", count / size),
        None => format!("{count:.0} B"),
    }
}

fn inputs(capture: &Capture, rows: &mut Vec<Row<'_>>) {
    let name = source(capture);
    let drops = dropped(capture);
    let text = format!(
        "{name}: {}, dropped {}",
        counted(capture.frames, "frame", "frames"),
        if drops.is_empty() { "none" } else { &drops }
    );
    rows.push(row("capture", text, !drops.is_empty()));
    if let Some(error) = &capture.error {
        rows.push(row("capture", format!("{name}: {error}"), true));
    }
    let remarks = [
        (words::inputs::undecoded(capture), true),
        (words::inputs::truncated(capture), true),
        (words::inputs::copies(capture), false),
    ];
    for (remark, trouble) in remarks {
        if let Some(remark) = remark {
            rows.push(row("capture", format!("{name}: {remark}"), trouble));
        }
    }
}

/// The input's name: the interface, or the file without its folders.
pub(crate) fn source(capture: &Capture) -> &str {
    if let Some(interface) = &capture.interface {
        return interface;
    }
    match capture.path.as_deref() {
        Some("-") => "standard input",
        Some(path) => path.rsplit(['/', '\\']).next().unwrap_or(path),
        None => "capture",
    }
}

/// `12 kernel, 3 pipeline`; empty if nothing was dropped, or nobody counts.
pub(crate) fn dropped(capture: &Capture) -> String {
    let drops = [
        ("kernel", capture.dropped_kernel),
        ("interface", capture.dropped_interface),
        ("pipeline", capture.dropped_pipeline),
    ];
    list(
        drops
            .into_iter()
            .map(|(place, count)| (place, count.unwrap_or(0))),
    )
}

/// What a row counts as in a filter.
pub(crate) const fn outcome(row: &Row<'_>) -> Outcome {
    if row.trouble {
        Outcome::Failed
    } else {
        Outcome::Succeeded
    }
}
