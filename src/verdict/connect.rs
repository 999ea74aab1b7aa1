//! Rules of the connect stage: SYN, SYN-ACK, and what came instead.
//!
//! Input: a TCP conversation. Output: a ruling if the connection was never established. RFC 9293 section 3.5.

use super::conversation::Conversation;
use super::judge::Scene;
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use crate::capture::frame::Sightings;
use crate::flow::{Flow, IcmpError, TcpFlow};
use crate::side::Side;

/// Judges the opening; `None` when the connection was established (or joined midstream).
#[must_use]
pub fn judge(conversation: &Conversation, tcp: &TcpFlow, scene: &Scene<'_>) -> Option<Ruling> {
    let opening = &tcp.opening;
    if opening.established.is_some() || opening.syn.is_none() {
        return None;
    }
    match &opening.syn_ack {
        Some(syn_ack) => Some(half_open(conversation, tcp, &syn_ack.sightings, scene)),
        // The server spoke: its SYN-ACK only escaped the capture.
        None if tcp.half.server.ttl_max > 0 => None,
        None => Some(unanswered(conversation, tcp, scene)),
    }
}

fn unanswered(conversation: &Conversation, tcp: &TcpFlow, scene: &Scene<'_>) -> Ruling {
    let flow = &conversation.flow;
    let Some(syn) = &tcp.opening.syn else {
        return Ruling::unjudged(Stage::Connect, "");
    };
    if let Some(refusal) = refused(conversation, tcp) {
        return refusal;
    }
    // Only an acknowledgment by the client tells the server's numbers of a server that was not captured.
    let acknowledges = tcp.half.server.is_started();
    if acknowledges || tcp.half.client.new_bytes > u64::from(syn.data_bytes) {
        return one_sided(
            flow,
            "the client goes on as if answered, and no packet of the server was captured",
        );
    }
    if let Some(error) = flow.icmp.iter().find(|error| error.is_unreachable()) {
        return unreachable(flow, error, Stage::Connect).with_all(syn.sightings.frames(), "SYN");
    }
    let waited = scene.now.since(syn.sightings.first().at);
    if waited < scene.timers.syn {
        return Ruling::pending(Stage::Connect).with_all(syn.sightings.frames(), "SYN");
    }
    if syn.sightings.count < 2 {
        return Ruling::unjudged(
            Stage::Connect,
            "one SYN without an answer and never repeated: the client let it go",
        )
        .with_all(syn.sightings.frames(), "SYN");
    }
    if !scene.heard {
        return one_sided(
            flow,
            "nothing sent to this client was captured, so an answer would not be seen either",
        );
    }
    let count = syn.sightings.count;
    Ruling::fault(
        Outcome::Stalled,
        Stage::Connect,
        Cause::SynUnanswered,
        format!(
            "{count} SYNs in {:.1} s got no SYN-ACK, RST or ICMP error: they or their answers are dropped on the way",
            syn.sightings.last().at.since(syn.sightings.first().at).as_secs_f64()
        ),
    )
    .by(Origin::Unknown)
    .with_all(syn.sightings.frames(), "SYN, not answered")
}

fn refused(conversation: &Conversation, tcp: &TcpFlow) -> Option<Ruling> {
    let closing = tcp.closing.as_ref()?;
    let reset = closing.standing().find(|reset| reset.answers_syn)?;
    let told = origin::of_reset(conversation, tcp, reset);
    let syn = tcp.opening.syn.as_ref().map(|syn| syn.sightings.first());
    let mut ruling = Ruling::fault(
        Outcome::Reset,
        Stage::Connect,
        Cause::ConnectionRefused,
        format!("a RST answered the SYN; {}", told.sign),
    )
    .by(told.origin)
    .with_some(syn, "SYN");
    ruling.evidence.extend(told.evidence);
    Some(ruling)
}

