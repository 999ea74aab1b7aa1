//! Plain text where TLS is expected, and TLS where it is not.

use super::{get, response};
use crate::support::opening::{connected, flight_13, greeted, send};
use crate::support::session::{succeeds, to};
use crate::support::tcp::From;
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{HOST, SERVER, tls};

const REFUSAL: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn why(trace: &Trace) -> String {
    trace.flow().explanation.unwrap_or_default()
}

#[test]
fn a_plain_request_to_443_is_said_to_be_plain() {
    for (status, judged) in [
        (400, "succeeded transfer"),
        (403, "failed transfer http-error server"),
    ] {
        let (mut trace, mut tcp) = connected();
        trace.at(0.03, tcp.data(From::Client, &get(HOST)));
        trace.at(0.06, tcp.data(From::Server, &response(status, "", "no")));
        trace.at(0.061, tcp.ack(From::Client));
        assert_eq!(verdict(&trace.flow()), judged);
        assert!(why(&trace).contains("plain HTTP on port 443"), "{status}");
    }
}

#[test]
fn a_plain_request_to_80_is_not_worth_a_word() {
    let trace = super::exchange(HOST, &response(400, "", "no"));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
    assert_eq!(why(&trace), "");
}

#[test]
fn a_hello_that_is_answered_in_plain_http_failed_and_the_reader_is_told() {
    // The server closes, the client does, or nobody has yet.
    for closing in [Some(From::Server), Some(From::Client), None] {
        let (mut trace, mut tcp) = greeted();
        trace.at(0.05, tcp.data(From::Server, REFUSAL));
        trace.at(0.051, tcp.ack(From::Client));
        if let Some(side) = closing {
            trace.at(0.06, tcp.fin(side));
        }
        assert_eq!(
            verdict(&trace.flow()),
            "failed handshake closed-in-handshake server"
        );
        let why = why(&trace);
        assert!(why.contains("plain text that begins as HTTP does"), "{why}");
        let summary = trace.summary();
        assert_eq!(requirement(&summary, HOST).status.to_string(), "failing");
    }
}

#[test]
fn an_answer_of_one_byte_a_segment_shows_the_same() {
    let (mut trace, mut tcp) = greeted();
    for (at, byte) in (0u32..).zip(REFUSAL) {
        let seconds = 0.05 + f64::from(at) * 1e-4;
        trace.at(seconds, tcp.data(From::Server, &[*byte]));
    }
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "failed handshake closed-in-handshake server"
    );
    assert!(why(&trace).contains("HTTP"));
}

#[test]
fn what_is_no_tls_is_said_to_be_plain_text_only_if_it_is() {
    for (answer, words) in [
        (&b"220 mail.example ESMTP\r\n"[..], "in plain text,"),
        (&[0, 0, 0, 12], "bytes that are no TLS"),
    ] {
        let (mut trace, mut tcp) = greeted();
        trace.at(0.05, tcp.data(From::Server, answer));
        trace.at(0.06, tcp.fin(From::Server));
        assert!(why(&trace).contains(words), "{}", why(&trace));
    }
}

#[test]
fn an_answer_of_which_the_capture_lacks_the_start_is_not_called_plain() {
    let (mut trace, mut tcp) = greeted();
    let flight = flight_13();
    // The first segment escapes the capture; what follows begins in the middle of a record.
    let _lost = tcp.data(From::Server, &flight[..1400]);
    trace.at(0.0501, tcp.data(From::Server, &flight[1400..2000]));
    trace.at(0.06, tcp.ack(From::Client));
    trace.at(0.07, tcp.fin(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn plain_bytes_after_the_servers_hello_are_another_matter() {
    let (mut trace, mut tcp) = greeted();
    send(&mut trace, 0.05, &mut tcp, From::Server, &flight_13());
    trace.at(
        0.06,
        tcp.data(From::Server, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    assert!(!why(&trace).contains("plain text"));
}

#[test]
fn tls_on_an_odd_port_is_named_by_its_hello_and_required_only_on_the_ports_listed() {
    for (port, required, by_port) in [
        (443, Some(HOST), None),
        (8443, None, Some("internet-radio")),
        (10_443, None, None),
    ] {
        let mut trace = Trace::new();
        succeeds(&mut trace, 0.0, &mut to(50_001, SERVER, port), HOST);
        let flow = trace.flow();
        let name = flow.name.clone().unwrap();
        assert_eq!(
            (name.host.as_str(), name.source.to_string().as_str()),
            (HOST, "sni")
        );
        assert_eq!(verdict(&flow), "succeeded transfer");
        assert_eq!(flow.requirement.as_deref(), required, "{port}");
        assert_eq!(flow.by_port.as_deref(), by_port, "{port}");
    }
}

#[test]
fn tls_on_port_80_is_tls() {
    let mut trace = Trace::new();
    let mut tcp = to(50_001, SERVER, 80);
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &tls::client_hello(HOST)));
    trace.at(0.05, tcp.data(From::Server, REFUSAL));
    assert_eq!(trace.flow().app.to_string(), "tls");
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake closed-in-handshake server"
    );
}
