//! A shape for each outcome and status, so that none is told by its colour.

use maud::{Markup, html};

use crate::verdict::outcome::{Outcome, Status};
use crate::words::{self, Paint};

/// The class that gives a colour.
pub(super) const fn class(paint: Paint) -> &'static str {
    match paint {
        Paint::Plain | Paint::Strong => "plain",
        Paint::Dim => "dim",
        Paint::Good => "good",
        Paint::Warn => "warn",
        Paint::Bad => "bad",
    }
}

/// Where the drawing of an outcome is found.
pub(super) fn drawing(outcome: Outcome) -> String {
    format!("#shape-{outcome}")
}

/// How each outcome is drawn, around the origin, within ±5.
const fn path(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z",
        Outcome::Stalled => "M-4 -4H4V4H-4ZM-2 -2V2H2V-2Z",
        Outcome::Reset => {
            "M-4.5 -3L-3 -4.5L0 -1.5L3 -4.5L4.5 -3L1.5 0L4.5 3L3 4.5L0 1.5L-3 4.5L-4.5 3L-1.5 0Z"
        }
        Outcome::Failed => "M0 -5L5 4H-5Z",
        Outcome::Abandoned => "M-5 -1H5V1H-5Z",
        Outcome::Pending => {
            "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0ZM-2 0A2 2 0 1 1 2 0A2 2 0 1 1 -2 0Z"
        }
        Outcome::Unjudged => "M0 -5L5 0L0 5L-5 0ZM0 -2.5L-2.5 0L0 2.5L2.5 0Z",
    }
}

/// The drawings, once a page.
pub(super) fn definitions() -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                @for outcome in Outcome::ALL {
                    path id={ "shape-" (outcome) } d=(path(*outcome)) fill-rule="evenodd" {}
                }
            }
        }
    }
}

/// An outcome: its shape and its word.
pub(super) fn outcome(outcome: Outcome) -> Markup {
    let (_, paint) = words::outcome(outcome);
    html! {
        span.state.(class(paint)) {
            svg.shape viewBox="-6 -6 12 12" aria-hidden="true" focusable="false" { use href=(drawing(outcome)) {} }
            (outcome)
        }
    }
}

/// A status: its sign and its word.
pub(super) fn status(status: Status) -> Markup {
    let (glyph, paint) = words::status(status);
    html! {
        span.state.(class(paint)) { span.sign aria-hidden="true" { (glyph) } (status) }
    }
}

/// What the shapes mean.
pub(super) fn legend() -> Markup {
    html! {
        p.legend {
            span { "On a timeline, an attempt that: " }
            @for outcome in Outcome::ALL { (self::outcome(*outcome)) " " }
        }
    }
}
