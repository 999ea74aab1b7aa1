//! SOCKS: the target is what was asked for, the proxy's refusal is told, and the TLS inside is judged as if direct.

use crate::support::session::resolves;
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{CLIENT, HOST, SERVER, tls};

const PROXY: &str = "192.168.7.3";
const DONE: &[u8] = &[5, 0, 0, 1, 192, 168, 7, 3, 0xc3, 0x50];

/// An open connection to a proxy.
fn open() -> (Trace, Tcp) {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::between((CLIENT, 50_001), (PROXY, 1080)));
    trace.connect(0.0, &mut tcp);
    (trace, tcp)
}

/// Messages from 0.03 s on, 10 ms apart, each acknowledged.
fn say(trace: &mut Trace, tcp: &mut Tcp, from: f64, messages: &[(From, &[u8])]) {
    for (turn, (side, bytes)) in (0u32..).zip(messages) {
        let at = from + f64::from(turn) * 0.01;
        trace.at(at, tcp.data(*side, bytes));
        let peer = match side {
            From::Client => From::Server,
            From::Server => From::Client,
        };
        trace.at(at + 0.001, tcp.ack(peer));
    }
}

fn request(host: &str, port: u16) -> Vec<u8> {
    let length = u8::try_from(host.len()).unwrap();
    let head = [&[5, 1, 0, 3, length][..], host.as_bytes()].concat();
    [head, port.to_be_bytes().to_vec()].concat()
}

/// After a greeting without a login and a request for a host's port 443.
fn asked(host: &str) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = open();
    say(
        &mut trace,
        &mut tcp,
        0.03,
        &[
            (From::Client, &[5, 2, 0, 2]),
            (From::Server, &[5, 0]),
            (From::Client, &request(host, 443)),
        ],
    );
    (trace, tcp)
}

/// TLS 1.3 inside the tunnel, from 0.2 s on.
fn handshake(trace: &mut Trace, tcp: &mut Tcp) {
    let flight = [tls::server_hello_13(), tls::application(900)].concat();
    let finished = [tls::application(60), tls::application(300)].concat();
    say(
        trace,
        tcp,
        0.2,
        &[
            (From::Client, &tls::client_hello(HOST)),
            (From::Server, &flight),
            (From::Client, &finished),
            (From::Server, &tls::application(500)),
        ],
    );
}

#[test]
fn a_refused_request_is_proxy_denied_with_the_replys_name() {
    for (code, words) in [
        (1, "general SOCKS server failure"),
        (2, "connection not allowed by ruleset"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "TTL expired"),
        (7, "command not supported"),
        (8, "address type not supported"),
    ] {
        let (mut trace, mut tcp) = asked(HOST);
        let reply = [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
        say(&mut trace, &mut tcp, 0.1, &[(From::Server, &reply)]);
        trace.at(0.12, tcp.fin(From::Server));
        trace.until(60.0);
        let flow = trace.flow();
        assert_eq!(
            verdict(&flow),
            "failed handshake proxy-denied local-network"
        );
        assert_eq!(flow.app.to_string(), "socks");
        let why = flow.explanation.unwrap();
        assert!(why.contains(words) && why.contains(HOST), "{why}");
    }
}

#[test]
fn the_requirement_is_that_of_the_target_and_its_port() {
    for (port, owner) in [(443, Some(HOST)), (9443, None)] {
        let (mut trace, mut tcp) = open();
        say(
            &mut trace,
            &mut tcp,
            0.03,
            &[
                (From::Client, &[5, 1, 0]),
                (From::Server, &[5, 0]),
                (From::Client, &request(HOST, port)),
                (From::Server, &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]),
            ],
        );
        let summary = trace.summary();
        let flow = &summary.flows[0];
        let name = flow.name.clone().unwrap();
        assert_eq!(
            (name.host.as_str(), name.source.to_string().as_str()),
            (HOST, "connect")
        );
        assert_eq!((flow.requirement.as_deref(), &flow.by_port), (owner, &None));
        if owner.is_some() {
            assert_eq!(requirement(&summary, HOST).status.to_string(), "failing");
        }
    }
}

