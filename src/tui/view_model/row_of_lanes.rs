//! One line of a ladder: lanes, and what stands before them.

use super::super::text::{Piece, Pieces};
use crate::words::Paint;

/// Text with its columns, before which no lane is drawn.
pub(super) struct Mark {
    /// The first column without lanes.
    pub(super) start: usize,
    /// The first column behind it that may have one.
    pub(super) end: usize,
    /// What stands there.
    pub(super) parts: Vec<(usize, Piece)>,
}

impl Mark {
    /// With the lanes of these columns.
    pub(super) fn among(self, lanes: impl Iterator<Item = usize>) -> Pieces {
        let Self {
            start,
            end,
            mut parts,
        } = self;
        let taken = |at: &usize| parts.iter().any(|(column, _)| column == at);
        let seen = lanes.filter(|at| !(start..end).contains(at) && !taken(at));
        let seen: Vec<_> = seen.map(|at| (at, Piece::new(Paint::Dim, "│"))).collect();
        parts.extend(seen);
        parts.sort_by_key(|(at, _)| *at);
        placed(parts)
    }
}

/// Pieces at their columns; one that begins before the last ended follows it.
pub(super) fn placed(parts: Vec<(usize, Piece)>) -> Pieces {
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
