//! The lists there are, with how many rows each holds, and how the one in sight is sorted and cut down.

use crate::tui::listing::Pane;
use crate::tui::state::State;
use crate::tui::text::{Piece, Pieces, columns, width};
use crate::verdict::outcome::Status;
use crate::words::{Paint, is_faulty};

/// The tabs with their text, from the left; they touch each other.
fn labels(state: &State) -> impl Iterator<Item = (Pane, String, bool)> {
    let summary = &state.shown.summary;
    let narrow = state.size.width < 56;
    Pane::ALL.into_iter().map(move |pane| {
        let (count, trouble) = match pane {
            Pane::Required => {
                let tried = summary
                    .requirements
                    .iter()
                    .filter(|row| row.client.is_some());
                let mut failing = summary.requirements.iter();
                (
                    tried.count(),
                    failing.any(|row| row.status == Status::Failing),
                )
            }
            Pane::Flows => (summary.flows.len(), false),
            Pane::Dns => {
                let mut questions = summary.dns.iter();
                let faulty =
                    questions.any(|row| row.requirement.is_some() && is_faulty(row.outcome));
                (summary.dns.len(), faulty)
            }
            Pane::Bonjour => (summary.bonjour.len(), false),
            Pane::Health => (0, trouble(state)),
        };
        let mark = if trouble { "!" } else { "" };
        let text = if count == 0 || narrow {
            format!(" {}{mark} ", pane.title())
        } else {
            format!(" {} {count}{mark} ", pane.title())
        };
        (pane, text, trouble)
    })
}

fn trouble(state: &State) -> bool {
    let rows = crate::tui::health::rows(&state.shown);
    rows.iter().any(|row| row.trouble)
}

/// The list whose tab stands in this column.
pub(crate) fn at(state: &State, column: u16) -> Option<Pane> {
    let mut right = 0;
    for (pane, text, _) in labels(state) {
        right += columns(&text);
        if usize::from(column) < right {
            return Some(pane);
        }
    }
    None
}

pub(super) fn tabs(state: &State, most: usize) -> Pieces {
    let mut line: Pieces = labels(state)
        .map(|(pane, text, trouble)| {
            if pane == state.pane {
                Piece::reversed(Paint::Strong, &text)
            } else if trouble {
                Piece::new(Paint::Warn, &text)
            } else {
                Piece::plain(&text)
            }
        })
        .collect();
    let mut words = vec![format!("sort: {}", state.list().sort.word())];
    if state.only_failing {
        words.insert(0, "only failing".to_owned());
    }
    if state.follow {
        words.insert(0, "following".to_owned());
    }
    let text = words.join(" · ");
    let used = width(&line) + columns(&text);
    if used < most {
        line.push(Piece::plain(&" ".repeat(most - used)));
        line.push(Piece::new(Paint::Dim, &text));
    }
    line
}
