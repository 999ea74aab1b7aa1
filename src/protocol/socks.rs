//! SOCKS over TCP: where a client asks a proxy to connect it to, and the TLS inside.
//!
//! Input: the in-order bytes of both directions, in pieces of any size, each with the frame that carried it, and word
//! of gaps. Output: [`SocksFacts`]. Version 5 (RFC 1928) without a login or with name and password (RFC 1929), and
//! version 4 with the names of its extension 4A. The two ends speak in turn; whoever does not ends the reading. Nothing
//! is said to be SOCKS before the server answers in its words. One message is buffered (513 bytes at most).

mod message;
#[cfg(test)]
mod tests;

use crate::capture::frame::Seen;
use crate::hostname::Hostname;
use crate::side::Side;

use super::tls::TlsSession;
use super::tunnel::Tunnel;

use message::{Method, Request, Stop};
pub(super) use message::{VERSION_4, VERSION_5};

/// What one conversation showed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocksFacts {
    /// The client's latest message to the proxy.
    pub asked: Option<Seen>,
    /// The server's first words that fit: before them, nothing tells that this is SOCKS.
    pub confirmed: Option<Seen>,
    /// The proxy's latest message.
    pub answered: Option<Seen>,
    /// What the client wants to be connected to.
    pub target: Option<Target>,
    /// The proxy's refusal.
    pub refusal: Option<(Refusal, Seen)>,
    /// The reply that opened the tunnel.
    pub established: Option<Seen>,
    /// Before the proxy's reply came what is not captured, not understood or no CONNECT.
    pub unreadable: bool,
}

/// Host and port of a CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name, or the address as text.
    pub host: Hostname,
    /// The port.
    pub port: u16,
    /// The byte that made the request whole.
    pub seen: Seen,
}

/// How a proxy says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// None of the client's authentication methods is acceptable (RFC 1928 section 3).
    Methods,
    /// Name and password are wrong: a status other than 0 (RFC 1929 section 2).
    Login(u8),
    /// A reply other than 0 to a request of version 5 (RFC 1928 section 6).
    Reply(u8),
    /// A result code other than 90 of version 4.
    Version4(u8),
}

impl Refusal {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Methods => message::NO_METHOD,
            Self::Login(code) | Self::Reply(code) | Self::Version4(code) => code,
        }
    }

    /// What the code means, in the words of its specification.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Methods => "no acceptable methods",
            Self::Login(_) => "wrong name or password",
            Self::Reply(1) => "general SOCKS server failure",
            Self::Reply(2) => "connection not allowed by ruleset",
            Self::Reply(3) => "network unreachable",
            Self::Reply(4) => "host unreachable",
            Self::Reply(5) => "connection refused",
            Self::Reply(6) => "TTL expired",
            Self::Reply(7) => "command not supported",
            Self::Reply(8) => "address type not supported",
            Self::Reply(_) => "unassigned",
            Self::Version4(92) => "request rejected: no identd on the client can be reached",
            Self::Version4(93) => "request rejected: the client's identd reports another user",
            Self::Version4(_) => "request rejected or failed",
        }
    }
}

/// What is due next. A version 4 dialogue is a request and a reply alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    #[default]
    Greeting,
    Method,
    Login,
    LoginReply,
    Request,
    Reply,
    Reply4,
    Tunnel,
    Over,
}

impl Turn {
    const fn speaker(self) -> Option<Side> {
        match self {
            Self::Greeting | Self::Login | Self::Request => Some(Side::Client),
            Self::Method | Self::LoginReply | Self::Reply | Self::Reply4 => Some(Side::Server),
            Self::Tunnel | Self::Over => None,
        }
    }

    /// What `side` sends now is for the tunnel: a client in a hurry sends its hello before the proxy's reply.
    const fn is_inside(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::Tunnel, _) | (Self::Reply | Self::Reply4, Side::Client)
        )
    }
}

/// One SOCKS conversation.
#[derive(Clone, Debug, Default)]
pub struct SocksSession {
    turn: Turn,
    /// The message under way, of the end whose turn it is.
    held: Vec<u8>,
    /// Authentication methods that the client offered.
    offered: Vec<u8>,
    tunnel: Tunnel,
    facts: SocksFacts,
}

impl SocksSession {
    /// A conversation of which nothing has been seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes that `side` sent, carried by the frame `seen`.
    pub fn feed(&mut self, side: Side, seen: Seen, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.settled() {
            if self.turn.is_inside(side) {
                self.tunnel.feed(side, seen, bytes);
                return;
            }
            if self.turn.speaker() == Some(side) {
                self.take(seen, &mut bytes);
            } else {
                self.lose();
            }
        }
    }

