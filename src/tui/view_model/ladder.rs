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

use super::super::text::{Piece, Pieces, columns, cut, labelled};
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::Origin;
use crate::verdict::summary::Evidence;
use crate::words::ladder::{self, Seen};
use crate::words::way::Way;
use crate::words::{Paint, Times};

/// Fewest columns for arrows with notes that can be read.
const ARROWS: usize = 64;

/// Widest that lanes are drawn: farther apart they are hard to follow.
const WIDEST: usize = 84;

/// Columns between two names.
const MARGIN: usize = 2;

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
        let seen = Seen {
            evidence: self.evidence,
            origin: self.origin,
        };
        let told = ladder::Ladder::of(seen, None, self.first, times);
        if told.steps.is_empty() {
            return Vec::new();
        }
        let widths = told.steps.iter().map(|step| columns(&step.frame));
        let frame = widths.max().unwrap_or(0);
        let clock = columns(&times.exact(self.first));
        let lead = frame + 2 + clock + 2;
        let arrows = most >= ARROWS;
        let shape = Lanes::new((most.saturating_sub(lead)).min(WIDEST), told.between);
        let mut lines = Vec::new();
        if arrows {
            lines.push(shape.names(lead, self));
        }
        if let Some(begins) = &told.begins {
            let text = format!("{:frame$}  {begins:>clock$}  ", "");
            let mut line = vec![Piece::new(Paint::Dim, &text)];
            if arrows {
                line.extend(shape.drawn(Way::Untold, "first packet", Paint::Dim));
            } else {
                line.push(Piece::new(Paint::Dim, "first packet"));
            }
            lines.push(line);
        }
        for step in &told.steps {
            let text = format!("{:<frame$}  {:>clock$}  ", step.frame, step.time);
            let note = &step.evidence.note;
            if arrows {
                let mut line = vec![Piece::new(Paint::Dim, &text)];
                line.extend(shape.drawn(step.way, note, step.paint));
                lines.push(line);
            } else {
                lines.extend(labelled(&text, step.paint, note, most));
            }
        }
        lines
    }
}

/// Columns of the lanes, from that of the client.
struct Lanes {
    /// Who stands between, and where.
    between: Option<(usize, &'static str)>,
    server: usize,
}

impl Lanes {
    fn new(width: usize, between: Option<&'static str>) -> Self {
        let server = width.saturating_sub(1);
        Self {
            between: between.map(|who| (server * 3 / 5, who)),
            server,
        }
    }

    /// The parties above their lanes.
    fn names(&self, lead: usize, ladder: &Ladder<'_>) -> Pieces {
        let (centre, middle) = self.between.unwrap_or((self.server / 2, ""));
        let client = Piece::new(Paint::Strong, &ladder.client);
        let client = Piece::new(Paint::Strong, &cut(client.text(), self.server / 2));
        let middle = Piece::new(Paint::Bad, middle);
        let taken = client.width() + middle.width() + 2 * MARGIN;
        let server = Piece::new(Paint::Strong, &ladder.server);
        let room = (self.server + 1).saturating_sub(taken);
        let server = Piece::new(Paint::Strong, &cut(server.text(), room));
        let end = (self.server + 1).saturating_sub(server.width());
        let latest = end.saturating_sub(middle.width() + MARGIN);
        let at = centre.saturating_sub(middle.width() / 2).min(latest);
        let at = at.max(client.width() + MARGIN);
        let mut line = vec![Piece::plain(&" ".repeat(lead))];
        line.extend(placed(vec![(0, client), (at, middle), (end, server)]));
        line
    }

    /// One frame's line.
    fn drawn(&self, way: Way, note: &str, paint: Paint) -> Pieces {
        let middle = self.between.map(|(at, _)| at);
        let between = middle.unwrap_or(self.server);
        let lost = self.server * 4 / 5;
        let (from, to) = match way {
            Way::ToServer | Way::ToClient => (0, self.server),
            Way::ToServerLost => (0, lost),
            Way::ToClientLost => (self.server - lost, self.server),
            Way::BetweenToClient => (0, between),
            Way::GatewayToServer | Way::ServerToGateway | Way::Untold => {
                return self.beside(note, paint);
            }
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
            _ => format!("◀─ {note} {shaft}─"),
        };
        let lane = |at: usize, glyph: &str| (at, Piece::new(Paint::Dim, glyph));
        let mut parts = vec![lane(0, "│"), (from + 1, Piece::new(paint, &arrow))];
        if way == Way::ToClientLost {
            parts.truncate(1);
            parts.push((from, Piece::new(paint, &arrow)));
        }
        if let Some(between) = middle.filter(|between| way == Way::BetweenToClient || *between > to)
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
