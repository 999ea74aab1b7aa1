//! How far the handshake has come, told from record headers.
//!
//! Input: each record's type and length, in the order in which the capture has them, and what the server had
//! acknowledged. Output: the facts on ciphers, data and success. TLS up to 1.2: Finished is the handshake record after
//! a `ChangeCipherSpec` (RFC 5246 section 7.1). TLS 1.3: everything after the `ServerHello` looks like data, so success is
//! data of the server that it can only have sent once it had the client's Finished (RFC 8446 section 2).

use crate::capture::frame::Seen;
use crate::side::{Both, Side};

use super::facts::TlsFacts;
use super::record::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Record};

/// Longest content that is taken for an encrypted alert: 2 bytes, a type, a tag of at most 16, and some padding. A
/// Finished has 4 + 32 bytes before type and tag.
const SHORT: u16 = 40;

/// Lengths of an encrypted alert without padding: tags of 16 and of 8 bytes.
const ALERT_LENGTHS: [u16; 2] = [19, 11];

/// Lengths of an encrypted `EndOfEarlyData`: tags of 16 and of 8 bytes.
const END_OF_EARLY_DATA_LENGTHS: [u16; 2] = [21, 13];

/// Lengths of an encrypted Finished: SHA-256 and SHA-384, tags of 16 and of 8 bytes.
const FINISHED_LENGTHS: [u16; 4] = [53, 69, 45, 61];

/// Longest content of an encrypted Finished of TLS 1.2: CBC with HMAC-SHA-384. Hellos that follow a compatibility
/// `ChangeCipherSpec` in TLS 1.3 are longer.
const LONGEST_FINISHED: u16 = 96;

/// What is remembered between records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Bytes fed of each side.
    fed: Both<u64>,
    /// Bytes of the client that the server had acknowledged; `None` if nobody told.
    acknowledged: Option<u64>,
    /// Where the client's Finished of TLS 1.3 ends, in bytes fed; before a record of its size came (certificates go
    /// before it), where the first record ends that is no alert.
    client_done: Option<u64>,
    /// A record of a Finished's size came.
    client_finished: bool,
    early_data_ended: bool,
    /// Handshake records after a `ChangeCipherSpec` (TLS up to 1.2).
    finished: Both<bool>,
    /// The client went on after the server's first flight.
    client_moved: bool,
    /// Bytes of this side are missing from the capture.
    gap: Both<bool>,
}

