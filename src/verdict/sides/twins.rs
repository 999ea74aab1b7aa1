//! Which flow, or question, is which on the other side.

use std::time::Duration;

use foldhash::HashMap;

use super::Twin;
use crate::capture::frame::Timestamp;
use crate::flow::Seq;
use crate::flow::key::{FlowKey, PlaceInfo};
use crate::hostname::Hostname;
use crate::protocol::lookups::Lookup;
use crate::protocol::nat_pmp;
use crate::protocol::ntp::NtpTime;
use crate::protocol::quic::ConnectionId;
use crate::verdict::assemble::JudgedLookup;
use crate::verdict::conversation::{Conversation, Talk};
use crate::verdict::subject::{Standing, Subject};

use std::net::IpAddr;

/// The first packets of a conversation at two places come within this time of each other.
const SOON: Duration = Duration::from_secs(2);

/// A DNS question passes a gateway in this time; one that is asked again keeps its identifier, but comes later.
const PASSAGE: Duration = Duration::from_millis(50);

/// By place in the list of subjects: its twin on the other side of a gateway, or (for a twin) the one that counts.
pub type Pairs = Vec<Option<usize>>;

/// What a conversation began with: the same wherever it is captured, also where the client's address is translated;
/// another for another conversation. The server's end is in it, so that numbers alone never pair.
#[derive(PartialEq, Eq, Hash)]
enum Opening {
    Tcp((IpAddr, u16), Seq),
    /// The connection ID that the client made up.
    Quic((IpAddr, u16), ConnectionId),
    Ntp((IpAddr, u16), NtpTime),
    /// To the gateway itself, so never translated.
    NatPmp(FlowKey, nat_pmp::Request),
}

impl Opening {
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let conversation: &Conversation = subject.conversation;
        let server = subject.server();
        match &conversation.talk {
            Talk::Ntp(session) => session.opening().map(|time| Self::Ntp(server, time)),
            Talk::NatPmp(session) => {
                let key = conversation.flow.key.anywhere();
                session.opening().map(|request| Self::NatPmp(key, request))
            }
            Talk::Quic(session) => session.first_id().map(|id| Self::Quic(server, id)),
            _ => Some(Self::Tcp(
                server,
                conversation.tcp()?.opening.syn.as_ref()?.isn,
            )),
        }
    }
}

/// One conversation at all places where it was captured, by place in the list.
struct Sightings {
    /// The client's side: the one that counts.
    own: usize,
    at: Vec<(PlaceInfo, Timestamp)>,
}

/// Marks the copies of conversations that were captured at several places. The earliest counts, unless its SYN had
/// passed the gateway already, as its hop count tells.
pub fn mark(subjects: &mut [Subject<'_>]) -> Pairs {
    let mut pairs = vec![None; subjects.len()];
    // Where everything was captured at one place, nothing has a twin.
    let here = subjects.first().map(|subject| subject.place);
    if subjects.iter().all(|subject| Some(subject.place) == here) {
        return pairs;
    }
    let mut known: HashMap<Opening, Vec<Sightings>> = HashMap::default();
    for index in 0..subjects.len() {
        let Some(subject) = subjects.get(index) else {
            break;
        };
        let Some(opening) = Opening::of(subject) else {
            continue;
        };
        let (place, first) = (subject.place, subject.first());
        let all = known.entry(opening).or_default();
        let same = all.iter_mut().find(|same| {
            let elsewhere = same.at.iter().all(|(other, _)| *other != place);
            elsewhere && same.at.iter().any(|(_, at)| first.since(*at) <= SOON)
        });
        let Some(same) = same else {
            all.push(Sightings {
                own: index,
                at: vec![(place, first)],
            });
            continue;
        };
        same.at.push((place, first));
        let nearer = hops_left(subject) > subjects.get(same.own).and_then(hops_left);
        let (own, twin) = if nearer {
            (index, same.own)
        } else {
            (same.own, index)
        };
        same.own = own;
        tie(subjects, (own, twin), &mut pairs);
    }
    pairs
}

/// TTL or hop limit of the first SYN; none for what is no TCP.
fn hops_left(subject: &Subject<'_>) -> Option<u8> {
    Some(subject.conversation.tcp()?.opening.syn.as_ref()?.ttl)
}

fn tie(subjects: &mut [Subject<'_>], (own, twin): (usize, usize), pairs: &mut Pairs) {
    let side = |subject: &Subject<'_>| Twin {
        client: subject.client(),
        place: subject.place,
    };
    let (of_own, of_twin) = (subjects.get(own).map(side), subjects.get(twin).map(side));
    // A bridge, or a VLAN's trunk, changes neither.
    let hops = |index: usize| subjects.get(index).and_then(hops_left);
    let is_routed =
        of_own.map(|own| own.client) != of_twin.map(|twin| twin.client) || hops(own) > hops(twin);
    if let Some(subject) = subjects.get_mut(own) {
        subject.standing = Standing::Own;
        if is_routed || subject.twin.is_none() {
            subject.twin = of_twin;
        }
    }
    if let Some(subject) = subjects.get_mut(twin) {
        subject.standing = Standing::Twin;
        subject.twin = of_own;
    }
    if let Some(pair) = pairs.get_mut(own).filter(|_| is_routed) {
        *pair = Some(twin);
    }
    if let Some(pair) = pairs.get_mut(twin) {
        *pair = Some(own);
    }
}

/// Finds the DNS questions that are others' on their way through the gateway, with the client's address translated; by
/// place in the list, which is in time order: the one that counts.
pub(super) fn mark_lookups(lookups: &[JudgedLookup<'_>]) -> Pairs {
    let mut pairs = vec![None; lookups.len()];
    let here = lookups.first().map(|judged| judged.place);
    if lookups.iter().all(|judged| Some(judged.place) == here) {
        return pairs;
    }
    let mut known: HashMap<(IpAddr, &Hostname, u16, u16), Vec<usize>> = HashMap::default();
    for (index, judged) in lookups.iter().enumerate() {
        let lookup: &Lookup = judged.lookup;
        let key = (lookup.resolver, &lookup.name, lookup.kind.0, lookup.id);
        let earlier = known.entry(key).or_default();
        let same = earlier.iter().copied().find(|&other| {
            lookups.get(other).is_some_and(|other| {
                other.place != judged.place
                    && other.lookup.client != lookup.client
                    && lookup.first().at.since(other.lookup.first().at) <= PASSAGE
            })
        });
        match same {
            Some(own) => {
                for (index, other) in [(index, own), (own, index)] {
                    if let Some(pair) = pairs.get_mut(index) {
                        *pair = Some(other);
                    }
                }
            }
            None => earlier.push(index),
        }
    }
    pairs
}
