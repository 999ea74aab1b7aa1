//! The frames that prove a verdict, as arrows between the parties.
//!
//! ```text
//!             192.168.7.20                middlebox                 gs.apple.com
//!  frame 289  10:36:20.594 │── ClientHello ─────────────────────────────▶│
//!  frame 290       +0.1 ms │◀─ RST, TTL 64 ──────────┤                   │
//!
//!             192.168.7.20             gateway            albert.apple.com
//!  frame 58   10:36:20.594 │── SYN, not answered ──▶│                     │
//!  frame 96        +0.1 ms │                        ├── it left ─────────▶│
//! ```
//!
//! Input: who took part and what they sent. Output: lines. Where a note does not tell which way its
//! frame went it stands without an arrow. On a narrow screen notes alone.

use super::super::text::{Piece, Pieces, columns, cut, labelled, wrap};
use super::row_of_lanes::{Mark, placed};
use crate::verdict::outcome::Where;
use crate::words::ladder::Step;
use crate::words::lanes::{Arrow, Drawing, Lanes, Party};
use crate::words::way::beside_lane;
use crate::words::{Paint, Times};

/// Fewest columns for arrows with notes that can be read.
const ARROWS: usize = 64;

/// Fewest columns from one lane to the next.
const NARROWEST: usize = 14;

/// Widest that lanes are drawn: farther apart they are hard to follow. With both sides of a gateway there are two ways.
const WIDEST: usize = 84;
const WIDEST_BOTH_SIDES: usize = 112;

/// Columns between two names.
const MARGIN: usize = 2;

/// Columns of an arrow beside its note: shaft and blank before it, blank and head behind it.
const SHAFT: usize = 6;

/// Most lines of one note over its arrow.
const NOTE_LINES: usize = 4;

/// Lines of at most so many columns.
pub(super) fn lines(drawing: &Drawing<'_>, times: Times, most: usize) -> Vec<Pieces> {
    let ladder = drawing.ladder(times);
    if ladder.steps.is_empty() {
        return Vec::new();
    }
    let widths = ladder.steps.iter().map(|step| columns(&step.frame));
    let frame = widths.max().unwrap_or(0);
    let clock = columns(&times.exact(drawing.first));
    let lead = frame + 2 + clock + 2;
    let lanes = drawing.lanes(&ladder);
    let shape = Shape::of(&lanes, most.saturating_sub(lead));
    let arrows = most >= ARROWS && shape.narrowest() >= NARROWEST;
    let mut rows = Lines {
        lead,
        lines: Vec::new(),
    };
    if arrows {
        rows.add("", vec![shape.names(drawing)]);
        rows.add("", shape.whereabouts(drawing).into_iter().collect());
    } else if let Some(place) = drawing.whereabouts {
        rows.lines.extend(labelled(
            &" ".repeat(lead),
            Paint::Bad,
            &broken(place),
            most,
        ));
    }
    if let Some(begins) = &ladder.begins {
        let text = format!("{:frame$}  {begins:>clock$}  ", "");
        rows.add(
            &text,
            if arrows {
                shape.beside("first packet", Paint::Dim)
            } else {
                vec![vec![Piece::new(Paint::Dim, "first packet")]]
            },
        );
    }
    for step in &ladder.steps {
        let text = format!("{:<frame$}  {:>clock$}  ", step.frame, step.time);
        if arrows {
            rows.add(&text, shape.drawn(step));
        } else {
            let note = &step.evidence.note;
            let note = if step.beyond {
                format!("beyond the gateway: {note}")
            } else {
                note.clone()
            };
            rows.lines.extend(labelled(&text, step.paint, &note, most));
        }
    }
    rows.lines
}

/// `✗ dropped-in-gateway`.
fn broken(place: Where) -> String {
    format!("✗ {place}")
}

/// Lines with frame and time before the first of a step.
struct Lines {
    lead: usize,
    lines: Vec<Pieces>,
}

impl Lines {
    fn add(&mut self, text: &str, of_step: Vec<Pieces>) {
        for (at, drawn) in of_step.into_iter().enumerate() {
            let text = if at == 0 { text } else { "" };
            let mut line = vec![Piece::new(
                Paint::Dim,
                &format!("{text:lead$}", lead = self.lead),
            )];
            line.extend(drawn);
            self.lines.push(line);
        }
    }
}

/// In which column each lane stands, from that of the client.
struct Shape<'a> {
    lanes: &'a Lanes,
    server: usize,
}

impl<'a> Shape<'a> {
    fn of(lanes: &'a Lanes, width: usize) -> Self {
        let widest = if lanes.has_gateway() {
            WIDEST_BOTH_SIDES
        } else {
            WIDEST
        };
        Self {
            lanes,
            server: width.min(widest).saturating_sub(1),
        }
    }

    fn at(&self, party: Party) -> usize {
        let parties = self.lanes.parties();
        let is_first = parties.get(1) == Some(&party);
        match party {
            Party::Client => 0,
            Party::Server => self.server,
            Party::Gateway | Party::Between if parties.len() > 3 => {
                self.server * if is_first { 31 } else { 65 } / 100
            }
            Party::Gateway => self.server / 2,
            Party::Between => self.server * 3 / 5,
        }
    }

    fn columns(&self) -> impl Iterator<Item = usize> {
        self.lanes.parties().iter().map(|party| self.at(*party))
    }

    /// Columns between the two lanes that stand closest.
    fn narrowest(&self) -> usize {
        let gaps = self.columns().zip(self.columns().skip(1));
        gaps.map(|(left, right)| right - left).min().unwrap_or(0)
    }

