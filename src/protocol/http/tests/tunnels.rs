//! Proxies: logins, refusals, and the TLS inside a tunnel.

use super::cuts::cut;
use super::*;
use crate::protocol::tls::testing::recording;

const CONNECT: &str = "CONNECT gs.apple.com:443 HTTP/1.1\r\nHost: gs.apple.com:443\r\n\r\n";
const LOGIN: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nlogin";
const GRANTED: &str = "HTTP/1.1 200 Connection established\r\nContent-Length: 99\r\n\r\n";

/// A login whose end nobody can tell: its length is no number, its chunks are none.
pub(super) const UNFRAMED: [&str; 2] = [
    "HTTP/1.1 407 Log in\r\nContent-Length: =5\r\n\r\nlogin",
    "HTTP/1.1 407 Log in\r\nTransfer-Encoding: chunked\r\n\r\nlogin",
];

/// A refused CONNECT, a granted one, and then a recorded conversation.
pub(super) fn login(inside: &str) -> Vec<(Side, Vec<u8>)> {
    refused_with(LOGIN, inside)
}

/// As [`login`], with another refusal.
pub(super) fn refused_with(refusal: &str, inside: &str) -> Vec<(Side, Vec<u8>)> {
    let turns = [
        (CLIENT, CONNECT),
        (SERVER, refusal),
        (CLIENT, CONNECT),
        (SERVER, GRANTED),
    ];
    let turns = turns.map(|(side, text)| (side, text.as_bytes().to_vec()));
    let inside = recording(inside).segments().into_iter();
    let inside = inside.map(|segment| (segment.side, segment.bytes.to_vec()));
    turns.into_iter().chain(inside).collect()
}

#[test]
fn a_login_and_then_a_tunnel_is_normal() {
    let session = cut(&login("tls13-full"), std::iter::repeat(usize::MAX));
    let connect = session.facts().connect.as_ref().unwrap();
    assert_eq!((&connect.host, connect.port), (&"gs.apple.com".into(), 443));
    assert_eq!(connect.answers, [(407, frame(2)), (200, frame(4))]);
    assert_eq!(
        (connect.seen, connect.established),
        (frame(1), Some(frame(4)))
    );
    let tls = session.tunnel().unwrap().facts();
    assert_eq!(tls.sni(), Some(&"gs.apple.com".into()));
    assert_eq!(tls.finished, Some(frame(4 + 4)));
    assert!(session.settled());
}

#[test]
fn the_tunnel_is_told_of_acknowledgments() {
    let turns = login("tls13-full");
    let mut session = HttpSession::new();
    let mut sent = 0;
    for (number, (side, bytes)) in turns[..8].iter().enumerate() {
        match side {
            Side::Client => sent = bytes.len(),
            // The server never has what the client sent last.
            Side::Server if number > 4 => session.server_acknowledges(u64::try_from(sent).unwrap()),
            Side::Server => {}
        }
        session.feed(*side, frame(number + 1), bytes);
    }
    assert_eq!(session.tunnel().unwrap().facts().finished, None);
    session.server_acknowledges(0);
    session.feed(SERVER, frame(9), &turns[8].1);
    assert_eq!(session.tunnel().unwrap().facts().finished, Some(frame(9)));
}

#[test]
fn a_hello_before_the_proxys_answer_is_inside_if_it_is_granted() {
    let hello = recording("tls13-full").segments()[0].bytes;
    let mut session = talk(&[(CLIENT, CONNECT)]);
    session.feed(CLIENT, frame(2), hello);
    assert!(session.tunnel().is_none());
    session.feed(SERVER, frame(3), GRANTED.as_bytes());
    assert_eq!(
        session.tunnel().unwrap().facts().sni(),
        Some(&"gs.apple.com".into())
    );
    // Refused: it was sent in vain, and the next CONNECT starts afresh.
    let mut session = talk(&[(CLIENT, CONNECT)]);
    session.feed(CLIENT, frame(2), hello);
    session.feed(SERVER, frame(3), LOGIN.as_bytes());
    assert!(session.tunnel().is_none());
    session.feed(CLIENT, frame(4), CONNECT.as_bytes());
    session.feed(SERVER, frame(5), GRANTED.as_bytes());
    session.feed(CLIENT, frame(6), hello);
    let tls = session.tunnel().unwrap().facts();
    assert_eq!(tls.hello_started, Some(frame(6)));
}

#[test]
fn refusals_are_listed_and_bounded() {
    let mut turns = Vec::new();
    for _ in 0..20 {
        turns.extend([(CLIENT, CONNECT), (SERVER, LOGIN)]);
    }
    let session = talk(&turns);
    let connect = session.facts().connect.as_ref().unwrap();
    assert_eq!(connect.answers.len(), MAX_ANSWERS);
    assert_eq!(connect.established, None);
    assert!(session.tunnel().is_none());
    let chunked = "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    let session = talk(&[
        (CLIENT, CONNECT),
        (SERVER, chunked),
        (CLIENT, CONNECT),
        (SERVER, GRANTED),
    ]);
    let connect = session.facts().connect.as_ref().unwrap();
    assert_eq!(connect.answers, [(503, frame(2)), (200, frame(4))]);
}

#[test]
fn a_tunnel_of_something_else_is_no_tls() {
    let session = talk(&[
        (CLIENT, CONNECT),
        (SERVER, GRANTED),
        (SERVER, "SSH-2.0-OpenSSH\r\n"),
    ]);
    assert!(session.settled());
    assert!(session.tunnel().is_none());
    assert_eq!(session.facts().not_http, None);
}

#[test]
fn after_an_answer_whose_end_nobody_can_tell_no_answer_is_told() {
    for refusal in UNFRAMED {
        let turns = refused_with(refusal, "tls13-full");
        let session = cut(&turns, std::iter::repeat(usize::MAX));
        let connect = session.facts().connect.as_ref().unwrap();
        assert_eq!(connect.answers, [(407, frame(2))], "{refusal}");
        assert_eq!(
            (connect.waiting, connect.established),
            (Some(frame(3)), None),
            "{refusal}"
        );
    }
}
