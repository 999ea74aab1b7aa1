//! Handshakes that one end broke off with a word: a fatal alert, an answer that is no TLS, or a client that leaves right
//! after the certificates.
//!
//! Input: a TLS conversation that did not succeed. Output: a ruling, or none. TLS 1.3 encrypts the client's alert, so
//! one short record is taken for it. RFC 8446 section 6, RFC 5246 section 7.2.

use std::time::Duration;

use super::Handshake;
use crate::side::Side;
use crate::verdict::judge::End;
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;

/// A client that checks certificates and does not like them ends the connection this soon; one that waits longer
/// waits for something else.
const RIGHT_AFTER: Duration = Duration::from_secs(3);

/// Bytes of a TLS 1.3 server's flight with a certificate at least; a resumed one has some 250.
const LEAST_FLIGHT: u64 = 700;

impl Handshake<'_> {
    /// A fatal alert in plaintext, if nothing ended the connection before it.
    pub(super) fn alert(&self, end: Option<End>) -> Option<Ruling> {
        let alert = self.tls.seldom.alert.as_ref()?;
        if end.is_some_and(|end| end.by_reset && end.seen < alert.seen) {
            return None;
        }
        let name = alert.name();
        let (by, why) = match alert.from {
            Side::Server => (
                Origin::Server,
                format!("the server refused the handshake with TLS alert {name}"),
            ),
            Side::Client if matches!(alert.description, 42 | 46 | 48) => (
                Origin::Client,
                format!(
                    "the client rejected the server's certificate with TLS alert {name}: interception (HTTPS inspection) is the likely reason, which Apple services never accept"
                ),
            ),
            Side::Client => (
                Origin::Client,
                format!("the client broke off the handshake with TLS alert {name}"),
            ),
        };
        Some(
            Ruling::fault(Outcome::Failed, Stage::Handshake, Cause::TlsAlert, why)
                .by(by)
                .with_some(self.hello_seen(), "ClientHello")
                .with(
                    alert.seen,
                    format!("fatal alert {name} ({})", alert.description),
                ),
        )
    }

    /// The server's first words are no TLS: another service listens there, or somebody answers in the server's name.
    pub(super) fn foreign_answer(&self, end: Option<End>) -> Option<Ruling> {
        let (seen, start) = (self.tls.seldom.not_tls?, self.tls.seldom.not_tls_start?);
        let broken_before = end.is_some_and(|end| end.by_reset && end.seen < seen);
        let answered = self.tls.server_handshake.is_some() || broken_before;
        if answered
            || self.tls.seldom.not_tls_from == Some(Side::Client)
            || self.unreadable(end).is_some()
        {
            return None;
        }
        let what = match start {
            b'H' => "in plain text that begins as HTTP does",
            0x20..=0x7e => "in plain text",
            _ => "with bytes that are no TLS",
        };
        let mut why = format!("the ClientHello was answered {what}, not with TLS");
        let by = self.server_or_local();
        if by == Origin::LocalNetwork {
            why.push_str(", by a device on the local network in the server's name");
        }
        let ruling = Ruling::fault(
            Outcome::Failed,
            Stage::Handshake,
            Cause::ClosedInHandshake,
            why,
        );
        Some(
            ruling
                .by(by)
                .with_some(self.hello_seen(), "ClientHello")
                .with(seen, "the server's answer, which is no TLS record")
                .with_some(end.map(|end| end.seen), "the end of the connection"),
        )
    }

    /// The client ended it right after the server's certificates.
    pub(super) fn client_abort(&self, end: End) -> Option<Ruling> {
        let flight = self
            .tls
            .server_flight
            .filter(|flight| *flight < end.seen && end.seen.at.since(flight.at) <= RIGHT_AFTER)?;
        let short = self.tls.seldom.client_short_record;
        let nothing_else = match self.tls.client_application_records {
            0 => self.tls.change_cipher.client.is_none() || self.is_tls13(),
            // The FIN may travel on the alert's own segment.
            1 => short.is_some_and(|short| short <= end.seen),
            _ => false,
        };
        let by_client = end.side == Side::Client || short.is_some();
        if !nothing_else || !by_client || !self.showed_certificates() {
            return None;
        }
        let by_reset = end.by_reset && end.side == Side::Client;
        let outcome = if by_reset {
            Outcome::Reset
        } else {
            Outcome::Failed
        };
        Some(
            Ruling::fault(
                outcome,
                Stage::Handshake,
                Cause::ClientAbort,
                "the client gave up right after the server's certificates: it did not accept them, typical of HTTPS inspection, which Apple services never accept",
            )
            .by(Origin::Client)
            .with(flight, "end of the server's certificate flight")
            .with_some(short, "one short encrypted record of the client: an alert")
            .with(end.seen, if by_reset { "RST from the client" } else { "FIN" }),
        )
    }

    /// The server's flight had certificates in it: it was no resumption, and more than a `ServerHello`.
    fn showed_certificates(&self) -> bool {
        if !self.is_tls13() {
            return self.tls.certificate.is_some();
        }
        let resumed = self
            .tls
            .client_hello
            .as_ref()
            .is_some_and(|hello| hello.resumption)
            && self.tcp.half.server.new_bytes < LEAST_FLIGHT;
        self.tls.application.server.is_some() && !resumed
    }

    pub(super) fn is_tls13(&self) -> bool {
        self.tls
            .server_hello
            .as_ref()
            .is_some_and(|hello| hello.version >= 0x0304)
    }
}
