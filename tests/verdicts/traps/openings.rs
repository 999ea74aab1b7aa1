//! TCP Fast Open, early data, Multipath TCP, segmentation offload.

use windfall::verdict::rows::is_faulty;

use crate::support::opening::{
    answered_on, finished_13, flight_13, frame_that, greeted_on, open, says, send,
};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, RST, SYN, Tcp};
use crate::support::trace::{Trace, requirement, verdict};
use crate::support::{CLIENT, HOST, RESOLVER, dns, tls};

const UNANSWERED: &str = "stalled handshake client-hello-unanswered unknown";

/// A SYN with data (RFC 7413); the data counts as sent.
fn syn_with(tcp: &mut Tcp, data: &[u8]) -> Packet {
    let options = tcp.syn_options.clone();
    let _plain = tcp.syn();
    let isn = tcp.client_next.wrapping_sub(1);
    tcp.client_next = tcp
        .client_next
        .wrapping_add(u32::try_from(data.len()).unwrap());
    tcp.with_options(From::Client, SYN, isn, 0, &options, data)
}

/// What follows the server's flight in a success.
fn finish(trace: &mut Trace, at: f64, tcp: &mut Tcp) {
    let client = [finished_13(), tls::application(99)].concat();
    send(trace, at, tcp, From::Client, &client);
    send(trace, at + 0.02, tcp, From::Server, &tls::application(500));
}

#[test]
fn a_hello_in_the_syn_counts_once_the_syn_ack_acknowledges_it() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    tcp.client_next = u32::MAX - 10;
    trace.at(0.0, syn_with(&mut tcp, &tls::client_hello(HOST)));
    trace.at(0.02, tcp.syn_ack());
    send(&mut trace, 0.021, &mut tcp, From::Server, &flight_13());
    trace.at(0.022, tcp.ack(From::Client));
    finish(&mut trace, 0.04, &mut tcp);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(flow.name.unwrap().host, HOST);
    assert!(!flow.recovered);
}

#[test]
fn a_syn_sent_again_without_its_data_is_the_same_attempt() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    let hello = tls::client_hello(HOST);
    trace.at(0.0, syn_with(&mut tcp, &hello));
    let isn = 1_000;
    let plain = tcp.with_options(From::Client, SYN, isn, 0, &[], &[]);
    trace.at(1.0, plain);
    // The second SYN is accepted, without the data: the client sends it anew.
    let syn_ack = tcp.raw(From::Server, SYN | ACK, tcp.server_next, isn + 1, &[]);
    tcp.server_next += 1;
    trace.at(1.02, syn_ack);
    trace.at(1.021, tcp.again(From::Client, hello.len(), &hello));
    send(&mut trace, 1.04, &mut tcp, From::Server, &flight_13());
    finish(&mut trace, 1.06, &mut tcp);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
}

#[test]
fn a_syn_sent_again_after_the_answer_to_its_data_is_the_same_attempt() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    let hello = tls::client_hello(HOST);
    // The capture begins after the SYN with the hello, whose answer is slower than the client.
    let _lost = syn_with(&mut tcp, &hello);
    trace.at(0.0, tcp.syn_ack());
    let again = |isn| tcp.with_options(From::Client, SYN, isn, 0, &[], &[]);
    let mut other = trace.clone();
    trace.at(0.001, again(1_000));
    // One that begins after all that was sent opens another connection.
    other.at(0.001, again(tcp.client_next));
    assert_eq!(other.summary().flows.len(), 2);
    trace.at(0.002, tcp.ack(From::Client));
    send(&mut trace, 0.02, &mut tcp, From::Server, &flight_13());
    finish(&mut trace, 0.04, &mut tcp);
    let flow = trace.flow();
    assert!(!is_faulty(flow.outcome), "{}", verdict(&flow));
    assert_eq!(trace.summary().flows.len(), 1);
}

