//! Rules of the transfer stage: what breaks a connection that had begun to work.
//!
//! Input: a TCP conversation past its opening. Output: a ruling, or none where nothing is wrong.
//! RFC 9293 section 3.8.6.1 (zero window), RFC 5961 (RSTs that are refused).

use std::time::Duration;

use super::connect;
use super::conversation::Conversation;
use super::judge::Scene;
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::timers::{STALL_REPEATS, Timers};
use crate::capture::frame::Sightings;
use crate::flow::TcpFlow;
use crate::flow::closing::Reset;
use crate::flow::half::Half;
use crate::flow::tcp::LONG_SILENCE;
use crate::flow::trouble::Episode;
use crate::side::Side;

/// Bytes that a TLS `close_notify` and a FIN may leave unacknowledged by a peer that is already gone.
const FAREWELL_BYTES: i32 = 64;

/// A packet to the client and the answer to it take no longer than this.
const ANSWER: Duration = Duration::from_millis(500);

/// A server that answers within this time of the handshake's end with a RST did not wait for the client.
const PROMPT: Duration = Duration::from_secs(10);

/// What went wrong after a success, if anything.
#[must_use]
pub fn after_success(
    conversation: &Conversation,
    tcp: &TcpFlow,
    scene: &Scene<'_>,
) -> Option<Ruling> {
    zero_window(tcp, scene.timers)
        .or_else(|| stalled(tcp, scene.timers))
        .or_else(|| broken_off(conversation, tcp))
}

/// Whether a stall rule of this stage had been met and then passed.
#[must_use]
pub fn had_stalled(tcp: &TcpFlow, timers: &Timers) -> bool {
    [Side::Client, Side::Server].into_iter().any(|side| {
        tcp.half[side].trouble.as_ref().is_some_and(|trouble| {
            trouble
                .worst
                .as_ref()
                .is_some_and(|episode| is_stall(episode, timers))
                || trouble
                    .longest_closed
                    .as_ref()
                    .is_some_and(|closed| closed.span() >= timers.zero_window)
        })
    })
}

fn is_stall(episode: &Episode, timers: &Timers) -> bool {
    episode.repeats.count >= STALL_REPEATS && episode.span() >= timers.retransmit
}

/// A receive window that stays closed.
#[must_use]
pub fn zero_window(tcp: &TcpFlow, timers: &Timers) -> Option<Ruling> {
    [Side::Client, Side::Server].into_iter().find_map(|side| {
        let closed = tcp.half[side].trouble.as_ref()?.window.as_ref()?;
        if closed.span() < timers.zero_window {
            return None;
        }
        let (who, by) = match side {
            Side::Client => ("client", Origin::Client),
            Side::Server => ("server", Origin::Server),
        };
        Some(
            Ruling::fault(
                Outcome::Stalled,
                Stage::Transfer,
                Cause::ZeroWindow,
                format!(
                    "the {who} kept its receive window closed for {:.1} s: its program does not read what arrives",
                    closed.span().as_secs_f64()
                ),
            )
            .by(by)
            .with_all(closed.sightings.frames(), "window 0"),
        )
    })
}

/// Bytes sent again and again without acknowledgment.
#[must_use]
pub fn stalled(tcp: &TcpFlow, timers: &Timers) -> Option<Ruling> {
    [Side::Client, Side::Server].into_iter().find_map(|side| {
        let (half, peer) = (&tcp.half[side], &tcp.half[side.peer()]);
        let episode = half.episode().filter(|episode| is_stall(episode, timers))?;
        // A peer that has closed no longer waits for anything; nor does a farewell need an answer.
        let began = episode.repeats.first();
        let peer_left = peer.fin.is_some_and(|fin| fin < began);
        let reset = tcp.closing.iter().any(|closing| {
            let mut resets = closing.standing();
            resets.any(|reset| explains(reset, side, half, episode, timers))
        });
        let farewell = half.fin.is_some() && half.next.beyond(half.unacked) <= FAREWELL_BYTES;
        if peer_left || reset || farewell || peer.window_closed {
            return None;
        }
        let (who, other) = match side {
            Side::Client => ("client", "server"),
            Side::Server => ("server", "client"),
        };
        Some(
            Ruling::fault(
                Outcome::Stalled,
                Stage::Transfer,
                Cause::TransferStalled,
                format!(
                    "the {who} sent the same bytes again {} times over {:.1} s and the {other} never acknowledged them",
                    episode.repeats.count,
                    episode.span().as_secs_f64()
                ),
            )
            .by(Origin::Unknown)
            .with_all(episode.repeats.frames(), "the same bytes again, not acknowledged"),
        )
    })
}

/// After a RST, from whomever, one end is gone and never acknowledges: what is repeated after it is no stall, unless it
/// was one before. And a receiver whose RST acknowledges everything has it all; one that has no connection any more had
/// ended it before, and the capture lacks how: nothing shows that it waited for anything.
fn explains(reset: &Reset, side: Side, half: &Half, episode: &Episode, timers: &Timers) -> bool {
    let repeats = &episode.repeats;
    let met_before = repeats.last() < reset.seen
        || (reset.seen.at.since(episode.waiting_since) >= timers.retransmit
            && repeats
                .frames()
                .nth(2)
                .is_some_and(|third| third < reset.seen));
    let has_all =
        reset.from == side.peer() && reset.ack.is_some_and(|ack| !ack.is_before(half.next));
    !met_before || has_all || (side == Side::Server && answers_without_connection(reset, repeats))
}

