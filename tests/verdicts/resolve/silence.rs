//! Questions that get no answer, late ones, and ICMP errors instead.

use super::{question, verdict};
use crate::support::trace::{Trace, requirement, time};
use crate::support::{CLIENT, HOST, RESOLVER, SERVER, dns, icmp};

fn asked(id: u16) -> crate::support::packet::Packet {
    dns::ask(id, &dns::query(id, HOST, dns::A))
}

fn answered(id: u16) -> crate::support::packet::Packet {
    dns::answer(id, &dns::addresses(id, HOST, dns::A, &[SERVER]))
}

/// Another name was answered, so the capture shows what is sent to this client.
fn heard() -> Trace {
    let mut trace = Trace::new();
    trace.at(
        0.0,
        dns::ask(4000, &dns::query(4000, "example.org", dns::A)),
    );
    trace.at(
        0.02,
        dns::answer(
            4000,
            &dns::addresses(4000, "example.org", dns::A, &["192.0.2.1"]),
        ),
    );
    trace
}

fn row(trace: &Trace) -> windfall::verdict::summary::DnsQuestion {
    let mut rows = trace.summary().dns;
    rows.retain(|row| row.name == HOST);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows.remove(0)
}

#[test]
fn a_question_without_an_answer_for_five_seconds_is_a_stall() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.until(6.0);
    let row = row(&trace);
    assert_eq!(verdict(&row), "stalled dns-unanswered");
    assert_eq!(row.evidence[0].frame, 3);
    let requirement = requirement(&trace.summary(), HOST);
    assert_eq!(requirement.status.to_string(), "failing");
}

#[test]
fn a_question_that_waits_for_less_than_five_seconds_is_pending() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.until(5.99);
    assert_eq!(verdict(&row(&trace)), "pending");
    assert_eq!(
        requirement(&trace.summary(), HOST).status.to_string(),
        "pending"
    );
}

#[test]
fn an_answer_after_the_timer_is_a_success_that_recovered() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.at(7.0, answered(1));
    let row = row(&trace);
    assert_eq!(verdict(&row), "succeeded");
    assert!(row.recovered);
}

#[test]
fn an_answer_in_time_did_not_have_to_recover() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.at(5.99, answered(1));
    assert!(!row(&trace).recovered);
}

#[test]
fn retransmissions_are_one_question_answered_from_the_first_one_on() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.at(2.0, asked(1));
    trace.at(4.0, asked(1));
    trace.at(4.25, answered(1));
    let row = row(&trace);
    assert_eq!((row.transmissions, row.first), (3, time(1.0)));
    assert!((row.answered_ms.unwrap() - 3250.0).abs() < 0.001);
    assert_eq!(verdict(&row), "succeeded");
}

#[test]
fn a_lost_datagram_asked_again_under_another_identifier_is_no_stall() {
    let mut trace = heard();
    trace.at(1.0, asked(1));
    trace.at(2.0, asked(2));
    trace.at(2.02, answered(2));
    trace.until(20.0);
    let summary = trace.summary();
    assert!(
        summary
            .dns
            .iter()
            .all(|row| row.outcome.to_string() != "stalled")
    );
    assert_eq!(requirement(&summary, HOST).attempts.stalled, 0);
}

#[test]
fn a_client_that_is_never_sent_anything_in_the_capture_is_one_sided() {
    let mut trace = Trace::new();
    trace.at(1.0, asked(1));
    trace.at(2.0, asked(1));
    trace.until(20.0);
    assert_eq!(verdict(&row(&trace)), "unjudged capture-one-sided");
    assert_eq!(
        requirement(&trace.summary(), HOST).status.to_string(),
        "unjudged"
    );
}

#[test]
fn a_closed_port_at_the_resolver_is_told_by_its_icmp_error() {
    let mut trace = Trace::new();
    let query = asked(1);
    trace.at(1.0, query.clone());
    trace.at(1.01, icmp::error(RESOLVER, 3, 3, 0, &query));
    trace.until(20.0);
    let row = row(&trace);
    assert_eq!(verdict(&row), "failed icmp-unreachable");
    let frames: Vec<u64> = row.evidence.iter().map(|note| note.frame).collect();
    assert_eq!(frames, [1, 2]);
    let origin = requirement(&trace.summary(), HOST).origin.unwrap();
    assert_eq!(origin.to_string(), "resolver");
}

#[test]
fn an_icmp_error_before_the_answer_did_no_harm() {
    let mut trace = Trace::new();
    let query = asked(1);
    trace.at(1.0, query.clone());
    trace.at(1.01, icmp::error(RESOLVER, 3, 3, 0, &query));
    trace.at(2.0, asked(1));
    trace.at(2.02, answered(1));
    assert_eq!(verdict(&row(&trace)), "succeeded");
}

#[test]
fn a_client_that_no_longer_wants_an_answer_does_not_make_its_question_fail() {
    let mut trace = Trace::new();
    trace.at(1.0, asked(1));
    trace.at(1.02, answered(1));
    // The second copy finds the client's port closed.
    trace.at(1.5, answered(1));
    trace.at(1.5001, icmp::error(CLIENT, 3, 3, 0, &answered(1)));
    assert_eq!(verdict(&question(&trace.summary(), "A")), "succeeded");
}
