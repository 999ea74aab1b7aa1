//! How connections commonly begin, so that a test shows only what is special about it.
//!
//! The usual path: SYN at 0.0 s, 20 ms round trip, ClientHello at 0.03, the server's flight at 0.05, the client's
//! Finished and request at 0.07, the answer at 0.09.

use windfall::verdict::summary::Flow;

use super::tcp::{ACK, From, MSS, PSH, Tcp};
use super::trace::Trace;
use super::{HOST, tls};

/// Sends payload in segments of full size, 10 µs apart, the last one with PSH.
pub(crate) fn send(trace: &mut Trace, seconds: f64, tcp: &mut Tcp, from: From, payload: &[u8]) {
    let pieces = payload.chunks(MSS).count();
    for (at, piece) in (1u32..).zip(payload.chunks(MSS)) {
        let mut packet = tcp.data(from, piece);
        if at as usize == pieces {
            packet.transport[13] = ACK | PSH;
        }
        trace.at(seconds + f64::from(at - 1) * 1e-5, packet);
    }
}

/// An open connection, nothing said.
pub(crate) fn open(mut tcp: Tcp) -> (Trace, Tcp) {
    let mut trace = Trace::new();
    trace.connect(0.0, &mut tcp);
    (trace, tcp)
}

/// The usual connection, open.
pub(crate) fn connected() -> (Trace, Tcp) {
    open(Tcp::new(50_000))
}

/// ... whose sequence numbers wrap around within the first kilobyte.
pub(crate) fn about_to_wrap() -> Tcp {
    let mut tcp = Tcp::new(50_000);
    tcp.client_next = u32::MAX - 40;
    tcp.server_next = u32::MAX - 300;
    tcp
}

/// After the ClientHello.
pub(crate) fn greeted_on(tcp: Tcp) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = open(tcp);
    send(
        &mut trace,
        0.03,
        &mut tcp,
        From::Client,
        &tls::client_hello(HOST),
    );
    (trace, tcp)
}

pub(crate) fn greeted() -> (Trace, Tcp) {
    greeted_on(Tcp::new(50_000))
}

/// A TLS 1.3 server's first flight: ServerHello, then encrypted extensions, certificate and Finished.
pub(crate) fn flight_13() -> Vec<u8> {
    [
        tls::server_hello_13(),
        tls::change_cipher_spec(),
        tls::application(2500),
    ]
    .concat()
}

/// A TLS 1.2 server's first flight.
pub(crate) fn flight_12(chain: &[&[u8]]) -> Vec<u8> {
    [
        tls::server_hello_12(),
        tls::certificates(chain),
        tls::server_hello_done(),
    ]
    .concat()
}

/// After the server's flight.
pub(crate) fn answered_on(tcp: Tcp, flight: &[u8]) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = greeted_on(tcp);
    send(&mut trace, 0.05, &mut tcp, From::Server, flight);
    trace.at(0.0502, tcp.ack(From::Client));
    (trace, tcp)
}

pub(crate) fn answered(flight: &[u8]) -> (Trace, Tcp) {
    answered_on(Tcp::new(50_000), flight)
}

/// A TLS 1.3 client's Finished.
pub(crate) fn finished_13() -> Vec<u8> {
    [tls::change_cipher_spec(), tls::application(53)].concat()
}

/// After one request and its answer: TLS 1.3 has succeeded.
pub(crate) fn succeeded_on(tcp: Tcp) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = answered_on(tcp, &flight_13());
    let request = [finished_13(), tls::application(300)].concat();
    send(&mut trace, 0.07, &mut tcp, From::Client, &request);
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    trace.at(0.0902, tcp.ack(From::Client));
    (trace, tcp)
}

pub(crate) fn succeeded() -> (Trace, Tcp) {
    succeeded_on(Tcp::new(50_000))
}

/// Whether the sentence why says this.
pub(crate) fn says(flow: &Flow, words: &str) -> bool {
    flow.explanation
        .as_ref()
        .is_some_and(|why| why.contains(words))
}

/// The notes of the evidence, with their frame numbers.
pub(crate) fn evidence(flow: &Flow) -> Vec<(u64, &str)> {
    flow.evidence
        .iter()
        .map(|row| (row.frame, row.note.as_str()))
        .collect()
}

/// The frame whose note contains these words.
pub(crate) fn frame_that(flow: &Flow, words: &str) -> Option<u64> {
    flow.evidence
        .iter()
        .find(|row| row.note.contains(words))
        .map(|row| row.frame)
}
