//! Plaintext HTTP: verdicts.md 3.3 (proxies) and 3.4.

mod local_services;
mod plain_where_tls_is;
mod portals;
mod proxies;
mod silence;
mod statuses;

use crate::support::tcp::{From, Tcp};
use crate::support::trace::Trace;
use crate::support::{CLIENT, SERVER};

/// A host that the catalogue requires in plaintext.
const OCSP: &str = "ocsp.apple.com";

fn plain() -> Tcp {
    Tcp::between((CLIENT, 50_080), (SERVER, 80))
}

fn get(host: &str) -> Vec<u8> {
    format!("GET /status HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

/// A response with these header lines and a text body.
fn response(status: u16, fields: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Reason\r\n{fields}Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request at 0.03 s.
fn asked(host: &str) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = (Trace::new(), plain());
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &get(host)));
    trace.at(0.05, tcp.ack(From::Server));
    (trace, tcp)
}

/// A request that is answered at once.
fn exchange(host: &str, answer: &[u8]) -> Trace {
    let (mut trace, mut tcp) = asked(host);
    trace.at(0.08, tcp.data(From::Server, answer));
    trace.at(0.081, tcp.ack(From::Client));
    trace
}
