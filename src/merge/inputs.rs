//! The captures of all reports, in one order, and what cites them.

use std::collections::BTreeMap;

use super::{MergeError, Named};
use crate::capture::frame::Timestamp;
use crate::verdict::summary::{Capture, Evidence, Summary};

/// By which one capture is told from another.
type Order<'a> = (
    (Option<Timestamp>, Option<Timestamp>),
    (&'a Option<String>, &'a Option<String>),
    (u64, u64, u64),
);

fn order(capture: &Capture) -> Order<'_> {
    (
        (capture.first, capture.last),
        (&capture.path, &capture.interface),
        (capture.frames, capture.bytes, capture.truncated),
    )
}

/// By their first frame; the order that they have in a merged report.
pub(super) fn sort(captures: &mut [Capture]) {
    captures.sort_by(|a, b| order(a).cmp(&order(b)));
}

/// The reports with the numbers that their captures have among those of all.
///
/// # Errors
/// A capture that two reports are of, or a citation of none.
pub(super) fn renumbered(mut reports: Vec<Named>) -> Result<Vec<Summary>, MergeError> {
    let mut places: Vec<(&Capture, usize, usize)> = Vec::new();
    for (of, (_, summary)) in reports.iter().enumerate() {
        let captures = summary.captures.iter().enumerate();
        places.extend(captures.map(|(at, capture)| (capture, of, at)));
    }
    places.sort_by(|a, b| order(a.0).cmp(&order(b.0)));
    for pair in places.windows(2) {
        if let [(one, a, _), (other, b, _)] = pair
            && a != b
            && one.frames > 0
            && order(one) == order(other)
        {
            let name = |of: &usize| reports.get(*of).map_or("", |(name, _)| name);
            return Err(MergeError::Twice {
                first: name(a).to_owned(),
                second: name(b).to_owned(),
                input: one
                    .path
                    .clone()
                    .or(one.interface.clone())
                    .unwrap_or_default(),
            });
        }
    }
    let numbers: BTreeMap<(usize, usize), u32> = (0..)
        .zip(places)
        .map(|(number, (_, of, at))| ((of, at), number))
        .collect();
    for (of, (name, summary)) in reports.iter_mut().enumerate() {
        let listed = summary.captures.len();
        let number = |capture: u32| {
            usize::try_from(capture)
                .ok()
                .and_then(|at| numbers.get(&(of, at)))
        };
        for evidence in cited(summary) {
            evidence.capture = *number(evidence.capture).ok_or_else(|| MergeError::Capture {
                report: name.clone(),
                capture: evidence.capture,
                listed,
            })?;
        }
    }
    Ok(reports.into_iter().map(|(_, summary)| summary).collect())
}

fn cited(summary: &mut Summary) -> impl Iterator<Item = &mut Evidence> {
    let requirements = summary.requirements.iter_mut().map(|row| &mut row.evidence);
    let flows = summary.flows.iter_mut().map(|row| &mut row.evidence);
    let dns = summary.dns.iter_mut().map(|row| &mut row.evidence);
    let findings = summary.findings.iter_mut().map(|row| &mut row.evidence);
    requirements
        .chain(flows)
        .chain(dns)
        .chain(findings)
        .flatten()
}
