//! Stage `connect`: verdicts.md 3.2.

use crate::support::tcp::{From, Tcp};
use crate::support::tls;
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, HOST, RESOLVER, SERVER, dns};

/// Names the server for the device, and shows that the capture sees traffic toward it.
fn resolved(trace: &mut Trace) {
    trace.at(0.0, dns::ask(5300, &dns::query(1, HOST, dns::A)));
    trace.at(
        0.01,
        dns::answer(5300, &dns::addresses(1, HOST, dns::A, &[SERVER])),
    );
}

#[test]
fn syns_that_nobody_answers_are_a_stall_named_by_the_dns_question_before() {
    let mut trace = Trace::new();
    resolved(&mut trace);
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again());
    trace.until(10.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled connect syn-unanswered unknown");
    assert_eq!(flow.name.unwrap().host, HOST);
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
    assert_eq!(flow.client.ip.to_string(), CLIENT);
    assert_ne!(flow.server.ip.to_string(), RESOLVER);
}

#[test]
fn a_syn_answered_after_its_third_try_is_no_stall() {
    let mut trace = Trace::new();
    resolved(&mut trace);
    let mut tcp = Tcp::new(50_000);
    trace.at(0.1, tcp.syn());
    trace.at(1.1, tcp.syn_again());
    trace.at(3.1, tcp.syn_again());
    trace.at(3.2, tcp.syn_ack());
    trace.at(3.2001, tcp.ack(From::Client));
    trace.at(3.21, tcp.data(From::Client, &tls::client_hello(HOST)));
    trace.at(
        3.25,
        tcp.data(
            From::Server,
            &[tls::server_hello_13(), tls::application(2000)].concat(),
        ),
    );
    trace.at(
        3.26,
        tcp.data(
            From::Client,
            &[tls::application(60), tls::application(300)].concat(),
        ),
    );
    trace.at(3.31, tcp.data(From::Server, &tls::application(500)));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}
