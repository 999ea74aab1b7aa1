//! Rules for QUIC: Initials without an answer, a close in an Initial, a handshake that stands still.
//!
//! Input: the facts of a conversation that began with an Initial of the client, or was joined midstream. Output: a ruling.
//! After the hellos everything is encrypted, an end's close too: where both ends fall silent, which of them ended it
//! cannot be told. RFC 9000 sections 7, 10 and 19.19, RFC 9001 section 4.8, RFC 9002 section 6.2.

mod close;
mod path_mtu;

use super::connect;
use super::judge::Scene;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use crate::flow::Flow;
use crate::protocol::quic::QuicFacts;
use crate::side::Side;

/// Judges a QUIC conversation.
#[must_use]
pub fn judge(flow: &Flow, facts: &QuicFacts, scene: &Scene<'_>) -> Ruling {
    if facts.finished.is_some() {
        return Ruling::succeeded(Stage::Transfer).recovered_if(had_stalled(facts, scene));
    }
    if flow.frames.client == 0 {
        return connect::one_sided(flow, "packets of the server only were captured");
    }
    if facts.flights.count == 0 {
        return Ruling::unjudged(
            Stage::Handshake,
            "the capture does not show how the QUIC connection began",
        );
    }
    let ruling = if flow.frames.server == 0 || only_false_retries(facts) {
        unanswered(flow, facts, scene)
    } else {
        close::judge(flow, facts).unwrap_or_else(|| open(flow, facts, scene))
    };
    match (facts.passed_over, ruling.cause) {
        (Some(seen), Some(Cause::QuicUnanswered | Cause::HandshakeStalled)) => Ruling::unjudged(
            Stage::Handshake,
            "more QUIC Initials came at once than are read: one of this connection's, perhaps its close, was passed over",
        )
        .with(seen, "QUIC Initial, not read"),
        (_, _) => ruling,
    }
}

/// A stall rule had been met before the handshake completed.
fn had_stalled(facts: &QuicFacts, scene: &Scene<'_>) -> bool {
    let first = facts.flights.first().at;
    let slow_answer = facts.flights.count >= 2
        && facts
            .answered
            .is_some_and(|answer| answer.at.since(first) >= scene.timers.hello);
    let mut steps: Vec<_> = facts.steps().map(|seen| seen.at).collect();
    steps.sort_unstable();
    let slow_step = steps
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if b.since(*a) >= scene.timers.handshake));
    slow_answer || slow_step
}

/// All that came in the server's name is a Retry that the client ignores.
fn only_false_retries(facts: &QuicFacts) -> bool {
    facts.false_retry.is_some()
        && facts.answered.is_none()
        && facts.handshake.server.or(facts.one_rtt.server).is_none()
}

/// Not one packet of the server was captured.
fn unanswered(flow: &Flow, facts: &QuicFacts, scene: &Scene<'_>) -> Ruling {
    if facts.handshake.client.or(facts.one_rtt.client).is_some() {
        return connect::one_sided(
            flow,
            "the client goes on as if answered, and no packet of the server was captured",
        );
    }
    let flights = &facts.flights;
    if let Some(error) = flow.icmp.iter().find(|error| error.is_unreachable()) {
        return connect::unreachable(flow, error, Stage::Connect)
            .with_all(flights.frames(), "QUIC Initial");
    }
    if scene.now.since(flights.first().at) < scene.timers.hello {
        return Ruling::pending(Stage::Connect).with_all(flights.frames(), "QUIC Initial");
    }
    if flights.count < 2 {
        return Ruling::unjudged(
            Stage::Connect,
            "one flight of QUIC Initials without an answer and never repeated: the client let it go",
        )
        .with_all(flights.frames(), "QUIC Initial");
    }
    if let Some(too_large) = path_mtu::judge(flow, facts) {
        return too_large;
    }
    if !scene.heard {
        return connect::one_sided(
            flow,
            "nothing sent to this client was captured, so an answer would not be seen either",
        );
    }
    let span = flights.last().at.since(flights.first().at).as_secs_f64();
    Ruling::fault(
        Outcome::Stalled,
        Stage::Handshake,
        Cause::QuicUnanswered,
        format!(
            "{} flights of QUIC Initials in {span:.1} s got no answer: UDP {} is dropped on the way, or nothing speaks QUIC there",
            flights.count,
            flow.endpoint(Side::Server).1
        ),
    )
    .by(Origin::Unknown)
    .with_all(flights.frames(), "QUIC Initial, not answered")
    .with_some(
        facts.false_retry,
        "Retry with a wrong integrity tag: not the server's, and no client heeds it",
    )
}

/// The server answered, and nothing says that it is over: waiting, stalled, or both ends silent.
fn open(flow: &Flow, facts: &QuicFacts, scene: &Scene<'_>) -> Ruling {
    let Some(last) = facts.progress() else {
        return Ruling::pending(Stage::Handshake);
    };
    let stood = scene.now.since(last.at);
    if stood < scene.timers.handshake {
        return Ruling::pending(Stage::Handshake);
    }
    // An end that waits sends again; one that closed does not, and its close may be encrypted.
    if flow.last.at.since(last.at) < scene.timers.retransmit {
        return Ruling::unjudged(
            Stage::Handshake,
            "both ends fell silent in the handshake: one may have closed it in a packet that is encrypted",
        )
        .with(last, "last progress");
    }
    if let Some(error) = flow.icmp.iter().find(|error| error.is_unreachable()) {
        return connect::unreachable(flow, error, Stage::Handshake);
    }
    if let Some(too_large) = path_mtu::judge(flow, facts) {
        return too_large.with(last, "last progress");
    }
    Ruling::fault(
        Outcome::Stalled,
        Stage::Handshake,
        Cause::HandshakeStalled,
        format!(
            "the QUIC handshake began and then stood still for {:.1} s, though it was tried again",
            stood.as_secs_f64()
        ),
    )
    .by(Origin::Unknown)
    .with_some(facts.answered, "first answer of the server")
    .with(last, "last progress")
    .with(flow.last, "last packet of the flow")
}