/// The client answers a repetition by the RST of a host that knows no such connection: at the number that the segment
/// acknowledged, without an acknowledgment of its own (RFC 9293 section 3.10.7.1). A client that gives up waiting
/// resets of itself, and with one.
fn answers_without_connection(reset: &Reset, repeats: &Sightings) -> bool {
    let wait = reset.seen.at.since(repeats.last().at);
    reset.from == Side::Client
        && reset.ack.is_none()
        && reset.seq == reset.expected
        && repeats.last() < reset.seen
        && wait <= ANSWER
}

/// A RST toward the client while something was under way.
#[must_use]
pub fn broken_off(conversation: &Conversation, tcp: &TcpFlow) -> Option<Ruling> {
    let closing = tcp.closing.as_ref()?;
    let last = tcp.half.server.next;
    let reset = closing
        .standing()
        .find(|reset| reset.from == Side::Server && reset.cuts_off(last))?;
    let client_first = closing
        .first_from(Side::Client)
        .is_some_and(|client| client.seen < reset.seen);
    let closed = reset.fins.client || reset.fins.server || client_first;
    // With bytes before it that were not captured, nothing tells whether anybody waited.
    let gap = origin::shows_gap(conversation, tcp, reset);
    // A RST without ACK is the answer of a host that knows no such connection (RFC 9293 section 3.10.7.1). A server that
    // breaks off its own burst says so with ACK first: what ended this one was not captured, and may be the client.
    let gone_before = reset.ack.is_none()
        && !reset.client_waits
        && origin::of_reset(conversation, tcp, reset).origin == Origin::Server;
    let under_way = reset.client_waits || reset.server_mid_burst;
    if closed || gap || gone_before || !under_way {
        return None;
    }
    let what = if reset.client_waits {
        "while the client waited for an answer"
    } else {
        "in the middle of the server's data"
    };
    Some(reset_ruling(
        conversation,
        tcp,
        reset,
        Cause::ResetInTransfer,
        Stage::Transfer,
        what,
    ))
}

fn reset_ruling(
    conversation: &Conversation,
    tcp: &TcpFlow,
    reset: &Reset,
    cause: Cause,
    stage: Stage,
    what: &str,
) -> Ruling {
    let told = origin::of_reset(conversation, tcp, reset);
    let mut why = format!("a RST came {what}; {}", told.sign);
    if reset.silence >= LONG_SILENCE {
        use std::fmt::Write as _;
        let _ = write!(
            why,
            "; {} s of silence came before it, so the idle timeout of a NAT or firewall is likely",
            reset.silence.as_secs()
        );
    }
    let mut ruling = Ruling::fault(Outcome::Reset, stage, cause, why).by(told.origin);
    ruling.evidence.extend(told.evidence);
    ruling
}

/// A flow whose start was not captured.
#[must_use]
pub fn midstream(conversation: &Conversation, tcp: &TcpFlow, scene: &Scene<'_>) -> Ruling {
    after_success(conversation, tcp, scene).unwrap_or_else(|| {
        Ruling::unjudged(
            Stage::Transfer,
            "the capture does not show the start of this connection",
        )
    })
}

/// A TCP conversation that is neither TLS nor HTTP, or in which nothing was said yet.
#[must_use]
pub fn other(conversation: &Conversation, tcp: &TcpFlow, scene: &Scene<'_>) -> Ruling {
    if let Some(fault) = after_success(conversation, tcp, scene) {
        return fault;
    }
    let (client, server) = (&tcp.half.client, &tcp.half.server);
    if client.first_payload.is_some() && server.first_payload.is_some() {
        return Ruling::succeeded(Stage::Transfer).recovered_if(had_stalled(tcp, scene.timers));
    }
    if let Some(error) = conversation
        .flow
        .icmp
        .iter()
        .find(|error| error.is_unreachable())
    {
        return connect::unreachable(&conversation.flow, error, Stage::Connect);
    }
    // Neither said anything, captured or not.
    let nothing_said =
        server.first_payload.is_none() && client.first_payload.is_none() && !client.said_more();
    if nothing_said
        && let Some(end) = scene
            .end(tcp)
            .filter(|end| end.by_reset && end.side == Side::Server)
        && let Some(reset) = end.reset(tcp)
        && reset.silence < PROMPT
        && !origin::shows_gap(conversation, tcp, reset)
    {
        return reset_ruling(
            conversation,
            tcp,
            reset,
            Cause::ResetInHandshake,
            Stage::Handshake,
            "right after the TCP handshake, before the client said anything",
        );
    }
    match scene.end(tcp) {
        Some(end) => Ruling::unjudged(Stage::Transfer, "closed before anything was answered")
            .with(end.seen, if end.by_reset { "RST" } else { "FIN" }),
        None if client.first_payload.is_none() => {
            Ruling::unjudged(Stage::Transfer, "connected, and nothing was said")
        }
        None if client.outstanding() => Ruling::pending(Stage::Transfer),
        None => Ruling::unjudged(
            Stage::Transfer,
            "the server acknowledged what the client said and said nothing",
        ),
    }
}