#[test]
fn fast_open_syns_that_nobody_answers_or_somebody_refuses_are_judged_like_any_syn() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    trace.at(0.0, dns::answer(5300, &dns::query(1, HOST, dns::A)));
    trace.at(0.1, syn_with(&mut tcp, &tls::client_hello(HOST)));
    let mut refused = trace.clone();
    let rst = tcp.raw(From::Server, RST | ACK, 0, tcp.client_next, &[]);
    refused.at(0.12, rst);
    assert_eq!(
        verdict(&refused.flow()),
        "reset connect connection-refused server"
    );
    let plain = tcp.with_options(From::Client, SYN, 1_000, 0, &[], &[]);
    trace.at(1.1, plain.clone()).at(3.1, plain).until(10.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled connect syn-unanswered unknown"
    );
}

#[test]
fn a_hello_in_the_syn_is_answered_late_only_from_the_syn_ack_on() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    trace.at(0.0, syn_with(&mut tcp, &tls::client_hello(HOST)));
    trace.at(4.5, tcp.syn_ack());
    trace.at(4.5001, tcp.ack(From::Client));
    assert_eq!(
        verdict(&trace.clone().until(9.49).flow()),
        "pending handshake"
    );
    assert_eq!(verdict(&trace.until(9.5).flow()), UNANSWERED);
}

#[test]
fn a_port_used_again_too_soon_is_challenged_first_and_then_connects() {
    for old in [77, 0x8000_4000, 0x7fff_0000, 0xffff_0000] {
        let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
        trace.at(0.0, tcp.syn());
        // The server still has the old connection, and says so; the client denies it (RFC 9293 section 3.5.1).
        let (seq, ack) = (old, tcp.client_next.wrapping_add(1_000_000));
        trace.at(0.02, tcp.raw(From::Server, ACK, seq, ack, &[]));
        trace.at(0.0201, tcp.raw(From::Client, RST, ack, 0, &[]));
        trace.at(1.0, tcp.syn_again());
        trace.at(1.02, tcp.syn_ack());
        trace.at(1.0201, tcp.ack(From::Client));
        let hello = tls::client_hello(HOST);
        send(&mut trace, 1.03, &mut tcp, From::Client, &hello);
        let mut stuck = trace.clone();
        for at in [1.3, 1.9, 3.1] {
            stuck.at(at, tcp.again(From::Client, hello.len(), &hello));
        }
        assert_eq!(verdict(&stuck.flow()), UNANSWERED, "{old:x}");
        send(&mut trace, 1.05, &mut tcp, From::Server, &flight_13());
        trace.at(1.051, tcp.ack(From::Client));
        finish(&mut trace, 1.07, &mut tcp);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer", "{old:x}");
        assert_eq!(flow.retransmissions.server, 0, "{old:x}");
    }
}

/// After a resuming hello and early data.
fn early() -> (Trace, Tcp) {
    let (mut trace, mut tcp) = open(Tcp::new(50_000));
    let hello = tls::early_client_hello(HOST);
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    let data = [tls::change_cipher_spec(), tls::application(500)].concat();
    send(&mut trace, 0.031, &mut tcp, From::Client, &data);
    (trace, tcp)
}

/// A resumed TLS 1.3 flight: no certificate.
fn resumed_flight() -> Vec<u8> {
    [
        tls::server_hello_13(),
        tls::change_cipher_spec(),
        tls::application(120),
    ]
    .concat()
}

#[test]
fn early_data_is_no_progress_of_a_handshake_that_nobody_answers() {
    let (mut trace, mut tcp) = early();
    trace.at(0.06, tcp.ack(From::Server));
    send(
        &mut trace,
        3.0,
        &mut tcp,
        From::Client,
        &tls::application(700),
    );
    trace.at(3.02, tcp.ack(From::Server));
    assert_eq!(verdict(&trace.until(5.1).flow()), UNANSWERED);
}

