//! One conversation in, one ruling out.
//!
//! Picks the rules that apply: connect first, then by what the payload turned out to be. Pure: the time is an argument.

use super::conversation::{Conversation, Reading, Talk};
use super::handshake::Handshake;
use super::origin;
use super::outcome::{Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::timers::Timers;
use super::{connect, quic, transfer};
use crate::capture::frame::{Seen, Timestamp};
use crate::catalogue::Catalogue;
use crate::flow::TcpFlow;
use crate::flow::closing::Reset;
use crate::flow::hosts::is_group;
use crate::hostname::Hostname;
use crate::side::Side;

/// What a rule may know beside the conversation itself.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Waiting times.
    pub timers: &'a Timers,
    /// Capture time now: the latest frame or tick.
    pub now: Timestamp,
    /// Some packet toward this client was captured where this flow was, so an answer would have been seen.
    pub heard: bool,
    /// The flow's host name, if a requirement owns the flow.
    pub required_host: Option<&'a Hostname>,
    /// Hosts and issuers.
    pub catalogue: &'a Catalogue,
}

/// The first thing that ended a connection.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// The frame.
    pub seen: Seen,
    /// Whose address it carries.
    pub side: Side,
    /// RST rather than FIN.
    pub by_reset: bool,
    /// A RST in the client's name that the client did not send.
    pub forged_client: bool,
}

impl End {
    /// The RST, if it was one.
    #[must_use]
    pub fn reset(self, tcp: &TcpFlow) -> Option<&Reset> {
        let closing = tcp.closing.as_ref()?;
        closing.resets.iter().find(|reset| reset.seen == self.seen)
    }
}

impl Scene<'_> {
    /// What ended the connection first; a RST that its receiver refused did not.
    #[must_use]
    pub fn end(&self, tcp: &TcpFlow) -> Option<End> {
        let resets = tcp.closing.iter().flat_map(|closing| closing.standing());
        let resets = resets.map(|reset| End {
            seen: reset.seen,
            side: reset.from,
            by_reset: true,
            forged_client: reset.from == Side::Client && is_forged_client(tcp, reset),
        });
        let fins = tcp.first_fin().map(|(side, seen)| End {
            seen,
            side,
            by_reset: false,
            forged_client: false,
        });
        resets.chain(fins).min_by_key(|end| end.seen)
    }
}

/// A RST in the client's name with a TTL that the client's packets do not have.
fn is_forged_client(tcp: &TcpFlow, reset: &Reset) -> bool {
    let client = &tcp.half.client;
    client.ttl_max > 0
        && (client.ttl_min.saturating_sub(reset.ttl) >= 3
            || reset.ttl.saturating_sub(client.ttl_max) >= 3)
}

/// Judges a conversation.
#[must_use]
pub fn judge(conversation: &Conversation, scene: &Scene<'_>) -> Ruling {
    let mut ruling = match conversation.tcp() {
        Some(tcp) => judge_tcp(conversation, tcp, scene),
        None => judge_udp(conversation, scene),
    };
    let unread = match conversation.reading {
        Reading::Goes | Reading::Done | Reading::Cut => None,
        Reading::GivenUp => Some("too much payload waited at once: this flow's was no longer read"),
        Reading::Headless => Some(
            "the capture lacks the first bytes of this conversation, so what they began cannot be told",
        ),
    };
    if let Some(why) = unread
        && matches!(ruling.outcome, Outcome::Succeeded | Outcome::Pending)
    {
        return Ruling::unjudged(Stage::Transfer, why);
    }
    if ruling.outcome == Outcome::Succeeded {
        note_harmless(conversation, &mut ruling);
    }
    ruling
}

/// Why a flow to a multicast or broadcast address has no verdict.
pub(super) const TO_A_GROUP: &str = "sent to a group: nobody in particular has to answer";

