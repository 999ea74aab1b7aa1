//! Rules for NTP: did the server give the time.
//!
//! Input: a conversation that speaks NTP. Output: a ruling. The last settled state counts (`unanswered` says how): an
//! operator wants to know whether the device can set its clock now, and `recovered` that it could not for a while. A
//! kiss-o'-death explains the silence after it. Broadcast and symmetric modes ask nothing of a server and get no
//! verdict. RFC 5905 sections 7.3 and 7.4.

use std::fmt::Write as _;
use std::time::Duration;

use super::conversation::Conversation;
use super::judge::Scene;
use super::origin;
use super::outcome::{Cause, Origin, Outcome, Stage};
use super::ruling::Ruling;
use super::unanswered::Silence;
use crate::protocol::exchange::Answered;
use crate::protocol::ntp::{NtpSession, Reply, offset};
use crate::side::Side;

/// Judges a conversation that speaks NTP.
#[must_use]
pub fn judge(conversation: &Conversation, session: &NtpSession, scene: &Scene<'_>) -> Ruling {
    let requests = session.requests();
    let last = requests.last();
    let server = conversation.flow.endpoint(Side::Server).0;
    if let Some((last, code)) = last.and_then(|last| Some((last, last.answer.kiss()?))) {
        return kissed(last, code, origin::of_answer(server, last.answer.ttl));
    }
    let silence = Silence {
        timer: scene.timers.ntp,
        cause: Cause::NtpUnanswered,
        protocol: "NTP",
    };
    if let Some(ruling) = silence.judge(conversation, requests, scene) {
        return ruling;
    }
    let Some(last) = last else {
        return Ruling::unjudged(Stage::Transfer, "nobody was asked for the time");
    };
    let mut ruling = Ruling::succeeded(Stage::Transfer)
        .recovered_if(requests.longest_wait() >= scene.timers.ntp)
        .with(last.asked, "request")
        .with(
            last.seen,
            describe(last, origin::of_answer(server, last.answer.ttl)),
        )
        .with_all(
            requests.unanswered().frames(),
            "request, not answered so far",
        );
    if last.answer.is_unset() {
        ruling.why = "the server answers, but says that its own clock is not set: devices take no time from it".into();
    }
    ruling
}

fn kissed(last: &Answered<Reply>, code: &str, by: Origin) -> Ruling {
    let said = if code.is_empty() {
        "stratum 0 without a code".to_owned()
    } else {
        format!("kiss code {code}{}", meaning(code))
    };
    let who = match by {
        Origin::LocalNetwork => "a device on the local network, in the server's name,",
        _ => "the time server",
    };
    Ruling::fault(
        Outcome::Failed,
        Stage::Transfer,
        Cause::NtpKissOfDeath,
        format!("{who} gave no time and answered with {said}"),
    )
    .by(by)
    .with(last.asked, "request")
    .with(last.seen, said)
}

/// What the usual kiss codes mean (RFC 5905 figure 13).
const fn meaning(code: &str) -> &'static str {
    match code.as_bytes() {
        b"RATE" => " (too many requests)",
        b"DENY" | b"RSTR" => " (access denied)",
        b"INIT" | b"STEP" => " (its own clock is not set yet)",
        b"AUTH" | b"AUTO" | b"CRYP" | b"NKEY" => " (authentication failed)",
        _ => "",
    }
}

/// A reply in words, with how its clock differs from the capture's.
fn describe(last: &Answered<Reply>, by: Origin) -> String {
    let mut text = format!("reply, stratum {}", last.answer.packet.stratum);
    if by == Origin::LocalNetwork {
        text.push_str(", from a device on the local network in the server's name");
    }
    if let Some((ahead, error)) = offset(last) {
        let seconds = |nanos| Duration::from_nanos(nanos).as_secs_f64();
        let (apart, within) = (ahead.unsigned_abs(), seconds(error));
        let way = if ahead < 0 { "behind" } else { "ahead of" };
        let _infallible = if apart <= error {
            write!(
                text,
                "; its clock and the capture's agree within {within:.3} s"
            )
        } else {
            write!(
                text,
                "; its clock is {:.3} s {way} the capture's, give or take {within:.3} s",
                seconds(apart)
            )
        };
    }
    text
}