#[test]
fn early_data_does_not_make_the_servers_flight_a_success() {
    let (mut trace, mut tcp) = early();
    send(&mut trace, 0.05, &mut tcp, From::Server, &resumed_flight());
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    let client = [tls::application(21), finished_13()].concat();
    send(&mut trace, 0.07, &mut tcp, From::Client, &client);
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(800),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_client_that_leaves_a_resumed_handshake_rejected_no_certificate() {
    let (mut trace, mut tcp) = early();
    send(&mut trace, 0.05, &mut tcp, From::Server, &resumed_flight());
    trace.at(0.06, tcp.rst(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

/// `MP_CAPABLE` of a SYN (version 1, no key yet) and of a SYN-ACK (a key).
const CAPABLE: [u8; 4] = [30, 4, 0x01, 0x01];
const CAPABLE_ACK: [u8; 12] = [30, 12, 0x01, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];
/// `MP_JOIN` of a SYN: token 0x99aabbcc, which is nobody's.
const JOIN: [u8; 12] = [30, 12, 0x10, 1, 0x99, 0xaa, 0xbb, 0xcc, 1, 1, 1, 1];

#[test]
fn a_syn_sent_again_without_the_multipath_option_is_the_same_attempt() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    tcp.syn_options = [&[2, 4, 5, 0xa8][..], &CAPABLE].concat();
    trace.at(0.0, tcp.syn());
    tcp.syn_options = vec![2, 4, 5, 0xa8];
    trace.at(1.0, tcp.syn_again());
    trace.at(1.02, tcp.syn_ack());
    trace.at(1.0201, tcp.ack(From::Client));
    let hello = tls::client_hello(HOST);
    send(&mut trace, 1.03, &mut tcp, From::Client, &hello);
    send(&mut trace, 1.05, &mut tcp, From::Server, &flight_13());
    finish(&mut trace, 1.07, &mut tcp);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_subflow_is_judged_but_is_no_attempt_of_its_own() {
    let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &flight_13());
    finish(&mut trace, 0.07, &mut tcp);
    let mut join = Tcp::new(50_001);
    join.syn_options = JOIN.to_vec();
    trace.at(1.0, join.syn());
    trace.at(2.0, join.syn_again());
    trace.at(4.0, join.syn_again()).until(60.0);
    let summary = trace.summary();
    assert_eq!(
        verdict(&summary.flows[1]),
        "stalled connect syn-unanswered unknown"
    );
    assert_eq!(summary.flows[1].requirement, None);
    assert!(says(&summary.flows[1], "subflow"));
    let row = requirement(&summary, HOST);
    assert_eq!((row.attempts.succeeded, row.attempts.stalled), (1, 0));
    assert_eq!(row.status.to_string(), "ok");
}

#[test]
fn a_reset_subflow_is_shown_as_reset() {
    let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &flight_13());
    finish(&mut trace, 0.07, &mut tcp);
    let mut join = Tcp::new(50_001);
    join.syn_options = JOIN.to_vec();
    trace.at(1.0, join.syn());
    let rst = join.raw(From::Server, RST | ACK, 0, join.client_next, &[]);
    trace.at(1.01, rst.ttl(64));
    let summary = trace.summary();
    assert_eq!(
        verdict(&summary.flows[1]),
        "reset connect connection-refused local-network"
    );
    assert_eq!(requirement(&summary, HOST).attempts.reset, 0);
}

#[test]
fn a_subflow_that_carries_data_is_judged_by_its_data_not_by_a_hello_it_never_had() {
    let mut join = Tcp::new(50_001);
    join.syn_options = JOIN.to_vec();
    let (mut trace, mut join) = open(join);
    send(
        &mut trace,
        0.1,
        &mut join,
        From::Client,
        &tls::application(300),
    );
    let mut reset = trace.clone();
    reset.at(0.11, join.rst(From::Server));
    assert_eq!(
        verdict(&reset.flow()),
        "reset transfer reset-in-transfer server"
    );
    send(
        &mut trace,
        0.12,
        &mut join,
        From::Server,
        &tls::application(900),
    );
    assert_eq!(verdict(&trace.until(60.0).flow()), "succeeded transfer");
}

/// A Multipath TCP connection whose hello was sent.
fn multipath() -> (Trace, Tcp) {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    tcp.syn_options = CAPABLE.to_vec();
    trace.at(0.0, tcp.syn());
    tcp.syn_options = CAPABLE_ACK.to_vec();
    trace.at(0.02, tcp.syn_ack());
    trace.at(0.0201, tcp.ack(From::Client));
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.03, &mut tcp, From::Client, &hello);
    (trace, tcp)
}

#[test]
fn an_acknowledged_hello_may_be_answered_by_another_path_of_a_multipath_connection() {
    let (mut trace, mut tcp) = multipath();
    trace.at(0.05, tcp.ack(From::Server));
    assert_eq!(
        verdict(&trace.clone().until(60.0).flow()),
        "unjudged handshake"
    );
    trace.at(9.0, tcp.fin(From::Server));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn a_multipath_hello_that_is_not_acknowledged_is_unanswered_on_this_path() {
    let (mut trace, tcp) = multipath();
    let hello = tls::client_hello(HOST);
    for at in [0.3, 0.9, 2.1] {
        trace.at(at, tcp.again(From::Client, hello.len(), &hello));
    }
    assert_eq!(verdict(&trace.until(60.0).flow()), UNANSWERED);
}

/// A hello in one super-frame of two packets; its first packet never arrives, its second does.
fn super_frame(mss: u16) -> Trace {
    let mut tcp = Tcp::between((CLIENT, 50_000), ("203.0.113.10", 443));
    tcp.syn_options = [&[2, 4][..], &mss.to_be_bytes()].concat();
    let (mut trace, mut tcp) = open(tcp);
    let hello = tls::large_client_hello(HOST, usize::from(mss) + 400);
    let start = tcp.client_next;
    trace.at(0.03, tcp.data(From::Client, &hello));
    let sack = [
        &[5, 10][..],
        &(start + u32::from(mss)).to_be_bytes(),
        &tcp.client_next.to_be_bytes(),
    ]
    .concat();
    for at in [0.3, 0.9, 2.1] {
        let piece = &hello[..usize::from(mss)];
        trace.at(at, tcp.again(From::Client, hello.len(), piece));
        let ack = tcp.with_options(From::Server, ACK, tcp.server_next, start, &sack, &[]);
        trace.at(at + 0.02, ack);
    }
    trace
}

#[test]
fn a_super_frame_is_counted_as_the_packets_that_went_over_the_wire() {
    let flow = super_frame(1448).flow();
    assert_eq!(verdict(&flow), "stalled handshake path-mtu unknown");
    assert!(says(&flow, "1488 bytes and more"));
    // Two packets of 1040 bytes in one frame of 1500: no link is too small for them.
    assert_eq!(verdict(&super_frame(1000).flow()), UNANSWERED);
}

#[test]
fn a_server_flight_in_one_super_frame_succeeds() {
    let (mut trace, mut tcp) = greeted_on(Tcp::new(50_000));
    trace.at(0.05, tcp.data(From::Server, &flight_13()));
    finish(&mut trace, 0.07, &mut tcp);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(frame_that(&flow, RESOLVER), None);
}

/// The SYN that held the hello was lost before the capture, or not captured; the SYN-ACK overtook the one sent again.
#[test]
fn data_of_a_syn_that_was_not_captured_is_missed_though_its_syn_ack_comes_first() {
    for (hello, expected) in [(1448, "unjudged transfer"), (0, "succeeded transfer")] {
        let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
        let plain = tcp.syn();
        let _lost = tcp.data(From::Client, &vec![0x16; hello]);
        let syn_ack = tcp.syn_ack();
        trace.at(0.0, syn_ack).at(0.1, plain);
        trace.at(0.12, tcp.syn_ack_again());
        trace.at(0.13, tcp.data(From::Client, b"hello"));
        trace.at(0.15, tcp.data(From::Server, b"world"));
        assert_eq!(verdict(&trace.flow()), expected, "{hello}");
    }
}
