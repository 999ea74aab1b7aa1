//! By which places packets leave a client's side, as far as connections prove it.

use std::net::IpAddr;
use std::time::Duration;

use foldhash::{HashMap, HashSet};

use super::twins::Pairs;
use crate::capture::frame::{Seen, Timestamp};
use crate::flow::Seq;
use crate::flow::key::PlaceInfo;
use crate::verdict::address::is_public;
use crate::verdict::subject::{Standing, Subject};

/// A proxy opens its own connection to the server in this time.
const SOON: Duration = Duration::from_secs(2);

/// A client's side: a place, and whether IPv6. Each family has its own routes.
type Way = (PlaceInfo, bool);

/// What leaves where.
#[derive(Default)]
pub struct Exits {
    /// The other sides that answered connections from this one were seen at, each with a frame that proves it.
    known: HashMap<Way, Vec<(PlaceInfo, Seen)>>,
    /// Sides from which something was answered that was not seen on any other one: there is a way that is not captured.
    leaks: HashSet<Way>,
    /// From when to when each place is known to have been captured.
    captured: HashMap<PlaceInfo, (Timestamp, Timestamp)>,
    /// When connections with this initial sequence number began: one that the gateway sends back to its own side, or to
    /// another server, keeps it.
    numbers: HashMap<Seq, Vec<Timestamp>>,
    /// Connections at a place to a server that have no twin: perhaps a proxy's own.
    alone: HashMap<(PlaceInfo, (IpAddr, u16)), Vec<Timestamp>>,
}

impl Exits {
    /// Learns from all connections, of which some have twins.
    #[must_use]
    pub fn of(subjects: &[Subject<'_>], pairs: &Pairs) -> Self {
        let mut exits = Self::default();
        if pairs.iter().all(Option::is_none) {
            return exits;
        }
        for (subject, pair) in subjects.iter().zip(pairs) {
            let flow = &subject.conversation.flow;
            exits.capture(subject.place, flow.first.at, flow.last.at);
            if let Some(isn) = isn(subject).filter(|_| subject.standing != Standing::Twin) {
                exits.numbers.entry(isn).or_default().push(subject.first());
            }
            match pair.and_then(|other| subjects.get(other)) {
                Some(twin) if subject.standing == Standing::Own => exits.learn(subject, twin),
                Some(_) => {}
                None => exits
                    .alone
                    .entry((subject.place, subject.server()))
                    .or_default()
                    .push(subject.first()),
            }
        }
        let leaks = subjects.iter().zip(pairs).filter(|(subject, pair)| {
            pair.is_none() && is_answered(subject) && is_public(subject.server().0)
        });
        let leaks = leaks.filter(|(subject, _)| {
            let exit = exits
                .known
                .get(&way(subject))
                .and_then(|known| known.first());
            exit.is_some_and(|(exit, _)| exits.covers(*exit, subject.first(), subject.first()))
        });
        exits.leaks = leaks.map(|(subject, _)| way(subject)).collect();
        exits
    }

    fn capture(&mut self, place: PlaceInfo, first: Timestamp, last: Timestamp) {
        let captured = self.captured.entry(place).or_insert((first, last));
        *captured = (captured.0.min(first), captured.1.max(last));
    }

    fn learn(&mut self, subject: &Subject<'_>, twin: &Subject<'_>) {
        if twin.conversation.flow.frames.server == 0 {
            return;
        }
        let known = self.known.entry(way(subject)).or_default();
        if known.iter().all(|(place, _)| *place != twin.place) {
            known.push((twin.place, twin.conversation.flow.first));
        }
    }

    /// A place is known to have been captured from then to then.
    pub(super) fn covers(&self, place: PlaceInfo, first: Timestamp, last: Timestamp) -> bool {
        self.captured
            .get(&place)
            .is_some_and(|(from, to)| *from <= first && last <= *to)
    }

    /// Where packets from this side, of this family, would have been seen to leave in that time, with a frame that
    /// proves it; none if they may have left unseen.
    pub(super) fn by(
        &self,
        (place, v6): Way,
        first: Timestamp,
        last: Timestamp,
    ) -> Option<(PlaceInfo, Seen)> {
        let known = self.known.get(&(place, v6))?;
        let sure = !self.leaks.contains(&(place, v6))
            && known
                .iter()
                .all(|(exit, _)| self.covers(*exit, first, last));
        known.first().copied().filter(|_| sure)
    }

    /// As [`Self::by`], for a connection without a twin.
    pub(super) fn never_left(&self, subject: &Subject<'_>) -> Option<(PlaceInfo, Seen)> {
        let flow = &subject.conversation.flow;
        let (exit, proof) = self.by(way(subject), flow.first.at, flow.last.at)?;
        let soon = |at: &&Timestamp| at.since(flow.first.at).max(flow.first.at.since(**at)) <= SOON;
        // Turned back, or sent to another server: besides itself.
        let numbers = isn(subject).and_then(|isn| self.numbers.get(&isn));
        let turned = numbers.is_some_and(|numbers| numbers.iter().filter(soon).count() > 1);
        let known = self.known.get(&way(subject)).into_iter().flatten();
        let alone = known.filter_map(|(exit, _)| self.alone.get(&(*exit, subject.server())));
        let proxied = alone.flatten().any(|at| soon(&at));
        (!turned && !proxied).then_some((exit, proof))
    }
}

fn way(subject: &Subject<'_>) -> Way {
    (subject.place, subject.server().0.is_ipv6())
}

fn isn(subject: &Subject<'_>) -> Option<Seq> {
    Some(subject.conversation.tcp()?.opening.syn.as_ref()?.isn)
}

/// The server, or what stands for it, took the connection.
pub(super) fn is_answered(subject: &Subject<'_>) -> bool {
    match subject.conversation.tcp() {
        Some(tcp) => tcp.opening.syn_ack.is_some(),
        None => subject.conversation.flow.frames.server > 0,
    }
}
