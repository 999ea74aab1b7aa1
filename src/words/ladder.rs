//! The frames that prove a verdict, in the order of their times, each with its way between the parties.
//!
//! Input: the evidence of a flow or a question and who ended it. Output: what each output draws as arrows between lanes.

use std::time::Duration;

use super::way::{Way, way};
use super::{Paint, Times};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Origin;
use crate::verdict::summary::Evidence;

/// Frames that are drawn.
const MOST: usize = 60;

/// A proof that begins so much later than its flow has a line for the flow's first packet.
const LATER: Duration = Duration::from_millis(1);

/// What one side of a gateway, or the only one, shows.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The frames.
    pub evidence: &'a [Evidence],
    /// Who ended or blocked it.
    pub origin: Option<Origin>,
}

/// One frame.
pub struct Step<'a> {
    /// The frame.
    pub evidence: &'a Evidence,
    /// Its number, as Wireshark takes it.
    pub frame: String,
    /// When: the time of day for the first of all, then how much later than the one before.
    pub time: String,
    /// Between whom it went.
    pub way: Way,
    /// Whether it is what went wrong.
    pub paint: Paint,
    /// Seen on the other side of the gateway.
    pub beyond: bool,
}

/// The frames, and what is to be known to draw them.
pub struct Ladder<'a> {
    /// When the flow began, where that is not the first frame.
    pub begins: Option<String>,
    /// In order of time.
    pub steps: Vec<Step<'a>>,
    /// Frames that are too many to be drawn.
    pub more: usize,
    /// Who stands between client and server, if frames came from there.
    pub between: Option<&'static str>,
}

impl<'a> Ladder<'a> {
    /// Of what the client's side shows, and of what the other side of the gateway adds to it. `first`: the flow's first
    /// packet.
    #[must_use]
    pub fn of(here: Seen<'a>, beyond: Option<Seen<'a>>, first: Timestamp, times: Times) -> Self {
        let key = |evidence: &Evidence| (evidence.time, evidence.capture, evidence.frame);
        let mut seen: Vec<_> = here.evidence.iter().map(|one| (one, false)).collect();
        let added = beyond.iter().flat_map(|beyond| beyond.evidence);
        seen.extend(added.map(|one| (one, true)));
        // What both sides show is told in the words of the client's.
        seen.sort_by_key(|(evidence, beyond)| (key(evidence), *beyond));
        seen.dedup_by(|(later, beyond), (kept, _)| *beyond && key(later) == key(kept));
        let more = seen.len().saturating_sub(MOST);
        seen.truncate(MOST);
        let begins = seen
            .first()
            .filter(|(start, _)| start.time.since(first) >= LATER && first < start.time)
            .map(|_| first);
        let mut before = begins;
        let mut steps = Vec::with_capacity(seen.len());
        for (one, is_beyond) in seen {
            let side = beyond.filter(|_| is_beyond).unwrap_or(here);
            steps.push(Step {
                evidence: one,
                frame: times.frame(one),
                time: before.map_or_else(
                    || times.exact(one.time),
                    |before| gap(one.time.since(before)),
                ),
                way: way(&one.note, side.origin),
                paint: paint(&one.note),
                beyond: is_beyond,
            });
            before = Some(one.time);
        }
        let is_between = |step: &Step<'_>| step.way == Way::BetweenToClient;
        Self {
            begins: begins.map(|first| times.exact(first)),
            more,
            between: steps.iter().any(is_between).then_some(match here.origin {
                Some(Origin::LocalNetwork) => "local network",
                Some(Origin::Middlebox) => "middlebox",
                _ => "on the way",
            }),
            steps,
        }
    }
}

/// `+0.1 ms`, `+1.03 s`.
fn gap(gap: Duration) -> String {
    if gap < Duration::from_secs(1) {
        format!("+{:.1} ms", gap.as_secs_f64() * 1e3)
    } else {
        format!("+{:.2} s", gap.as_secs_f64())
    }
}

fn paint(note: &str) -> Paint {
    let bad = ["RST", "not answered", "not acknowledged", "ICMP", "alert"];
    if bad.iter().any(|word| note.contains(word)) {
        Paint::Bad
    } else {
        Paint::Plain
    }
}
