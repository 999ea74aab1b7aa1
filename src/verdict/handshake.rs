//! Rules of the handshake stage: TLS over an established TCP connection, direct or through a proxy's tunnel.
//!
//! Input: a conversation whose payload is TLS. Output: a ruling. RFC 8446, RFC 5246.

use std::fmt::Write as _;
use std::time::Duration;

use super::conversation::Conversation;
use super::judge::{End, Scene};
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::timers::STALL_REPEATS;
use super::{connect, origin, transfer};
use crate::capture::frame::Timestamp;
use crate::flow::TcpFlow;
use crate::protocol::tls::{CertificateFacts, ClientHello, TlsFacts};
use crate::side::Side;

/// A client that checks certificates and does not like them ends the connection this soon; one that waits longer
/// waits for something else.
const RIGHT_AFTER: Duration = Duration::from_secs(3);

/// A TLS conversation under judgment.
#[derive(Clone, Copy)]
pub struct Handshake<'a> {
    /// The flow.
    pub conversation: &'a Conversation,
    /// Its TCP facts.
    pub tcp: &'a TcpFlow,
    /// Its TLS facts.
    pub tls: &'a TlsFacts,
    /// Timers, time and catalogue.
    pub scene: &'a Scene<'a>,
}

impl Handshake<'_> {
    /// Judges the handshake, and the transfer after it.
    #[must_use]
    pub fn judge(&self) -> Ruling {
        if let Some(intercepted) = self.intercepted() {
            return intercepted;
        }
        if let Some(finished) = self.tls.finished {
            return transfer::after_success(self.conversation, self.tcp, self.scene)
                .unwrap_or_else(|| {
                    Ruling::succeeded(Stage::Transfer).recovered_if(self.had_stalled(finished.at))
                });
        }
        let end = self.scene.end(self.tcp);
        if let Some(alert) = self.alert(end) {
            return alert;
        }
        match end {
            Some(end) => self.ended(end),
            None => self.open(),
        }
    }

    /// A certificate that is not the host's, or not from an issuer that serves it.
    fn intercepted(&self) -> Option<Ruling> {
        // Of a chain that was not seen whole, what is missing may be the very name or issuer looked for.
        let certificate = self.tls.certificate.as_ref().filter(|seen| seen.complete)?;
        let host = self.scene.required_host?;
        let covered = certificate.covers(host);
        let trusted = certificate
            .issuing_organisations
            .iter()
            .any(|organisation| self.scene.catalogue.trusted_issuer(organisation));
        if covered && trusted {
            return None;
        }
        let by =
            if origin::answers_locally(self.tcp, self.conversation.flow.endpoint(Side::Server).0) {
                Origin::LocalNetwork
            } else {
                Origin::Middlebox
            };
        Some(
            Ruling::fault(
                Outcome::Failed,
                Stage::Handshake,
                Cause::TlsIntercepted,
                mistrust(certificate, &host.to_text(), covered),
            )
            .by(by)
            .with(
                certificate.seen,
                format!(
                    "certificate of \"{}\", issued by \"{}\"",
                    certificate.subject, certificate.issuer
                ),
            ),
        )
    }

    /// Whether a stall rule had been met before the handshake completed at `finished`.
    fn had_stalled(&self, finished: Timestamp) -> bool {
        let timers = self.scene.timers;
        let opening = &self.tcp.opening;
        let slow_connect = opening
            .syn
            .zip(opening.syn_ack)
            .is_some_and(|(syn, syn_ack)| {
                syn.sightings.count >= 2
                    && syn_ack.sightings.first().at.since(syn.sightings.first().at) >= timers.syn
            });
        let hello = self
            .tls
            .client_hello
            .as_ref()
            .map(|hello| hello.complete.at);
        let answer = self.tls.server_handshake.map(|seen| seen.at);
        let slow_hello = hello
            .zip(answer)
            .is_some_and(|(hello, answer)| answer.since(hello) >= timers.hello);
        let mut steps: Vec<_> = [
            answer,
            self.tls.server_hello.as_ref().map(|hello| hello.seen.at),
            self.tls.server_flight.map(|seen| seen.at),
            self.tls.application.client.map(|seen| seen.at),
            self.tls.change_cipher.client.map(|seen| seen.at),
            Some(finished),
        ]
        .into_iter()
        .flatten()
        .filter(|&at| at <= finished)
        .collect();
        steps.sort_unstable();
        let slow_handshake = steps
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if b.since(*a) >= timers.handshake));
        slow_connect || slow_hello || slow_handshake || transfer::had_stalled(self.tcp, timers)
    }

    /// A fatal alert in plaintext, if nothing ended the connection before it.
    fn alert(&self, end: Option<End>) -> Option<Ruling> {
        let alert = self.tls.alert.as_ref()?;
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

    fn hello_seen(&self) -> Option<crate::capture::frame::Seen> {
        self.tls
            .client_hello
            .as_ref()
            .map(|hello| hello.complete)
            .or(self.tls.hello_started)
    }

    /// A RST or FIN came before success.
    fn ended(&self, end: End) -> Ruling {
        if end.side == Side::Client && !end.forged_client {
            return self
                .client_abort(end)
                .or_else(|| self.stall(end.seen.at))
                .unwrap_or_else(|| left_early(end, Stage::Handshake));
        }
        if end.by_reset {
            return self.reset(end);
        }
        if let Some(abort) = self.client_abort(end) {
            return abort;
        }
        let mut ruling = Ruling::fault(
            Outcome::Failed,
            Stage::Handshake,
            Cause::ClosedInHandshake,
            "the server closed the connection during the TLS handshake, without an alert",
        )
        .by(self.server_or_local())
        .with_some(self.hello_seen(), "ClientHello")
        .with(end.seen, "FIN from the server");
        if ruling.origin == Some(Origin::LocalNetwork) {
            ruling
                .why
                .push_str("; a device on the local network answers in the server's name");
        }
        ruling
    }

    fn server_or_local(&self) -> Origin {
        if origin::answers_locally(self.tcp, self.conversation.flow.endpoint(Side::Server).0) {
            Origin::LocalNetwork
        } else {
            Origin::Server
        }
    }

    fn reset(&self, end: End) -> Ruling {
        let Some(reset) = end.reset(self.tcp) else {
            return Ruling::unjudged(Stage::Handshake, "");
        };
        let told = origin::of_reset(self.conversation, self.tcp, reset);
        // What the server sent after a forged RST is no answer that the RST came after.
        let answered = self
            .tls
            .server_handshake
            .is_some_and(|seen| seen < end.seen);
        let (cause, when) = if answered {
            (
                Cause::ResetInHandshake,
                "a RST ended the TLS handshake after the server's first answer",
            )
        } else {
            (
                Cause::ResetAfterClientHello,
                "a RST followed the ClientHello before the server's answer",
            )
        };
        let mut ruling = Ruling::fault(
            Outcome::Reset,
            Stage::Handshake,
            cause,
            format!("{when}; {}", told.sign),
        )
        .by(told.origin)
        .with_some(self.hello_seen(), "ClientHello");
        ruling.evidence.extend(told.evidence);
        ruling
    }

    /// The client ended it right after the server's certificates.
    fn client_abort(&self, end: End) -> Option<Ruling> {
        let flight = self
            .tls
            .server_flight
            .filter(|flight| *flight < end.seen && end.seen.at.since(flight.at) <= RIGHT_AFTER)?;
        let short = self.tls.client_short_record;
        let nothing_else = match self.tls.client_application_records {
            0 => self.tls.change_cipher.client.is_none() || self.is_tls13(),
            1 => short.is_some_and(|short| short < end.seen),
            _ => false,
        };
        let by_client = end.side == Side::Client || short.is_some();
        if !nothing_else || !by_client {
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

    fn is_tls13(&self) -> bool {
        self.tls
            .server_hello
            .as_ref()
            .is_some_and(|hello| hello.version >= 0x0304)
    }

    /// Nothing ended the connection: waiting, or stalled.
    fn open(&self) -> Ruling {
        self.stall(self.scene.now)
            .unwrap_or_else(|| Ruling::pending(Stage::Handshake))
    }

    /// A stall rule that was met by `until`.
    fn stall(&self, until: Timestamp) -> Option<Ruling> {
        if let Some(error) = self
            .conversation
            .flow
            .icmp
            .iter()
            .find(|error| error.is_unreachable())
        {
            return Some(connect::unreachable(
                &self.conversation.flow,
                error,
                Stage::Handshake,
            ));
        }
        if let Some(closed) = transfer::zero_window(self.tcp, self.scene.timers) {
            return Some(closed);
        }
        let hello = self.tls.client_hello.as_ref()?;
        let server = &self.tcp.half.server;
        let silent = server.first_payload.is_none() || server.last_payload < hello.complete;
        if silent {
            self.hello_unanswered(hello, until)
        } else {
            self.handshake_stalled(until)
        }
    }

    fn hello_unanswered(&self, hello: &ClientHello, until: Timestamp) -> Option<Ruling> {
        let client = &self.tcp.half.client;
        let repeats = client.episode().map_or(0, |episode| episode.repeats.count);
        if until.since(hello.complete.at) < self.scene.timers.hello && repeats < STALL_REPEATS {
            return None;
        }
        let mut ruling = self.path_mtu(Side::Client).unwrap_or_else(|| {
            Ruling::fault(
                Outcome::Stalled,
                Stage::Handshake,
                Cause::ClientHelloUnanswered,
                silence_after(hello, !client.outstanding(), repeats),
            )
            .by(Origin::Unknown)
        });
        ruling.note(hello.complete, "ClientHello complete");
        if let Some(episode) = client.episode() {
            for seen in episode.repeats.frames() {
                ruling.note(seen, "sent again, not acknowledged");
            }
        }
        Some(ruling)
    }

    fn handshake_stalled(&self, until: Timestamp) -> Option<Ruling> {
        let halves = &self.tcp.half;
        let last = halves.client.last_payload.max(halves.server.last_payload);
        if until.since(last.at) < self.scene.timers.handshake {
            return None;
        }
        let stuck = self
            .path_mtu(Side::Server)
            .or_else(|| self.path_mtu(Side::Client))
            .or_else(|| self.large_hole())
            .unwrap_or_else(|| {
                Ruling::fault(
                    Outcome::Stalled,
                    Stage::Handshake,
                    Cause::HandshakeStalled,
                    format!(
                        "the handshake began and then stood still for {:.1} s",
                        until.since(last.at).as_secs_f64()
                    ),
                )
                .by(Origin::Unknown)
            })
            .with_some(
                self.tls.server_handshake,
                "first handshake message of the server",
            )
            .with(last, "last progress");
        Some(stuck)
    }

    /// Only large packets are lost in this direction.
    fn path_mtu(&self, side: Side) -> Option<Ruling> {
        let too_big = self
            .conversation
            .flow
            .icmp
            .iter()
            .find(|error| error.is_too_big());
        let only_large = self.conversation.only_large_lost(side);
        if too_big.is_none() && !only_large {
            return None;
        }
        let whose = match side {
            Side::Client => "client",
            Side::Server => "server",
        };
        let mut why = format!("only the {whose}'s large packets are lost");
        if let Some(episode) = self.tcp.half[side].episode() {
            let _ = write!(
                why,
                " ({} bytes and more; smaller ones arrive)",
                episode.smallest_packet
            );
        }
        why.push_str(": a link on the path has a smaller MTU");
        match too_big.map(|error| error.mtu) {
            Some(Some(mtu)) => {
                let _ = write!(
                    why,
                    ", {mtu} bytes by an ICMP error that the sender did not heed"
                );
            }
            Some(None) => why.push_str(", as an ICMP error says that the sender did not heed"),
            None => why.push_str(", and the ICMP errors that should say so are filtered"),
        }
        Some(
            Ruling::fault(Outcome::Stalled, Stage::Handshake, Cause::PathMtu, why)
                .by(Origin::Unknown)
                .with_some(too_big.map(|error| error.seen), "ICMP: packet too big"),
        )
    }

    /// The server's large packets never arrive here, smaller later ones do.
    fn large_hole(&self) -> Option<Ruling> {
        let hole = self.tcp.half.server.trouble.as_ref()?.holes.first()?;
        let missing = hole.to.beyond(hole.from);
        // A hole smaller than a full segment of a small-MTU link was not lost for its size.
        (missing > 1200).then(|| {
            Ruling::fault(
                Outcome::Stalled,
                Stage::Handshake,
                Cause::PathMtu,
                format!("{missing} bytes of the server's flight never arrived while a smaller later segment did: a link on the path has a smaller MTU, and the ICMP errors that should say so are filtered"),
            )
            .by(Origin::Unknown)
            .with(hole.seen, "the segment behind the missing bytes")
        })
    }
}

/// The client closed before any rule's time.
#[must_use]
pub fn left_early(end: End, stage: Stage) -> Ruling {
    Ruling::unjudged(
        stage,
        "the client closed before any rule's time, without an answer",
    )
    .with(
        end.seen,
        if end.by_reset {
            "RST from the client"
        } else {
            "FIN from the client"
        },
    )
}

/// What became of a ClientHello that got no answer.
fn silence_after(hello: &ClientHello, acknowledged: bool, repeats: u32) -> String {
    let plural = if hello.segments == 1 { "" } else { "s" };
    let fate = match (acknowledged, repeats) {
        (true, 0) => "was acknowledged".to_owned(),
        (true, _) => format!("was acknowledged after {repeats} retransmissions"),
        (false, 0) => "was not acknowledged".to_owned(),
        (false, _) => format!("was sent again {repeats} times and never acknowledged whole"),
    };
    format!(
        "the ClientHello ({} bytes in {} segment{plural}) {fate}, and the server never answered it",
        hello.length, hello.segments
    )
}

/// What is wrong with a certificate, for the operator.
fn mistrust(certificate: &CertificateFacts, host: &str, covered: bool) -> String {
    let CertificateFacts {
        subject, issuer, ..
    } = certificate;
    let what = if covered {
        format!(
            "the certificate for {host} was issued by \"{issuer}\", which is none of the public authorities that serve Apple's hosts"
        )
    } else {
        format!(
            "the certificate is for \"{subject}\" (issuer \"{issuer}\") and does not cover {host}"
        )
    };
    format!("{what}: something on the path intercepts TLS (a check of names, not a proof)")
}
