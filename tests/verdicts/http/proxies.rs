//! HTTP CONNECT.

use super::OCSP;
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{CLIENT, HOST, tls};

const PROXY: &str = "192.168.7.3";
const GRANTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const LOGIN: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";

fn to_proxy(port: u16) -> Tcp {
    Tcp::between((CLIENT, port), (PROXY, 3128))
}

fn connect(host: &str) -> Vec<u8> {
    format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n").into_bytes()
}

/// A CONNECT at `seconds`, answered 50 ms later.
fn asked(trace: &mut Trace, seconds: f64, tcp: &mut Tcp, answer: &[u8]) {
    trace.at(seconds, tcp.data(From::Client, &connect(HOST)));
    trace.at(seconds + 0.05, tcp.data(From::Server, answer));
    trace.at(seconds + 0.051, tcp.ack(From::Client));
}

/// TLS 1.3 inside the tunnel, from `seconds` on.
fn handshake(trace: &mut Trace, seconds: f64, tcp: &mut Tcp) {
    trace.at(seconds, tcp.data(From::Client, &tls::client_hello(HOST)));
    let flight = [tls::server_hello_13(), tls::application(900)].concat();
    trace.at(seconds + 0.05, tcp.data(From::Server, &flight));
    let finished = [tls::application(60), tls::application(300)].concat();
    trace.at(seconds + 0.06, tcp.data(From::Client, &finished));
    trace.at(
        seconds + 0.1,
        tcp.data(From::Server, &tls::application(500)),
    );
    trace.at(seconds + 0.11, tcp.ack(From::Client));
}

fn denied(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

#[test]
fn a_connect_that_the_proxy_refuses_is_proxy_denied() {
    for status in [403, 407, 502, 503] {
        let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
        trace.connect(0.0, &mut tcp);
        asked(&mut trace, 0.03, &mut tcp, &denied(status));
        trace.until(60.0);
        let flow = trace.flow();
        assert_eq!(
            verdict(&flow),
            "failed handshake proxy-denied local-network",
            "{status}"
        );
        assert!(flow.explanation.unwrap().contains(&status.to_string()));
    }
}

#[test]
fn a_login_whose_length_nobody_can_read_leaves_the_rest_unjudged() {
    let login = b"HTTP/1.1 407 Log in\r\nContent-Length: =5\r\n\r\nlogin";
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, login);
    trace.until(60.0);
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake proxy-denied local-network",
        "nothing came after it"
    );
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, login);
    asked(&mut trace, 0.2, &mut tcp, GRANTED);
    handshake(&mut trace, 0.3, &mut tcp);
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn the_requirement_is_that_of_the_connect_target_and_its_port() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, &denied(403));
    let summary = trace.summary();
    let name = summary.flows[0].name.clone().unwrap();
    assert_eq!(
        (name.host.as_str(), name.source.to_string().as_str()),
        (HOST, "connect")
    );
    assert_eq!(requirement(&summary, HOST).status.to_string(), "failing");
}

#[test]
fn a_login_on_the_same_connection_is_normal() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, LOGIN);
    asked(&mut trace, 0.1, &mut tcp, GRANTED);
    handshake(&mut trace, 0.2, &mut tcp);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_login_that_the_proxy_has_not_answered_yet_is_pending() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, LOGIN);
    trace.at(5.0, tcp.data(From::Client, &connect(HOST)));
    trace.at(5.01, tcp.ack(From::Server));
    trace.until(31.0);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}

/// A capture that has frames in the wrong order: the answer to the login is acknowledged before it is seen.
#[test]
fn a_login_of_which_the_answer_was_not_read_is_unjudged() {
    for (answered, expected) in [
        (true, "unjudged handshake"),
        (false, "stalled handshake response-missing server"),
    ] {
        let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
        trace.connect(0.0, &mut tcp);
        asked(&mut trace, 0.03, &mut tcp, LOGIN);
        trace.at(0.1, tcp.data(From::Client, &connect(HOST)));
        trace.at(0.11, tcp.ack(From::Server));
        if answered {
            let granted = tcp.data(From::Server, GRANTED);
            trace.at(0.15, granted).at(0.149, tcp.ack(From::Client));
        }
        trace.at(0.2, tcp.fin(From::Server));
        assert_eq!(verdict(&trace.flow()), expected, "{answered}");
    }
}

