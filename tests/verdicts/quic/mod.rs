//! QUIC: what is read of it, what it comes to, and what must not be taken for a fault.
//!
//! The usual path: Initial at 0.0 s, the server's flight at 0.02, the client's Finished and request at 0.03, the answer
//! at 0.05.

use crate::support::packet::Packet;
use crate::support::quic::{ACK_FRAME, Quic, client_hello, crypto, server_hello};
use crate::support::tcp::From;
use crate::support::trace::Trace;
use crate::support::{CLIENT, HOST, RESOLVER, dns};

mod closed;
mod fallback;
mod hostile;
mod migration;
mod order;
mod reading;
mod standing_still;
mod success;
mod unanswered;
mod vectors;

/// A host that the catalogue requires on 443/tcp and 443/udp.
const BOTH: &str = "itunes.apple.com";

/// The hop limit of datagrams that are fed without a packet around them.
const TTL: u8 = 56;

/// The client's first flight.
fn hello(quic: &mut Quic, host: &str) -> Packet {
    let packet = quic.initial(From::Client, &crypto(0, &client_hello(host)));
    quic.datagram(From::Client, &[packet])
}

/// The server's first flight: ServerHello, and a Handshake packet behind it.
fn flight(quic: &mut Quic) -> Packet {
    let frames = [&ACK_FRAME[..], &crypto(0, &server_hello())].concat();
    let initial = quic.initial_of(From::Server, &frames, 0);
    quic.answered = true;
    let rest = quic.handshake(From::Server, 900);
    quic.datagram(From::Server, &[initial, rest])
}

/// The client's acknowledgment, its Finished, and a request.
fn finished(quic: &mut Quic) -> Packet {
    let initial = quic.initial_of(From::Client, &ACK_FRAME, 0);
    let handshake = quic.handshake(From::Client, 60);
    let request = quic.one_rtt(From::Client, 300);
    quic.datagram(From::Client, &[initial, handshake, request])
}

fn answer(quic: &Quic) -> Packet {
    quic.datagram(From::Server, &[quic.one_rtt(From::Server, 900)])
}

/// A connection that works, from `seconds` on.
fn works(trace: &mut Trace, seconds: f64, quic: &mut Quic, host: &str) {
    trace.at(seconds, hello(quic, host));
    trace.at(seconds + 0.02, flight(quic));
    trace.at(seconds + 0.03, finished(quic));
    trace.at(seconds + 0.05, answer(quic));
}

/// Initials that nobody answers, at these times after `seconds`.
fn is_ignored(trace: &mut Trace, seconds: f64, quic: &mut Quic, host: &str, times: &[f64]) {
    for time in times {
        trace.at(seconds + time, hello(quic, host));
    }
}

/// Shows that packets to the usual client are captured.
fn is_heard(trace: &mut Trace, seconds: f64) {
    let answer = dns::addresses(9, "www.example.org", dns::A, &["203.0.113.200"]);
    let question = dns::query(9, "www.example.org", dns::A);
    trace.at(
        seconds,
        Packet::udp((CLIENT, 5309), (RESOLVER, 53), &question),
    );
    trace.at(
        seconds,
        Packet::udp((RESOLVER, 53), (CLIENT, 5309), &answer),
    );
}

/// After the server's flight.
fn answered() -> (Trace, Quic) {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    trace.at(0.02, flight(&mut quic));
    (trace, quic)
}
