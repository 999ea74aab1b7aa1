//! Rules for plaintext HTTP/1: responses, captive portals.
//!
//! Input: a conversation whose payload is HTTP. Output: a ruling. RFC 9110 section 15 (status codes), RFC 8910
//! (captive portals).

use super::connect;
use super::conversation::Conversation;
use super::handshake::left_early;
use super::judge::{End, Scene};
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage, Transport};
use super::ruling::Ruling;
use super::subject::service_port;
use super::{proxy, transfer};
use crate::capture::frame::Seen;
use crate::flow::TcpFlow;
use crate::hostname::Hostname;
use crate::protocol::http::{HttpSession, Request, Response};
use crate::side::Side;

/// The port on which HTTP is spoken inside TLS (RFC 9110 section 4.2.2).
const HTTPS_PORT: u16 = 443;

/// The host whose answer Apple's devices compare with a known page to find captive portals.
const PROBE_HOST: &[u8] = b"captive.apple.com";

/// What the probe's page says, in its title.
const PROBE_ANSWER: &[u8] = b"Success";

/// A page that has not said it within so many bytes will not: the title is over by byte 35.
const PROBE_BYTES: usize = 64;

/// Judges an HTTP conversation.
#[must_use]
pub fn judge(
    conversation: &Conversation,
    tcp: &TcpFlow,
    session: &HttpSession,
    scene: &Scene<'_>,
) -> Ruling {
    let facts = session.facts();
    if let Some(connect) = &facts.connect {
        return proxy::connect(conversation, tcp, session, connect, scene);
    }
    let Some(request) = &facts.request else {
        return headless(conversation, tcp, scene, facts.not_http.is_none());
    };
    let mut ruling = match &facts.response {
        Some(response) => answered(conversation, tcp, request, response, scene),
        None => unread(conversation, tcp, scene)
            .unwrap_or_else(|| unanswered(conversation, tcp, request.seen, scene)),
    };
    if service_port(conversation) == HTTPS_PORT {
        say_plain(&mut ruling, request);
    }
    ruling
}

/// A request in plain text where TLS belongs: its answer says little of the service, and the reader must know.
fn say_plain(ruling: &mut Ruling, request: &Request) {
    let before = if ruling.why.is_empty() { "" } else { "; " };
    ruling.why.push_str(before);
    ruling
        .why
        .push_str("the request was plain HTTP on port 443, where TLS is expected");
    ruling.note(request.seen, "plain HTTP, not TLS");
}

/// The head of the first request was not read: cut by the snap length, or not captured.
fn headless(
    conversation: &Conversation,
    tcp: &TcpFlow,
    scene: &Scene<'_>,
    is_http: bool,
) -> Ruling {
    if conversation.flow.midstream {
        return transfer::midstream(conversation, tcp, scene);
    }
    let ruling = transfer::other(conversation, tcp, scene);
    if ruling.outcome == Outcome::Succeeded && is_http {
        return Ruling::unjudged(
            Stage::Transfer,
            "the capture does not show the whole head of the request, nor what was answered",
        );
    }
    ruling
}

fn answered(
    conversation: &Conversation,
    tcp: &TcpFlow,
    request: &Request,
    response: &Response,
    scene: &Scene<'_>,
) -> Ruling {
    if let Some(portal) = captive_portal(conversation, tcp, request, response, scene) {
        return portal;
    }
    let status = response.status;
    if matches!(status, 401 | 403 | 407 | 451 | 500..=599) && !is_lan_service(conversation, scene) {
        let local = origin::answers_locally(tcp, conversation.flow.endpoint(Side::Server).0);
        let by = if local {
            Origin::LocalNetwork
        } else {
            Origin::Server
        };
        let mut why = format!("the first response was HTTP status {status}");
        if local {
            why.push_str(", from a device on the local network that answers in the server's name");
        }
        return Ruling::fault(Outcome::Failed, Stage::Transfer, Cause::HttpError, why)
            .by(by)
            .with(request.seen, "request")
            .with(response.seen, format!("status {status}"));
    }
    if let Some(fault) = transfer::after_success(conversation, tcp, scene) {
        return fault;
    }
    // What was under way when the client let go still passes the capture, and is no success.
    let let_go = scene.end(tcp).is_some_and(|end| {
        end.by_reset && end.side == Side::Client && !end.forged_client && end.seen < response.seen
    });
    if let_go {
        return unanswered(conversation, tcp, request.seen, scene);
    }
    let late = response.seen.at.since(request.seen.at) >= scene.timers.response;
    let mut ruling = Ruling::succeeded(Stage::Transfer)
        .recovered_if(late || transfer::had_stalled(tcp, scene.timers));
    if status >= 400 {
        ruling.note(
            response.seen,
            format!("status {status}: the server's own answer, so the path works"),
        );
    }
    ruling
}

/// A service of the local network, such as a shared music library: what it answers is its own, a login too.
fn is_lan_service(conversation: &Conversation, scene: &Scene<'_>) -> bool {
    let port = conversation.flow.endpoint(Side::Server).1;
    let entry = scene.catalogue.by_port(Transport::Tcp, port);
    scene.required_host.is_none() && entry.is_some_and(|entry| entry.lan_only)
}

