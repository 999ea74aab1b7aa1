//! Rules for NAT-PMP and PCP: did the gateway do what the device asked.
//!
//! Input: a conversation that speaks NAT-PMP or PCP. Output: a ruling. A device asks on one port for its public address
//! and for several mappings. An operator wants to know of a mapping that is not there: a refusal stands until that same
//! request is granted. "Unsupported version" is no refusal while the device tries the other protocol. Silence is judged as
//! `unanswered` says. Announcements ask for nothing and get no verdict. RFC 6886 section 3, RFC 6887 section 9.

use super::conversation::Conversation;
use super::judge::Scene;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::unanswered::Silence;
use crate::protocol::nat_pmp::{NatPmpSession, Refusal, Response};

/// Judges a conversation that speaks NAT-PMP or PCP.
#[must_use]
pub fn judge(conversation: &Conversation, session: &NatPmpSession, scene: &Scene<'_>) -> Ruling {
    let requests = session.requests();
    if let Some((seen, response)) = session.announced()
        && !requests.was_used()
    {
        return Ruling::unjudged(
            Stage::Transfer,
            "an announcement of the gateway: nobody was asked for anything",
        )
        .with(*seen, announcement(response))
        .with_some(session.restarted(), RESTARTED);
    }
    let refusal = session.refused();
    if let Some(refusal) = refusal.filter(|refusal| !refusal.is_about_version()) {
        return refused(refusal);
    }
    let silence = Silence {
        timer: scene.timers.nat_pmp,
        cause: Cause::NatPmpUnanswered,
        protocol: "NAT-PMP or PCP",
    };
    if let Some(ruling) = silence.judge(conversation, requests, scene) {
        return ruling;
    }
    if let Some(refusal) = refusal {
        let tries_again = requests.unanswered();
        let waited = scene.now.since(tries_again.first().at);
        return match tries_again.count {
            1.. if waited < scene.timers.nat_pmp => Ruling::pending(Stage::Transfer),
            _ => refused(refusal),
        };
    }
    let Some(last) = requests.last() else {
        return Ruling::unjudged(Stage::Transfer, "nobody was asked for anything");
    };
    Ruling::succeeded(Stage::Transfer)
        .recovered_if(requests.longest_wait() >= scene.timers.nat_pmp)
        .with(last.asked, "request")
        .with(last.seen, granted(&last.answer))
        .with_all(
            requests.unanswered().frames(),
            "request, not answered so far",
        )
        .with_some(session.restarted(), RESTARTED)
}

const RESTARTED: &str =
    "its epoch stepped back: the gateway started anew and forgot its mappings in between";

fn refused(refusal: &Refusal) -> Ruling {
    let Refusal { request, answered } = refusal;
    let result = answered.answer.result;
    let said = format!("result {result} ({})", answered.answer.result_name());
    Ruling::fault(
        Outcome::Failed,
        Stage::Transfer,
        Cause::NatPmpRefused,
        format!("the gateway refused {}: {said}", request.describe()),
    )
    .by(Origin::Server)
    .with(answered.asked, "request")
    .with(answered.seen, said)
}

fn granted(response: &Response) -> String {
    match response.address {
        Some(address) => format!("granted; the public address is {address}"),
        None => "granted".into(),
    }
}

fn announcement(response: &Response) -> String {
    let address = response
        .address
        .map_or_else(String::new, |address| format!(", public address {address}"));
    let epoch = response
        .epoch
        .map_or_else(String::new, |epoch| format!(", started {epoch} s ago"));
    format!("announcement of the gateway{address}{epoch}")
}
