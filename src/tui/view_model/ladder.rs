//! The frames that prove a verdict, as arrows between the parties.
//!
//! ```text
//!             192.168.7.20                middlebox                 gs.apple.com
//!  frame 289  10:36:20.594 │── ClientHello ─────────────────────────────▶│
//!  frame 290       +0.1 ms │◀─ RST, TTL 64 ──────────┤                   │
//! ```
//!
//! Input: the evidence and who took part. Output: lines. Where a note does not tell which way its
//! frame went it stands without an arrow. On a narrow screen notes alone.

use std::time::Duration;

use super::super::text::{Piece, Pieces, columns, cut, labelled};
use super::way::{Way, way};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Origin;
use crate::verdict::summary::Evidence;
use crate::words::{Paint, Times};

/// Fewest columns for arrows with notes that can be read.
const ARROWS: usize = 64;

/// Widest that lanes are drawn: farther apart they are hard to follow.
const WIDEST: usize = 84;

/// Columns between two names.
const MARGIN: usize = 2;

/// Frames that are drawn.
const MOST: usize = 60;

/// Who sent frames, and the frames.
pub(super) struct Ladder<'a> {
    pub(super) client: String,
    pub(super) server: String,
    /// Who ended or blocked it.
    pub(super) origin: Option<Origin>,
    /// The first packet.
    pub(super) first: Timestamp,
    pub(super) evidence: &'a [Evidence],
}

