//! TLS over TCP, as far as it can be seen from outside.
//!
//! Input: the in-order bytes of both directions, in pieces of any size, each with the frame that carried it, and word
//! of gaps. Output: [`TlsFacts`]. Hellos and certificates are put together over records and segments (16 KiB a
//! direction at most, released once read); of everything else only record headers are looked at. How the bytes are
//! cut never changes the facts, only the frames. RFC 8446, RFC 5246.

mod certificate;
mod distinguished_name;
mod facts;
pub(in crate::protocol) mod handshake;
pub(in crate::protocol) mod hello;
mod progress;
pub(crate) mod record;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::capture::frame::Seen;
use crate::hostname::Hostname;
use crate::side::{Both, Side};

pub use certificate::CertificateFacts;
pub use facts::{Alert, ClientHello, Protocols, ServerHello, TlsFacts};
pub use handshake::MAX_MESSAGE;

use handshake::{Event, Message, Messages};
use progress::Progress;
use record::{Record, Records, Step};

/// The version number of TLS 1.3.
const TLS13: u16 = 0x0304;

/// Alert level "fatal" (RFC 5246 section 7.2).
const FATAL: u8 = 2;

/// One TLS conversation.
#[derive(Clone, Debug, Default)]
pub struct TlsSession {
    ends: Both<End>,
    progress: Progress,
    /// Apart, since they outlive what is under way.
    facts: Box<TlsFacts>,
}

/// What is under way in one direction.
#[derive(Clone, Debug, Default)]
struct End {
    records: Records,
    messages: Messages,
    /// Pieces fed.
    pieces: u32,
    /// The level byte of an alert whose description has not come.
    alert_level: Option<u8>,
}

impl TlsSession {
    /// A conversation of which nothing has been seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes that `side` sent, carried by the frame `seen`.
    pub fn feed(&mut self, side: Side, seen: Seen, mut bytes: &[u8]) {
        if bytes.is_empty() || self.settled() {
            return;
        }
        let end = &mut self.ends[side];
        end.pieces = end.pieces.saturating_add(1);
        let piece = end.pieces;
        if !end.records.begin_piece(bytes) {
            self.progress.fed(side, bytes.len());
            return;
        }
        loop {
            let before = bytes.len();
            let step = self.ends[side].records.step(&mut bytes, seen, piece);
            self.progress.fed(side, before.saturating_sub(bytes.len()));
            match step {
                None => return,
                Some(Step::NotTls(kind)) => {
                    self.facts.seldom.not_tls.get_or_insert(seen);
                    self.facts.seldom.not_tls_from.get_or_insert(side);
                    self.facts.seldom.not_tls_start.get_or_insert(kind);
                    return;
                }
                Some(Step::Begin(record)) => self.begin(side, seen, record),
                Some(Step::Content(record, content)) => self.content(side, seen, record, content),
            }
            // Where a piece ends must not decide how much after the end is read.
            if self.settled() {
                return;
            }
        }
    }

    /// Bytes of `side` are missing from the capture. The walk takes up again at the next piece that starts like a
    /// record; of a `ClientHello` under way, the name is kept if it was there.
    pub fn gap(&mut self, side: Side) {
        self.progress.gap(side);
        let end = &mut self.ends[side];
        end.records.lose();
        end.alert_level = None;
        if let Some((started, body)) = end.messages.abandon()
            && started.kind == handshake::CLIENT_HELLO
        {
            self.facts.seldom.partial_sni = hello::sni_of_cut(&body);
        }
        if side == Side::Client && self.facts.client_hello.is_none() {
            self.facts.seldom.hello_cut = self.facts.seldom.hello_cut.or(self.facts.hello_started);
        }
    }

    /// The server acknowledges, with the segment that is fed next, everything fed of the client but its last
    /// `outstanding` bytes. Optional: told of acknowledgments, TLS 1.3 success does not count data that the server
    /// sent before it had the client's Finished; untold, the order of the capture decides.
    pub fn server_acknowledges(&mut self, outstanding: u64) {
        self.progress.acknowledge(outstanding);
    }

