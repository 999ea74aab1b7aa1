//! DNS over TCP: the retry after a truncated answer, and how messages lie in segments.

use super::{question, verdict};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement};
use crate::support::{CLIENT, HOST, RESOLVER, SERVER, dns};

fn framed(message: &[u8]) -> Vec<u8> {
    let mut wire = u16::try_from(message.len()).unwrap().to_be_bytes().to_vec();
    wire.extend(message);
    wire
}

fn to_resolver() -> Tcp {
    Tcp::between((CLIENT, 50_053), (RESOLVER, 53))
}

/// A question whose answer over UDP was truncated.
fn truncated() -> Trace {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(1, &dns::query(1, HOST, dns::A)));
    trace.at(0.02, dns::answer(1, &dns::cut(1, HOST, dns::A)));
    trace
}

#[test]
fn the_retry_over_tcp_under_another_identifier_brings_the_answer() {
    let mut trace = truncated();
    let mut tcp = to_resolver();
    trace.connect(0.1, &mut tcp);
    trace.at(
        0.13,
        tcp.data(From::Client, &framed(&dns::query(77, HOST, dns::A))),
    );
    let answer = framed(&dns::addresses(77, HOST, dns::A, &[SERVER]));
    trace.at(0.25, tcp.data(From::Server, &answer));
    let summary = trace.summary();
    let row = question(&summary, "A");
    assert_eq!(verdict(&row), "succeeded");
    assert_eq!(row.transport.to_string(), "tcp");
    assert!((row.answered_ms.unwrap() - 250.0).abs() < 0.001);
    assert!(
        summary.flows.is_empty(),
        "a conversation with a resolver is no flow of its own"
    );
}

#[test]
fn a_retry_over_tcp_without_an_answer_is_unanswered() {
    let mut trace = truncated();
    let mut tcp = to_resolver();
    trace.connect(0.1, &mut tcp);
    trace.at(
        0.13,
        tcp.data(From::Client, &framed(&dns::query(77, HOST, dns::A))),
    );
    trace.at(0.15, tcp.ack(From::Server));
    trace.until(20.0);
    let summary = trace.summary();
    assert_eq!(verdict(&question(&summary, "A")), "stalled dns-unanswered");
    assert_eq!(requirement(&summary, HOST).status.to_string(), "failing");
}

#[test]
fn a_truncated_answer_that_the_client_is_content_with_is_unjudged() {
    let mut trace = truncated();
    trace.until(20.0);
    assert_eq!(verdict(&question(&trace.summary(), "A")), "unjudged");
}

#[test]
fn a_retry_whose_connection_nobody_answers_is_unanswered() {
    let mut trace = truncated();
    let mut tcp = to_resolver();
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again());
    trace.until(20.0);
    let row = question(&trace.summary(), "A");
    assert_eq!(verdict(&row), "stalled dns-unanswered");
}

#[test]
fn several_messages_may_share_a_segment() {
    let mut trace = Trace::new();
    let mut tcp = to_resolver();
    trace.connect(0.0, &mut tcp);
    let questions = [
        framed(&dns::query(1, HOST, dns::A)),
        framed(&dns::query(2, HOST, dns::AAAA)),
    ];
    trace.at(0.03, tcp.data(From::Client, &questions.concat()));
    // Answers come in the resolver's order.
    let answers = [
        framed(&dns::addresses(2, HOST, dns::AAAA, &["2001:db8::10"])),
        framed(&dns::addresses(1, HOST, dns::A, &[SERVER])),
    ];
    trace.at(0.05, tcp.data(From::Server, &answers.concat()));
    let summary = trace.summary();
    assert_eq!(verdict(&question(&summary, "A")), "succeeded");
    assert_eq!(verdict(&question(&summary, "AAAA")), "succeeded");
}

#[test]
fn a_message_may_be_split_anywhere_even_in_its_length() {
    let query = framed(&dns::query(1, HOST, dns::A));
    let answer = framed(&dns::addresses(1, HOST, dns::A, &[SERVER]));
    for at in 1..answer.len() {
        let mut trace = Trace::new();
        let mut tcp = to_resolver();
        trace.connect(0.0, &mut tcp);
        let cut = at.min(query.len() - 1);
        trace.at(0.03, tcp.data(From::Client, &query[..cut]));
        trace.at(0.031, tcp.data(From::Client, &query[cut..]));
        trace.at(0.05, tcp.data(From::Server, &answer[..at]));
        trace.at(0.051, tcp.data(From::Server, &answer[at..]));
        let summary = trace.summary();
        assert_eq!(
            verdict(&question(&summary, "A")),
            "succeeded",
            "split at {at}"
        );
    }
}