    /// Bytes of `side` are missing from the capture: before the proxy's reply they end the reading.
    pub fn gap(&mut self, side: Side) {
        if self.turn.is_inside(side) {
            self.tunnel.gap(side);
        } else if self.turn != Turn::Over {
            self.lose();
        }
    }

    /// See [`TlsSession::server_acknowledges`]: the TLS inside is told.
    pub fn server_acknowledges(&mut self, outstanding: u64) {
        self.tunnel.server_acknowledges(outstanding);
    }

    /// What has been seen so far.
    #[must_use]
    pub const fn facts(&self) -> &SocksFacts {
        &self.facts
    }

    /// What the client wants to be connected to, once the server's words tell that this is SOCKS.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.facts.confirmed?;
        self.facts.target.as_ref()
    }

    /// The TLS inside an open tunnel, once bytes that look like it have come.
    #[must_use]
    pub fn tunnel(&self) -> Option<&TlsSession> {
        self.facts.established?;
        self.tunnel.tls()
    }

    /// Whether no more bytes are needed.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.turn == Turn::Over || self.turn == Turn::Tunnel && self.tunnel.settled()
    }

    /// Bytes that wait for the rest of their message.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.held.len() + self.tunnel.buffered()
    }

    /// Adds bytes to the message under way and takes those off that complete it.
    fn take(&mut self, seen: Seen, bytes: &mut &[u8]) {
        let before = self.held.len();
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        match self.message(&held, seen) {
            Ok(rest) => {
                let used = held.len().saturating_sub(rest).saturating_sub(before);
                *bytes = bytes.get(used..).unwrap_or_default();
            }
            Err(Stop::Short) => {
                self.held = held;
                *bytes = &[];
            }
            Err(Stop::Alien) => self.lose(),
        }
    }

    /// Reads the message that is due, and says how many bytes follow it.
    fn message(&mut self, held: &[u8], seen: Seen) -> Result<usize, Stop> {
        let (mut rest, speaker) = (held, self.turn.speaker());
        self.turn = match self.turn {
            Turn::Greeting => match message::greeting(&mut rest)? {
                message::Greeting::Methods(offered) => {
                    self.offered = offered.to_vec();
                    Turn::Method
                }
                message::Greeting::Version4(request) => self.requested(request, seen, Turn::Reply4),
            },
            Turn::Method => match message::method(&mut rest, &self.offered)? {
                Method::None => Turn::Request,
                Method::Login => Turn::Login,
                Method::Unacceptable => self.refused(Refusal::Methods, seen),
                // What it wraps (RFC 1928 section 3) is not read.
                Method::Other => {
                    self.facts.unreadable = true;
                    Turn::Over
                }
            },
            Turn::Login => message::login(&mut rest).map(|()| Turn::LoginReply)?,
            Turn::LoginReply => match message::login_reply(&mut rest)? {
                0 => Turn::Request,
                status => self.refused(Refusal::Login(status), seen),
            },
            Turn::Request => {
                let request = message::request(&mut rest)?;
                self.requested(request, seen, Turn::Reply)
            }
            Turn::Reply => match message::reply(&mut rest)? {
                0 => self.opened(seen),
                code => self.refused(Refusal::Reply(code), seen),
            },
            Turn::Reply4 => match message::reply4(&mut rest)? {
                message::GRANTED_4 => self.opened(seen),
                code => self.refused(Refusal::Version4(code), seen),
            },
            Turn::Tunnel | Turn::Over => return Err(Stop::Alien),
        };
        if speaker == Some(Side::Client) {
            self.facts.asked = Some(seen);
        } else {
            self.facts.confirmed.get_or_insert(seen);
            self.facts.answered = Some(seen);
        }
        Ok(rest.len())
    }

    fn requested(&mut self, request: Request, seen: Seen, then: Turn) -> Turn {
        let Some((host, port)) = request.connect else {
            // Only a CONNECT goes on over this connection.
            self.facts.unreadable = true;
            return Turn::Over;
        };
        self.facts.target = Some(Target { host, port, seen });
        then
    }

    fn refused(&mut self, refusal: Refusal, seen: Seen) -> Turn {
        self.facts.refusal = Some((refusal, seen));
        Turn::Over
    }

    fn opened(&mut self, seen: Seen) -> Turn {
        self.facts.established = Some(seen);
        Turn::Tunnel
    }

    fn lose(&mut self) {
        self.facts.unreadable = true;
        self.turn = Turn::Over;
        self.held = Vec::new();
    }
}
