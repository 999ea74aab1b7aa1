//! What was read, and what limits the trust in it, in words.

use super::{clock, counted, day, list, number, span};
use crate::capture::frame::Timestamp;
use crate::verdict::summary::{Capture, Summary};

/// Which file or interface it is.
#[must_use]
pub fn source(capture: &Capture) -> &str {
    let name = capture.path.as_deref().or(capture.interface.as_deref());
    match name {
        Some("-") => "standard input",
        other => other.unwrap_or("capture"),
    }
}

/// `2026-11-25 10:36:13–10:37:17 UTC (63 s)`.
#[must_use]
pub fn between((first, last): (Timestamp, Timestamp)) -> String {
    let until = if day(first) == day(last) {
        clock(last)
    } else {
        format!("{} {}", day(last), clock(last))
    };
    let length = span(last.since(first));
    format!("{} {}–{until} UTC ({length})", day(first), clock(first))
}

/// What limits the trust in a capture, beside an error while it was read.
#[must_use]
pub fn remarks(capture: &Capture) -> Vec<String> {
    let mut remarks = Vec::new();
    let dropped = [
        (capture.dropped_kernel, "dropped by the kernel"),
        (capture.dropped_interface, "dropped by the interface"),
        (capture.dropped_pipeline, "dropped before analysis"),
    ];
    for (count, what) in dropped {
        if let Some(count) = count.filter(|count| *count > 0) {
            let frames = counted(count, "frame was", "frames were");
            remarks.push(format!("{frames} {what}: some verdicts may miss packets"));
        }
    }
    remarks.extend(undecoded(capture));
    remarks.extend(truncated(capture));
    remarks.extend(copies(capture));
    remarks
}

/// Frames that could not be decoded, and why.
#[must_use]
pub fn undecoded(capture: &Capture) -> Option<String> {
    let count: u64 = capture.malformed.values().sum();
    let each = capture.malformed.iter();
    let reasons = list(each.map(|(reason, count)| (reason, *count)));
    let frames = counted(count, "frame", "frames");
    (count > 0).then(|| format!("{frames} could not be decoded: {reasons}"))
}

/// Frames that are not whole.
#[must_use]
pub fn truncated(capture: &Capture) -> Option<String> {
    let frames = counted(capture.truncated, "frame is", "frames are");
    let cut = capture.truncated > 0;
    cut.then(|| format!("{frames} cut by the snap length of the capture"))
}

/// Frames that came twice.
#[must_use]
pub fn copies(capture: &Capture) -> Option<String> {
    let frames = counted(capture.duplicates, "frame was", "frames were");
    let twice = capture.duplicates > 0;
    twice.then(|| format!("{frames} captured twice; the copies count nowhere"))
}

/// The bounds that were hit.
#[must_use]
pub fn limits(summary: &Summary) -> Vec<String> {
    let limits = summary.summary.limits_hit.iter().map(|(limit, count)| {
        format!(
            "the limit on {limit} was hit {} times: the report is not complete",
            number(*count)
        )
    });
    limits.collect()
}
