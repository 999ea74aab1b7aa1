//! What the screen of a fleet says, before it is drawn.

use super::state::{Pane, State};
use super::{detail, lists};
use crate::tui::keys::{Action, BINDINGS};
use crate::tui::layout::SMALLEST;
use crate::tui::text::{Piece, Pieces};
use crate::tui::view_model::{Help, Table};
use crate::words::{self, Paint, counted, length};

/// Rows that are no list: header, answer, tabs, heading, footer.
const AROUND: u16 = 5;

/// What is drawn; none if the terminal is too small.
#[derive(Debug)]
pub(crate) struct FleetView {
    pub(crate) header: Pieces,
    pub(crate) answer: Pieces,
    pub(crate) tabs: Pieces,
    /// A list, or the detail.
    pub(crate) main: Main,
    pub(crate) footer: Pieces,
    pub(crate) help: Option<Help>,
}

#[derive(Debug)]
pub(crate) enum Main {
    List(Table),
    Detail(Vec<Pieces>),
}

/// Keys that do something here.
const KEYS: [Action; 12] = [
    Action::Help,
    Action::Quit,
    Action::Up,
    Action::Down,
    Action::PageUp,
    Action::PageDown,
    Action::First,
    Action::Last,
    Action::NextPane,
    Action::Open,
    Action::Back,
    Action::OnlyFailing,
];

/// What the screen says. A detail that was scrolled beyond its end is put back to it.
pub(super) fn view(state: &mut State) -> Option<FleetView> {
    if state.size.width < SMALLEST.width || state.size.height < SMALLEST.height {
        return None;
    }
    let height = usize::from(state.size.height - AROUND);
    let main = match state.detail {
        None => Main::List(lists::table(state, height)),
        Some(top) => {
            let lines = detail::lines(state, usize::from(state.size.width));
            // The heading of the list is a line of the detail.
            let top = top.min(lines.len().saturating_sub(height + 1));
            state.detail = Some(top);
            Main::Detail(lines.into_iter().skip(top).take(height + 1).collect())
        }
    };
    let overview = &state.shown.overview;
    let (paint, answer) = overview.answer();
    let header = format!(
        "windfall fleet · {} · {} UTC",
        counted(length(&overview.gateways), "gateway", "gateways"),
        words::clock(overview.at)
    );
    let mut header = vec![Piece::new(Paint::Strong, &header)];
    if let Some(trouble) = &state.shown.trouble {
        header.push(Piece::new(Paint::Bad, &format!(" · {trouble}")));
    }
    Some(FleetView {
        header,
        answer: vec![Piece::new(paint, &answer)],
        tabs: tabs(state),
        main,
        footer: footer(state),
        help: state.help.then(help),
    })
}

fn tabs(state: &State) -> Pieces {
    let overview = &state.shown.overview;
    let tab = |pane, name: &str, count: u64| {
        let text = format!(" {name} {count} ");
        if state.pane == pane {
            Piece::reversed(Paint::Strong, &text)
        } else {
            Piece::new(Paint::Dim, &text)
        }
    };
    let mut tabs = vec![
        tab(
            Pane::Requirements,
            "required",
            length(&overview.requirements),
        ),
        tab(Pane::Gateways, "gateways", length(&overview.gateways)),
    ];
    if state.only_failing {
        tabs.push(Piece::new(Paint::Warn, "  only what fails"));
    }
    tabs
}

fn footer(state: &State) -> Pieces {
    let text = if state.detail.is_some() {
        "↑↓ scroll  Esc back  ? help  q quit"
    } else {
        "↑↓ move  Enter detail  Tab lists  f failing  ? help  q quit"
    };
    vec![Piece::new(Paint::Dim, text)]
}

fn help() -> Help {
    let bindings = BINDINGS
        .iter()
        .filter(|binding| KEYS.contains(&binding.action));
    let lines = bindings.map(|binding| {
        vec![
            Piece::new(Paint::Strong, &format!("{:<12}", binding.label())),
            Piece::plain(binding.help),
        ]
    });
    Help {
        lines: lines.collect(),
        top: 0,
    }
}
