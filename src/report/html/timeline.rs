//! When attempts were made, over the time of the capture.
//!
//! Shape and colour tell how they ended, and so do words, for those who see neither. The number of marks is bounded:
//! attempts that fall together and ended alike share one.

use maud::{Markup, html};

use super::shapes::{class, drawing};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Outcome;
use crate::words::timeline::{Mark, marks};
use crate::words::{Times, number, outcome as looks};

/// Places for marks.
const CELLS: usize = 58;
/// Units between two places, and before the first.
const STEP: usize = 4;
const BEFORE: usize = 6;
/// Units in all.
const WIDTH: usize = (CELLS - 1) * STEP + 2 * BEFORE;

/// Marks that are told one by one.
const TOLD: usize = 6;

/// The timeline of these attempts.
pub(super) fn timeline(
    attempts: &[(Timestamp, Outcome)],
    span: Option<(Timestamp, Timestamp)>,
    times: Times,
) -> Markup {
    let Some(span) = span.filter(|_| !attempts.is_empty()) else {
        return html! {};
    };
    let marks = marks(attempts.iter().copied(), span, CELLS);
    let label = label(&marks, times);
    html! {
        svg.timeline viewBox={ "0 0 " (WIDTH) " 16" } role="img" aria-label=(label) focusable="false" {
            line.axis x1=(BEFORE) x2=(WIDTH - BEFORE) y1="8" y2="8" {}
            @for mark in &marks {
                g.(class(looks(mark.outcome).1)) data-count=(mark.count) {
                    title { (told(mark, times)) }
                    use href=(drawing(mark.outcome)) x=(BEFORE + mark.cell * STEP) y="8" {}
                }
            }
        }
    }
}

fn label(marks: &[Mark], times: Times) -> String {
    let mut texts: Vec<String> = marks
        .iter()
        .take(TOLD)
        .map(|mark| told(mark, times))
        .collect();
    let more: u64 = marks.iter().skip(TOLD).map(|mark| mark.count).sum();
    if more > 0 {
        texts.push(format!("and {} more", number(more)));
    }
    texts.join("; ")
}

/// `reset at 10:36:20.594`, `12 stalled from 10:36:20.594 to 10:36:22.001`.
fn told(mark: &Mark, times: Times) -> String {
    let (first, last) = (times.exact(mark.first), times.exact(mark.last));
    match mark.count {
        1 => format!("{} at {first}", mark.outcome),
        many => format!("{} {} from {first} to {last}", number(many), mark.outcome),
    }
}
