//! TLS conversations for tests: recorded ones, and records made by hand.
//!
//! Recordings are files of `tests/protocol_data`, with their segments and acknowledgments.

use super::TlsSession;
use crate::capture::frame::{FrameId, Seen, Timestamp};
use crate::side::{Both, Side};

/// One recorded conversation.
pub(crate) struct Recording {
    pub(crate) name: &'static str,
    pub(crate) sent: Both<&'static [u8]>,
    segments: &'static str,
}

/// One segment of a recorded conversation.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) side: Side,
    pub(crate) bytes: &'static [u8],
    /// Bytes of the peer that it acknowledges, from the first one on.
    pub(crate) acknowledges: usize,
}

macro_rules! recordings {
    ($($name:literal),* $(,)?) => {
        /// Every recorded conversation.
        pub(crate) const RECORDINGS: &[Recording] = &[$(Recording {
            name: $name,
            sent: Both {
                client: include_bytes!(concat!("../../../tests/protocol_data/", $name, ".client")),
                server: include_bytes!(concat!("../../../tests/protocol_data/", $name, ".server")),
            },
            segments: include_str!(concat!("../../../tests/protocol_data/", $name, ".segments")),
        }),*];
    };
}

recordings!(
    "tls12-full",
    "tls12-ticket",
    "tls12-session-id",
    "tls13-full",
    "tls13-resumed",
    "tls13-retry",
    "tls13-early-data",
    "tls13-client-certificate",
    "tls13-certificate-required",
    "tls13-unknown-ca",
    "tls12-unknown-ca",
    "tls12-handshake-failure",
    "tls13-protocol-version",
);

/// The recording of this name.
pub(crate) fn recording(name: &str) -> &'static Recording {
    RECORDINGS
        .iter()
        .find(|recording| recording.name == name)
        .unwrap()
}

impl Recording {
    /// Its segments, in the order captured.
    pub(crate) fn segments(&self) -> Vec<Segment> {
        let mut sent = self.sent;
        let segments = self.segments.lines().map(|line| {
            let mut words = line.split(' ');
            let side = match words.next().unwrap() {
                "client" => Side::Client,
                _ => Side::Server,
            };
            let length = words.next().unwrap().parse().unwrap();
            let (bytes, rest) = sent[side].split_at(length);
            sent[side] = rest;
            let acknowledges = words.next().unwrap().parse().unwrap();
            Segment {
                side,
                bytes,
                acknowledges,
            }
        });
        segments.collect()
    }
}

/// The frame of this number, captured that many milliseconds after the epoch.
pub(crate) fn frame(number: usize) -> Seen {
    let number = u64::try_from(number).unwrap();
    Seen {
        at: Timestamp::from_nanos(i64::try_from(number).unwrap() * 1_000_000),
        frame: FrameId::new(0, number),
    }
}

/// Feeds segments as frames 1, 2, 3 and so on, each in the pieces that `cut` makes of it, and tells of every
/// acknowledgment.
pub(crate) fn replay<'a>(
    segments: &[Segment],
    cut: impl Fn(usize, &'a [u8]) -> Vec<&'a [u8]>,
) -> TlsSession {
    let mut session = TlsSession::new();
    let mut sent = 0;
    for (number, segment) in segments.iter().enumerate() {
        match segment.side {
            Side::Client => sent += segment.bytes.len(),
            Side::Server => {
                let outstanding = sent - segment.acknowledges;
                session.server_acknowledges(u64::try_from(outstanding).unwrap());
            }
        }
        for piece in cut(number, segment.bytes) {
            session.feed(segment.side, frame(number + 1), piece);
        }
    }
    session
}

/// A record of TLS 1.2 or 1.3 as the wire has it.
pub(crate) fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 3, 3];
    record.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
    record.extend(content);
    record
}

/// A handshake message.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    message.extend(body);
    message
}
