//! Whole sessions, for tests about what many of them come to.

use super::packet::Packet;
use super::tcp::{From, Tcp};
use super::trace::Trace;
use super::{CLIENT, RESOLVER, dns, tls};

/// A TLS 1.3 connection that works, from its SYN at `seconds` on; some 150 ms.
pub(crate) fn succeeds(trace: &mut Trace, seconds: f64, tcp: &mut Tcp, host: &str) {
    trace.connect(seconds, tcp);
    trace.at(
        seconds + 0.03,
        tcp.data(From::Client, &tls::client_hello(host)),
    );
    let flight = [tls::server_hello_13(), tls::application(900)].concat();
    trace.at(seconds + 0.06, tcp.data(From::Server, &flight));
    let finished = [tls::application(60), tls::application(300)].concat();
    trace.at(seconds + 0.07, tcp.data(From::Client, &finished));
    trace.at(
        seconds + 0.1,
        tcp.data(From::Server, &tls::application(500)),
    );
    trace.at(seconds + 0.11, tcp.ack(From::Client));
}

/// A connection that is reset after its ClientHello; some 60 ms.
pub(crate) fn is_reset(trace: &mut Trace, seconds: f64, tcp: &mut Tcp, host: &str) {
    trace.connect(seconds, tcp);
    trace.at(
        seconds + 0.03,
        tcp.data(From::Client, &tls::client_hello(host)),
    );
    trace.at(seconds + 0.05, tcp.rst(From::Server));
}

/// A SYN, and three more within seven seconds, that nobody answers.
pub(crate) fn is_ignored(trace: &mut Trace, seconds: f64, tcp: &mut Tcp) {
    trace.at(seconds, tcp.syn());
    for later in [1.0, 3.0, 7.0] {
        trace.at(seconds + later, tcp.syn_again());
    }
}

/// The usual device asks the usual resolver, and is given these addresses 10 ms later. The port is also the message's
/// identifier.
pub(crate) fn resolves(trace: &mut Trace, seconds: f64, port: u16, host: &str, addrs: &[&str]) {
    let kind = if addrs.iter().any(|addr| addr.contains(':')) {
        dns::AAAA
    } else {
        dns::A
    };
    trace.at(seconds, dns::ask(port, &dns::query(port, host, kind)));
    let answer = dns::addresses(port, host, kind, addrs);
    trace.at(seconds + 0.01, dns::answer(port, &answer));
}

/// Another device of the LAN asks the usual resolver for an IPv4 address.
pub(crate) fn resolves_for(trace: &mut Trace, seconds: f64, client: &str, host: &str, addr: &str) {
    let query = dns::query(7, host, dns::A);
    let answer = dns::addresses(7, host, dns::A, &[addr]);
    trace.at(seconds, Packet::udp((client, 5300), (RESOLVER, 53), &query));
    trace.at(
        seconds + 0.01,
        Packet::udp((RESOLVER, 53), (client, 5300), &answer),
    );
}

/// From the usual device to this server and port.
pub(crate) fn to(client_port: u16, server: &str, port: u16) -> Tcp {
    Tcp::between((CLIENT, client_port), (server, port))
}
