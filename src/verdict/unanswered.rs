//! Rules for requests over datagrams: silence, and ICMP errors instead of answers.
//!
//! Input: the requests and answers of one UDP conversation. Output: a ruling, unless the last answer decides. A client may
//! ask many times on the same ports, so the last settled state counts: a conversation whose requests were never
//! answered is stalled after the rule's time. One that was answered before is stalled only once two requests have
//! waited that long: a single lost datagram is not an outage, and a poll just sent does not take back what worked.

use std::time::Duration;

use super::connect;
use super::conversation::{Conversation, Reading};
use super::judge::{Scene, TO_A_GROUP};
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use crate::flow::IcmpError;
use crate::flow::hosts::is_group;
use crate::protocol::exchange::Exchange;
use crate::side::Side;

/// What a protocol's rule says of silence.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// How long a request waits before it counts as unanswered.
    pub timer: Duration,
    /// The cause to give.
    pub cause: Cause,
    /// What the protocol is called.
    pub protocol: &'static str,
}

impl Silence {
    /// Judges what was not answered; `None` when the last answer decides.
    #[must_use]
    pub fn judge<K: Copy + PartialEq, A: Copy>(
        &self,
        conversation: &Conversation,
        requests: &Exchange<K, A>,
        scene: &Scene<'_>,
    ) -> Option<Ruling> {
        let flow = &conversation.flow;
        if !requests.was_used() {
            return Some(match requests.stray() {
                Some(_) if flow.frames.client == 0 => {
                    connect::one_sided(flow, "only replies were captured, and no request")
                }
                Some(seen) => Ruling::unjudged(
                    Stage::Transfer,
                    "a reply was captured without the request that it answers",
                )
                .with(seen, "reply"),
                None => Ruling::unjudged(Stage::Transfer, "nobody was asked for anything"),
            });
        }
        if is_group(flow.endpoint(Side::Server).0) {
            return Some(Ruling::unjudged(Stage::Transfer, TO_A_GROUP));
        }
        let unanswered = requests.unanswered();
        if unanswered.count == 0 {
            return None;
        }
        if let Some(error) = refused(conversation, requests) {
            let ruling = connect::unreachable(flow, error, Stage::Connect);
            return Some(ruling.with_all(unanswered.frames(), "request"));
        }
        let expired = |seen| scene.now.since(seen) >= self.timer;
        if requests.last().is_some() {
            let second = unanswered.frames().nth(1);
            if !second.is_some_and(|seen| expired(seen.at)) {
                return None;
            }
        } else if !expired(unanswered.first().at) {
            let ruling = Ruling::pending(Stage::Transfer);
            return Some(ruling.with_all(unanswered.frames(), "request"));
        }
        Some(self.stalled(conversation, requests, scene))
    }

    fn stalled<K: Copy + PartialEq, A: Copy>(
        &self,
        conversation: &Conversation,
        requests: &Exchange<K, A>,
        scene: &Scene<'_>,
    ) -> Ruling {
        if !scene.heard {
            return connect::one_sided(
                &conversation.flow,
                "nothing sent to this client was captured, so a reply would not be seen either",
            );
        }
        if conversation.reading == Reading::Cut {
            return Ruling::unjudged(
                Stage::Transfer,
                "the capture cut what the server answered: whether it is a reply cannot be told",
            );
        }
        let unanswered = requests.unanswered();
        if requests.has_forgotten() && requests.stray().is_some() {
            return Ruling::unjudged(
                Stage::Transfer,
                "too many requests waited at once to tell which the replies answer",
            );
        }
        let asked = match unanswered.count {
            1 => format!("one {} request", self.protocol),
            count => format!("{count} {} requests", self.protocol),
        };
        let waited = scene.now.since(unanswered.first().at).as_secs_f64();
        let before = requests
            .last()
            .map_or("", |_| " though earlier ones had been answered");
        let stray = requests.stray();
        let other = stray.map_or("", |_| ", and a reply that came answers none of them");
        Ruling::fault(
            Outcome::Stalled,
            Stage::Transfer,
            self.cause,
            format!("{asked} got no reply in {waited:.1} s{before}{other}"),
        )
        .by(Origin::Unknown)
        .with_some(requests.last().map(|last| last.seen), "the last answer")
        .with_all(unanswered.frames(), "request, not answered")
        .with_some(stray, "reply that answers none of the requests")
    }
}

/// The ICMP error about a request that still waits.
fn refused<'f, K: Copy + PartialEq, A: Copy>(
    conversation: &'f Conversation,
    requests: &Exchange<K, A>,
) -> Option<&'f IcmpError> {
    let flow = &conversation.flow;
    let client = flow.endpoint(Side::Client).0;
    let since = requests.unanswered().first();
    flow.icmp.iter().find(|error| {
        // A client whose port is closed refuses replies; that says nothing of its requests.
        error.is_unreachable() && error.from != client && error.seen > since
    })
}
