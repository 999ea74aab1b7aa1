//! Services of the local network that speak HTTP or something much like it: DAAP, RTSP.

use super::response;
use crate::support::CLIENT;
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, verdict};

const LIBRARY: &str = "192.168.7.30";

fn exchange(port: u16, request: &[u8], answer: &[u8]) -> Trace {
    let mut tcp = Tcp::between((CLIENT, 50_000), (LIBRARY, port));
    let mut trace = Trace::new();
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, request));
    trace.at(0.05, tcp.data(From::Server, answer));
    trace
}

#[test]
fn a_shared_library_that_wants_a_password_is_no_failure() {
    let login =
        b"GET /login HTTP/1.1\r\nHost: 192.168.7.30:3689\r\nUser-Agent: iTunes/12.13.2\r\n\r\n";
    for (port, word) in [
        (3689, "succeeded transfer"),
        (7000, "succeeded transfer"),
        (3690, "failed transfer http-error server"),
    ] {
        let flow = exchange(port, login, &response(401, "", "")).flow();
        assert_eq!(verdict(&flow), word, "{port}");
        assert_eq!(flow.app.to_string(), "http");
    }
}

#[test]
fn rtsp_begins_like_http_and_is_not_judged_as_http() {
    let unauthorized = b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n";
    for (port, request) in [
        (554, &b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"[..]),
        (
            554,
            b"DESCRIBE rtsp://192.168.7.30/a RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        ),
        (
            7000,
            b"POST /fp-setup RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n",
        ),
        (7000, b"GET /info RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
        (
            5000,
            b"ANNOUNCE rtsp://192.168.7.30/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        ),
    ] {
        let flow = exchange(port, request, unauthorized).flow();
        let text = String::from_utf8_lossy(request);
        assert_eq!(verdict(&flow), "succeeded transfer", "{text}");
        assert_eq!(flow.app.to_string(), "rtsp", "{text}");
    }
}

#[test]
fn a_shared_library_is_told_by_the_request_line() {
    for (line, app) in [
        ("GET /server-info HTTP/1.1", "daap"),
        ("GET /databases/1/items?session-id=7 HTTP/1.1", "daap"),
        ("GET daap://192.168.7.30:3689/login HTTP/1.1", "daap"),
        (
            "GET /ctrl-int/1/playstatusupdate?revision-number=1 HTTP/1.1",
            "daap",
        ),
        ("GET /server-information HTTP/1.1", "http"),
        ("GET / HTTP/1.1", "http"),
    ] {
        let request = format!("{line}\r\nHost: 192.168.7.30:3700\r\n\r\n");
        let flow = exchange(3700, request.as_bytes(), &response(200, "", "")).flow();
        assert_eq!(verdict(&flow), "succeeded transfer", "{line}");
        assert_eq!(flow.app.to_string(), app, "{line}");
    }
}
