//! Rules for proxies: the refusal of an HTTP or SOCKS CONNECT, and the tunnel behind a granted one.
//!
//! Input: a conversation that asks for a tunnel. Output: a ruling; the TLS inside is judged as if it were direct.
//! RFC 9110 section 9.3.6 (CONNECT), RFC 1928 (SOCKS), RFC 1929 (its login).

use super::address;
use super::conversation::Conversation;
use super::handshake::{Handshake, left_early};
use super::http::{unanswered, unread};
use super::judge::Scene;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::transfer;
use crate::flow::TcpFlow;
use crate::protocol::http::{Connect, HttpSession};
use crate::protocol::socks::{SocksFacts, SocksSession};
use crate::protocol::tls::TlsSession;
use crate::side::Side;

/// HTTP CONNECT.
pub(super) fn connect(
    conversation: &Conversation,
    tcp: &TcpFlow,
    session: &HttpSession,
    connect: &Connect,
    scene: &Scene<'_>,
) -> Ruling {
    if connect.established.is_some() {
        return inside(conversation, tcp, session.tunnel(), scene);
    }
    match (connect.waiting, connect.answers.last()) {
        (None, Some(&(status, seen))) if status >= 300 => {
            let login = if status == 407 {
                " (the proxy wants a login)"
            } else {
                ""
            };
            denied(
                conversation,
                &format!(
                    "answered CONNECT {}:{} with status {status}{login}",
                    connect.host.to_text(),
                    connect.port
                ),
            )
            .with(connect.seen, "CONNECT")
            .with(seen, format!("status {status}"))
        }
        (waiting, answer) => {
            let asked = waiting.unwrap_or(connect.seen);
            // After an earlier answer ("log in"), what the proxy said since may be the one to this request.
            let server = &tcp.half.server;
            let spoke = answer.is_none() || server.last_payload > asked || server.said_more();
            let mut ruling = match unread(conversation, tcp, scene) {
                Some(ruling) if spoke => ruling,
                _ => unanswered(conversation, tcp, asked, scene),
            };
            ruling.stage = Stage::Handshake;
            ruling
        }
    }
}

/// SOCKS, whose server has answered at least once.
pub(super) fn socks(
    conversation: &Conversation,
    tcp: &TcpFlow,
    session: &SocksSession,
    scene: &Scene<'_>,
) -> Ruling {
    let facts = session.facts();
    if facts.established.is_some() {
        return inside(conversation, tcp, session.tunnel(), scene);
    }
    if let Some(refused) = socks_refusal(conversation, facts) {
        return refused;
    }
    let waits = facts.asked.filter(|&asked| facts.answered < Some(asked));
    let mut ruling = match (waits, scene.end(tcp)) {
        _ if facts.unreadable => transfer::after_success(conversation, tcp, scene).unwrap_or_else(|| {
            Ruling::unjudged(
                Stage::Handshake,
                "what was said to the SOCKS proxy and what it answered is not captured whole, or no request for a connection",
            )
        }),
        (Some(asked), _) => unanswered(conversation, tcp, asked, scene),
        // It is the client's turn.
        (None, Some(end)) => left_early(end, Stage::Handshake),
        (None, None) => Ruling::pending(Stage::Handshake),
    };
    ruling.stage = Stage::Handshake;
    ruling
}

fn socks_refusal(conversation: &Conversation, facts: &SocksFacts) -> Option<Ruling> {
    let (refusal, seen) = facts.refusal?;
    let asked = match &facts.target {
        Some(target) => format!("CONNECT {}:{}", target.host.to_text(), target.port),
        None => "the client, before it could say where to,".to_owned(),
    };
    let (code, meaning) = (refusal.code(), refusal.meaning());
    let ruling = denied(
        conversation,
        &format!("(SOCKS) answered {asked} with {code}: {meaning}"),
    );
    Some(
        ruling
            .with_some(facts.asked, "what the client asked of the proxy")
            .with(seen, format!("{code}: {meaning}")),
    )
}

/// The proxy has opened the way.
fn inside(
    conversation: &Conversation,
    tcp: &TcpFlow,
    tls: Option<&TlsSession>,
    scene: &Scene<'_>,
) -> Ruling {
    match tls {
        Some(tls) => Handshake {
            conversation,
            tcp,
            tls: tls.facts(),
            scene,
        }
        .judge(),
        None => transfer::other(conversation, tcp, scene),
    }
}

/// The proxy did what `what` says.
fn denied(conversation: &Conversation, what: &str) -> Ruling {
    let proxy = conversation.flow.endpoint(Side::Server).0;
    let by = if address::is_public(proxy) {
        Origin::Middlebox
    } else {
        Origin::LocalNetwork
    };
    Ruling::fault(
        Outcome::Failed,
        Stage::Handshake,
        Cause::ProxyDenied,
        format!("the proxy {proxy} {what}"),
    )
    .by(by)
}
