//! `CONNECTION_CLOSE` in an Initial, and who wrote it.
//!
//! Input: the facts of a conversation. Output: a ruling, if an end closed it where that can be read. The keys of Initials
//! are public, so anyone on the way can close in an end's name, as with a RST: the TTL, and a server that goes on, tell.
//! RFC 9000 sections 10.2, 19.19 and 21.2, RFC 9001 sections 4.8 and 5.2.

use crate::capture::frame::Seen;
use crate::flow::Flow;
use crate::protocol::quic::{Close, QuicFacts};
use crate::protocol::tls::Alert;
use crate::side::Side;
use crate::verdict::origin;
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;

/// `NO_ERROR`, and `APPLICATION_ERROR`, which stands for a code of HTTP/3 where that must not be shown (RFC 9000
/// sections 10.2.3 and 20.1): with these a client lets an attempt go.
const LET_GO: [u64; 2] = [0x00, 0x0c];

/// An end closed the connection in an Initial.
pub(super) fn judge(flow: &Flow, facts: &QuicFacts) -> Option<Ruling> {
    let (side, close) = [Side::Client, Side::Server]
        .into_iter()
        .filter_map(|side| Some((side, facts.close(side)?)))
        .min_by_key(|(_, close)| close.seen)?;
    let (by, sign) = sender(flow, facts, side, close);
    if by == Origin::Client && LET_GO.contains(&close.code) {
        return Some(
            Ruling::unjudged(
                Stage::Handshake,
                "the client closed before any rule's time, without an error",
            )
            .with(close.seen, "CONNECTION_CLOSE from the client"),
        );
    }
    let error = describe(close, side);
    let whose = name(side);
    let mut why = if by == itself(side) {
        format!("the {whose} closed the QUIC connection with {error}")
    } else {
        format!("a close in the {whose}'s name ended the QUIC connection with {error}")
    };
    if by == Origin::Client && matches!(close.alert(), Some(42 | 46 | 48)) {
        why.push_str(": interception (HTTPS inspection) is the likely reason, which Apple services never accept");
    }
    let mut ruling = Ruling::fault(Outcome::Failed, Stage::Handshake, Cause::QuicClosed, why)
        .by(by)
        .with_all(facts.flights.frames().take(1), "QUIC Initial");
    let ttl = close.ttl;
    if let Some(sign) = sign {
        ruling.why.push_str("; ");
        ruling.why.push_str(&sign.says);
        if let Some((seen, text)) = sign.shown_by {
            ruling.note(seen, text);
        }
    }
    Some(ruling.with(close.seen, format!("CONNECTION_CLOSE, TTL {ttl}: {error}")))
}

/// What tells that a close is not its alleged sender's, and the frame beside the close that shows it.
struct Sign {
    says: String,
    shown_by: Option<(Seen, String)>,
}

/// Who wrote the close: the end that it names, unless a sign says otherwise.
fn sender(flow: &Flow, facts: &QuicFacts, side: Side, close: &Close) -> (Origin, Option<Sign>) {
    let (whose, ttl) = (name(side), close.ttl);
    if let Some(later) = went_on(facts, side, close) {
        let sign = Sign {
            says: "the server itself went on with its hello, so it did not close".into(),
            shown_by: Some((later, "ServerHello, after the close".into())),
        };
        return (Origin::Middlebox, Some(sign));
    }
    if let Some(own) = facts.own_ttl[side] {
        let range = (own.least, own.most);
        let sign = origin::is_foreign_ttl(ttl, range).then(|| {
            let own_ttls = origin::ttls(range);
            Sign {
                says: format!(
                    "the close has TTL {ttl}, the {whose}'s own packets have {own_ttls}: it was sent {}",
                    origin::distance(ttl)
                ),
                shown_by: Some((own.first, format!("the {whose}'s own packets have TTL {own_ttls}"))),
            }
        });
        let by = if sign.is_some() {
            Origin::Middlebox
        } else {
            itself(side)
        };
        return (by, sign);
    }
    match side {
        Side::Client => (Origin::Client, None),
        Side::Server => {
            let by = origin::of_answer(flow.endpoint(side).0, ttl);
            let sign = (by == Origin::LocalNetwork).then(|| Sign {
                says: format!(
                    "its TTL {ttl} says that it comes from the local network, not from a distant server"
                ),
                shown_by: None,
            });
            (by, sign)
        }
    }
}

/// The server's hello came first when its close had been there for longer than that took to come: an end that has closed
/// sends nothing but closes (RFC 9000 section 10.2.1).
fn went_on(facts: &QuicFacts, side: Side, close: &Close) -> Option<Seen> {
    let hello = facts.tls.server_hello.as_ref()?.seen;
    let asked = facts.flights.first().at;
    let late = hello.at.since(close.seen.at) > close.seen.at.since(asked);
    (side == Side::Server && hello > close.seen && late).then_some(hello)
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

const fn itself(side: Side) -> Origin {
    match side {
        Side::Client => Origin::Client,
        Side::Server => Origin::Server,
    }
}

/// An error code with its name (RFC 9000 section 20.1, RFC 9001 section 4.8) and the reason given.
fn describe(close: &Close, from: Side) -> String {
    let code = close.code;
    let name = match (close.alert(), code) {
        (Some(description), _) => {
            let alert = Alert {
                from,
                description,
                seen: close.seen,
            };
            format!("TLS alert {} (0x{code:x})", alert.name())
        }
        (None, 0x00) => "NO_ERROR (0x0)".to_owned(),
        (None, 0x01) => "INTERNAL_ERROR (0x1)".to_owned(),
        (None, 0x02) => "CONNECTION_REFUSED (0x2)".to_owned(),
        (None, 0x03..=0x10) => format!("transport error 0x{code:x}"),
        (None, _) => format!("error 0x{code:x}"),
    };
    if close.reason.is_empty() {
        name
    } else {
        format!("{name}, \"{}\"", String::from_utf8_lossy(&close.reason))
    }
}
