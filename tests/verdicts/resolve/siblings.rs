//! A name has resolved when one of its address questions got an address.

use super::{ask, question, verdict};
use crate::support::packet::Packet;
use crate::support::trace::{Trace, requirement};
use crate::support::{CLIENT, HOST, SERVER, dns};

fn a_resolves(trace: &mut Trace, seconds: f64, id: u16) {
    let answer = dns::addresses(id, HOST, dns::A, &[SERVER]);
    ask(trace, seconds, id, &dns::query(id, HOST, dns::A), &answer);
}

#[test]
fn a_refused_sibling_of_a_resolved_name_is_noted_and_not_counted() {
    for rcode in [dns::REFUSED, dns::SERVFAIL, dns::NXDOMAIN] {
        let mut trace = Trace::new();
        a_resolves(&mut trace, 0.0, 1);
        let refused = dns::response(2, HOST, dns::AAAA, rcode, &[]);
        ask(
            &mut trace,
            0.0,
            2,
            &dns::query(2, HOST, dns::AAAA),
            &refused,
        );
        let summary = trace.summary();
        assert_eq!(question(&summary, "AAAA").outcome.to_string(), "abandoned");
        let attempts = requirement(&summary, HOST).attempts;
        assert_eq!((attempts.failed, attempts.abandoned), (0, 0));
    }
}

#[test]
fn a_silent_https_sibling_is_not_counted_either() {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(2, &dns::query(2, HOST, dns::HTTPS)));
    a_resolves(&mut trace, 0.0, 1);
    trace.until(20.0);
    let summary = trace.summary();
    assert_eq!(question(&summary, "HTTPS").outcome.to_string(), "abandoned");
    assert_eq!(requirement(&summary, HOST).attempts.stalled, 0);
}

#[test]
fn another_resolvers_failure_counts_and_says_which_one_is_broken() {
    let mut trace = Trace::new();
    let bad = "192.168.7.2";
    let refused = dns::response(1, HOST, dns::A, dns::SERVFAIL, &[]);
    trace.at(
        0.0,
        Packet::udp((CLIENT, 5301), (bad, 53), &dns::query(1, HOST, dns::A)),
    );
    trace.at(0.02, Packet::udp((bad, 53), (CLIENT, 5301), &refused));
    a_resolves(&mut trace, 0.1, 2);
    let requirement = requirement(&trace.summary(), HOST);
    assert_eq!(requirement.status.to_string(), "degraded");
    assert_eq!(requirement.attempts.failed, 1);
    assert!(
        requirement
            .explanation
            .unwrap()
            .starts_with("Resolver 192.168.7.2 fails")
    );
}

#[test]
fn the_same_question_refused_after_it_was_answered_is_a_failure() {
    let mut trace = Trace::new();
    a_resolves(&mut trace, 0.0, 1);
    let refused = dns::response(2, HOST, dns::A, dns::NXDOMAIN, &[]);
    ask(&mut trace, 10.0, 2, &dns::query(2, HOST, dns::A), &refused);
    let summary = trace.summary();
    assert_eq!(verdict(&summary.dns[1]), "failed dns-nxdomain");
    assert_eq!(requirement(&summary, HOST).attempts.failed, 1);
}

#[test]
fn a_resolver_that_does_not_know_edns_and_answers_without_it_did_not_fail() {
    const FORMERR: u8 = 1;
    let mut trace = Trace::new();
    let refused = dns::response(1, HOST, dns::A, FORMERR, &[]);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::A), &refused);
    a_resolves(&mut trace, 0.1, 2);
    assert_eq!(requirement(&trace.summary(), HOST).attempts.failed, 0);
}

#[test]
fn an_ipv6_answer_without_data_does_not_make_up_for_a_silent_ipv4_question() {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(1, &dns::query(1, HOST, dns::A)));
    let empty = dns::response(2, HOST, dns::AAAA, dns::NOERROR, &[]);
    ask(&mut trace, 0.0, 2, &dns::query(2, HOST, dns::AAAA), &empty);
    trace.until(20.0);
    let summary = trace.summary();
    assert_eq!(verdict(&question(&summary, "A")), "stalled dns-unanswered");
    assert_eq!(requirement(&summary, HOST).status.to_string(), "failing");
}

#[test]
fn a_silent_question_whose_sibling_is_still_in_the_clients_cache_is_not_counted() {
    // The answer's TTL is a minute.
    for (asked, outcome) in [(50.0, "abandoned"), (70.0, "stalled")] {
        let mut trace = Trace::new();
        a_resolves(&mut trace, 0.0, 1);
        trace.at(asked, dns::ask(2, &dns::query(2, HOST, dns::AAAA)));
        trace.until(asked + 20.0);
        let row = question(&trace.summary(), "AAAA");
        assert_eq!(row.outcome.to_string(), outcome, "asked at {asked} s");
    }
}

#[test]
fn a_resolver_that_does_not_answer_for_service_bindings_alone_fails_nobody() {
    let mut trace = Trace::new();
    a_resolves(&mut trace, 0.0, 1);
    // The address has long expired, or was asked elsewhere; clients connect without this answer.
    trace.at(600.0, dns::ask(2, &dns::query(2, HOST, dns::HTTPS)));
    let refused = dns::response(3, HOST, dns::HTTPS, dns::REFUSED, &[]);
    ask(
        &mut trace,
        700.0,
        3,
        &dns::query(3, HOST, dns::HTTPS),
        &refused,
    );
    trace.until(800.0);
    let attempts = requirement(&trace.summary(), HOST).attempts;
    assert_eq!((attempts.stalled, attempts.failed), (0, 0));
}
