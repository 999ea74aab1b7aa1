//! The rows in sight of each list.

use std::collections::BTreeSet;

use super::{Column, Table, strip};
use crate::picture::Picture;
use crate::tui::attempts::{Span, cells};
use crate::tui::health;
use crate::tui::listing::{Pane, flows_of};
use crate::tui::state::State;
use crate::tui::text::Piece;
use crate::verdict::outcome::{Outcome, Standing, Status};
use crate::verdict::summary::{
    Attempts, BonjourService, Client, DnsQuestion, Flow, Requirement, Summary,
};
use crate::words::made::Made;
use crate::words::row::{broke, reason, socket, title};
use crate::words::{Paint, Times, number, period};

/// Cells of a row's own strip.
const TREND: usize = 12;

const fn column(title: &'static str, least: usize, rank: u8) -> Column {
    Column { title, least, rank }
}

/// The list in sight.
pub(super) fn table(state: &State, height: usize) -> Table {
    let picture = &state.shown;
    let summary = &picture.summary;
    let list = state.list();
    let shown = state.listed.iter().skip(list.top).take(height).copied();
    let (columns, rows): (Vec<Column>, Vec<Vec<Piece>>) = match state.pane {
        Pane::Required => required(picture, shown),
        Pane::Flows => flows(summary, shown.filter_map(|at| summary.flows.get(at))),
        Pane::Dns => questions(summary, shown.filter_map(|at| summary.dns.get(at))),
        Pane::Bonjour => services(shown.filter_map(|at| summary.bonjour.get(at))),
        Pane::Health => {
            let all = health::rows(picture);
            told(shown.filter_map(|at| all.get(at)))
        }
    };
    Table {
        columns,
        rows,
        selected: list
            .at
            .checked_sub(list.top)
            .filter(|_| !state.listed.is_empty()),
        empty: empty(state),
    }
}

fn empty(state: &State) -> &'static str {
    if !state.filter.is_empty() {
        return "nothing is like the filter (Esc shows all)";
    }
    if state.only_failing {
        return "nothing here fails (f shows all)";
    }
    match state.pane {
        Pane::Required | Pane::Health => "nothing yet",
        Pane::Flows => "no flow yet",
        Pane::Dns => "no DNS question yet",
        Pane::Bonjour => "no Bonjour service yet",
    }
}

type Rows = (Vec<Column>, Vec<Vec<Piece>>);

fn required(picture: &Picture, shown: impl Iterator<Item = usize>) -> Rows {
    let summary = &picture.summary;
    let made = Made::of(summary);
    let clients: BTreeSet<&Client> = summary
        .requirements
        .iter()
        .filter_map(|row| row.client.as_ref())
        .collect();
    let several = clients.len() > 1;
    let mut columns = vec![
        column("status", 10, 0),
        column("connection", 20, 1),
        column("client", 13, 4),
        column("tried", 5, 3),
        column("why", 20, 2),
        column("over time", TREND, 5),
        column("connects", 8, 6),
        column("for", 12, 7),
    ];
    if !several {
        columns.remove(2);
    }
    let span = Span::before(picture.now, summary, TREND);
    let rows = shown
        .filter_map(|at| summary.requirements.get(at))
        .map(|row| {
            let (glyph, paint) = crate::words::status(row.status);
            let quiet = row.status == Status::NotSeen;
            let name = if quiet { Paint::Dim } else { Paint::Strong };
            let attempts = if quiet {
                String::new()
            } else {
                tally(&row.attempts)
            };
            let mut cells = vec![
                Piece::new(paint, &format!("{glyph} {}", row.status)),
                Piece::new(name, &title(row, &made)),
                Piece::plain(&attempts),
                Piece::new(paint, &reason(row)),
                trend(summary, span, row),
                Piece::plain(&connects(summary, row)),
                Piece::new(Paint::Dim, &row.service),
            ];
            if several {
                cells.insert(2, Piece::plain(&address(row.client.as_ref())));
            }
            cells
        });
    (columns, rows.collect())
}

/// The cells of one row, in the colour of the worst.
fn trend(summary: &Summary, span: Span, row: &Requirement) -> Piece {
    if row.client.is_none() {
        return Piece::plain("");
    }
    let cells = cells(summary, span, Some(row));
    let drawn = strip::drawn(&cells);
    let text: String = drawn.iter().map(Piece::text).collect();
    let paints = [Paint::Bad, Paint::Warn, Paint::Good];
    let worst = paints
        .into_iter()
        .find(|paint| drawn.iter().any(|piece| piece.paint == *paint));
    Piece::new(worst.unwrap_or(Paint::Dim), &text)
}

/// `✓1 ✗3 ·2`: worked, failed, and neither.
fn tally(attempts: &Attempts) -> String {
    let counts = [
        (Outcome::Succeeded, attempts.succeeded),
        (
            Outcome::Failed,
            attempts.stalled + attempts.reset + attempts.failed,
        ),
        (
            Outcome::Pending,
            attempts.pending + attempts.unjudged + attempts.abandoned,
        ),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(of, count)| format!("{}{}", crate::words::outcome(of).0, number(count)))
        .collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(" ")
    }
}

/// The median time from SYN to SYN-ACK.
fn connects(summary: &Summary, row: &Requirement) -> String {
    let mut times: Vec<f64> = flows_of(summary, row)
        .filter_map(|flow| flow.rtt_ms.connect)
        .collect();
    times.sort_by(f64::total_cmp);
    times
        .get(times.len() / 2)
        .map_or_else(String::new, |time| format!("{time:.1} ms"))
}

