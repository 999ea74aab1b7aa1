//! HTTP/1 over TCP: the first exchange, and the tunnels of a proxy.
//!
//! Input: the in-order bytes of both directions, in pieces of any size, each with the frame that carried it, and word
//! of gaps. Output: [`HttpFacts`]. A conversation is read up to its first final response that does not ask for a login;
//! one that asks for a tunnel (CONNECT) until the proxy grants it, bodies of refusals passed over, and then the TLS
//! inside is read by a [`TlsSession`]. One head a direction is buffered (16 KiB at most). RFC 9110, RFC 9112.

mod authority;
mod body;
mod facts;
mod head;
mod heard;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::capture::frame::Seen;
use crate::side::{Both, Side};

use super::tls::TlsSession;
use super::tunnel::{Tunnel, looks_like_tls};

pub use facts::{Connect, HttpFacts, MAX_BODY_PREFIX, Request, Response};
pub use head::MAX_HEAD;

use body::{Body, Taken};
use facts::MAX_ANSWERS;
use head::{HeadBuffer, Progress, ResponseHead};
use heard::Heard;

/// Requests that may wait for their responses; browsers pipelined six.
const MAX_OUTSTANDING: usize = 32;

/// The port of a CONNECT target that names none.
const DEFAULT_TUNNEL_PORT: u16 = 443;

/// One HTTP/1 conversation.
#[derive(Clone, Debug, Default)]
pub struct HttpSession {
    phases: Both<Phase>,
    heads: Both<HeadBuffer>,
    /// What was asked and not answered yet, oldest first.
    outstanding: VecDeque<Asked>,
    tunnel: Tunnel,
    heard: Heard,
    /// The server's head under way began before the server had any of a request.
    unasked: bool,
    facts: HttpFacts,
}

/// What one direction is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// A head is due, or under way.
    #[default]
    Head,
    /// In a body that is passed over.
    Skip(Body),
    /// In the body of the first response, whose start is kept.
    Keep(Body),
    /// Bytes are missing: waiting for a piece that starts like a head.
    Lost,
    /// After a head whose body ends nobody knows where: what comes may be that body. To look for the next head where a
    /// piece starts would make the verdict depend on how the bytes were cut.
    Unframed,
    /// Inside the tunnel.
    Tunnel,
    /// Nothing more is read.
    Over,
}

/// What matters of a request for reading its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Connect,
    Head,
    Other,
}

impl HttpSession {
    /// A conversation of which nothing has been seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes that `side` sent, carried by the frame `seen`.
    pub fn feed(&mut self, side: Side, seen: Seen, mut bytes: &[u8]) {
        if side == Side::Client {
            self.heard.fed(bytes.len());
        }
        if self.phases[side] == Phase::Lost && starts_like_head(side, bytes) {
            self.phases[side] = Phase::Head;
        }
        // Each turn takes at least one byte or leaves a body, and no two turns in a row do the latter.
        while !bytes.is_empty() && !self.settled() {
            match self.phases[side] {
                Phase::Head => self.head(side, seen, &mut bytes),
                Phase::Skip(body) => self.body(side, body, false, &mut bytes),
                Phase::Keep(body) => self.body(side, body, true, &mut bytes),
                Phase::Tunnel => {
                    self.tunnel.feed(side, seen, bytes);
                    return;
                }
                Phase::Lost | Phase::Unframed | Phase::Over => return,
            }
        }
    }

    /// Bytes of `side` are missing from the capture. Of a head under way the whole lines are read; after that, the
    /// next piece that starts like a head is taken for one.
    pub fn gap(&mut self, side: Side) {
        if side == Side::Client {
            self.heard.gap();
        }
        match self.phases[side] {
            Phase::Unframed | Phase::Over => {}
            Phase::Tunnel => self.tunnel.gap(side),
            Phase::Head | Phase::Skip(_) | Phase::Keep(_) | Phase::Lost => {
                let head = &mut self.heads[side];
                let started = head.started();
                let cut = head.release_cut();
                self.phases[side] = Phase::Lost;
                if let Some(head) = cut {
                    self.cut_head(side, started, &head);
                }
            }
        }
    }

    /// What has been seen so far.
    #[must_use]
    pub fn facts(&self) -> &HttpFacts {
        &self.facts
    }

    /// The TLS inside an open tunnel, once bytes that look like it have come.
    #[must_use]
    pub fn tunnel(&self) -> Option<&TlsSession> {
        self.tunnel.tls().filter(|_| self.is_open())
    }

