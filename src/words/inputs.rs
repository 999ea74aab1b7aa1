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
    let undecoded: u64 = capture.malformed.values().sum();
    if undecoded > 0 {
        let reasons = list(
            capture
                .malformed
                .iter()
                .map(|(reason, count)| (reason, *count)),
        );
        let frames = counted(undecoded, "frame", "frames");
        remarks.push(format!("{frames} could not be decoded: {reasons}"));
    }
    if capture.truncated > 0 {
        let frames = counted(capture.truncated, "frame is", "frames are");
        remarks.push(format!("{frames} cut by the snap length of the capture"));
    }
    if capture.duplicates > 0 {
        let copies = counted(capture.duplicates, "frame was", "frames were");
        remarks.push(format!("{copies} captured twice; the copies count nowhere"));
    }
    remarks
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
