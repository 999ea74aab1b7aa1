//! The rows of a summary: one flow, one DNS question, one requirement.
//!
//! Input: judged subjects and lookups. Output: owned rows with every field of the contract, one file a kind of row.
//! Nothing is decided here but words.

mod flow;
mod latest;
mod question;
mod remedy;
mod requirement;
mod sides;

use std::time::Duration;

use super::outcome::{Outcome, Status};
use super::ruling::Ruling;
use super::summary::{Evidence, Requirement};

pub use flow::{flow, wireshark_filter};
pub use latest::{Rows, chosen};
pub use question::dns;
pub use requirement::{Why, not_seen, requirement};

fn milliseconds(gap: Duration) -> f64 {
    gap.as_secs_f64() * 1000.0
}

/// A ruling's evidence as rows.
#[must_use]
pub fn evidence(ruling: &Ruling) -> Vec<Evidence> {
    ruling
        .evidence
        .iter()
        .map(|note| Evidence {
            capture: note.seen.frame.capture().into(),
            frame: note.seen.frame.number(),
            time: note.seen.at,
            note: note.text.clone().into_owned(),
        })
        .collect()
}

/// A reason as a sentence; a name or number at its beginning stays as it is.
fn sentence(why: &str) -> Option<String> {
    let first = why.split(' ').next().unwrap_or_default();
    let is_word = first.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut chars = why.chars();
    let initial = chars.next()?;
    let mut text = String::with_capacity(why.len() + 1);
    text.push(if is_word {
        initial.to_ascii_uppercase()
    } else {
        initial
    });
    text.push_str(chars.as_str());
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    Some(text)
}

/// Whether a row makes the exit status 1.
#[must_use]
pub fn is_fault(row: &Requirement) -> bool {
    row.status == Status::Failing && !row.optional
}

/// Whether an outcome is a fault.
#[must_use]
pub const fn is_faulty(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Stalled | Outcome::Reset | Outcome::Failed)
}
