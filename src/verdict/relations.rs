//! What flows are to each other: attempts that another one made superfluous.
//!
//! Input: all subjects of a capture, judged one by one. Output: their standing, and `superseded` where a sibling won.
//! RFC 8305 (Happy Eyeballs).

use std::net::IpAddr;
use std::time::Duration;

use foldhash::{HashMap, HashSet};

use super::conversation::Talk;
use super::device::DeviceId;
use super::outcome::{Cause, Outcome};
use super::ruling::Ruling;
use super::subject::{Standing, Subject};
use super::timers::Timers;
use crate::capture::frame::{Seen, Timestamp};
use crate::hostname::Hostname;
use crate::protocol::exchange::Answered;
use crate::protocol::ntp::Reply;
use crate::side::Side;

/// Parallel attempts connect within this time of each other.
const RACE: Duration = Duration::from_secs(2);

/// After a proxy asked for a login, the client comes back with one this soon.
const LOGIN: Duration = Duration::from_secs(30);

/// An NTP client that takes a new port for each request asks again from another one: turns the request that was lost
/// into `abandoned` where another to the same server, within the rule's time, was answered.
pub fn ask_again(subjects: &mut [Subject<'_>], timers: &Timers) {
    let mut answered: HashMap<(DeviceId, IpAddr), Vec<Answered<Reply>>> = HashMap::default();
    for subject in subjects.iter() {
        if let Talk::Ntp(session) = &subject.conversation.talk
            && subject.ruling.outcome == Outcome::Succeeded
            && let Some(last) = session.requests().last()
        {
            let ends = (subject.device, subject.server().0);
            answered.entry(ends).or_default().push(*last);
        }
    }
    for subject in subjects.iter_mut() {
        let Talk::Ntp(session) = &subject.conversation.talk else {
            continue;
        };
        if subject.ruling.cause != Some(Cause::NtpUnanswered) {
            continue;
        }
        let lost = session.requests().unanswered().first();
        let others = answered.get(&(subject.device, subject.server().0));
        let again = others
            .into_iter()
            .flatten()
            .find(|other| other.asked > lost && other.asked.at.since(lost.at) < timers.ntp);
        if let Some(again) = again {
            subject.ruling = Ruling::fault(
                Outcome::Abandoned,
                subject.ruling.stage,
                Cause::Superseded,
                "the request or its reply was lost, and the client asked again from another port",
            )
            .with(lost, "request, not answered")
            .with(again.asked, "asked again")
            .with(again.seen, "reply");
        }
    }
}

/// A connection of the same device for the same name that was opened.
struct Winner {
    client_port: u16,
    first: Timestamp,
    connected: Seen,
    /// The client went on with it.
    used: bool,
    succeeded: bool,
}

/// Turns attempts that a parallel one made superfluous into `abandoned`.
pub fn supersede(subjects: &mut [Subject<'_>]) {
    let losers: HashSet<(DeviceId, &Hostname)> = subjects
        .iter()
        .filter(|subject| may_have_lost(&subject.ruling))
        .filter_map(|subject| Some((subject.device, subject.name.as_ref()?.host)))
        .collect();
    let mut winners: HashMap<(DeviceId, &Hostname), Vec<Winner>> = HashMap::default();
    for subject in subjects
        .iter()
        .filter(|subject| subject.standing == Standing::Own)
    {
        let Some(name) = &subject.name else { continue };
        if !losers.contains(&(subject.device, name.host)) {
            continue;
        }
        let Some(connected) = subject.connected() else {
            continue;
        };
        winners
            .entry((subject.device, name.host))
            .or_default()
            .push(Winner {
                client_port: subject.client().1,
                first: subject.first(),
                connected,
                used: subject
                    .conversation
                    .tcp()
                    .is_none_or(|tcp| tcp.half.client.first_payload.is_some()),
                succeeded: subject.ruling.outcome == Outcome::Succeeded,
            });
    }
    for subject in subjects.iter_mut() {
        let Some(name) = &subject.name else { continue };
        let Some(rivals) = winners.get(&(subject.device, name.host)) else {
            continue;
        };
        if let Some(winner) = winner_over(subject, rivals) {
            let stage = subject.ruling.stage;
            let evidence = std::mem::take(&mut subject.ruling.evidence);
            let mut ruling = Ruling::fault(
                Outcome::Abandoned,
                stage,
                Cause::Superseded,
                "the client let this attempt go because a parallel one had connected",
            );
            ruling.evidence = evidence;
            ruling.note(winner.connected, "the attempt that won: connected");
            subject.ruling = ruling;
        }
    }
}

/// Whether a rival can make an attempt with this ruling superfluous: [`winner_over`] looks at no other.
const fn may_have_lost(ruling: &Ruling) -> bool {
    matches!(
        (ruling.outcome, ruling.cause),
        (Outcome::Unjudged | Outcome::Pending, None)
            | (Outcome::Stalled, Some(Cause::QuicUnanswered))
            | (
                _,
                Some(Cause::ClientAbort | Cause::ProxyDenied | Cause::HttpError)
            )
    )
}

/// The rival that made this attempt superfluous.
fn winner_over<'w>(subject: &Subject<'_>, rivals: &'w [Winner]) -> Option<&'w Winner> {
    if !may_have_lost(&subject.ruling) {
        return None;
    }
    let own = |winner: &Winner| {
        winner.client_port == subject.client().1 && winner.first == subject.first()
    };
    let raced = |winner: &Winner| {
        let (a, b) = (subject.first(), winner.connected.at);
        a.since(b) <= RACE && b.since(a) <= RACE
    };
    // What must be true of the rival for this attempt to be no loss.
    let won: &dyn Fn(&Winner) -> bool = match (subject.ruling.outcome, subject.ruling.cause) {
        (Outcome::Unjudged, None) if closed_unanswered(subject) => {
            &|winner| winner.succeeded && raced(winner)
        }
        // Of two connections that were opened and not used, neither won.
        (Outcome::Unjudged, None) if never_used(subject) && subject.connected().is_some() => {
            &|winner| winner.used && raced(winner)
        }
        (Outcome::Unjudged, None) if never_used(subject) => &raced,
        (Outcome::Pending, None) if one_syn_unanswered(subject) => &raced,
        (Outcome::Pending | Outcome::Unjudged, None)
        | (Outcome::Stalled, Some(Cause::QuicUnanswered))
            if gave_quic_up_soon(subject) =>
        {
            &raced
        }
        (Outcome::Unjudged, None) if closed_quic(subject) => {
            &|winner| winner.succeeded && raced(winner)
        }
        (_, Some(Cause::ClientAbort)) => &|winner| winner.succeeded && raced(winner),
        (_, Some(Cause::ProxyDenied | Cause::HttpError)) if asked_for_login(subject) => &|winner| {
            winner.succeeded
                && winner.first >= subject.first()
                && winner.first.since(subject.first()) <= LOGIN
        },
        (_, _) => return None,
    };
    rivals.iter().find(|winner| !own(winner) && won(winner))
}

/// The client had said something and closed the connection before an answer.
fn closed_unanswered(subject: &Subject<'_>) -> bool {
    subject.conversation.tcp().is_some_and(|tcp| {
        !subject.conversation.flow.midstream
            && tcp.half.client.first_payload.is_some()
            && (tcp.first_fin().is_some() || tcp.closing.is_some())
    })
}

/// The client opened the connection, or tried to, and said nothing.
fn never_used(subject: &Subject<'_>) -> bool {
    let flow = &subject.conversation.flow;
    !flow.midstream
        && flow.frames.client > 0
        && subject
            .conversation
            .tcp()
            .is_some_and(|tcp| tcp.half.client.first_payload.is_none())
}

fn one_syn_unanswered(subject: &Subject<'_>) -> bool {
    subject.conversation.tcp().is_some_and(|tcp| {
        tcp.opening.syn_ack.is_none()
            && tcp
                .opening
                .syn
                .as_ref()
                .is_some_and(|syn| syn.sightings.count == 1)
    })
}

/// QUIC Initials without an answer, not repeated for so long that TCP would have been tried for their sake.
fn gave_quic_up_soon(subject: &Subject<'_>) -> bool {
    subject.conversation.quic().is_some_and(|quic| {
        let flights = &quic.flights;
        subject.conversation.flow.frames.server == 0
            && flights.count > 0
            && flights.last().at.since(flights.first().at) < RACE
    })
}

/// The client let a QUIC connection go that was answered.
fn closed_quic(subject: &Subject<'_>) -> bool {
    subject
        .conversation
        .quic()
        .is_some_and(|quic| quic.close(Side::Client).is_some())
}

/// The last word was "log in": the next connection brings the login.
fn asked_for_login(subject: &Subject<'_>) -> bool {
    let Some(http) = subject.conversation.http() else {
        return false;
    };
    let status = match &http.connect {
        Some(connect) => connect.answers.last().map(|(status, _)| *status),
        None => http.response.as_ref().map(|response| response.status),
    };
    matches!(status, Some(401 | 407))
}