#[test]
fn a_refused_login_and_refused_methods_are_denied_without_a_target() {
    let login = b"\x01\x03lab\x06secret";
    let turns: [&[(From, &[u8])]; 2] = [
        &[(From::Client, &[5, 1, 0]), (From::Server, &[5, 0xff])],
        &[
            (From::Client, &[5, 2, 0, 2]),
            (From::Server, &[5, 2]),
            (From::Client, login),
            (From::Server, &[1, 1]),
        ],
    ];
    for (messages, words) in turns.iter().zip(["no acceptable methods", "password"]) {
        let (mut trace, mut tcp) = open();
        say(&mut trace, &mut tcp, 0.03, messages);
        let flow = trace.flow();
        assert_eq!(
            verdict(&flow),
            "failed handshake proxy-denied local-network"
        );
        assert!(flow.explanation.unwrap().contains(words));
        assert_eq!((flow.requirement, flow.name), (None, None));
    }
}

#[test]
fn after_a_login_the_tls_inside_succeeds() {
    let (mut trace, mut tcp) = open();
    say(
        &mut trace,
        &mut tcp,
        0.03,
        &[
            (From::Client, &[5, 2, 0, 2]),
            (From::Server, &[5, 2]),
            (From::Client, b"\x01\x03lab\x06secret"),
            (From::Server, &[1, 0]),
            (From::Client, &request(HOST, 443)),
            (From::Server, DONE),
        ],
    );
    handshake(&mut trace, &mut tcp);
    let summary = trace.summary();
    assert_eq!(verdict(&summary.flows[0]), "succeeded transfer");
    assert_eq!(requirement(&summary, HOST).status.to_string(), "ok");
}

#[test]
fn the_tls_inside_the_tunnel_is_judged() {
    let (mut trace, mut tcp) = asked(HOST);
    say(&mut trace, &mut tcp, 0.1, &[(From::Server, DONE)]);
    let hello = tls::client_hello(HOST);
    say(&mut trace, &mut tcp, 0.2, &[(From::Client, &hello)]);
    trace.until(10.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake client-hello-unanswered unknown"
    );
}

