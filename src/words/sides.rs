//! A flow's copy on the other side of the gateway.
//!
//! Input: the flows of a summary. Output: which of them is the copy of one, and whether it was captured beyond a gateway or
//! on the same side, as of a bridge and its ports.

use std::collections::HashMap;

use super::row::socket;
use super::way::{Way, way};
use crate::verdict::outcome::Standing;
use crate::verdict::summary::{Evidence, Flow, Summary, Twin};

/// Copies of flows by their Community IDs; several where ports were used again.
pub struct Twins<'a>(HashMap<&'a str, Vec<&'a Flow>>);

impl<'a> Twins<'a> {
    /// Finds them all, for outputs that show many flows.
    #[must_use]
    pub fn of(summary: &'a Summary) -> Self {
        let mut by_id: HashMap<&str, Vec<&Flow>> = HashMap::new();
        for flow in copies(summary) {
            by_id.entry(&flow.id).or_default().push(flow);
        }
        Self(by_id)
    }

    /// The copy of this flow beyond the gateway.
    #[must_use]
    pub fn beyond(&self, flow: &Flow) -> Option<&'a Flow> {
        let Self(by_id) = self;
        let copies = by_id.get(flow.twin.as_ref()?.id.as_str())?;
        pick(flow, copies.iter().copied()).filter(|_| crosses_gateway(flow))
    }
}

/// The same for one flow alone.
#[must_use]
pub fn beyond<'a>(summary: &'a Summary, flow: &Flow) -> Option<&'a Flow> {
    if flow.standing == Standing::Twin || !crosses_gateway(flow) {
        return None;
    }
    pick(flow, copies(summary))
}

/// The flow on the client's side that this one is the copy of, beyond the gateway.
#[must_use]
pub fn before<'a>(summary: &'a Summary, copy: &Flow) -> Option<&'a Flow> {
    if copy.standing != Standing::Twin {
        return None;
    }
    let flows = summary.flows.iter();
    let own = flows.filter(|flow| flow.standing != Standing::Twin);
    pick(copy, own).filter(|flow| crosses_gateway(flow))
}

/// Whether the flow's twin is on the other side of a gateway: the evidence has a frame from there, or the address was
/// translated. Else it is a copy from the same side.
#[must_use]
pub fn crosses_gateway(flow: &Flow) -> bool {
    let is_of_other_side = |one: &Evidence| {
        let way = way(&one.note, flow.origin);
        matches!(way, Way::GatewayToServer | Way::ServerToGateway)
    };
    let translated = |twin: &Twin| twin.client != flow.client;
    flow.evidence.iter().any(is_of_other_side)
        || (flow.whereabouts.is_none() && flow.twin.as_ref().is_some_and(translated))
}

/// `as 198.18.0.7:60114 on wan`: what the client is there.
#[must_use]
pub fn translated(twin: &Twin) -> String {
    let address = socket(twin.client);
    match &twin.interface {
        Some(interface) => format!("as {address} on {interface}"),
        None => format!("as {address}"),
    }
}

fn copies(summary: &Summary) -> impl Iterator<Item = &Flow> {
    let flows = summary.flows.iter();
    flows.filter(|flow| flow.standing == Standing::Twin)
}

/// Of those that this flow and they themselves say are its twin, that which began with it.
fn pick<'a>(flow: &Flow, others: impl Iterator<Item = &'a Flow>) -> Option<&'a Flow> {
    let named = flow.twin.as_ref()?;
    let is_of_it = |other: &&Flow| {
        other.id == named.id && other.twin.as_ref().is_some_and(|twin| twin.id == flow.id)
    };
    let apart = |other: &&Flow| {
        let later = other.first.since(flow.first);
        later.max(flow.first.since(other.first))
    };
    others.filter(is_of_it).min_by_key(apart)
}
