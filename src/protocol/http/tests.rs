//! Exchanges as clients, servers and proxies have them, and the same facts however the bytes are cut.

mod cuts;
mod tunnels;

use super::*;
use crate::protocol::tls::testing::frame;

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

const GET: &str = "GET /hotspot-detect.html HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n";
const PAGE: &str = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";

/// Feeds turns as frames 1, 2, 3 and so on.
fn talk(turns: &[(Side, &str)]) -> HttpSession {
    let mut session = HttpSession::new();
    for (number, (side, text)) in turns.iter().enumerate() {
        session.feed(*side, frame(number + 1), text.as_bytes());
    }
    session
}

/// The status and frame of the response to the first request.
fn first_response(session: &HttpSession) -> Option<(u16, u64)> {
    let response = session.facts().response.as_ref()?;
    Some((response.status, response.seen.frame.number()))
}

fn asked(head: &str) -> Request {
    let session = talk(&[(CLIENT, head)]);
    session.facts().request.clone().unwrap()
}

#[test]
fn the_first_request_and_its_response_are_read() {
    let answer = format!("HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: 68\r\n\r\n{PAGE}");
    let session = talk(&[(CLIENT, GET), (SERVER, &answer)]);
    let facts = session.facts();
    let request = facts.request.as_ref().unwrap();
    assert_eq!(
        (request.method.as_str(), request.target.as_slice()),
        ("GET", &b"/hotspot-detect.html"[..])
    );
    assert_eq!(request.host, Some("captive.apple.com".into()));
    assert_eq!((request.started, request.seen), (frame(1), frame(1)));
    let response = facts.response.as_ref().unwrap();
    assert_eq!(first_response(&session), Some((200, 2)));
    assert_eq!(response.server.as_deref(), Some(&b"Apache"[..]));
    assert_eq!(response.body_prefix, PAGE.as_bytes());
    assert!(response.body_whole && !response.cut);
    assert!(session.settled());
    assert_eq!(
        (facts.requests, facts.responses, facts.not_http),
        (1, 1, None)
    );
}

#[test]
fn hosts_come_from_the_target_before_the_field() {
    for (head, host, port) in [
        (
            "GET / HTTP/1.1\r\nhost:  GS.Apple.com.:8080 \r\n\r\n",
            "gs.apple.com",
            Some(8080),
        ),
        (
            "GET / HTTP/1.1\r\nHost: [2001:db8::1]:81\r\n\r\n",
            "2001:db8::1",
            Some(81),
        ),
        (
            "GET http://ocsp.apple.com/x HTTP/1.1\r\nHost: proxy.example\r\n\r\n",
            "ocsp.apple.com",
            None,
        ),
        (
            "CONNECT gs.apple.com:443 HTTP/1.1\r\nHost: proxy.example:3128\r\n\r\n",
            "gs.apple.com",
            Some(443),
        ),
        (
            "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n",
            "2001:db8::1",
            Some(443),
        ),
        (
            "GET / HTTP/1.1\r\nHost:\r\n gs.apple.com\r\n\r\n",
            "gs.apple.com",
            None,
        ),
        (
            "GET / HTTP/1.1\nHost: gs.apple.com\n\n",
            "gs.apple.com",
            None,
        ),
        (
            "GET / HTTP/1.1\r\nBad Name: x\r\nHost: gs.apple.com\r\n\r\n",
            "gs.apple.com",
            None,
        ),
        (
            "\r\n\r\nGET  /  HTTP/1.0\r\nHost: gs.apple.com\r\n\r\n",
            "gs.apple.com",
            None,
        ),
    ] {
        let request = asked(head);
        assert_eq!(
            (request.host, request.host_port),
            (Some(host.into()), port),
            "{head:?}"
        );
    }
    assert_eq!(asked("GET / HTTP/1.0\r\n\r\n").host, None);
}

#[test]
fn a_folded_field_is_one_field() {
    let session = talk(&[
        (
            CLIENT,
            "GET / HTTP/1.1\r\nX: a\r\n\tHost: other.example\r\nHost: gs.apple.com\r\n\r\n",
        ),
        (
            SERVER,
            "HTTP/1.1 302 Found\r\nLocation:\r\n  http://portal.example/\r\n\r\n",
        ),
    ]);
    let facts = session.facts();
    assert_eq!(
        facts.request.as_ref().unwrap().host,
        Some("gs.apple.com".into())
    );
    let response = facts.response.as_ref().unwrap();
    assert_eq!(
        response.location.as_deref(),
        Some(&b"http://portal.example/"[..])
    );
    assert_eq!(response.location_host, Some("portal.example".into()));
}

