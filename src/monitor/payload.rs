//! Payload bytes to the parser that reads them.
//!
//! The first bytes decide which (`protocol::probe`); until then they wait here, a few of them.

use crate::capture::frame::Seen;
use crate::flow::half::Half;
use crate::flow::stream::{Chunk, Stream};
use crate::protocol::dns::Message;
use crate::protocol::http::HttpSession;
use crate::protocol::tls::TlsSession;
use crate::protocol::{Probe, Protocol, probe};
use crate::side::Side;
use crate::verdict::conversation::Talk;

/// Hands chunks to a conversation's parser.
pub(super) struct Reader<'a> {
    pub(super) talk: &'a mut Talk,
    pub(super) port: u16,
    /// Bytes of the client that were read before and that the server has not acknowledged.
    pub(super) outstanding: u64,
    pub(super) messages: &'a mut Vec<(Seen, Message)>,
}

/// Bytes of the client that were read and that the server has not acknowledged.
pub(super) fn outstanding(stream: &Stream, client: Option<&Half>) -> u64 {
    client.map_or(0, |client| {
        u64::try_from(stream.position().beyond(client.unacked)).unwrap_or(0)
    })
}

/// Whether the payload has nothing more to tell.
pub(super) fn is_settled(talk: &Talk) -> bool {
    match talk {
        Talk::Tls(session) => session.settled(),
        Talk::Http(session) => session.settled(),
        // Many DNS messages share one connection.
        Talk::Undecided { .. } | Talk::Dns(_) => false,
        Talk::Opaque => true,
    }
}

impl Reader<'_> {
    pub(super) fn take(&mut self, side: Side, chunk: Chunk<'_>) {
        match chunk {
            Chunk::Bytes(seen, bytes) => self.bytes(side, seen, bytes),
            Chunk::Missing => self.missing(side),
        }
    }

    fn missing(&mut self, side: Side) {
        match self.talk {
            Talk::Undecided { .. } => *self.talk = Talk::Opaque,
            Talk::Dns(sessions) => sessions[side].gap(),
            Talk::Tls(session) => session.gap(side),
            Talk::Http(session) => session.gap(side),
            Talk::Opaque => {}
        }
    }

    fn bytes(&mut self, side: Side, seen: Seen, bytes: &[u8]) {
        match self.talk {
            Talk::Undecided { .. } => self.decide(side, seen, bytes),
            Talk::Tls(session) => {
                if side == Side::Server {
                    session.server_acknowledges(self.outstanding);
                }
                session.feed(side, seen, bytes);
            }
            Talk::Http(session) => {
                if side == Side::Server {
                    session.server_acknowledges(self.outstanding);
                }
                session.feed(side, seen, bytes);
            }
            Talk::Dns(sessions) => {
                let messages = &mut *self.messages;
                sessions[side].feed(bytes, |message| {
                    if let Ok(message) = message {
                        messages.push((seen, message));
                    }
                });
            }
            Talk::Opaque => {}
        }
    }

    fn decide(&mut self, side: Side, seen: Seen, bytes: &[u8]) {
        let Talk::Undecided { held, since } = self.talk else {
            return;
        };
        if side == Side::Server && !held.is_empty() {
            // The client's first bytes were too few to tell, and the server answers them: no protocol that is read.
            *self.talk = Talk::Opaque;
            return;
        }
        let earlier = (*since, held.len());
        held.extend_from_slice(bytes);
        let talk = match probe(side, self.port, held) {
            Probe::NeedMore => {
                since.get_or_insert(seen);
                return;
            }
            Probe::NotMine | Probe::Certain(Protocol::Unknown) => Talk::Opaque,
            Probe::Certain(Protocol::Tls) => Talk::Tls(Box::new(TlsSession::new())),
            Probe::Certain(Protocol::Http) => Talk::Http(Box::new(HttpSession::new())),
            Probe::Certain(Protocol::DnsTcp) => Talk::Dns(Box::default()),
        };
        let held = std::mem::take(held);
        *self.talk = talk;
        if let (Some(since), count) = earlier {
            self.bytes(side, since, held.get(..count).unwrap_or_default());
        }
        self.bytes(side, seen, bytes);
    }
}