#[test]
fn a_login_on_another_connection_makes_up_for_the_first() {
    let mut trace = Trace::new();
    let (mut first, mut second) = (to_proxy(50_001), to_proxy(50_002));
    trace.connect(0.0, &mut first);
    asked(&mut trace, 0.03, &mut first, LOGIN);
    trace.at(0.09, first.fin(From::Client));
    trace.connect(0.1, &mut second);
    asked(&mut trace, 0.13, &mut second, GRANTED);
    handshake(&mut trace, 0.2, &mut second);
    let summary = trace.summary();
    assert_eq!(verdict(&summary.flows[0]), "abandoned handshake superseded");
    assert_eq!(requirement(&summary, HOST).status.to_string(), "ok");
}

#[test]
fn a_login_that_leads_to_a_refusal_is_denied_by_the_last_word() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, LOGIN);
    asked(&mut trace, 0.1, &mut tcp, &denied(403));
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "failed handshake proxy-denied local-network"
    );
    assert!(flow.explanation.unwrap().contains("403"));
}

#[test]
fn the_tls_inside_the_tunnel_is_judged() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    asked(&mut trace, 0.03, &mut tcp, GRANTED);
    trace.at(0.2, tcp.data(From::Client, &tls::client_hello(HOST)));
    trace.at(0.21, tcp.ack(From::Server));
    trace.until(10.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake client-hello-unanswered unknown"
    );
}

#[test]
fn a_proxy_that_does_not_answer_is_waited_for() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &connect(HOST)));
    trace.at(0.04, tcp.ack(From::Server));
    trace.until(20.0);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    trace.until(31.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake response-missing unknown"
    );
}

#[test]
fn a_plain_request_through_a_proxy_is_matched_by_its_target() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    let request = format!("GET http://{OCSP}/x HTTP/1.1\r\nHost: {OCSP}\r\n\r\n");
    trace.at(0.03, tcp.data(From::Client, request.as_bytes()));
    trace.at(
        0.09,
        tcp.data(From::Server, &super::response(403, "", "no")),
    );
    let summary = trace.summary();
    assert_eq!(summary.flows[0].requirement.as_deref(), Some(OCSP));
    assert_eq!(requirement(&summary, OCSP).status.to_string(), "failing");
}

/// A plain request through the proxy at `seconds`, answered 50 ms later.
fn plain(trace: &mut Trace, seconds: f64, tcp: &mut Tcp, answer: &[u8]) {
    let request = format!("GET http://{OCSP}/x HTTP/1.1\r\nHost: {OCSP}\r\n\r\n");
    trace.at(seconds, tcp.data(From::Client, request.as_bytes()));
    trace.at(seconds + 0.05, tcp.data(From::Server, answer));
    trace.at(seconds + 0.051, tcp.ack(From::Client));
}

#[test]
fn a_login_for_a_plain_request_is_normal_on_the_same_connection() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    plain(
        &mut trace,
        0.03,
        &mut tcp,
        &super::response(407, "", "log in"),
    );
    plain(&mut trace, 0.1, &mut tcp, &super::response(200, "", "x"));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_login_for_a_plain_request_is_normal_on_another_connection() {
    let mut trace = Trace::new();
    let (mut first, mut second) = (to_proxy(50_001), to_proxy(50_002));
    trace.connect(0.0, &mut first);
    plain(
        &mut trace,
        0.03,
        &mut first,
        &super::response(407, "", "log in"),
    );
    trace.connect(0.1, &mut second);
    plain(
        &mut trace,
        0.13,
        &mut second,
        &super::response(200, "", "x"),
    );
    let summary = trace.summary();
    assert_eq!(verdict(&summary.flows[0]), "abandoned transfer superseded");
    assert_eq!(requirement(&summary, OCSP).status.to_string(), "ok");
}

#[test]
fn a_login_for_a_plain_request_that_fails_is_an_error() {
    let (mut trace, mut tcp) = (Trace::new(), to_proxy(50_001));
    trace.connect(0.0, &mut tcp);
    plain(
        &mut trace,
        0.03,
        &mut tcp,
        &super::response(407, "", "log in"),
    );
    plain(&mut trace, 0.1, &mut tcp, &super::response(403, "", "no"));
    let flow = trace.flow();
    assert!(flow.explanation.unwrap().contains("403"));
}