#[test]
fn interim_responses_are_passed_over_and_101_is_final() {
    let post = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let session = talk(&[(CLIENT, post), (SERVER, "HTTP/1.1 100 Continue\r\n\r\n")]);
    assert_eq!(first_response(&session), None);
    assert!(!session.settled());
    let session = talk(&[
        (CLIENT, post),
        (SERVER, "HTTP/1.1 100 Continue\r\n\r\n"),
        (CLIENT, "ab"),
        (SERVER, hints),
        (SERVER, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(first_response(&session), Some((201, 5)));
    let session = talk(&[
        (CLIENT, GET),
        (SERVER, "HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}\u{2}"),
    ]);
    assert_eq!(first_response(&session), Some((101, 2)));
    assert!(session.settled());
    assert_eq!(session.facts().not_http, None);
}

#[test]
fn of_pipelined_and_later_requests_the_first_counts() {
    let two = "HEAD /a HTTP/1.1\r\nHost: gs.apple.com\r\n\r\nGET /b HTTP/1.1\r\nHost: other.example\r\n\r\n";
    let answers = "HTTP/1.1 404 Not Found\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let session = talk(&[(CLIENT, two), (SERVER, answers)]);
    assert_eq!(
        session.facts().request.as_ref().unwrap().host,
        Some("gs.apple.com".into())
    );
    assert_eq!(first_response(&session), Some((404, 2)));
    let empty = "HTTP/1.1 204 No Content\r\n\r\n";
    let session = talk(&[
        (CLIENT, GET),
        (SERVER, empty),
        (CLIENT, two),
        (SERVER, answers),
    ]);
    assert_eq!(first_response(&session), Some((204, 2)));
    assert!(session.facts().response.as_ref().unwrap().body_whole);
}

#[test]
fn the_start_of_a_text_body_is_kept_however_it_is_framed() {
    for (fields, body, kept, whole) in [
        ("Content-Length: 5", "Hello", "Hello", true),
        ("Content-Length: 5", "Hel", "Hel", false),
        ("Content-Length: 0", "", "", true),
        ("Connection: close", "Hello", "Hello", false),
        (
            "Transfer-Encoding: chunked",
            "3;a=b\r\nHel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n",
            "Hello",
            true,
        ),
        (
            "Transfer-Encoding: gzip, chunked",
            "3\r\nHel\r\n2\r\nlo\r\n",
            "Hello",
            false,
        ),
        (
            "Content-Type: image/png\r\nContent-Length: 5",
            "Hello",
            "",
            false,
        ),
        (
            "Content-Encoding: gzip\r\nContent-Length: 5",
            "Hello",
            "",
            false,
        ),
        (
            "Content-Type: TEXT/html; charset=x\r\nContent-Length: 5",
            "Hello",
            "Hello",
            true,
        ),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{body}");
        let session = talk(&[(CLIENT, GET), (SERVER, &answer)]);
        let response = session.facts().response.as_ref().unwrap();
        assert_eq!(response.body_prefix, kept.as_bytes(), "{fields}");
        assert_eq!(response.body_whole, whole, "{fields}");
    }
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(MAX_BODY_PREFIX + 1));
    let session = talk(&[(CLIENT, GET), (SERVER, &long)]);
    let response = session.facts().response.as_ref().unwrap();
    assert_eq!(
        (response.body_prefix.len(), response.body_whole),
        (MAX_BODY_PREFIX, false)
    );
    assert!(session.settled());
}

#[test]
fn a_response_that_nothing_had_asked_for_is_none() {
    let timeout = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nbye";
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    // Before the request, and before the server had any byte of it.
    let session = talk(&[(SERVER, timeout), (CLIENT, GET), (SERVER, answer)]);
    assert_eq!(session.facts().unasked_response, Some(frame(1)));
    assert_eq!(first_response(&session), Some((200, 3)));
    let mut session = HttpSession::new();
    session.feed(CLIENT, frame(1), GET.as_bytes());
    let length = u64::try_from(GET.len()).unwrap();
    session.server_acknowledges(length);
    session.feed(SERVER, frame(2), &timeout.as_bytes()[..20]);
    session.server_acknowledges(0);
    session.feed(SERVER, frame(3), &timeout.as_bytes()[20..]);
    assert_eq!(session.facts().unasked_response, Some(frame(3)));
    assert_eq!(first_response(&session), None);
    session.feed(SERVER, frame(4), answer.as_bytes());
    assert_eq!(first_response(&session), Some((200, 4)));
    assert_eq!(session.facts().responses, 1);
}

#[test]
fn a_response_to_part_of_a_request_is_one() {
    let mut session = HttpSession::new();
    session.feed(
        CLIENT,
        frame(1),
        b"POST / HTTP/1.1\r\nContent-Length: 3000\r\n\r\nabc",
    );
    session.server_acknowledges(3);
    session.feed(SERVER, frame(2), b"HTTP/1.1 413 Content Too Large\r\n\r\n");
    assert_eq!(first_response(&session), Some((413, 2)));
    assert_eq!(session.facts().unasked_response, None);
}

#[test]
fn of_heads_that_the_capture_cut_whole_lines_are_read() {
    let mut session = HttpSession::new();
    session.feed(
        CLIENT,
        frame(1),
        b"GET / HTTP/1.1\r\nHost: gs.apple.com\r\nUser-Ag",
    );
    session.gap(CLIENT);
    session.feed(
        SERVER,
        frame(2),
        b"HTTP/1.1 503 Service Unavailable\r\nServ",
    );
    session.gap(SERVER);
    let facts = session.facts();
    let request = facts.request.as_ref().unwrap();
    assert!(request.cut && facts.response.as_ref().unwrap().cut);
    assert_eq!(request.host, Some("gs.apple.com".into()));
    assert_eq!(first_response(&session), Some((503, 2)));
}

#[test]
fn what_is_not_http_1_says_so() {
    for (side, text) in [
        (CLIENT, "PRI * HTTP/2.0\r\n\r\n"),
        (CLIENT, "\u{16}\u{3}\u{1}"),
        (SERVER, "ICY 200 OK\r\n\r\n"),
        (SERVER, "HTTP/1.1 abc\r\n\r\n"),
    ] {
        let session = talk(&[(CLIENT, GET), (side, text)]);
        let said = if side == CLIENT {
            talk(&[(CLIENT, text)])
        } else {
            session
        };
        assert!(said.facts().not_http.is_some(), "{text:?}");
        assert!(said.settled());
        assert_eq!(said.buffered(), 0);
    }
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD));
    let session = talk(&[(CLIENT, &endless)]);
    assert_eq!(session.facts().not_http, Some(frame(1)));
    assert_eq!(session.buffered(), 0);
}
