//! What each interface delivered, and what was lost of it.

use std::fmt;

use super::View;
use super::family::Families;
use crate::capture::frame::Timestamp;
use crate::verdict::summary::Capture;

/// A counter of each interface: its name, what it counts, and where its value is.
type Count = (&'static str, &'static str, fn(&Capture) -> u64);

pub(super) fn write(view: &View, families: &mut Families<'_>) -> fmt::Result {
    let captures: Vec<(&str, &Capture)> = view
        .picture
        .summary
        .captures
        .iter()
        .map(|capture| (capture.interface.as_deref().unwrap_or(""), capture))
        .collect();
    let deaf = &view.picture.health.deaf;
    families.gauges(
        "capture_up",
        "Whether the interface can be heard: it is there and up",
        captures.iter().map(|(name, _)| {
            let up = !deaf.iter().any(|other| other == name);
            ([("interface", *name)], u64::from(up))
        }),
    )?;
    let counts: [Count; 4] = [
        ("frames", "Frames captured", |capture| capture.frames),
        (
            "captured_bytes",
            "Bytes of the frames captured",
            |capture| capture.bytes,
        ),
        (
            "truncated_frames",
            "Frames cut by the snap length",
            |capture| capture.truncated,
        ),
        (
            "duplicate_frames",
            "Copies of frames, counted nowhere else",
            |capture| capture.duplicates,
        ),
    ];
    for (name, help, of) in counts {
        let rows = captures.iter();
        families.counters(
            name,
            help,
            rows.map(|(interface, capture)| ([("interface", *interface)], of(capture))),
        )?;
    }
    lost(&captures, families)?;
    families.gauges(
        "last_packet_timestamp_seconds",
        "When the latest frame was captured, in seconds since 1970",
        captures.iter().filter_map(|(interface, capture)| {
            Some(([("interface", *interface)], seconds(capture.last?)))
        }),
    )
}

/// Frames that were not analysed, or not wholly.
fn lost(captures: &[(&str, &Capture)], families: &mut Families<'_>) -> fmt::Result {
    families.counters(
        "dropped_frames",
        "Frames lost before the analysis, by who dropped them",
        captures.iter().flat_map(|(interface, capture)| {
            [
                ("kernel", capture.dropped_kernel),
                ("interface", capture.dropped_interface),
                ("pipeline", capture.dropped_pipeline),
            ]
            .into_iter()
            .filter_map(move |(by, count)| Some(([("interface", *interface), ("by", by)], count?)))
        }),
    )?;
    families.counters(
        "malformed_frames",
        "Frames that could not be decoded, by reason",
        captures.iter().flat_map(|(interface, capture)| {
            capture.malformed.iter().map(move |(reason, count)| {
                (
                    [("interface", *interface), ("reason", reason.as_str())],
                    *count,
                )
            })
        }),
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds are told well enough"
)]
fn seconds(at: Timestamp) -> f64 {
    at.as_nanos() as f64 / 1e9
}