    /// The server acknowledges, with the segment that is fed next, everything fed of the client but its last
    /// `outstanding` bytes. Optional: told of acknowledgments, a response that begins before the server had any byte
    /// of a request counts as none; untold, the order of the capture decides. The TLS inside a tunnel is told too.
    pub fn server_acknowledges(&mut self, outstanding: u64) {
        self.heard.acknowledge(outstanding);
        self.tunnel.server_acknowledges(outstanding);
    }

    /// Whether no more bytes are needed.
    #[must_use]
    pub fn settled(&self) -> bool {
        let answered = self.phases.server == Phase::Over;
        self.facts.not_http.is_some() || answered || self.is_open() && self.tunnel.settled()
    }

    /// Bytes that wait for the rest of their head or message.
    #[must_use]
    pub fn buffered(&self) -> usize {
        let heads = self.heads.client.bytes().len() + self.heads.server.bytes().len();
        heads + self.tunnel.buffered()
    }

    fn is_open(&self) -> bool {
        let connect = self.facts.connect.as_ref();
        connect.is_some_and(|connect| connect.established.is_some())
    }

    fn head(&mut self, side: Side, seen: Seen, bytes: &mut &[u8]) {
        // A client in a hurry sends its hello before the proxy's answer.
        let due = self.heads[side].bytes().is_empty();
        if side == Side::Client && due && self.facts.connect.is_some() && looks_like_tls(bytes) {
            self.phases.client = Phase::Tunnel;
            return;
        }
        if side == Side::Server && due {
            self.unasked = self.heard.nothing();
        }
        let progress = self.heads[side].take(bytes, seen);
        let head = &self.heads[side];
        if side == Side::Client && !head.bytes().is_empty() {
            self.facts.request_started.get_or_insert(head.started());
        }
        let fits = match side {
            Side::Client => head::may_be_request(head.bytes()),
            Side::Server => head::may_be_response(head.bytes()),
        };
        if !fits || progress == Progress::TooLong {
            self.not_http(seen);
        } else if progress == Progress::Whole {
            let started = head.started();
            let head = self.heads[side].release();
            if side == Side::Client && self.facts.requests == 0 && head::is_rtsp(&head) {
                self.facts.rtsp = Some(started);
            }
            let read = match side {
                Side::Client => self.request(&head, started, seen, false),
                Side::Server => self.response(&head, seen, false),
            };
            if read.is_none() {
                self.not_http(seen);
            }
        }
    }

    /// Reads the whole lines of a head that the capture cut; lines that are no head are not worth a word.
    fn cut_head(&mut self, side: Side, started: Seen, head: &[u8]) {
        let _read = match side {
            Side::Client => self.request(head, started, started, true),
            Side::Server => self.response(head, started, true),
        };
    }

    fn request(&mut self, head: &[u8], started: Seen, seen: Seen, cut: bool) -> Option<()> {
        let (request, body) = head::request(head, started, seen, cut)?;
        self.facts.requests = self.facts.requests.saturating_add(1);
        let asked = match request.method.as_str() {
            "CONNECT" => Asked::Connect,
            "HEAD" => Asked::Head,
            _ => Asked::Other,
        };
        if asked == Asked::Connect {
            self.connect(&request);
        }
        let only_response_left = asked != Asked::Connect && self.facts.connect.is_none();
        self.facts.request.get_or_insert(request);
        self.phases.client = match body {
            _ if only_response_left || self.outstanding.len() >= MAX_OUTSTANDING => Phase::Over,
            body => after_head(body, cut),
        };
        if self.outstanding.len() < MAX_OUTSTANDING {
            self.outstanding.push_back(asked);
        }
        Some(())
    }

    fn connect(&mut self, request: &Request) {
        let Some(host) = request.host.clone() else {
            return;
        };
        let port = request.host_port.unwrap_or(DEFAULT_TUNNEL_PORT);
        match &mut self.facts.connect {
            Some(connect) => {
                (connect.host, connect.port) = (host, port);
                connect.waiting = Some(request.seen);
            }
            None => {
                self.facts.connect = Some(Connect {
                    host,
                    port,
                    seen: request.seen,
                    waiting: Some(request.seen),
                    answers: Vec::new(),
                    established: None,
                });
            }
        }
    }

