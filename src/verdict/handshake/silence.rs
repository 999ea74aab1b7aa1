//! Handshakes in which nothing comes any more.
//!
//! Input: a TLS conversation without success, and until when it was waited for. Output: a ruling once a stall rule is
//! met; where only large packets are lost, the path's MTU is the cause. RFC 1191, RFC 8201.

use std::fmt::Write as _;

use super::Handshake;
use crate::capture::frame::Timestamp;
use crate::protocol::tls::ClientHello;
use crate::side::Side;
use crate::verdict::outcome::{Cause, Origin, Outcome, Stage};
use crate::verdict::ruling::Ruling;
use crate::verdict::timers::STALL_REPEATS;
use crate::verdict::{connect, transfer};

impl Handshake<'_> {
    /// A stall rule that was met by `until`.
    pub(super) fn stall(&self, until: Timestamp) -> Option<Ruling> {
        if let Some(closed) = transfer::zero_window(self.tcp, self.scene.timers) {
            return Some(closed);
        }
        let hello = self.tls.client_hello.as_ref()?;
        let server = &self.tcp.half.server;
        let silent = server.first_payload.is_none() || server.last_payload < hello.complete;
        let stalled = if silent {
            self.hello_unanswered(hello, until)
        } else {
            self.handshake_stalled(until)
        };
        // An open connection outlives an ICMP error (RFC 1122 section 4.2.3.9); one that stalls has it to blame.
        stalled.map(|stalled| {
            self.elsewhere()
                .or_else(|| self.unreachable())
                .unwrap_or(stalled)
        })
    }

    /// Everything sent here was acknowledged, and the rest may go over another path (RFC 8684): perhaps one that is not
    /// captured, as a device's mobile network.
    pub(super) fn elsewhere(&self) -> Option<Ruling> {
        let multipath = self
            .tcp
            .opening
            .syn_ack
            .as_ref()
            .is_some_and(|syn_ack| syn_ack.multipath_key().is_some());
        let server = self.tcp.half.server.trouble.as_ref();
        let stuck = self.lacks(Side::Client)
            || server.is_some_and(|server| !server.holes.is_empty() || server.episode.is_some());
        (multipath && !stuck).then(|| {
            Ruling::unjudged(
                Stage::Handshake,
                "all that was sent on this path of a Multipath TCP connection arrived, and another path may carry the rest",
            )
        })
    }

    /// A router or host gave up a packet of this connection.
    pub(super) fn unreachable(&self) -> Option<Ruling> {
        let flow = &self.conversation.flow;
        let error = flow.icmp.iter().find(|error| error.is_unreachable())?;
        Some(connect::unreachable(flow, error, Stage::Handshake))
    }

    /// Since when the server owes an answer: the hello was whole, and the connection open (TCP Fast Open sends it
    /// before).
    pub(super) fn asked_at(&self, hello: &ClientHello) -> Timestamp {
        let opened = self.tcp.opening.syn_ack.as_ref();
        let opened = opened.map_or(Timestamp::MIN, |syn_ack| syn_ack.sightings.first().at);
        hello.complete.at.max(opened)
    }

    /// The hello was sent again and again, and only its large packets are lost.
    pub(super) fn hello_too_large(&self) -> Option<Ruling> {
        let halves = &self.tcp.half;
        let again = halves.client.episode()?.repeats.count;
        let silent = halves.server.first_payload.is_none();
        (silent && again >= STALL_REPEATS)
            .then(|| self.path_mtu(Side::Client))
            .flatten()
            .map(|ruling| ruling.with_some(self.hello_seen(), "ClientHello"))
    }

    fn hello_unanswered(&self, hello: &ClientHello, until: Timestamp) -> Option<Ruling> {
        let client = &self.tcp.half.client;
        let repeats = client.episode().map_or(0, |episode| episode.repeats.count);
        if until.since(self.asked_at(hello)) < self.scene.timers.hello && repeats < STALL_REPEATS {
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

    /// Bytes of this end have not arrived.
    fn lacks(&self, side: Side) -> bool {
        let half = &self.tcp.half[side];
        let hole = half
            .trouble
            .as_ref()
            .and_then(|trouble| trouble.holes.first());
        half.outstanding() || hole.is_some()
    }

    /// Only large packets are lost in this direction.
    fn path_mtu(&self, side: Side) -> Option<Ruling> {
        let too_big = self
            .conversation
            .flow
            .icmp
            .iter()
            .find(|error| error.is_too_big())
            .filter(|_| self.lacks(side));
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