/// The network answers in the host's place and wants a login.
fn captive_portal(
    conversation: &Conversation,
    tcp: &TcpFlow,
    request: &Request,
    response: &Response,
    scene: &Scene<'_>,
) -> Option<Ruling> {
    let host = scene.required_host?;
    let status = response.status;
    let why = if status == 511 {
        "status 511 says that the network wants a login".to_owned()
    } else if (300..400).contains(&status) {
        let target = response.location_host.as_ref()?;
        if scene.catalogue.covers(target.as_bytes()) || same_site(host, target) {
            return None;
        }
        format!(
            "the request was redirected to {}, which has nothing to do with {}",
            target.to_text(),
            host.to_text()
        )
    } else if status == 200 && host.as_bytes() == PROBE_HOST && shows_another_page(response) {
        "the probe page does not say Success: somebody else answered".to_owned()
    } else {
        return None;
    };
    let local = origin::answers_locally(tcp, conversation.flow.endpoint(Side::Server).0);
    Some(
        Ruling::fault(Outcome::Failed, Stage::Transfer, Cause::CaptivePortal, why)
            .by(if local {
                Origin::LocalNetwork
            } else {
                Origin::Middlebox
            })
            .with(request.seen, "request")
            .with(response.seen, format!("status {status}")),
    )
}

/// Enough of the page was captured to see that it is not the probe's.
fn shows_another_page(response: &Response) -> bool {
    let body = &response.body_prefix;
    let enough = body.len() >= PROBE_BYTES || (response.body_whole && !body.is_empty());
    enough && !contains(body, PROBE_ANSWER)
}

/// Both names end in the same two labels.
fn same_site(a: &Hostname, b: &Hostname) -> bool {
    let tail = |name: &Hostname| {
        let labels: Vec<Vec<u8>> = name
            .as_bytes()
            .rsplit(|&byte| byte == b'.')
            .take(2)
            .map(<[u8]>::to_vec)
            .collect();
        labels
    };
    tail(a) == tail(b)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// The server did say something, but the capture misses its head.
pub(super) fn unread(
    conversation: &Conversation,
    tcp: &TcpFlow,
    scene: &Scene<'_>,
) -> Option<Ruling> {
    let server = &tcp.half.server;
    if server.first_payload.is_none() && !server.said_more() {
        return None;
    }
    let fault = transfer::after_success(conversation, tcp, scene);
    Some(fault.unwrap_or_else(|| {
        Ruling::unjudged(
            Stage::Transfer,
            "the server answered, but the capture does not show the head of its response",
        )
        .with_some(server.first_payload, "first bytes of the server")
    }))
}

/// The request got no response (yet).
pub(super) fn unanswered(
    conversation: &Conversation,
    tcp: &TcpFlow,
    asked: Seen,
    scene: &Scene<'_>,
) -> Ruling {
    if let Some(fault) =
        transfer::zero_window(tcp, scene.timers).or_else(|| transfer::stalled(tcp, scene.timers))
    {
        return fault;
    }
    let end = scene.end(tcp);
    if end.is_some_and(|end| end.by_reset && (end.side == Side::Server || end.forged_client))
        && let Some(fault) = transfer::broken_off(conversation, tcp)
    {
        return fault;
    }
    if let Some(error) = conversation
        .flow
        .icmp
        .iter()
        .find(|error| error.is_unreachable())
    {
        return connect::unreachable(&conversation.flow, error, Stage::Transfer);
    }
    let until = end.map_or(scene.now, |end| end.seen.at);
    let waited = until.since(asked.at);
    let acknowledged = !tcp.half.client.outstanding() || tcp.half.client.fin.is_some();
    if end.is_some_and(|end| !end.by_reset && end.side == Side::Server) {
        return missing(
            asked,
            "the server closed the connection without answering the request",
            end,
            Origin::Server,
        );
    }
    if acknowledged && waited >= scene.timers.response {
        return missing(
            asked,
            &format!(
                "the request was acknowledged and not answered for {:.1} s",
                waited.as_secs_f64()
            ),
            None,
            Origin::Unknown,
        );
    }
    let Some(end) = end else {
        return Ruling::pending(Stage::Transfer);
    };
    // A client that leaves at once was only browsing on; one that waited gave up.
    if acknowledged && waited >= scene.timers.hello {
        return missing(
            asked,
            &format!(
                "the client gave up after {:.1} s without an answer to its request",
                waited.as_secs_f64()
            ),
            Some(end),
            Origin::Unknown,
        );
    }
    left_early(end, Stage::Transfer)
}

fn missing(asked: Seen, why: &str, end: Option<End>, by: Origin) -> Ruling {
    Ruling::fault(
        Outcome::Stalled,
        Stage::Transfer,
        Cause::ResponseMissing,
        why,
    )
    .by(by)
    .with(asked, "request")
    .with_some(end.map(|end| end.seen), "the connection was closed")
}