impl Ladder<'_> {
    /// Lines of at most so many columns.
    pub(super) fn lines(&self, times: Times, most: usize) -> Vec<Pieces> {
        let mut evidence: Vec<&Evidence> = self.evidence.iter().collect();
        evidence.sort_by_key(|evidence| (evidence.time, evidence.frame));
        evidence.truncate(MOST);
        let frames: Vec<String> = evidence.iter().map(|one| times.frame(one)).collect();
        let frame = frames.iter().map(|text| columns(text)).max().unwrap_or(0);
        let Some(start) = evidence.first().map(|first| first.time) else {
            return Vec::new();
        };
        // The flow's own first packet, where the proof begins later.
        let begins = start.since(self.first) >= Duration::from_millis(1) && self.first < start;
        let clock = times.exact(start);
        let clock_width = columns(&clock);
        let lead = frame + 2 + clock_width + 2;
        let arrows = most >= ARROWS;
        let shape = Lanes::new((most.saturating_sub(lead)).min(WIDEST), self);
        let mut lines = Vec::new();
        if arrows {
            lines.push(shape.names(lead, self));
        }
        let mut before = None;
        if begins {
            let text = format!("{:frame$}  {:>clock_width$}  ", "", times.exact(self.first));
            let mut line = vec![Piece::new(Paint::Dim, &text)];
            if arrows {
                line.extend(shape.drawn(Way::Untold, "first packet", Paint::Dim));
            } else {
                line.push(Piece::new(Paint::Dim, "first packet"));
            }
            lines.push(line);
            before = Some(self.first);
        }
        for (one, frame_text) in evidence.iter().zip(&frames) {
            let time = match before {
                Some(before) => gap(one.time.since(before)),
                None => clock.clone(),
            };
            before = Some(one.time);
            let text = format!("{frame_text:<frame$}  {time:>clock_width$}  ");
            let way = way(&one.note, self.origin);
            let paint = paint(&one.note);
            if arrows {
                let mut line = vec![Piece::new(Paint::Dim, &text)];
                line.extend(shape.drawn(way, &one.note, paint));
                lines.push(line);
            } else {
                lines.extend(labelled(&text, paint, &one.note, most));
            }
        }
        lines
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

/// Columns of the lanes, from that of the client.
struct Lanes {
    between: Option<usize>,
    server: usize,
}

impl Lanes {
    fn new(width: usize, ladder: &Ladder<'_>) -> Self {
        let server = width.saturating_sub(1);
        let between = ladder
            .evidence
            .iter()
            .any(|one| way(&one.note, ladder.origin) == Way::BetweenToClient);
        Self {
            between: between.then_some(server * 3 / 5),
            server,
        }
    }

    /// The parties above their lanes.
    fn names(&self, lead: usize, ladder: &Ladder<'_>) -> Pieces {
        let middle = match (self.between, ladder.origin) {
            (None, _) => "",
            (Some(_), Some(Origin::LocalNetwork)) => "local network",
            (Some(_), Some(Origin::Middlebox)) => "middlebox",
            (Some(_), _) => "on the way",
        };
        let client = Piece::new(Paint::Strong, &ladder.client);
        let client = Piece::new(Paint::Strong, &cut(client.text(), self.server / 2));
        let middle = Piece::new(Paint::Bad, middle);
        let taken = client.width() + middle.width() + 2 * MARGIN;
        let server = Piece::new(Paint::Strong, &ladder.server);
        let room = (self.server + 1).saturating_sub(taken);
        let server = Piece::new(Paint::Strong, &cut(server.text(), room));
        let end = (self.server + 1).saturating_sub(server.width());
        let centre = self.between.unwrap_or(self.server / 2);
        let latest = end.saturating_sub(middle.width() + MARGIN);
        let at = centre.saturating_sub(middle.width() / 2).min(latest);
        let at = at.max(client.width() + MARGIN);
        let mut line = vec![Piece::plain(&" ".repeat(lead))];
        line.extend(placed(vec![(0, client), (at, middle), (end, server)]));
        line
    }

    /// One frame's line.
    fn drawn(&self, way: Way, note: &str, paint: Paint) -> Pieces {
        let between = self.between.unwrap_or(self.server);
        let lost = self.server * 4 / 5;
        let (from, to) = match way {
            Way::ToServer | Way::ToClient => (0, self.server),
            Way::ToServerLost => (0, lost),
            Way::ToClientLost => (self.server - lost, self.server),
            Way::BetweenToClient => (0, between),
            Way::Untold => return self.beside(note, paint),
        };
        let to_client = matches!(
            way,
            Way::ToClient | Way::ToClientLost | Way::BetweenToClient
        );
        // Between the lanes: head, blank, note, blank, shaft, head.
        let room = (to - from).saturating_sub(1 + 6);
        let note = Piece::new(paint, note);
        let note = cut(note.text(), room).into_owned();
        let shaft = "─".repeat(room - columns(&note) + 1);
        let arrow = match way {
            Way::ToServer => format!("── {note} {shaft}▶"),
            Way::ToServerLost => format!("── {note} {shaft}✗"),
            Way::ToClientLost => format!("✗─ {note} {shaft}─"),
            Way::ToClient | Way::BetweenToClient | Way::Untold => format!("◀─ {note} {shaft}─"),
        };
        let lane = |at: usize, glyph: &str| (at, Piece::new(Paint::Dim, glyph));
        let mut parts = vec![lane(0, "│"), (from + 1, Piece::new(paint, &arrow))];
        if way == Way::ToClientLost {
            parts.truncate(1);
            parts.push((from, Piece::new(paint, &arrow)));
        }
        if let Some(between) = self
            .between
            .filter(|between| way == Way::BetweenToClient || *between > to)
        {
            let glyph = if way == Way::BetweenToClient {
                "┤"
            } else {
                "│"
            };
            parts.push(if to_client {
                (between, Piece::new(paint, glyph))
            } else {
                lane(between, glyph)
            });
        }
        parts.push(lane(self.server, "│"));
        placed(parts)
    }

    /// A note that says nothing of a way.
    fn beside(&self, note: &str, paint: Paint) -> Pieces {
        let note = Piece::new(paint, note);
        let note = cut(note.text(), self.server.saturating_sub(4)).into_owned();
        placed(vec![
            (0, Piece::new(Paint::Dim, "│")),
            (3, Piece::new(paint, &note)),
            (self.server, Piece::new(Paint::Dim, "│")),
        ])
    }
}

/// Pieces at their columns; one that begins before the last ended follows it.
fn placed(parts: Vec<(usize, Piece)>) -> Pieces {
    let mut line = Pieces::new();
    let mut used = 0;
    for (at, piece) in parts {
        if at > used {
            line.push(Piece::plain(&" ".repeat(at - used)));
            used = at;
        }
        used += piece.width();
        line.push(piece);
    }
    line
}