    /// The parties above their lanes.
    fn names(&self, drawing: &Drawing<'_>) -> Pieces {
        let width = self.server + 1;
        let client = Piece::new(Paint::Strong, &drawing.client);
        let client = Piece::new(Paint::Strong, &cut(client.text(), self.server / 2));
        let server = Piece::new(Paint::Strong, &drawing.server);
        let taken = |middle: &[(usize, Piece)]| {
            let widths = middle.iter().map(|(_, name)| name.width() + MARGIN);
            client.width() + MARGIN + widths.sum::<usize>()
        };
        let mut middle = self.between(drawing.translated.as_deref());
        if taken(&middle) + server.width() > width {
            middle = self.between(None);
        }
        let room = width.saturating_sub(taken(&middle));
        let server = Piece::new(Paint::Strong, &cut(server.text(), room));
        let end = width.saturating_sub(server.width());
        // Each above its lane, unless the one to its right needs the room, or that to its left.
        let mut latest = end;
        for (at, name) in middle.iter_mut().rev() {
            let centred = at.saturating_sub(name.width() / 2);
            *at = centred.min(latest.saturating_sub(name.width() + MARGIN));
            latest = *at;
        }
        let mut earliest = client.width() + MARGIN;
        for (at, name) in &mut middle {
            *at = (*at).max(earliest);
            earliest = *at + name.width() + MARGIN;
        }
        let mut names = vec![(0, client)];
        names.extend(middle);
        names.push((end, server));
        placed(names)
    }

    /// Who stands between client and server, with the columns of their lanes.
    fn between(&self, translated: Option<&str>) -> Vec<(usize, Piece)> {
        let name = |party: &Party| {
            let word = self.lanes.word(*party);
            let piece = match (party, translated) {
                (Party::Gateway, Some(translated)) => {
                    Piece::new(Paint::Strong, &format!("{word}, {translated}"))
                }
                (Party::Gateway, None) => Piece::new(Paint::Strong, word),
                (Party::Between, _) => Piece::new(Paint::Bad, word),
                (Party::Client | Party::Server, _) => return None,
            };
            Some((self.at(*party), piece))
        };
        self.lanes.parties().iter().filter_map(name).collect()
    }

    /// Where it broke: on the gateway's lane, or beyond it.
    fn whereabouts(&self, drawing: &Drawing<'_>) -> Option<Pieces> {
        let place = drawing.whereabouts?;
        let text = Piece::new(Paint::Bad, &broken(place));
        let gateway = self.at(Party::Gateway);
        let centre = match place {
            Where::DroppedInGateway | Where::NotForwardedBack | Where::RejectedByGateway => gateway,
            Where::BeyondGateway => usize::midpoint(gateway, self.server),
        };
        let at = centre.saturating_sub(text.width() / 2);
        let mark = Mark {
            start: at,
            end: at + text.width(),
            parts: vec![(at, text)],
        };
        Some(mark.among(self.columns()))
    }

    /// One frame's lines: the note over its arrow, and below it where it is too long.
    fn drawn(&self, step: &Step<'_>) -> Vec<Pieces> {
        let note = &step.evidence.note;
        let Some(arrow) = self.lanes.arrow(step) else {
            return self.beside(note, step.paint);
        };
        let (start, end) = self.ends(arrow);
        let room = (end - start).saturating_sub(1 + SHAFT);
        let mut notes = lines_of(beside_lane(note), room).into_iter();
        let first = notes.next().unwrap_or_default();
        let shaft = "─".repeat(room.saturating_sub(columns(&first)) + 1);
        let text = match (arrow.is_out, arrow.arrives) {
            (true, true) => format!("── {first} {shaft}▶"),
            (true, false) => format!("── {first} {shaft}✗"),
            (false, true) => format!("◀─ {first} {shaft}─"),
            (false, false) => format!("✗─ {first} {shaft}─"),
        };
        let mut parts = vec![(start + 1, Piece::new(step.paint, &text))];
        // What a party between the two sent begins at its lane.
        if matches!(arrow.from, Party::Between | Party::Gateway) {
            let glyph = if arrow.is_out { "├" } else { "┤" };
            let from = self.at(arrow.from);
            parts.push((from, Piece::new(step.paint, glyph)));
        }
        let line = Mark {
            start: start + 1,
            end,
            parts,
        };
        let mut lines = vec![line.among(self.columns())];
        lines.extend(notes.map(|more| self.note(start + 4, &more, step.paint)));
        lines
    }

    /// The columns between which an arrow is drawn, those of lanes if it is not lost on the way.
    fn ends(&self, arrow: Arrow) -> (usize, usize) {
        let (from, to) = (self.at(arrow.from), self.at(arrow.to));
        let is_lost = !arrow.arrives && !arrow.is_stopped();
        let far = from.abs_diff(to) * if is_lost { 4 } else { 5 } / 5;
        if arrow.is_out {
            (from, from + far)
        } else {
            (from - far, from)
        }
    }

    /// A note that says nothing of a way.
    fn beside(&self, note: &str, paint: Paint) -> Vec<Pieces> {
        let notes = lines_of(note, self.server.saturating_sub(4));
        let lines = notes.iter().map(|line| self.note(3, line, paint));
        lines.collect()
    }

    /// Words between the lanes.
    fn note(&self, at: usize, text: &str, paint: Paint) -> Pieces {
        let text = Piece::new(paint, text);
        let mark = Mark {
            start: at.saturating_sub(1),
            end: at + text.width() + 1,
            parts: vec![(at, text)],
        };
        mark.among(self.columns())
    }
}

/// A note in lines of so many columns, the last of which is cut where it would be one too many.
fn lines_of(note: &str, room: usize) -> Vec<String> {
    let mut lines = wrap(note, room);
    if lines.len() > NOTE_LINES {
        let rest = lines.split_off(NOTE_LINES - 1).join(" ");
        lines.push(cut(&rest, room).into_owned());
    }
    lines
}
