//! On which side of the gateway a fault lies.

use std::time::Duration;

use super::Broke;
use super::exits::{Exits, is_answered};
use super::twins::{Pairs, mark_lookups};
use crate::capture::frame::Seen;
use crate::flow::{IcmpError, TcpFlow};
use crate::side::Side;
use crate::verdict::address::is_public;
use crate::verdict::assemble::JudgedLookup;
use crate::verdict::outcome::{Cause, Origin, Outcome, Where};
use crate::verdict::rows::is_faulty;
use crate::verdict::subject::{Standing, Subject};

/// What proves it: a frame on the other side, and what it shows.
type Proof = (Seen, &'static str);

/// Where the one frame is that proves that leaving packets are captured.
const OTHERS_LEAVE: &str =
    "another connection from this side, leaving on the other: what leaves is captured there";

/// Tells for each fault where it lies, as far as that is proved.
pub fn locate(subjects: &mut [Subject<'_>], pairs: &Pairs, exits: &Exits) {
    if pairs.iter().all(Option::is_none) {
        return;
    }
    let found: Vec<Option<(Broke, Option<Proof>)>> = subjects
        .iter()
        .zip(pairs)
        .map(|(subject, pair)| {
            let is_candidate = is_faulty(subject.ruling.outcome)
                && subject.standing != Standing::Twin
                && subject.ruling.origin != Some(Origin::Client);
            if !is_candidate {
                return None;
            }
            match pair.and_then(|other| subjects.get(other)) {
                None => one_side(subject, exits),
                Some(twin) => both_sides(subject, twin, exits),
            }
        })
        .collect();
    for (subject, found) in subjects.iter_mut().zip(found) {
        let Some((broke, proof)) = found else {
            continue;
        };
        subject.broke = Some(broke);
        if let Some((seen, text)) = proof {
            subject.ruling.note(seen, text);
        }
    }
}

/// A connection that was never seen on the other side.
fn one_side(subject: &Subject<'_>, exits: &Exits) -> Option<(Broke, Option<Proof>)> {
    if is_answered(subject) {
        return None;
    }
    let (other, proof) = exits.never_left(subject)?;
    let at = match subject.ruling.outcome {
        Outcome::Stalled => Where::DroppedInGateway,
        _ if is_refused(subject) => Where::RejectedByGateway,
        _ => return None,
    };
    Some((Broke { at, other }, Some((proof, OTHERS_LEAVE))))
}

/// A connection that was seen on both sides.
fn both_sides(
    own: &Subject<'_>,
    twin: &Subject<'_>,
    exits: &Exits,
) -> Option<(Broke, Option<Proof>)> {
    let span = |subject: &Subject<'_>| {
        let flow = &subject.conversation.flow;
        (flow.first.at, flow.last.at)
    };
    let ((from, to), (twin_from, twin_to)) = (span(own), span(twin));
    // Numbers tell what was sent before the other capture began; datagrams have none and are counted.
    let is_numbered = own.conversation.tcp().is_some();
    let since = if is_numbered { twin_from } else { from };
    if !exits.covers(twin.place, since, to) {
        return None;
    }
    let left = Some((
        twin.conversation.flow.first,
        "the same connection on the other side: it left the gateway",
    ));
    let (at, proof) = match own.ruling.outcome {
        Outcome::Stalled => match missing(own, twin)? {
            Missing::Out => (Where::DroppedInGateway, left),
            // What came back last may still have been on its way when the other capture ended.
            Missing::Back if !exits.covers(own.place, twin_from, twin_to) => return None,
            Missing::Back => (Where::NotForwardedBack, Some(answer(twin))),
            Missing::Nothing => (Where::BeyondGateway, left),
        },
        _ if is_refused(own) && !is_refused(twin) => (Where::RejectedByGateway, left),
        _ if is_refused(own) || own.ruling.cause == twin.ruling.cause => {
            (Where::BeyondGateway, left)
        }
        _ => return None,
    };
    let other = twin.place;
    Some((Broke { at, other }, proof))
}

/// What one side has and the other lacks.
enum Missing {
    /// Something of the client, on the far side.
    Out,
    /// Something of the server, on the client's side.
    Back,
    /// Both sides have the same.
    Nothing,
}

/// None where both directions lack something: which came first is not told; and none where the server's part came through
/// this gateway and waits for the client.
fn missing(own: &Subject<'_>, twin: &Subject<'_>) -> Option<Missing> {
    let (out, back) =
        if let (Some(own), Some(twin)) = (own.conversation.tcp(), twin.conversation.tcp()) {
            if waits_for_client(own) && waits_for_client(twin) {
                return None;
            }
            let unheard = own.opening.syn_ack.is_none() && twin.opening.syn_ack.is_some();
            (
                own.half.client.next.is_after(twin.half.client.next),
                unheard || twin.half.server.next.is_after(own.half.server.next),
            )
        } else {
            let frames = |subject: &Subject<'_>| subject.conversation.flow.frames;
            let (own, twin) = (frames(own), frames(twin));
            (own.client > twin.client, twin.server > own.server)
        };
    match (out, back) {
        (true, true) => None,
        (true, false) => Some(Missing::Out),
        (false, true) => Some(Missing::Back),
        (false, false) => Some(Missing::Nothing),
    }
}

/// All that the server sent passed here, and the client has not acknowledged all of it: what is lost is lost between here
/// and the client.
fn waits_for_client(tcp: &TcpFlow) -> bool {
    let server = &tcp.half.server;
    let is_unheard = tcp.opening.syn_ack.is_some() && tcp.opening.established.is_none();
    is_unheard || (server.next.is_after(server.unacked) && !server.has_holes())
}

/// The latest of the server that is known on this side.
fn answer(twin: &Subject<'_>) -> Proof {
    let flow = &twin.conversation.flow;
    let of_tcp = twin.conversation.tcp().and_then(|tcp| {
        let data = tcp
            .half
            .server
            .first_payload
            .map(|_| tcp.half.server.last_payload);
        data.or_else(|| {
            tcp.opening
                .syn_ack
                .as_ref()
                .map(|syn_ack| syn_ack.sightings.first())
        })
    });
    let seen = of_tcp.unwrap_or(flow.last);
    (
        seen,
        "the server's packet on the other side, which never came here",
    )
}

/// Something said in the server's stead, or by it, that the connection is not wanted.
fn is_refused(subject: &Subject<'_>) -> bool {
    let flow = &subject.conversation.flow;
    let closing = subject
        .conversation
        .tcp()
        .and_then(|tcp| tcp.closing.as_ref());
    closing.is_some_and(|closing| closing.first_from(Side::Server).is_some())
        || flow.icmp.iter().any(IcmpError::is_unreachable)
}

/// Tells the same for DNS questions that nobody answered within `timer`, and leaves out those that are others' on their
/// way.
pub fn locate_lookups(lookups: &mut Vec<JudgedLookup<'_>>, exits: &Exits, timer: Duration) {
    let pairs = mark_lookups(lookups);
    let found: Vec<Option<Broke>> = lookups
        .iter()
        .zip(&pairs)
        .map(|(judged, pair)| {
            let twin = pair.and_then(|other| lookups.get(other));
            of_lookup(judged, twin, exits, timer)
        })
        .collect();
    for (judged, broke) in lookups.iter_mut().zip(found) {
        judged.broke = broke;
    }
    // In time order, the one that counts comes first.
    let mut counts = pairs
        .into_iter()
        .enumerate()
        .map(|(index, pair)| pair.is_none_or(|other| other > index));
    lookups.retain(|_| counts.next() != Some(false));
}

fn of_lookup(
    judged: &JudgedLookup<'_>,
    twin: Option<&JudgedLookup<'_>>,
    exits: &Exits,
    timer: Duration,
) -> Option<Broke> {
    if judged.ruling.cause != Some(Cause::DnsUnanswered) {
        return None;
    }
    let lookup = judged.lookup;
    let (first, last) = (lookup.first().at, lookup.last().at);
    if let Some(twin) = twin {
        // An answer may come for as long as the rule waits for one, on either side.
        let (at, watched, until) = match &twin.lookup.answer {
            Some(answer) => (Where::NotForwardedBack, judged.place, answer.seen.at),
            None => (Where::BeyondGateway, twin.place, last.after(timer)),
        };
        let other = twin.place;
        return exits
            .covers(watched, first, until)
            .then_some(Broke { at, other });
    }
    if !is_public(lookup.resolver) {
        return None;
    }
    let way = (judged.place, lookup.resolver.is_ipv6());
    let (other, _) = exits.by(way, first, last)?;
    let at = Where::DroppedInGateway;
    Some(Broke { at, other })
}