fn judge_udp(conversation: &Conversation, scene: &Scene<'_>) -> Ruling {
    let flow = &conversation.flow;
    match &conversation.talk {
        Talk::Ntp(session) => return super::ntp::judge(conversation, session, scene),
        Talk::NatPmp(session) => return super::nat_pmp::judge(conversation, session, scene),
        Talk::Quic(session) if !session.facts().is_of_unknown_version() => {
            return quic::judge(flow, session.facts(), scene);
        }
        _ => {}
    }
    if flow.both_ways() {
        return if scene.required_host.is_some() {
            Ruling::unjudged(
                Stage::Transfer,
                "datagrams went both ways; what they say is not read",
            )
        } else {
            Ruling::succeeded(Stage::Transfer)
        };
    }
    if let Some(error) = flow.icmp.iter().find(|error| error.is_unreachable()) {
        return connect::unreachable(flow, error, Stage::Connect);
    }
    if is_group(flow.endpoint(Side::Server).0) {
        return Ruling::unjudged(Stage::Transfer, TO_A_GROUP);
    }
    connect::one_sided(flow, "datagrams in one direction only")
}

fn judge_tcp(conversation: &Conversation, tcp: &TcpFlow, scene: &Scene<'_>) -> Ruling {
    let flow = &conversation.flow;
    let lone_syns = tcp.opening.syn.is_some() && tcp.opening.syn_ack.is_none();
    if !flow.both_ways() && !lone_syns {
        return connect::one_sided(flow, "packets of one direction only were captured");
    }
    if let Some(ruling) = connect::judge(conversation, tcp, scene) {
        return ruling;
    }
    // A subflow of Multipath TCP carries pieces of what was begun elsewhere.
    if tcp
        .opening
        .syn
        .as_ref()
        .is_some_and(|syn| syn.joins().is_some())
    {
        return transfer::other(conversation, tcp, scene);
    }
    if let (Talk::Tls(_) | Talk::TlsRead(_), Some(tls)) = (&conversation.talk, conversation.tls()) {
        if flow.midstream && tls.hello_started.is_none() {
            return transfer::midstream(conversation, tcp, scene);
        }
        return Handshake {
            conversation,
            tcp,
            tls,
            scene,
        }
        .judge();
    }
    match &conversation.talk {
        Talk::Http(session) => super::http::judge(conversation, tcp, session, scene),
        Talk::Socks(session) if session.facts().confirmed.is_some() => {
            super::proxy::socks(conversation, tcp, session, scene)
        }
        Talk::Dns(_) => Ruling::succeeded(Stage::Transfer),
        // Most of these run over UDP alone.
        Talk::Undecided(_)
        | Talk::Tls(_)
        | Talk::TlsRead(_)
        | Talk::Quic(_)
        | Talk::Midway(_)
        | Talk::Ntp(_)
        | Talk::NatPmp(_)
        | Talk::Socks(_)
        | Talk::Opaque => {
            // Without the SYN, bytes that it carried (TCP Fast Open) may be what is missing.
            if tcp.opening.syn.is_none() {
                transfer::midstream(conversation, tcp, scene)
            } else {
                transfer::other(conversation, tcp, scene)
            }
        }
    }
}

/// What did no harm to a flow that succeeded, but is worth a line.
fn note_harmless(conversation: &Conversation, ruling: &mut Ruling) {
    for error in conversation.flow.icmp.iter() {
        ruling.note(
            error.seen,
            format!(
                "ICMP \"{}\" from {}: did not stop the flow",
                connect::describe(error),
                error.from
            ),
        );
    }
    let Some(tcp) = conversation.tcp() else {
        return;
    };
    let refused = tcp
        .closing
        .iter()
        .flat_map(|closing| &closing.resets)
        .find(|reset| reset.refused.is_some());
    if let Some(reset) = refused {
        let told = origin::of_reset(conversation, tcp, reset);
        let by = if told.origin == Origin::Unknown {
            String::new()
        } else {
            format!(" ({})", told.origin)
        };
        ruling.note(
            reset.seen,
            format!("RST{by} that its receiver refused: both ends went on"),
        );
    }
}
