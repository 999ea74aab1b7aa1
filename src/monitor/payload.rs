//! Payload bytes to the parser that reads them.
//!
//! The first bytes decide which (`protocol::probe`); until then they wait here, a few of them.

use crate::capture::frame::Seen;
use crate::flow::half::Half;
use crate::flow::stream::{Chunk, Stream};
use crate::protocol::dns::Message;
use crate::protocol::http::HttpSession;
use crate::protocol::socks::SocksSession;
use crate::protocol::tls::TlsSession;
use crate::protocol::{Probe, Protocol, probe};
use crate::side::Side;
use crate::verdict::conversation::{Held, Reading, Talk};

/// Hands chunks to a conversation's parser.
pub(super) struct Reader<'a> {
    pub(super) talk: &'a mut Talk,
    pub(super) port: u16,
    /// Bytes of the client that were read before and that the server has not acknowledged.
    pub(super) outstanding: u64,
    pub(super) messages: &'a mut Vec<(Seen, Message)>,
    pub(super) reading: &'a mut Reading,
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
        Talk::Socks(session) => session.settled(),
        // Many DNS messages share one connection.
        Talk::Undecided(_) | Talk::Dns(_) => false,
        Talk::TlsRead(_)
        | Talk::Ntp(_)
        | Talk::NatPmp(_)
        | Talk::Quic(_)
        | Talk::Midway(_)
        | Talk::Opaque => true,
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
            Talk::Undecided(_) => {
                *self.talk = Talk::Opaque;
                *self.reading = Reading::Headless;
            }
            Talk::Dns(sessions) => sessions[side].gap(),
            Talk::Tls(session) => session.gap(side),
            Talk::Http(session) => {
                session.gap(side);
                if side == Side::Client && session.facts().request.is_none() {
                    *self.reading = Reading::Headless;
                }
            }
            Talk::Socks(session) => {
                session.gap(side);
                if session.facts().confirmed.is_none() {
                    *self.reading = Reading::Headless;
                }
            }
            Talk::TlsRead(_)
            | Talk::Ntp(_)
            | Talk::NatPmp(_)
            | Talk::Quic(_)
            | Talk::Midway(_)
            | Talk::Opaque => {}
        }
    }

    fn bytes(&mut self, side: Side, seen: Seen, bytes: &[u8]) {
        match self.talk {
            Talk::Undecided(_) => self.decide(side, seen, bytes),
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
            Talk::Socks(session) => {
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
            Talk::TlsRead(_)
            | Talk::Ntp(_)
            | Talk::NatPmp(_)
            | Talk::Quic(_)
            | Talk::Midway(_)
            | Talk::Opaque => {}
        }
    }

    fn decide(&mut self, side: Side, seen: Seen, bytes: &[u8]) {
        let Talk::Undecided(held) = self.talk else {
            return;
        };
        let earlier = held.take();
        if earlier.as_ref().is_some_and(|held| held.from != side) {
            // The first bytes were too few to tell, and the peer answers them: no protocol that is read.
            *self.talk = Talk::Opaque;
            return;
        }
        let together = earlier
            .as_ref()
            .map(|held| [held.bytes.as_slice(), bytes].concat());
        let talk = match probe(side, self.port, together.as_deref().unwrap_or(bytes)) {
            Probe::NeedMore => {
                *held = Some(Box::new(Held {
                    bytes: together.unwrap_or_else(|| bytes.to_vec()),
                    from: side,
                    since: earlier.map_or(seen, |held| held.since),
                }));
                return;
            }
            Probe::NotMine | Probe::Certain(Protocol::Unknown | Protocol::Quic) => Talk::Opaque,
            Probe::Certain(Protocol::Tls) => Talk::Tls(Box::new(TlsSession::new())),
            Probe::Certain(Protocol::Http) => Talk::Http(Box::new(HttpSession::new())),
            Probe::Certain(Protocol::Socks) => Talk::Socks(Box::new(SocksSession::new())),
            Probe::Certain(Protocol::DnsTcp) => Talk::Dns(Box::default()),
        };
        *self.talk = talk;
        if let Some(held) = earlier {
            self.bytes(side, held.since, &held.bytes);
        }
        self.bytes(side, seen, bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flow::Seq;
    use crate::protocol::tls::TlsFacts;
    use crate::protocol::tls::testing::{frame, recording};
    use crate::side::Both;

    /// Reads a recorded conversation as far as the server's first ticket, of which the server says that it did not
    /// have the client's last `outstanding` bytes.
    fn read(outstanding: u64) -> Talk {
        let mut talk = Talk::Undecided(None);
        let mut messages = Vec::new();
        let segments = recording("tls13-full").segments();
        for (number, segment) in segments[..4].iter().enumerate() {
            let mut reader = Reader {
                talk: &mut talk,
                port: 443,
                outstanding: if number == 3 { outstanding } else { 0 },
                messages: &mut messages,
                reading: &mut Reading::Goes,
            };
            reader.take(segment.side, Chunk::Bytes(frame(number + 1), segment.bytes));
        }
        talk
    }

    #[test]
    fn tls_is_told_what_the_server_had() {
        for (outstanding, finished) in [(0, Some(frame(4))), (1, None), (80, None)] {
            let Talk::Tls(session) = read(outstanding) else {
                unreachable!("the recording is TLS")
            };
            assert_eq!(session.facts().finished, finished, "{outstanding}");
        }
    }

    #[test]
    fn what_both_ends_say_is_never_read_as_one() {
        let mut talk = Talk::Undecided(None);
        let mut messages = Vec::new();
        let mut reader = Reader {
            talk: &mut talk,
            port: 443,
            outstanding: 0,
            messages: &mut messages,
            reading: &mut Reading::Goes,
        };
        // Joined midstream: the end of something, then what would go on as a TLS record.
        reader.take(Side::Server, Chunk::Bytes(frame(1), &[22, 3]));
        reader.take(
            Side::Client,
            Chunk::Bytes(frame(2), &[3, 0, 4, 14, 0, 0, 0]),
        );
        assert!(matches!(talk, Talk::Opaque));
    }

    #[test]
    fn only_bytes_that_were_read_are_outstanding() {
        let (mut stream, mut half) = (Stream::starting_at(Seq(100)), Half::default());
        half.start(Seq(100));
        assert_eq!(outstanding(&stream, Some(&half)), 0);
        stream.push(Seq(100), b"abc", 3, frame(1), &mut |_| ());
        // Behind a hole: not read yet.
        stream.push(Seq(110), b"x", 1, frame(2), &mut |_| ());
        assert_eq!(outstanding(&stream, Some(&half)), 3);
        half.next = Seq(111);
        half.acknowledge(Seq(102), frame(3).at);
        assert_eq!(outstanding(&stream, Some(&half)), 1);
        half.acknowledge(Seq(111), frame(4).at);
        assert_eq!(outstanding(&stream, Some(&half)), 0);
        assert_eq!(outstanding(&stream, None), 0);
    }

    /// Reads a recorded conversation of which each segment came in `pieces`, given by where they start and end.
    fn read_pieces(name: &str, pieces: impl Fn(usize) -> Vec<(usize, usize)>) -> TlsFacts {
        let mut talk = Talk::Undecided(None);
        let mut messages = Vec::new();
        let mut streams = Both {
            client: Stream::starting_at(Seq(u32::MAX - 100)),
            server: Stream::starting_at(Seq(7)),
        };
        for (number, segment) in recording(name).segments().iter().enumerate() {
            let mut reader = Reader {
                talk: &mut talk,
                port: 443,
                outstanding: 0,
                messages: &mut messages,
                reading: &mut Reading::Goes,
            };
            let start = streams[segment.side].position();
            for (from, to) in pieces(segment.bytes.len()) {
                let (seq, bytes) = (
                    start.plus(u32::try_from(from).unwrap()),
                    &segment.bytes[from..to],
                );
                let length = u32::try_from(bytes.len()).unwrap();
                let seen = frame(number + 1);
                streams[segment.side].push(seq, bytes, length, seen, &mut |chunk| {
                    reader.take(segment.side, chunk);
                });
            }
        }
        let Talk::Tls(session) = talk else {
            unreachable!("the recordings are TLS")
        };
        let mut facts = session.facts().clone();
        if let Some(hello) = &mut facts.client_hello {
            hello.segments = 0;
        }
        facts
    }

    proptest! {
        /// Lost, repeated and overtaken pieces of any size, overlapping by some bytes.
        #[test]
        fn no_order_of_segments_changes_what_is_seen(
            name in prop::sample::select(vec!["tls12-full", "tls13-full", "tls13-retry"]),
            count in 1usize..40,
            overlap in 0usize..30,
            order in prop::collection::vec(any::<u32>(), 40),
        ) {
            let whole = read_pieces(name, |length| vec![(0, length)]);
            let mixed = read_pieces(name, |length| {
                let size = length.div_ceil(count);
                let starts = (0..length).step_by(size);
                let mut pieces: Vec<_> = starts
                    .map(|start| (start, (start + size + overlap).min(length)))
                    .zip(&order)
                    .collect();
                pieces.sort_by_key(|(_, key)| **key);
                pieces.into_iter().map(|(piece, _)| piece).collect()
            });
            prop_assert_eq!(mixed, whole);
        }
    }
}