    /// What has been seen so far.
    #[must_use]
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }

    /// See [`TlsFacts::sni_mut`].
    pub fn sni_mut(&mut self) -> Option<&mut Hostname> {
        self.facts.sni_mut()
    }

    /// What was seen, once no more is to be read.
    #[must_use]
    pub fn into_facts(self) -> Box<TlsFacts> {
        self.facts
    }

    /// Whether success or a definite failure is known, so that no more bytes are needed.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.facts.finished.is_some()
            || self.facts.seldom.alert.is_some()
            || self.facts.seldom.not_tls.is_some()
    }

    /// Bytes that wait for the rest of their message, both directions together.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.ends.client.messages.buffered() + self.ends.server.messages.buffered()
    }

    fn begin(&mut self, side: Side, seen: Seen, record: Record) {
        self.progress.record(&mut self.facts, side, record, seen);
        if side == Side::Server {
            self.progress.server_bytes(&mut self.facts, seen);
        }
        if record.kind == record::ALERT {
            self.ends[side].alert_level = None;
            // Two bytes are an alert in plaintext; an encrypted one has a tag at least.
            if record.length != 2 {
                self.facts.seldom.encrypted_alert[side].get_or_insert(seen);
            }
        }
        if self.settled() {
            self.release();
        }
    }

    fn content(&mut self, side: Side, seen: Seen, record: Record, content: &[u8]) {
        match record.kind {
            record::HANDSHAKE if !Progress::is_encrypted(&self.facts, side) => {
                self.handshake(side, seen, record, content);
            }
            record::ALERT if record.length == 2 => self.alert(side, seen, content),
            _ => {}
        }
        if side == Side::Server {
            self.progress.server_bytes(&mut self.facts, seen);
        }
    }

    fn alert(&mut self, side: Side, seen: Seen, content: &[u8]) {
        for &byte in content {
            match self.ends[side].alert_level.take() {
                None => self.ends[side].alert_level = Some(byte),
                Some(FATAL) => {
                    self.facts.seldom.alert.get_or_insert(Alert {
                        from: side,
                        description: byte,
                        seen,
                    });
                    self.release();
                }
                Some(_) => {}
            }
        }
    }

    fn handshake(&mut self, side: Side, seen: Seen, record: Record, mut content: &[u8]) {
        loop {
            let facts = &self.facts;
            let wanted = |kind| match (side, kind) {
                (Side::Client, handshake::CLIENT_HELLO) => facts.client_hello.is_none(),
                (Side::Server, handshake::SERVER_HELLO) => facts.server_hello.is_none(),
                (Side::Server, handshake::CERTIFICATE) => facts.certificate.is_none(),
                _ => false,
            };
            match self.ends[side].messages.next(&mut content, record, wanted) {
                None => return,
                Some(Event::Begin(started)) => match (side, started.kind) {
                    (Side::Client, handshake::CLIENT_HELLO) => {
                        self.facts.hello_started.get_or_insert(started.first);
                    }
                    (Side::Server, _) => {
                        self.facts.server_handshake.get_or_insert(seen);
                    }
                    (Side::Client, _) => {}
                },
                Some(Event::Whole(message)) => self.message(side, seen, &message),
            }
        }
    }

    fn message(&mut self, side: Side, seen: Seen, message: &Message) {
        match message.started.kind {
            handshake::CLIENT_HELLO => self.client_hello(side, seen, message),
            handshake::SERVER_HELLO => match hello::answer(&message.body, seen) {
                Some(hello::Answer::Retry) => {
                    self.facts.seldom.hello_retry.get_or_insert(seen);
                }
                Some(hello::Answer::Hello(hello)) => self.facts.server_hello = Some(hello),
                None => {}
            },
            _ => {
                self.facts.certificate =
                    certificate::parse(&message.body, is_whole(message), seen).map(Box::new);
            }
        }
    }

    fn client_hello(&mut self, side: Side, seen: Seen, message: &Message) {
        let pieces = self.ends[side]
            .pieces
            .saturating_sub(message.started.first_piece);
        let came = hello::Arrival {
            first: message.started.first,
            complete: seen,
            pieces: pieces.saturating_add(1),
        };
        let hello = is_whole(message)
            .then(|| hello::client_hello(&message.body, came))
            .flatten();
        if hello.is_none() {
            self.facts.seldom.partial_sni = hello::sni_of_cut(&message.body);
            self.facts.seldom.hello_unreadable.get_or_insert(seen);
            return;
        }
        self.facts.client_hello = hello;
    }

    /// Frees what waited for bytes that will not be looked at.
    fn release(&mut self) {
        self.ends.client.messages.abandon();
        self.ends.server.messages.abandon();
    }
}

/// Whether all of a message was kept.
fn is_whole(message: &Message) -> bool {
    usize::try_from(message.length).is_ok_and(|length| length == message.body.len())
}
