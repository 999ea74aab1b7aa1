//! One flow with what its payload said: the input of every rule.
//!
//! `monitor` fills it, carrying bytes from `flow` to `protocol`; the rules only read it.

use crate::capture::frame::Seen;
use crate::flow::stream::Stream;
use crate::flow::table::Keyed;
use crate::flow::{Flow, FlowKey, TcpFlow};
use crate::hostname::Hostname;
use crate::protocol::dns::DnsTcp;
use crate::protocol::http::{HttpFacts, HttpSession};
use crate::protocol::nat_pmp::NatPmpSession;
use crate::protocol::ntp::NtpSession;
use crate::protocol::quic::{ConnectionId, QuicFacts, QuicSession};
use crate::protocol::socks::SocksSession;
use crate::protocol::tls::{TlsFacts, TlsSession};
use crate::side::{Both, Side};

use super::outcome::{App, NameSource};

/// What reads a flow's payload.
#[derive(Debug)]
pub enum Talk {
    /// Not yet told; the first bytes, if there were any, wait here.
    Undecided(Option<Box<Held>>),
    /// TLS over TCP.
    Tls(Box<TlsSession>),
    /// TLS over TCP that has nothing more to tell: what it showed.
    TlsRead(Box<TlsFacts>),
    /// HTTP/1.
    Http(Box<HttpSession>),
    /// SOCKS, or what begins like it.
    Socks(Box<SocksSession>),
    /// NTP.
    Ntp(Box<NtpSession>),
    /// NAT-PMP or PCP.
    NatPmp(Box<NatPmpSession>),
    /// DNS over TCP.
    Dns(Box<Both<DnsTcp>>),
    /// QUIC.
    Quic(Box<QuicSession>),
    /// A UDP conversation that may be QUIC joined midstream: each side's first datagram goes to this connection ID, of
    /// unknown length.
    Midway(Box<Both<Option<ConnectionId>>>),
    /// Nothing that windfall reads.
    Opaque,
}

/// First bytes, too few to tell what they begin.
#[derive(Debug)]
pub struct Held {
    /// The bytes, all of one side.
    pub bytes: Vec<u8>,
    /// Who sent them.
    pub from: Side,
    /// The frame of the first.
    pub since: Seen,
}

impl Talk {
    /// The name that a hello asked for, while hellos are read, to be replaced by an equal one.
    pub fn sni_mut(&mut self) -> Option<&mut Hostname> {
        match self {
            Self::Tls(session) => session.sni_mut(),
            Self::Quic(session) => session.sni_mut(),
            _ => None,
        }
    }

    /// Gives up what was kept to read on.
    pub fn settle(&mut self) {
        *self = match std::mem::replace(self, Self::Opaque) {
            Self::Tls(session) => Self::TlsRead(session.into_facts()),
            other => other,
        };
    }
}

/// Whether a payload is still read: asked for every datagram, so kept beside the flow and not behind a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is, or (TCP) as long as there are streams.
    Goes,
    /// Its datagrams have nothing more to tell.
    Done,
    /// There was no room for what had to wait.
    GivenUp,
    /// The first bytes escaped the capture: what they began cannot be told.
    Headless,
    /// Of a datagram of the server the capture holds too little to tell what it answers.
    Cut,
}

/// One flow and its payload's facts.
#[derive(Debug)]
pub struct Conversation {
    /// What happened on the wire.
    pub flow: Flow,
    /// What was said.
    pub talk: Talk,
    /// Both directions in order; gone once the payload has nothing more to tell.
    pub streams: Option<Box<Both<Stream>>>,
    /// Attempt at a required host, as far as its payload and its client's DNS questions tell (for eviction; the report
    /// decides anew).
    pub precious: bool,
    /// The kind of name that `precious` was decided by last.
    pub weighed: Option<NameSource>,
    /// Somebody was given the server's address for a required host.
    pub promising: bool,
    /// Whether its payload is still read.
    pub reading: Reading,
}

impl Keyed for Conversation {
    fn key(&self) -> &FlowKey {
        &self.flow.key
    }
}

impl Conversation {
    /// A conversation of which nothing was read yet.
    #[must_use]
    pub const fn new(flow: Flow) -> Self {
        Self {
            flow,
            talk: Talk::Undecided(None),
            streams: None,
            precious: false,
            weighed: None,
            promising: false,
            reading: Reading::Goes,
        }
    }