#[test]
fn a_proxy_that_does_not_answer_a_request_is_waited_for_as_with_http() {
    let (mut trace, _) = asked(HOST);
    trace.until(20.0);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    trace.until(31.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled handshake response-missing unknown");
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
}

#[test]
fn a_proxy_that_closes_instead_of_answering_did_not_answer() {
    let (mut trace, mut tcp) = asked(HOST);
    trace.at(1.0, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake response-missing server"
    );
}

#[test]
fn a_client_that_never_says_where_to_is_no_ones_fault() {
    let (mut trace, mut tcp) = open();
    say(
        &mut trace,
        &mut tcp,
        0.03,
        &[(From::Client, &[5, 1, 0]), (From::Server, &[5, 0])],
    );
    trace.at(9.0, tcp.fin(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn a_target_that_is_an_address_has_the_name_that_its_client_looked_up() {
    // curl asks once the proxy has answered its greeting.
    let mut trace = Trace::new();
    resolves(&mut trace, 0.515, 5301, HOST, &[SERVER]);
    for (client, target, name) in [(50_001, SERVER, HOST), (50_002, "17.9.9.9", "17.9.9.9")] {
        let mut tcp = Tcp::between((CLIENT, client), (PROXY, 1080));
        let mut trace = trace.clone();
        trace.connect(0.5, &mut tcp);
        let address: std::net::Ipv4Addr = target.parse().unwrap();
        let request = [&[5, 1, 0, 1][..], &address.octets(), &[1, 0xbb]].concat();
        say(
            &mut trace,
            &mut tcp,
            0.53,
            &[
                (From::Client, &[5, 1, 0]),
                (From::Server, &[5, 0]),
                (From::Client, &request),
                (From::Server, &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]),
            ],
        );
        assert_eq!(trace.flow().name.unwrap().host, name);
    }
}

#[test]
fn version_4a_is_read_too() {
    let (mut trace, mut tcp) = open();
    let request = [&[4, 1, 1, 0xbb, 0, 0, 0, 1, 0][..], HOST.as_bytes(), &[0]].concat();
    say(
        &mut trace,
        &mut tcp,
        0.03,
        &[
            (From::Client, &request),
            (From::Server, &[0, 91, 0, 0, 0, 0, 0, 0]),
        ],
    );
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "failed handshake proxy-denied local-network"
    );
    assert!(flow.explanation.unwrap().contains("rejected or failed"));
}

/// A conversation in pieces of so many bytes.
fn in_pieces(size: usize) -> Trace {
    let (mut trace, mut tcp) = open();
    let flight = [tls::server_hello_13(), tls::application(900)].concat();
    let finished = [tls::application(60), tls::application(300)].concat();
    let messages: [(From, &[u8]); 8] = [
        (From::Client, &[5, 2, 0, 2]),
        (From::Server, &[5, 0]),
        (From::Client, &request(HOST, 443)),
        (From::Server, DONE),
        (From::Client, &tls::client_hello(HOST)),
        (From::Server, &flight),
        (From::Client, &finished),
        (From::Server, &tls::application(500)),
    ];
    for (turn, (side, bytes)) in (0u32..).zip(messages) {
        for (piece, bytes) in (0u32..).zip(bytes.chunks(size)) {
            let at = 0.1 + f64::from(turn) * 0.5 + f64::from(piece) * 1e-4;
            trace.at(at, tcp.data(side, bytes));
        }
    }
    trace
}

#[test]
fn one_byte_a_segment_is_judged_the_same() {
    for size in [1, 2, 3, 1400] {
        let flow = in_pieces(size).flow();
        assert_eq!(verdict(&flow), "succeeded transfer", "{size}");
        assert_eq!(flow.requirement.as_deref(), Some(HOST), "{size}");
        assert_eq!(flow.app.to_string(), "socks", "{size}");
    }
}

#[test]
fn a_protocol_that_only_begins_like_socks_is_none() {
    let answers: [(&[u8], &[u8]); 5] = [
        (&[5, 1, 0], &[5, 1, 2, 3, 4, 5]), // a method that was not offered
        (&[5, 1, 0], &[6, 0]),             // another first byte
        (&[5, 1, 0, 7], &[5, 0]),          // more than the greeting
        (&[5, 0, 11, 3, 16, 0], &[5, 0]),  // DCE/RPC
        (&[4, 1, 1, 0xbb, 17, 1, 2, 3, 0], &[4, 90, 0, 0, 0, 0, 0, 0]),
    ];
    for (first, answer) in answers {
        let (mut trace, mut tcp) = open();
        let messages = [(From::Client, first), (From::Server, answer)];
        say(&mut trace, &mut tcp, 0.03, &messages);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer", "{first:x?}");
        assert_eq!(
            (flow.app.to_string().as_str(), flow.name),
            ("unknown", None)
        );
    }
}

/// Cards with several queues hand frames over in the wrong order: then bytes are acknowledged before they are captured.
#[test]
fn a_greeting_whose_answer_was_captured_too_late_proves_no_success() {
    for (swapped, expected) in [
        (true, "unjudged transfer"),
        (false, "failed handshake proxy-denied local-network"),
    ] {
        let (mut trace, mut tcp) = open();
        trace.at(0.03, tcp.data(From::Client, &[5, 1, 0]));
        let answer = tcp.data(From::Server, &[5, 0]);
        let times = if swapped {
            (0.041, 0.04)
        } else {
            (0.04, 0.041)
        };
        trace.at(times.0, answer);
        trace.at(times.1, tcp.ack(From::Client));
        let refused = &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0][..];
        let dialogue = [
            (From::Client, &request(HOST, 443)[..]),
            (From::Server, refused),
        ];
        say(&mut trace, &mut tcp, 0.05, &dialogue);
        assert_eq!(verdict(&trace.flow()), expected, "{swapped}");
    }
}

#[test]
fn a_greeting_without_an_answer_proves_no_proxy() {
    let (mut trace, mut tcp) = open();
    say(&mut trace, &mut tcp, 0.03, &[(From::Client, &[5, 1, 0])]);
    trace.until(60.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged transfer");
    assert_eq!(flow.app.to_string(), "unknown");
}