    fn response(&mut self, head: &[u8], seen: Seen, cut: bool) -> Option<()> {
        let ResponseHead {
            response,
            body,
            is_text,
        } = head::response(head, seen, cut)?;
        let status = response.status;
        // 101 ends HTTP on this connection; other 1xx announce the response proper.
        if (100..200).contains(&status) && status != 101 {
            return Some(());
        }
        if self.unasked {
            self.facts.unasked_response.get_or_insert(seen);
            self.phases.server = after_head(body, cut);
            return Some(());
        }
        self.facts.responses = self.facts.responses.saturating_add(1);
        let asked = self.outstanding.pop_front().unwrap_or(Asked::Other);
        let body = match status {
            204 | 304 => Some(Body::Length(0)),
            _ if asked == Asked::Head => Some(Body::Length(0)),
            _ => body,
        };
        let first = self.facts.response.as_ref().is_none_or(asks_for_login);
        let login = asks_for_login(&response);
        if first {
            self.facts.response = Some(response);
        }
        if self.facts.connect.is_some() {
            if asked == Asked::Connect {
                self.proxy_answer(status, seen);
            }
            let granted = asked == Asked::Connect && (200..300).contains(&status);
            self.phases.server = match body {
                _ if granted => Phase::Tunnel,
                body => after_head(body, cut),
            };
            if granted && cut {
                self.tunnel.gap(Side::Server);
            }
        } else {
            let keep = first && is_text && (200..300).contains(&status) && !cut;
            self.phases.server = match body {
                // The client asks again with a login.
                Some(body) if login && !cut => after_head(Some(body), cut),
                Some(body) if keep && body.is_over() => self.body_is_whole(),
                Some(body) if keep => Phase::Keep(body),
                _ => Phase::Over,
            };
        }
        Some(())
    }

    /// The proxy answered a CONNECT.
    fn proxy_answer(&mut self, status: u16, seen: Seen) {
        let Some(connect) = &mut self.facts.connect else {
            return;
        };
        connect.waiting = None;
        if connect.answers.len() < MAX_ANSWERS {
            connect.answers.push((status, seen));
        }
        if (200..300).contains(&status) {
            connect.established.get_or_insert(seen);
            self.heads.client.release();
            self.phases.client = Phase::Tunnel;
        } else if self.phases.client == Phase::Tunnel {
            // The hello was sent in vain.
            self.tunnel = Tunnel::default();
            self.phases.client = Phase::Lost;
        }
    }

    fn body(&mut self, side: Side, mut body: Body, keep: bool, bytes: &mut &[u8]) {
        let taken = body.take(bytes);
        self.phases[side] = match taken {
            Some(Taken::End) if keep => self.body_is_whole(),
            Some(Taken::End) => Phase::Head,
            Some(Taken::Broken) if keep => Phase::Over,
            Some(Taken::Broken) => Phase::Unframed,
            Some(Taken::Data(data)) if keep => self.keep(body, data),
            Some(Taken::Data(_)) | None if keep => Phase::Keep(body),
            Some(Taken::Data(_)) | None => Phase::Skip(body),
        };
    }

    /// Keeps the start of the first response's body.
    fn keep(&mut self, body: Body, data: &[u8]) -> Phase {
        let Some(response) = &mut self.facts.response else {
            return Phase::Over;
        };
        let room = MAX_BODY_PREFIX.saturating_sub(response.body_prefix.len());
        response
            .body_prefix
            .extend_from_slice(data.get(..room).unwrap_or(data));
        if data.len() > room {
            Phase::Over
        } else if body.is_over() {
            self.body_is_whole()
        } else {
            Phase::Keep(body)
        }
    }

    fn body_is_whole(&mut self) -> Phase {
        if let Some(response) = &mut self.facts.response {
            response.body_whole = true;
        }
        Phase::Over
    }

    fn not_http(&mut self, seen: Seen) {
        self.facts.not_http.get_or_insert(seen);
        self.heads.client.release();
        self.heads.server.release();
    }
}

/// RFC 9110 sections 15.5.2 and 15.5.8.
fn asks_for_login(response: &Response) -> bool {
    matches!(response.status, 401 | 407)
}

/// What comes after a head; of one that the capture cut, nothing tells what of its body is missing too.
fn after_head(body: Option<Body>, cut: bool) -> Phase {
    match body {
        _ if cut => Phase::Lost,
        None => Phase::Unframed,
        Some(body) if body.is_over() => Phase::Head,
        Some(body) => Phase::Skip(body),
    }
}

fn starts_like_head(side: Side, bytes: &[u8]) -> bool {
    match side {
        Side::Client => bytes.contains(&b' ') && head::may_be_request(bytes),
        Side::Server => bytes.len() > b"HTTP/1.".len() && head::may_be_response(bytes),
    }
}