impl Progress {
    /// So many bytes of `side` were taken.
    pub(super) fn fed(&mut self, side: Side, bytes: usize) {
        self.fed[side] = self.fed[side].saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// The server acknowledged all that the client had sent but for `outstanding` bytes.
    pub(super) fn acknowledge(&mut self, outstanding: u64) {
        let acknowledged = self.fed.client.saturating_sub(outstanding);
        self.acknowledged = Some(self.acknowledged.unwrap_or(0).max(acknowledged));
    }

    /// Bytes of `side` are missing.
    pub(super) fn gap(&mut self, side: Side) {
        self.gap[side] = true;
        // The rest of a record that the capture cut is not fed: what was fed of it is all there is to acknowledge.
        if side == Side::Client {
            let fed = self.fed.client;
            self.client_done = self.client_done.map(|done| done.min(fed));
        }
    }

    /// Whether handshake records of `side` cannot be read (any more).
    pub(super) fn is_encrypted(facts: &TlsFacts, side: Side) -> bool {
        let ciphers_changed = facts.change_cipher[side].is_some();
        match facts.is_tls13() {
            // Handshake records of 1.3 are plaintext: encrypted ones look like data.
            Some(true) => false,
            Some(false) => ciphers_changed,
            // A ChangeCipherSpec before the ServerHello is the one of middlebox compatibility (RFC 8446 D.4).
            None => ciphers_changed && facts.seldom.hello_retry.is_none(),
        }
    }

    /// Takes a record's header.
    pub(super) fn record(&mut self, facts: &mut TlsFacts, side: Side, record: Record, seen: Seen) {
        match record.kind {
            CHANGE_CIPHER_SPEC => {
                facts.change_cipher[side].get_or_insert(seen);
            }
            HANDSHAKE if Self::is_encrypted(facts, side) => {
                // A HelloRetryRequest that the capture lost leaves the version unknown and hellos behind a
                // ChangeCipherSpec.
                let is_finished =
                    facts.is_tls13() == Some(false) || record.length <= LONGEST_FINISHED;
                self.finished[side] |= is_finished;
                if self.finished.client && self.finished.server {
                    facts.finished.get_or_insert(seen);
                }
            }
            APPLICATION_DATA => match side {
                Side::Client => self.client_data(facts, record.length, seen),
                Side::Server => self.server_data(facts, record.length, seen),
            },
            _ => {}
        }
        let early = facts.server_hello.is_none()
            || (record.kind == APPLICATION_DATA && self.may_be_early(facts));
        if side == Side::Client && !early {
            self.client_moved = true;
        }
    }

    /// Takes note of bytes of the server's first flight.
    pub(super) fn server_bytes(&self, facts: &mut TlsFacts, seen: Seen) {
        if facts.server_hello.is_some() && !self.client_moved {
            facts.server_flight = Some(seen);
        }
    }

    /// Early data was offered, and nothing of the client shows that it is over.
    fn may_be_early(&self, facts: &TlsFacts) -> bool {
        let offered = facts
            .client_hello
            .as_ref()
            .is_some_and(|hello| hello.early_data);
        offered
            && !self.early_data_ended
            && self.client_done.is_none()
            && facts.seldom.client_short_record.is_none()
    }

    fn client_data(&mut self, facts: &mut TlsFacts, length: u16, seen: Seen) {
        let may_be_early = self.may_be_early(facts);
        if may_be_early && facts.server_hello.is_none() {
            facts.seldom.early_application.get_or_insert(seen);
            return;
        }
        if may_be_early {
            // Early data that was under way when the ServerHello passed, or its end, or what follows it.
            if END_OF_EARLY_DATA_LENGTHS.contains(&length) {
                self.early_data_ended = true;
                return;
            }
            if length > SHORT && !FINISHED_LENGTHS.contains(&length) {
                facts.seldom.early_application.get_or_insert(seen);
                return;
            }
        }
        facts.application.client.get_or_insert(seen);
        facts.client_application_records = facts.client_application_records.saturating_add(1);
        if facts.is_tls13() == Some(false) {
            Self::data_both_ways(facts, seen);
        } else if length > SHORT {
            let may_be_finished = FINISHED_LENGTHS.contains(&length) && !self.client_finished;
            if may_be_finished || self.client_done.is_none() {
                // The header's last byte is the last one counted as fed so far.
                self.client_done = Some(self.fed.client.saturating_add(u64::from(length)));
            }
            self.client_finished |= may_be_finished;
        } else if self.client_done.is_none() {
            facts.seldom.client_short_record.get_or_insert(seen);
        }
    }

    fn server_data(&self, facts: &mut TlsFacts, length: u16, seen: Seen) {
        facts.application.server.get_or_insert(seen);
        if facts.is_tls13() == Some(false) {
            Self::data_both_ways(facts, seen);
            return;
        }
        // Without a ServerHello nothing is known to be a handshake, unless the capture lost it.
        let hello_seen =
            facts.server_hello.is_some() || (facts.hello_started.is_some() && self.gap.server);
        let Some(client_done) = self.client_done.filter(|_| hello_seen) else {
            return;
        };
        let in_flight = self
            .acknowledged
            .is_some_and(|acknowledged| acknowledged < client_done);
        let close = ALERT_LENGTHS.contains(&length)
            || (length <= SHORT && facts.seldom.client_short_record.is_some());
        if !in_flight && !close {
            facts.finished.get_or_insert(seen);
        }
    }

    fn data_both_ways(facts: &mut TlsFacts, seen: Seen) {
        if facts.application.client.is_some() && facts.application.server.is_some() {
            facts.finished.get_or_insert(seen);
        }
    }
}
