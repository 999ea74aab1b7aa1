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
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Origin, Where};
use crate::verdict::summary::Twin;
use crate::words::Times;
use crate::words::counted;
use crate::words::ladder::{Ladder, Seen, Step};
use crate::words::way::Way;

/// Where lanes stand, in hundredths: one between client and server, or two.
const MIDDLE: u32 = 50;
const LEFT: u32 = 30;
const RIGHT: u32 = 62;
const CLIENT: u32 = 0;
const SERVER: u32 = 100;

/// How far a frame comes that does not arrive: this part of its way.
const LOST: u32 = 80;

/// What is drawn.
pub(super) struct Drawing<'a> {
    pub(super) client: String,
    pub(super) server: String,
    pub(super) first: Timestamp,
    pub(super) here: Seen<'a>,
    pub(super) whereabouts: Option<Where>,
    pub(super) twin: Option<&'a Twin>,
    /// What the other side of the gateway shows.
    pub(super) beyond: Option<Seen<'a>>,
}

/// A lane between client and server.
struct Lane {
    at: u32,
    name: String,
    /// What it is told by in words.
    party: &'static str,
}

/// The lanes between client and server, from left to right.
struct Lanes {
    gateway: Option<Lane>,
    between: Option<Lane>,
}

/// From where to where, in hundredths.
#[derive(Clone, Copy)]
struct Arrow {
    from: u32,
    to: u32,
    arrives: bool,
}

impl Drawing<'_> {
    /// The table.
    pub(super) fn table(&self, times: Times) -> Markup {
        let ladder = Ladder::of(self.here, self.beyond, self.first, times);
        if ladder.steps.is_empty() {
            return html! {};
        }
        let lanes = Lanes::of(self, &ladder);
        let more = u64::try_from(ladder.more).unwrap_or(u64::MAX);
        html! {
            table.ladder {
                caption.vh { "Frames that prove it, between " (self.client) " and " (self.server) }
                thead {
                    tr {
                        th scope="col" { "Frame" }
                        th scope="col" { "Time (UTC)" }
                        th.lanes scope="col" { (self.names(&lanes)) }
                    }
                }
                tbody {
                    @if let Some(begins) = &ladder.begins {
                        tr {
                            th scope="row" {}
                            td.time { (begins) }
                            td.lanes { (lanes.drawn(None)) span.note.dim { "first packet" } }
                        }
                    }
                    @for step in &ladder.steps { (self.row(step, &lanes)) }
                }
            }
            @if more > 0 { p.more { "And " (counted(more, "frame", "frames")) " more." } }
        }
    }

    fn names(&self, lanes: &Lanes) -> Markup {
        let count = lanes.all().count() + 2;
        html! {
            span.names.(format!("of{count}")) {
                span { span.vh { "From client " } (self.client) }
                @for lane in lanes.all() { span { span.vh { " by " } (lane.name) } }
                span { span.vh { " to server " } (self.server) }
            }
        }
    }

    fn row(&self, step: &Step<'_>, lanes: &Lanes) -> Markup {
        let arrow = self.arrow(step, lanes);
        let evidence = step.evidence;
        html! {
            tr data-frame=(evidence.frame) data-capture=(evidence.capture) data-side=[step.beyond.then_some("other")] {
                th scope="row" { (step.frame) }
                td.time { (step.time) }
                td.lanes {
                    (lanes.drawn(arrow.map(|arrow| (arrow, class(step.paint)))))
                    span.note.(class(step.paint)).(place(arrow)) {
                        @if let Some(arrow) = arrow { span.vh { (lanes.said(arrow)) ": " } }
                        (evidence.note)
                    }
                }
            }
        }
    }

    /// Between whom a frame went, as far as it is known.
    fn arrow(&self, step: &Step<'_>, lanes: &Lanes) -> Option<Arrow> {
        let gateway = lanes.gateway.as_ref().map(|lane| lane.at);
        // Where a frame was seen bounds what it shows: one side of the gateway, or all the way.
        let (left, right) = match (gateway, step.beyond) {
            (Some(gateway), false) => (CLIENT, gateway),
            (Some(gateway), true) => (gateway, SERVER),
            (None, _) => (CLIENT, SERVER),
        };
        let between = lanes.between.as_ref().map_or(right, |lane| lane.at);
        let (from, to, arrives) = match step.way {
            Way::ToServer => (left, right, true),
            Way::ToServerLost => (left, right, right != SERVER && !self.is_dropped()),
            Way::ToClient => (right, left, true),
            Way::ToClientLost => (right, left, left != CLIENT && !self.is_kept_back()),
            Way::BetweenToClient => (between.max(left), left, true),
            Way::GatewayToServer => (gateway?, SERVER, true),
            Way::ServerToGateway => (SERVER, gateway?, false),
            Way::Untold => return None,
        };
        let stops_in_gateway = Some(to) == gateway;
        let to = if arrives || stops_in_gateway {
            to
        } else {
            lost(from, to)
        };
        (from != to).then_some(Arrow { from, to, arrives })
    }

    fn is_dropped(&self) -> bool {
        self.whereabouts == Some(Where::DroppedInGateway)
    }

    fn is_kept_back(&self) -> bool {
        self.whereabouts == Some(Where::NotForwardedBack)
    }
}