    /// Reads a little of every cache line that the next packet will need.
    #[must_use]
    pub fn touch(&self) -> u64 {
        let flow = &self.flow;
        let halves = flow.tcp.as_ref().map_or(0, |tcp| {
            let (client, server) = (&tcp.half.client, &tcp.half.server);
            u64::from(client.next.0 ^ server.next.0) ^ client.new_bytes ^ server.new_bytes
        });
        halves ^ flow.key.touch() ^ flow.bytes.client ^ u64::from(self.streams.is_some())
    }

    /// TLS facts: of the flow itself (over TCP or in QUIC), or of the tunnel inside it.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsFacts> {
        match &self.talk {
            Talk::Tls(session) => Some(session.facts()),
            Talk::TlsRead(facts) => Some(facts),
            Talk::Http(session) => session.tunnel().map(TlsSession::facts),
            Talk::Socks(session) => session.tunnel().map(TlsSession::facts),
            Talk::Quic(session) => Some(&session.facts().tls),
            _ => None,
        }
    }

    /// QUIC facts.
    #[must_use]
    pub fn quic(&self) -> Option<&QuicFacts> {
        match &self.talk {
            Talk::Quic(session) => Some(session.facts()),
            _ => None,
        }
    }

    /// HTTP facts.
    #[must_use]
    pub fn http(&self) -> Option<&HttpFacts> {
        match &self.talk {
            Talk::Http(session) => Some(session.facts()),
            _ => None,
        }
    }

    /// Host and port that a proxy is asked to connect the client to, and the frame that asks.
    #[must_use]
    pub fn tunnel_target(&self) -> Option<(&Hostname, u16, Seen)> {
        match &self.talk {
            Talk::Http(session) => {
                let connect = session.facts().connect.as_ref()?;
                Some((&connect.host, connect.port, connect.seen))
            }
            Talk::Socks(session) => {
                let target = session.target()?;
                Some((&target.host, target.port, target.seen))
            }
            _ => None,
        }
    }

    /// A conversation with a resolver: listed by its questions, not as a flow.
    #[must_use]
    pub const fn is_dns(&self) -> bool {
        matches!(self.talk, Talk::Dns(_))
    }

    /// TCP facts.
    #[must_use]
    pub const fn tcp(&self) -> Option<&TcpFlow> {
        self.flow.tcp.as_ref()
    }

    /// What the flow speaks, by its first bytes.
    #[must_use]
    pub fn app(&self) -> App {
        match &self.talk {
            Talk::Tls(_) | Talk::TlsRead(_) => App::Tls,
            Talk::Http(session) => of_http(session.facts()),
            Talk::Socks(session) if session.facts().confirmed.is_some() => App::Socks,
            Talk::Ntp(_) => App::Ntp,
            Talk::NatPmp(_) => App::NatPmp,
            Talk::Dns(_) => App::Dns,
            Talk::Quic(_) => App::Quic,
            Talk::Undecided(_) | Talk::Socks(_) | Talk::Midway(_) | Talk::Opaque => App::Unknown,
        }
    }

    /// Only large packets of `side` were lost while smaller data got through: the sign of a link with a small MTU.
    #[must_use]
    pub fn only_large_lost(&self, side: Side) -> bool {
        let Some(tcp) = self.tcp() else { return false };
        let Some(episode) = tcp.half[side].episode() else {
            return false;
        };
        let Some(streams) = &self.streams else {
            return false;
        };
        let stream = &streams[side];
        episode.smallest_packet > crate::flow::stream::SAFE_PACKET_BYTES
            && !stream.large_arrived
            && (stream.small_arrived || episode.sacked)
    }

    /// Bytes held for reassembly and parsing.
    #[must_use]
    pub fn buffered(&self) -> usize {
        let streams = self
            .streams
            .as_ref()
            .map_or(0, |both| both.client.buffered() + both.server.buffered());
        streams
            + match &self.talk {
                Talk::Undecided(Some(held)) => held.bytes.len(),
                Talk::Tls(session) => session.buffered(),
                Talk::Http(session) => session.buffered(),
                Talk::Socks(session) => session.buffered(),
                Talk::Dns(both) => both.client.buffered() + both.server.buffered(),
                Talk::Quic(session) => session.buffered(),
                Talk::Undecided(None)
                | Talk::TlsRead(_)
                | Talk::Ntp(_)
                | Talk::NatPmp(_)
                | Talk::Midway(_)
                | Talk::Opaque => 0,
            }
    }
}

/// What a conversation that begins like HTTP speaks, by its first request line.
fn of_http(facts: &HttpFacts) -> App {
    match &facts.request {
        _ if facts.rtsp.is_some() => App::Rtsp,
        Some(request) if request.is_daap() => App::Daap,
        None if facts.not_http.is_some() => App::Unknown,
        Some(_) | None => App::Http,
    }
}
