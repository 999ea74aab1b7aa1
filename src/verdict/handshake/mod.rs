//! Rules of the handshake stage: TLS over an established TCP connection, direct or through a proxy's tunnel.
//!
//! Input: a conversation whose payload is TLS. Output: a ruling. RFC 8446, RFC 5246.

mod abort;
mod certificate;
mod silence;

use crate::capture::frame::Timestamp;
use crate::flow::TcpFlow;
use crate::flow::closing::Reset;
use crate::protocol::tls::TlsFacts;
use crate::side::Side;
use crate::verdict::conversation::Conversation;
use crate::verdict::judge::{End, Scene};
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;
use crate::verdict::{origin, transfer};

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
        let end = self.scene.end(self.tcp);
        // What was under way when a RST came still arrives, and is no success; but a client whose RST acknowledges all
        // that the server ever sent has it all, though the capture has it only as sent again.
        let all = self.tcp.half.server.next;
        let has_all = |reset: &Reset| {
            reset.from == Side::Client && reset.ack.is_some_and(|ack| !ack.is_before(all))
        };
        let broken_before = |finished| {
            let mut resets = self
                .tcp
                .closing
                .iter()
                .flat_map(|closing| closing.standing());
            resets.any(|reset| {
                reset.seen < finished
                    && reset.cuts_off(self.tcp.half[reset.from].next)
                    && !has_all(reset)
            })
        };
        if let Some(finished) = self.tls.finished
            && !broken_before(finished)
        {
            return transfer::after_success(self.conversation, self.tcp, self.scene)
                .unwrap_or_else(|| {
                    Ruling::succeeded(Stage::Transfer).recovered_if(self.had_stalled(finished.at))
                });
        }
        if let Some(alert) = self.alert(end) {
            return alert;
        }
        if let Some(foreign) = self.foreign_answer(end) {
            return foreign;
        }
        if let Some(idle) = self.idle(end.map_or(self.scene.now, |end| end.seen.at)) {
            return idle;
        }
        match end {
            Some(end) => self.ended(end),
            None => self.open(),
        }
    }

    /// Whether a stall rule had been met before the handshake completed at `finished`.
    fn had_stalled(&self, finished: Timestamp) -> bool {
        let timers = self.scene.timers;
        let opening = &self.tcp.opening;
        let slow_connect = opening
            .syn
            .as_ref()
            .zip(opening.syn_ack.as_ref())
            .is_some_and(|(syn, syn_ack)| {
                syn.sightings.count >= 2
                    && syn_ack.sightings.first().at.since(syn.sightings.first().at) >= timers.syn
            });
        let hello = self
            .tls
            .client_hello
            .as_ref()
            .map(|hello| self.asked_at(hello));
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

    fn hello_seen(&self) -> Option<crate::capture::frame::Seen> {
        self.tls
            .client_hello
            .as_ref()
            .map(|hello| hello.complete)
            .or(self.tls.hello_started)
    }

    /// A RST or FIN came before success.
    fn ended(&self, end: End) -> Ruling {
        if let Some(unreadable) = self.unreadable(Some(end)) {
            return unreadable.with(end.seen, if end.by_reset { "RST" } else { "FIN" });
        }
        if end.side == Side::Client && !end.forged_client {
            return self
                .client_abort(end)
                .or_else(|| self.stall(end.seen.at))
                .or_else(|| self.unreachable())
                .unwrap_or_else(|| left_early(end, Stage::Handshake));
        }
        // An end that never got the hello whole gives up waiting for it: the lost packets are the cause.
        if let Some(lost) = self.hello_too_large() {
            return lost.with(end.seen, "the server's side gave up");
        }
        if end.by_reset {
            return self.reset(end);
        }
        if let Some(abort) = self.client_abort(end) {
            return abort;
        }
        if let Some(elsewhere) = self.elsewhere() {
            return elsewhere.with(end.seen, "FIN from the server");
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

    pub(super) fn server_or_local(&self) -> Origin {
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

    /// The server answered, and the capture lacks bytes of the conversation: how far it came cannot be told.
    fn unreadable(&self, end: Option<End>) -> Option<Ruling> {
        let halves = &self.tcp.half;
        let streams = self.conversation.streams.as_ref();
        let lacks = |side| streams.is_some_and(|streams| streams[side].missing);
        let answered = halves.server.first_payload.is_some();
        // What comes after a hole ends nothing that the hole may hold.
        let gap = match end.map(|end| (end, end.reset(self.tcp))) {
            Some((_, Some(reset))) => origin::shows_gap(self.conversation, self.tcp, reset),
            Some((end, None)) => halves[end.side].has_holes() || halves[end.side].fin_after_hole,
            // A receiver that lacks bytes says so; one that does not may have answered uncaptured.
            None => halves.client.has_unmissed_holes() || halves.server.has_unmissed_holes(),
        };
        let missing = lacks(Side::Server) || answered && lacks(Side::Client) || gap;
        missing.then(|| {
            Ruling::unjudged(
                Stage::Handshake,
                "the capture lacks bytes of the handshake: frames cut by the snap length, or lost",
            )
        })
    }

    /// TLS 1.3 ended with the client's Finished, the server has it, and nothing was asked since: a connection that was
    /// opened ahead of need, to a server that hands out no tickets, looks just so.
    fn idle(&self, until: Timestamp) -> Option<Ruling> {
        let halves = &self.tcp.half;
        let last = halves.client.last_payload;
        let only_finished = self.tls.client_application_records == 1
            && self.tls.seldom.client_short_record.is_none();
        let quiet = until.since(last.at) >= self.scene.timers.handshake;
        (self.is_tls13() && only_finished && quiet && halves.client.fully_acknowledged()).then(
            || {
                Ruling::unjudged(
                    Stage::Handshake,
                    "the client's Finished arrived, and nothing was said since: nothing shows whether the server accepted it",
                )
                .with(last, "the client's Finished")
            },
        )
    }

    /// Nothing ended the connection: waiting, or stalled.
    fn open(&self) -> Ruling {
        if let Some(unreadable) = self.unreadable(None) {
            return unreadable;
        }
        if let Some(stall) = self.stall(self.scene.now) {
            return stall;
        }
        let halves = &self.tcp.half;
        let last = halves.client.last_payload.max(halves.server.last_payload);
        if self.scene.now.since(last.at) >= self.scene.timers.handshake {
            return Ruling::unjudged(
                Stage::Handshake,
                "the capture does not show a whole ClientHello",
            );
        }
        Ruling::pending(Stage::Handshake)
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
