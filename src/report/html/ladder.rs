//! The frames that prove a verdict, as arrows between lanes.
//!
//! ```text
//!              192.168.7.20            gateway             gs.apple.com:443
//!  frame 37  10:36:20.594 │── SYN, not answered ──▶│                     │
//!  frame 96       +0.1 ms │                        │── it left ─────────▶│
//! ```
//!
//! A table, so that it can be read aloud, copied and printed: frame, time, and what went from whom to whom. The arrow is
//! drawn behind the words. Where both sides of a gateway were captured it has a lane: frames seen on the client's side end
//! or begin there, and those of the other side go on from it.

use maud::{Markup, html};

use super::shapes::class;
use crate::words::ladder::Step;
use crate::words::lanes::{Arrow, Drawing, Lanes, Party};
use crate::words::{Times, counted};

/// Where lanes stand, in hundredths: one between client and server, or two.
const MIDDLE: u32 = 50;
const LEFT: u32 = 30;
const RIGHT: u32 = 62;
const CLIENT: u32 = 0;
const SERVER: u32 = 100;

/// How far a frame comes that does not arrive: this part of its way.
const LOST: u32 = 80;

/// An arrow in hundredths.
#[derive(Clone, Copy)]
struct Span {
    from: u32,
    to: u32,
    arrives: bool,
}

/// The table.
pub(super) fn table(drawing: &Drawing<'_>, times: Times) -> Markup {
    let ladder = drawing.ladder(times);
    if ladder.steps.is_empty() {
        return html! {};
    }
    let lanes = drawing.lanes(&ladder);
    let more = u64::try_from(ladder.more).unwrap_or(u64::MAX);
    html! {
        table.ladder {
            caption.vh { "Frames that prove it, between " (drawing.client) " and " (drawing.server) }
            thead {
                tr {
                    th scope="col" { "Frame" }
                    th scope="col" { "Time (UTC)" }
                    th.lanes scope="col" { (names(drawing, &lanes)) }
                }
            }
            tbody {
                @if let Some(begins) = &ladder.begins {
                    tr {
                        th scope="row" {}
                        td.time { (begins) }
                        td.lanes { (drawn(&lanes, None)) span.note.dim { "first packet" } }
                    }
                }
                @for step in &ladder.steps { (row(step, &lanes)) }
            }
        }
        @if more > 0 { p.more { "And " (counted(more, "frame", "frames")) " more." } }
    }
}

fn names(drawing: &Drawing<'_>, lanes: &Lanes) -> Markup {
    let count = lanes.parties().len();
    html! {
        span.names.(format!("of{count}")) {
            @for party in lanes.parties() {
                @match party {
                    Party::Client => span { span.vh { "From client " } (drawing.client) },
                    Party::Server => span { span.vh { " to server " } (drawing.server) },
                    Party::Between | Party::Gateway => span {
                        span.vh { " by " } (lanes.word(*party))
                        @if let (Party::Gateway, Some(translated)) = (party, &drawing.translated) { ", " (translated) }
                    },
                }
            }
        }
    }
}

fn row(step: &Step<'_>, lanes: &Lanes) -> Markup {
    let arrow = lanes.arrow(step);
    let span = arrow.map(|arrow| span(arrow, lanes));
    let evidence = step.evidence;
    html! {
        tr data-frame=(evidence.frame) data-capture=(evidence.capture) data-side=[step.beyond.then_some("other")] {
            th scope="row" { (step.frame) }
            td.time { (step.time) }
            td.lanes {
                (drawn(lanes, span.map(|span| (span, class(step.paint)))))
                span.note.(class(step.paint)).(place(span)) {
                    @if let Some(arrow) = arrow { span.vh { (said(arrow, lanes)) ": " } }
                    (evidence.note)
                }
            }
        }
    }
}

/// Where a party's lane stands.
fn at(party: Party, lanes: &Lanes) -> u32 {
    let parties = lanes.parties();
    match party {
        Party::Client => CLIENT,
        Party::Server => SERVER,
        Party::Gateway | Party::Between if parties.len() <= 3 => MIDDLE,
        Party::Gateway | Party::Between => {
            if parties.get(1) == Some(&party) {
                LEFT
            } else {
                RIGHT
            }
        }
    }
}

fn span(arrow: Arrow, lanes: &Lanes) -> Span {
    let (from, to) = (at(arrow.from, lanes), at(arrow.to, lanes));
    let ends = arrow.arrives || arrow.is_stopped();
    Span {
        from,
        to: if ends { to } else { lost(from, to) },
        arrives: arrow.arrives,
    }
}

/// Where it ends if it does not arrive.
const fn lost(from: u32, to: u32) -> u32 {
    (from * (100 - LOST) + to * LOST) / 100
}

/// The class that puts the words over their arrow.
fn place(span: Option<Span>) -> String {
    let Some(Span { from, to, .. }) = span else {
        return "untold".to_owned();
    };
    let known = |at: u32| {
        if [LEFT, MIDDLE, RIGHT].contains(&at) {
            at
        } else {
            0
        }
    };
    let side = if from < to { "out" } else { "back" };
    let (start, end) = (from.min(to), from.max(to));
    format!("{side} s{} e{}", known(start), known(end))
}

/// `client to server`, `gateway to server, lost`.
fn said(arrow: Arrow, lanes: &Lanes) -> String {
    let (from, to) = (lanes.word(arrow.from), lanes.word(arrow.to));
    if arrow.arrives {
        format!("{from} to {to}")
    } else if arrow.is_stopped() {
        format!("{from} to gateway, stopped there")
    } else {
        format!("{from} to {to}, lost")
    }
}

/// The lanes of one row, and its arrow.
fn drawn(lanes: &Lanes, span: Option<(Span, &'static str)>) -> Markup {
    html! {
        svg.drawn aria-hidden="true" focusable="false" {
            @for party in lanes.parties() {
                line.lane x1=(percent(at(*party, lanes))) x2=(percent(at(*party, lanes))) y1="0" y2="100%" {}
            }
            @if let Some((span, class)) = span {
                svg.arrow.(class) y="100%" width="100%" height="1" {
                    line x1=(percent(span.from)) x2=(percent(span.to)) y1="-5" y2="-5" {}
                    svg x=(percent(span.to)) y="-5" width="1" height="1" { path d=(head(span)) {} }
                }
            }
        }
    }
}

/// An arrow's head, or the cross where it was lost.
const fn head(span: Span) -> &'static str {
    match (span.arrives, span.from < span.to) {
        (true, true) => "M0 0L-8 -4V4Z",
        (true, false) => "M0 0L8 -4V4Z",
        (false, true) => "M-8 -4L0 4M0 -4L-8 4",
        (false, false) => "M8 -4L0 4M0 -4L8 4",
    }
}

fn percent(at: u32) -> String {
    format!("{at}%")
}