fn address(client: Option<&Client>) -> String {
    let address = client.and_then(|client| client.addresses.first());
    address.map_or_else(String::new, ToString::to_string)
}

pub(super) fn times(summary: &Summary) -> Times {
    Times::over(period(summary), summary.captures.len())
}

fn state(outcome: Outcome) -> Piece {
    let (glyph, paint) = crate::words::outcome(outcome);
    Piece::new(paint, &format!("{glyph} {outcome}"))
}

/// Names of required hosts stand out.
const fn emphasis(requirement: Option<&str>) -> Paint {
    match requirement {
        Some(_) => Paint::Strong,
        None => Paint::Plain,
    }
}

fn flows<'a>(summary: &Summary, shown: impl Iterator<Item = &'a Flow>) -> Rows {
    let times = times(summary);
    let columns = vec![
        column("outcome", 11, 0),
        column("name", 18, 1),
        column("server", 18, 3),
        column("why", 18, 2),
        column("began", 12, 5),
        column("client", 18, 4),
        column("", 6, 6),
    ];
    let rows = shown.map(|flow| {
        let why = match (broke(flow.cause, flow.whereabouts), flow.standing) {
            (_, Standing::Twin) => "copy, not counted".to_owned(),
            (_, Standing::Subflow) => "Multipath TCP subflow".to_owned(),
            (Some(why), Standing::Own) => why,
            (None, Standing::Own) if flow.recovered => "recovered after a stall".to_owned(),
            (None, Standing::Own) => String::new(),
        };
        let (_, paint) = crate::words::outcome(flow.outcome);
        let strong = emphasis(flow.requirement.as_deref());
        vec![
            state(flow.outcome),
            Piece::new(strong, flow.name.as_ref().map_or("", |name| &name.host)),
            Piece::plain(&format!("{}/{}", socket(flow.server), flow.transport)),
            Piece::new(paint, &why),
            Piece::new(Paint::Dim, &times.exact(flow.first)),
            Piece::plain(&socket(flow.client).to_string()),
            Piece::new(Paint::Dim, flow.app.as_str()),
        ]
    });
    (columns, rows.collect())
}

fn questions<'a>(summary: &Summary, shown: impl Iterator<Item = &'a DnsQuestion>) -> Rows {
    let times = times(summary);
    let columns = vec![
        column("outcome", 11, 0),
        column("name", 18, 1),
        column("type", 5, 4),
        column("answer", 14, 2),
        column("after", 9, 6),
        column("why", 13, 3),
        column("client", 13, 5),
        column("asked", 12, 7),
        column("resolver", 13, 8),
    ];
    let rows = shown.map(|question| {
        let (_, paint) = crate::words::outcome(question.outcome);
        let answer = match (&question.rcode, question.addresses.as_slice()) {
            (None, _) => "no answer".to_owned(),
            (Some(rcode), []) => rcode.clone(),
            (Some(_), addresses) => {
                let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                texts.join(" ")
            }
        };
        let after = question.answered_ms.map(|after| format!("{after:.1} ms"));
        let why = broke(question.cause, question.whereabouts);
        let strong = emphasis(question.requirement.as_deref());
        vec![
            state(question.outcome),
            Piece::new(strong, &question.name),
            Piece::new(Paint::Dim, &question.kind),
            Piece::plain(&answer),
            Piece::plain(&after.unwrap_or_default()),
            Piece::new(paint, &why.unwrap_or_default()),
            Piece::plain(&question.client.to_string()),
            Piece::new(Paint::Dim, &times.exact(question.first)),
            Piece::plain(&question.resolver.to_string()),
        ]
    });
    (columns, rows.collect())
}

fn services<'a>(shown: impl Iterator<Item = &'a BonjourService>) -> Rows {
    let columns = vec![
        column("", 6, 0),
        column("instance", 16, 1),
        column("service", 16, 2),
        column("host", 14, 3),
        column("addresses", 14, 4),
        column("last seen", 9, 5),
    ];
    let rows = shown.map(|service| {
        let here = if service.goodbye {
            Piece::new(Paint::Dim, "· gone")
        } else {
            Piece::new(Paint::Good, "✓ here")
        };
        let host = match (&service.host, service.port) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.clone(),
            (None, _) => String::new(),
        };
        let addresses: Vec<String> = service.addresses.iter().map(ToString::to_string).collect();
        vec![
            here,
            Piece::new(Paint::Strong, &service.instance),
            Piece::plain(&service.service),
            Piece::plain(&host),
            Piece::plain(&addresses.join(" ")),
            Piece::new(Paint::Dim, &crate::words::clock(service.last_seen)),
        ]
    });
    (columns, rows.collect())
}

fn told<'a>(shown: impl Iterator<Item = &'a health::Row<'a>>) -> Rows {
    let columns = vec![column("", 1, 0), column("about", 11, 1), column("", 20, 2)];
    let rows = shown.map(|row| {
        let (glyph, paint) = if row.trouble {
            ("!", Paint::Warn)
        } else {
            ("·", Paint::Dim)
        };
        vec![
            Piece::new(paint, glyph),
            Piece::new(Paint::Dim, row.what),
            Piece::plain(&row.text),
        ]
    });
    (columns, rows.collect())
}
