//! Multipath TCP: a subflow belongs to its connection and is no attempt of its own.

use crate::support::tcp::{ACK, From, SYN, Tcp};
use crate::support::trace::{Trace, requirement};
use crate::support::{CLIENT, HOST, tls};

/// The server's second address, which no DNS answer gave.
const OTHER_ADDRESS: &str = "203.0.113.77";

/// `MP_CAPABLE`, version 1, of the SYN-ACK: flags, then the server's key.
const CAPABLE: [u8; 12] = [30, 12, 0x01, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];

/// The first 32 bits of the SHA-256 of that key.
const TOKEN: [u8; 4] = [0x66, 0x84, 0x0d, 0xda];

/// `MP_JOIN` of a SYN: address 2, the token, a random number.
fn join(token: [u8; 4]) -> Vec<u8> {
    let [a, b, c, d] = token;
    vec![30, 12, 0x10, 2, a, b, c, d, 0, 0, 0, 1]
}

/// A healthy TLS 1.3 connection whose SYN-ACK offers Multipath TCP.
fn connection(trace: &mut Trace) {
    let mut tcp = Tcp::new(50_000);
    trace.at(0.0, tcp.syn());
    let (seq, ack) = (tcp.server_next, tcp.client_next);
    trace.at(
        0.02,
        tcp.with_options(From::Server, SYN | ACK, seq, ack, &CAPABLE, &[]),
    );
    tcp.server_next += 1;
    trace.at(0.0201, tcp.ack(From::Client));
    trace.at(0.03, tcp.data(From::Client, &tls::client_hello(HOST)));
    let flight = [tls::server_hello_13(), tls::application(1000)].concat();
    trace.at(0.05, tcp.data(From::Server, &flight));
    trace.at(
        0.06,
        tcp.data(
            From::Client,
            &[tls::application(40), tls::application(300)].concat(),
        ),
    );
    trace.at(0.09, tcp.data(From::Server, &tls::application(500)));
}

/// SYNs of a subflow that nobody answers.
fn subflow(trace: &mut Trace, server: &str, token: [u8; 4]) {
    let mut tcp = Tcp::between((CLIENT, 50_001), (server, 443));
    tcp.syn_options = join(token);
    trace.at(1.0, tcp.syn());
    trace.at(2.0, tcp.syn_again());
    trace.at(4.0, tcp.syn_again());
    trace.until(20.0);
}

#[test]
fn a_subflow_to_another_address_is_tied_by_its_token_and_is_no_attempt() {
    let mut trace = Trace::new();
    connection(&mut trace);
    subflow(&mut trace, OTHER_ADDRESS, TOKEN);
    let summary = trace.summary();
    let row = requirement(&summary, HOST);
    assert_eq!((row.status.as_str(), row.attempts.succeeded), ("ok", 1));
    assert_eq!(row.attempts.stalled, 0);
    let flow = &summary.flows[1];
    assert_eq!(flow.outcome.as_str(), "stalled");
    assert_eq!(flow.requirement, None);
    assert_eq!(flow.name.as_ref().unwrap().host, HOST);
}

#[test]
fn a_subflow_of_another_connection_is_not_tied_to_this_one() {
    let mut trace = Trace::new();
    connection(&mut trace);
    subflow(&mut trace, OTHER_ADDRESS, [9; 4]);
    let summary = trace.summary();
    assert_eq!(summary.flows[1].name, None);
    assert_eq!(requirement(&summary, HOST).status.as_str(), "ok");
}
