//! The lanes that a ladder's frames go between, and the arrow of each frame.
//!
//! Input: a flow with its copy beyond the gateway, or a question. Output: who stands from left to right, and from whom to
//! whom each frame went; where that is on a page or a screen is for each output to say. Where a fault's side of the
//! gateway is known the gateway has a lane: frames seen on the client's side end or begin there, and those of the other
//! side go on from it.

use super::Times;
use super::ladder::{Ladder, Seen, Step};
use super::row::socket;
use super::sides::{crosses_gateway, translated};
use super::way::Way;
use crate::capture::frame::Timestamp;
use crate::verdict::outcome::{Origin, Where};
use crate::verdict::summary::{DnsQuestion, Flow};

/// What a ladder is drawn of.
pub struct Drawing<'a> {
    /// The client's address.
    pub client: String,
    /// Whom it asked.
    pub server: String,
    /// When it began.
    pub first: Timestamp,
    /// What the client's side shows.
    pub here: Seen<'a>,
    /// What the other side of the gateway shows.
    pub beyond: Option<Seen<'a>>,
    /// On which side of the gateway it broke.
    pub whereabouts: Option<Where>,
    /// What the client is on the other side, if it was seen there: `as 198.18.0.7:60114 on wan`.
    pub translated: Option<String>,
}

/// Who sends, forwards or receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The device.
    Client,
    /// The gateway that was captured on.
    Gateway,
    /// Somebody on the way who answered in the server's stead.
    Between,
    /// The server.
    Server,
}

/// From whom to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Where it was seen first.
    pub from: Party,
    /// Where it went.
    pub to: Party,
    /// Whether it came there.
    pub arrives: bool,
    /// Away from the client.
    pub is_out: bool,
}

impl Arrow {
    /// Whether the gateway kept it.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        !self.arrives && self.to == Party::Gateway
    }
}

/// The parties of a ladder, from left to right.
pub struct Lanes {
    parties: Vec<Party>,
    between: &'static str,
    whereabouts: Option<Where>,
}

impl<'a> Drawing<'a> {
    /// Of a flow and its copy beyond the gateway, see [`super::sides`].
    #[must_use]
    pub fn of_flow(flow: &'a Flow, beyond: Option<&'a Flow>) -> Self {
        let twin = flow.twin.as_ref().filter(|_| crosses_gateway(flow));
        Self {
            client: flow.client.ip.to_string(),
            server: flow.name.as_ref().map_or_else(
                || socket(flow.server).to_string(),
                |name| format!("{}:{}", name.host, flow.server.port),
            ),
            first: flow.first,
            here: seen(flow),
            beyond: beyond.map(seen),
            whereabouts: flow.whereabouts,
            translated: twin.map(translated),
        }
    }

    /// Of a DNS question.
    #[must_use]
    pub fn of_question(question: &'a DnsQuestion) -> Self {
        Self {
            client: question.client.to_string(),
            server: format!("resolver {}", question.resolver),
            first: question.first,
            here: Seen {
                evidence: &question.evidence,
                origin: None,
            },
            beyond: None,
            whereabouts: question.whereabouts,
            translated: None,
        }
    }

    /// Its frames.
    #[must_use]
    pub fn ladder(&self, times: Times) -> Ladder<'a> {
        Ladder::of(self.here, self.beyond, self.first, times)
    }

    /// Who takes part in them.
    #[must_use]
    pub fn lanes(&self, ladder: &Ladder<'_>) -> Lanes {
        let has_gateway = self.translated.is_some() || self.whereabouts.is_some();
        // Whoever refused it is the gateway itself then.
        let by_gateway = self.whereabouts == Some(Where::RejectedByGateway);
        let between = ladder.between.filter(|_| !by_gateway);
        let mut parties = vec![Party::Client];
        parties.extend(has_gateway.then_some(Party::Gateway));
        if between.is_some() {
            let is_local = self.here.origin == Some(Origin::LocalNetwork);
            parties.insert(if is_local { 1 } else { parties.len() }, Party::Between);
        }
        parties.push(Party::Server);
        Lanes {
            parties,
            between: between.unwrap_or_default(),
            whereabouts: self.whereabouts,
        }
    }
}

const fn seen(flow: &Flow) -> Seen<'_> {
    Seen {
        evidence: flow.evidence.as_slice(),
        origin: flow.origin,
    }
}

impl Lanes {
    /// All, from left to right.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// Whether the gateway is one of them.
    #[must_use]
    pub fn has_gateway(&self) -> bool {
        self.parties.contains(&Party::Gateway)
    }

    /// What a party is in words.
    #[must_use]
    pub const fn word(&self, party: Party) -> &'static str {
        match party {
            Party::Client => "client",
            Party::Gateway => "gateway",
            Party::Between => self.between,
            Party::Server => "server",
        }
    }

    /// Between whom a frame went, as far as it is known.
    #[must_use]
    pub fn arrow(&self, step: &Step<'_>) -> Option<Arrow> {
        use Party::{Between, Client, Gateway, Server};
        let broke = |at: Where| self.whereabouts == Some(at);
        // Where a frame was seen bounds what it shows: one side of the gateway, or all the way.
        let (left, right) = match (self.has_gateway(), step.beyond) {
            (true, false) => (Client, Gateway),
            (true, true) => (Gateway, Server),
            (false, _) => (Client, Server),
        };
        let (from, to, arrives) = match step.way {
            Way::ToServer => (left, right, true),
            Way::ToServerLost => {
                let leaves = right == Gateway && !broke(Where::DroppedInGateway);
                (left, right, leaves)
            }
            Way::ToClient => (right, left, true),
            Way::ToClientLost => {
                let goes_on = left == Gateway && !broke(Where::NotForwardedBack);
                (right, left, goes_on)
            }
            Way::BetweenToClient if !self.parties.contains(&Between) => (right, left, true),
            Way::BetweenToClient => (self.further(Between, left), left, true),
            Way::GatewayToServer if self.has_gateway() => (Gateway, Server, true),
            Way::ServerToGateway if self.has_gateway() => (Server, Gateway, false),
            Way::GatewayToServer | Way::ServerToGateway | Way::Untold => return None,
        };
        (from != to).then(|| Arrow {
            from,
            to,
            arrives,
            is_out: self.further(from, to) == to,
        })
    }

    /// That of the two which stands farther from the client.
    fn further(&self, one: Party, other: Party) -> Party {
        let place = |party| self.parties.iter().position(|known| *known == party);
        if place(one) > place(other) {
            one
        } else {
            other
        }
    }
}