/// The ruling for a hard ICMP error.
#[must_use]
pub fn unreachable(flow: &Flow, error: &IcmpError, stage: Stage) -> Ruling {
    let server = flow.endpoint(Side::Server).0;
    let from = origin::of_error(error.from, error.ttl, server, Origin::Server);
    let text = describe(error);
    Ruling::fault(
        Outcome::Failed,
        stage,
        Cause::IcmpUnreachable,
        format!("{} answered with ICMP \"{text}\"", error.from),
    )
    .by(from)
    .with(
        error.seen,
        format!(
            "ICMP{} type {} code {} from {}: {text}",
            if error.v6 { "v6" } else { "" },
            error.kind,
            error.code,
            error.from
        ),
    )
}

/// An ICMP error in words (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443).
#[must_use]
pub const fn describe(error: &IcmpError) -> &'static str {
    if error.is_prohibited() {
        return "administratively prohibited";
    }
    match (error.v6, error.kind, error.code) {
        (false, 3, 0) | (true, 1, 0) => "no route to the network",
        (false, 3, 1) | (true, 1, 3) => "host unreachable",
        (false, 3, 2) => "protocol unreachable",
        (false, 3, 3) | (true, 1, 4) => "port unreachable",
        (true, 1, 5) => "source address failed policy",
        (true, 1, 6) => "reject route",
        (false, 11, _) | (true, 3, _) => "time exceeded (a routing loop or too many hops)",
        (_, _, _) => "destination unreachable",
    }
}

fn half_open(
    conversation: &Conversation,
    tcp: &TcpFlow,
    syn_ack: &Sightings,
    scene: &Scene<'_>,
) -> Ruling {
    let flow = &conversation.flow;
    if let Some(refusal) = refused(conversation, tcp) {
        return refusal;
    }
    let client_reset = tcp
        .closing
        .as_ref()
        .and_then(|closing| closing.first_from(Side::Client));
    if let Some(reset) = client_reset {
        return Ruling::unjudged(
            Stage::Connect,
            "the client answered the SYN-ACK with a RST: it had let the attempt go",
        )
        .with(reset.seen, "RST from the client");
    }
    let server_reset = tcp
        .closing
        .as_ref()
        .and_then(|closing| closing.first_from(Side::Server));
    if let Some(reset) = server_reset {
        if origin::shows_gap(conversation, tcp, reset) {
            return Ruling::unjudged(
                Stage::Connect,
                "the capture lacks what came between the SYN-ACK and the RST",
            )
            .with(reset.seen, "RST");
        }
        let told = origin::of_reset(conversation, tcp, reset);
        let mut ruling = Ruling::fault(
            Outcome::Reset,
            Stage::Connect,
            Cause::ConnectionRefused,
            format!(
                "a RST followed the SYN-ACK before the connection was open; {}",
                told.sign
            ),
        )
        .by(told.origin);
        ruling.evidence.extend(told.evidence);
        return ruling;
    }
    if let Some(error) = flow.icmp.iter().find(|error| error.is_unreachable()) {
        return unreachable(flow, error, Stage::Connect);
    }
    let waited = scene.now.since(syn_ack.first().at);
    if waited < scene.timers.syn {
        return Ruling::pending(Stage::Connect);
    }
    if syn_ack.count < 2 {
        return Ruling::unjudged(
            Stage::Connect,
            "the SYN-ACK was not acknowledged, nor sent again",
        );
    }
    Ruling::fault(
        Outcome::Stalled,
        Stage::Connect,
        Cause::SynAckLost,
        format!("the server sent its SYN-ACK {} times and the client never acknowledged it: the answer does not reach the client", syn_ack.count),
    )
    .by(Origin::Unknown)
    .with_all(syn_ack.frames(), "SYN-ACK, not acknowledged")
}

/// The ruling for a flow of which only one direction was captured.
#[must_use]
pub fn one_sided(flow: &Flow, why: &'static str) -> Ruling {
    let mut ruling = Ruling::unjudged(Stage::Connect, why)
        .with(flow.first, "first packet of the one direction captured");
    ruling.cause = Some(Cause::CaptureOneSided);
    ruling
}