/// Where it ends if it does not arrive.
const fn lost(from: u32, to: u32) -> u32 {
    (from * (100 - LOST) + to * LOST) / 100
}

/// The class that puts the words over their arrow.
fn place(arrow: Option<Arrow>) -> String {
    let Some(Arrow { from, to, .. }) = arrow else {
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

impl Lanes {
    fn of(drawing: &Drawing<'_>, ladder: &Ladder<'_>) -> Self {
        let by_gateway = drawing.whereabouts == Some(Where::RejectedByGateway);
        let has_gateway = drawing.twin.is_some() || drawing.whereabouts.is_some();
        let between = ladder.between.filter(|_| !by_gateway);
        let is_local = drawing.here.origin == Some(Origin::LocalNetwork);
        let (gateway, other) = match (has_gateway, between) {
            (true, Some(_)) if is_local => (RIGHT, LEFT),
            (true, Some(_)) => (LEFT, RIGHT),
            (_, _) => (MIDDLE, MIDDLE),
        };
        Self {
            gateway: has_gateway.then(|| Lane {
                at: gateway,
                name: drawing
                    .twin
                    .map_or_else(|| "gateway".to_owned(), translated),
                party: "gateway",
            }),
            between: between.map(|name| Lane {
                at: other,
                name: name.to_owned(),
                party: name,
            }),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Lane> {
        let mut lanes: Vec<&Lane> = self.gateway.iter().chain(&self.between).collect();
        lanes.sort_by_key(|lane| lane.at);
        lanes.into_iter()
    }

    /// `client to server`, `gateway to server, lost`.
    fn said(&self, arrow: Arrow) -> String {
        let party = |at: u32| {
            let lane = self.all().find(|lane| lane.at == at);
            lane.map_or(if at < MIDDLE { "client" } else { "server" }, |lane| {
                lane.party
            })
        };
        let (from, to) = (party(arrow.from), party(arrow.to));
        match (arrow.arrives, arrow.from < arrow.to) {
            (true, _) => format!("{from} to {to}"),
            (false, _) if to == "gateway" => format!("{from} to gateway, stopped there"),
            (false, true) => format!("{from} to server, lost"),
            (false, false) => format!("{from} to client, lost"),
        }
    }

    /// The lanes of one row, and its arrow.
    fn drawn(&self, arrow: Option<(Arrow, &'static str)>) -> Markup {
        html! {
            svg.drawn aria-hidden="true" focusable="false" {
                line.lane x1="0%" x2="0%" y1="0" y2="100%" {}
                @for lane in self.all() { line.lane x1=(percent(lane.at)) x2=(percent(lane.at)) y1="0" y2="100%" {} }
                line.lane x1="100%" x2="100%" y1="0" y2="100%" {}
                @if let Some((arrow, class)) = arrow {
                    svg.arrow.(class) y="100%" width="100%" height="1" {
                        line x1=(percent(arrow.from)) x2=(percent(arrow.to)) y1="-5" y2="-5" {}
                        svg x=(percent(arrow.to)) y="-5" width="1" height="1" { path d=(head(arrow)) {} }
                    }
                }
            }
        }
    }
}

/// An arrow's head, or the cross where it was lost.
const fn head(arrow: Arrow) -> &'static str {
    match (arrow.arrives, arrow.from < arrow.to) {
        (true, true) => "M0 0L-8 -4V4Z",
        (true, false) => "M0 0L8 -4V4Z",
        (false, true) => "M-8 -4L0 4M0 -4L-8 4",
        (false, false) => "M8 -4L0 4M0 -4L8 4",
    }
}

fn percent(at: u32) -> String {
    format!("{at}%")
}

/// `gateway, as 198.18.0.7:60114 on wan`.
fn translated(twin: &Twin) -> String {
    let address = std::net::SocketAddr::new(twin.client.ip, twin.client.port);
    match &twin.interface {
        Some(interface) => format!("gateway, as {address} on {interface}"),
        None => format!("gateway, as {address}"),
    }
}
