//! Handshakes in which nothing comes any more: the hello unanswered, the handshake stalled, the path's MTU.

use crate::support::icmp;
use crate::support::opening::{
    about_to_wrap, answered, answered_on, connected, evidence, finished_13, flight_13, frame_that,
    greeted, greeted_on, open, says, send,
};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, tls};

const UNANSWERED: &str = "stalled handshake client-hello-unanswered unknown";
const PATH_MTU: &str = "stalled handshake path-mtu unknown";
const STALLED: &str = "stalled handshake handshake-stalled unknown";

#[test]
fn an_acknowledged_hello_without_an_answer_is_pending_until_the_hello_timer() {
    let (mut trace, tcp) = greeted_on(about_to_wrap());
    trace.at(0.05, tcp.ack(From::Server));
    assert_eq!(
        verdict(&trace.clone().until(5.029).flow()),
        "pending handshake"
    );
    let flow = trace.until(5.03).flow();
    assert_eq!(verdict(&flow), UNANSWERED);
    assert!(says(&flow, "in 1 segment") && says(&flow, "was acknowledged"));
    assert_eq!(evidence(&flow)[0], (4, "ClientHello complete"));
}

#[test]
fn three_retransmissions_of_the_hello_are_a_stall_before_the_timer_and_two_are_not() {
    let (mut trace, tcp) = greeted();
    let hello = tls::client_hello(HOST);
    let again = |trace: &mut Trace, at| {
        trace.at(at, tcp.again(From::Client, hello.len(), &hello));
    };
    again(&mut trace, 0.3);
    again(&mut trace, 0.9);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    again(&mut trace, 2.1);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), UNANSWERED);
    assert!(says(&flow, "sent again 3 times and never acknowledged"));
    assert_eq!(frame_that(&flow, "sent again"), Some(5));
}

/// A hello in two segments whose first, large one is sent again and again; the server selectively acknowledges the
/// second.
fn large_hello_lost(mut tcp: Tcp, sack: bool) -> Trace {
    let mut trace = Trace::new();
    trace.connect(0.0, &mut tcp);
    let hello = tls::large_client_hello(HOST, 1900);
    let (large, small) = hello.split_at(1448);
    let start = tcp.client_next;
    trace.at(0.03, tcp.data(From::Client, large));
    trace.at(0.0301, tcp.data(From::Client, small));
    let mut options = vec![5, 10];
    options.extend(start.wrapping_add(1448).to_be_bytes());
    options.extend(tcp.client_next.to_be_bytes());
    for at in [0.3, 0.9, 2.1, 4.5] {
        trace.at(at, tcp.again(From::Client, hello.len(), large));
        if sack {
            let seq = tcp.server_next;
            let ack = tcp.with_options(From::Server, ACK, seq, start, &options, &[]);
            trace.at(at + 0.02, ack);
        }
    }
    trace
}

#[test]
fn a_hello_whose_large_segment_alone_is_lost_meets_a_small_mtu_even_where_numbers_wrap() {
    let trace = large_hello_lost(about_to_wrap(), true);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), PATH_MTU);
    assert!(says(&flow, "large packets") && says(&flow, "filtered"));
    assert_eq!(flow.tls.unwrap().hello_segments, Some(2));
}

#[test]
fn a_large_hello_of_which_nothing_arrives_is_unanswered_whatever_its_size() {
    let flow = large_hello_lost(Tcp::new(50_000), false).flow();
    assert_eq!(verdict(&flow), UNANSWERED);
    assert!(says(&flow, "in 2 segments"));
}

#[test]
fn a_lost_hello_that_would_fit_any_link_is_no_question_of_mtu() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::large_client_hello(HOST, 1000);
    let (first, second) = hello.split_at(1000);
    let start = tcp.client_next;
    trace.at(0.03, tcp.data(From::Client, first));
    trace.at(0.0301, tcp.data(From::Client, second));
    let mut options = vec![5, 10];
    options.extend((start + 1000).to_be_bytes());
    options.extend(tcp.client_next.to_be_bytes());
    for at in [0.3, 0.9, 2.1] {
        trace.at(at, tcp.again(From::Client, hello.len(), first));
        let seq = tcp.server_next;
        let ack = tcp.with_options(From::Server, ACK, seq, start, &options, &[]);
        trace.at(at + 0.02, ack);
    }
    assert_eq!(verdict(&trace.flow()), UNANSWERED);
}

#[test]
fn an_icmp_packet_too_big_that_the_sender_does_not_heed_gives_the_mtu() {
    let (client, server) = (("fd07::20", 50_006), ("2001:db8::10", 443));
    let (mut trace, mut tcp) = open(Tcp::between(client, server));
    let hello = tls::large_client_hello(HOST, 1100);
    let packet = tcp.data(From::Client, &hello);
    let error = icmp::error("2001:db8:1::1", 2, 0, 1280, &packet).ttl(60);
    trace.at(0.03, packet).at(0.035, error);
    for at in [0.3, 0.9, 2.1] {
        trace.at(at, tcp.again(From::Client, hello.len(), &hello));
    }
    let flow = trace.flow();
    assert_eq!(verdict(&flow), PATH_MTU);
    assert!(says(&flow, "1280 bytes"));
    assert_eq!(frame_that(&flow, "ICMP: packet too big"), Some(5));
}

#[test]
fn an_icmp_fragmentation_needed_that_the_sender_heeds_is_no_stall() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::large_client_hello(HOST, 1400);
    let packet = tcp.data(From::Client, &hello);
    let error = icmp::error("198.51.100.1", 3, 4, 1400, &packet).ttl(250);
    trace.at(0.03, packet).at(0.035, error);
    let (first, second) = hello.split_at(1300);
    trace.at(0.04, tcp.again(From::Client, hello.len(), first));
    let rest = hello.len() - 1300;
    trace.at(0.0401, tcp.again(From::Client, rest, second));
    send(&mut trace, 0.06, &mut tcp, From::Server, &flight_13());
    let client = [finished_13(), tls::application(99)].concat();
    send(&mut trace, 0.08, &mut tcp, From::Client, &client);
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

/// The server's flight arrives but for its first, large segment, which never comes.
fn large_flight_lost() -> (Trace, Tcp) {
    let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &[]);
    let flight = flight_13();
    let _lost = tcp.data(From::Server, &flight[..1448]);
    let start = tcp.server_next.wrapping_sub(1448);
    trace.at(0.06, tcp.data(From::Server, &flight[1448..]));
    let ack = |tcp: &Tcp| tcp.raw(From::Client, ACK, tcp.client_next, start, &[]);
    trace.at(0.0601, ack(&tcp));
    (trace, tcp)
}

#[test]
fn a_server_flight_whose_large_packets_never_arrive_meets_a_small_mtu() {
    let (mut trace, _) = large_flight_lost();
    assert_eq!(
        verdict(&trace.clone().until(10.05).flow()),
        "pending handshake"
    );
    let flow = trace.until(10.07).flow();
    assert_eq!(verdict(&flow), PATH_MTU);
    assert!(frame_that(&flow, "behind the missing bytes").is_some());
}

#[test]
fn a_server_flight_missing_in_the_capture_alone_is_no_question_of_mtu() {
    let (mut trace, tcp) = large_flight_lost();
    trace.at(0.07, tcp.ack(From::Client)).until(60.0);
    assert_ne!(verdict(&trace.flow()), PATH_MTU);
}

#[test]
fn a_server_flight_whose_large_packets_do_not_pass_beyond_the_capture_meets_a_small_mtu() {
    let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &[]);
    let flight = flight_13();
    let (large, small) = flight.split_at(1448);
    let start = tcp.server_next;
    trace.at(0.06, tcp.data(From::Server, large));
    trace.at(0.0601, tcp.data(From::Server, &small[..900]));
    let sack = [
        &[5, 10][..],
        &(start + 1448).to_be_bytes(),
        &tcp.server_next.to_be_bytes(),
    ]
    .concat();
    for at in [0.3, 0.9, 2.1, 4.5] {
        trace.at(at, tcp.again(From::Server, 1448 + 900, large));
        let ack = tcp.with_options(From::Client, ACK, tcp.client_next, start, &sack, &[]);
        trace.at(at + 0.001, ack);
    }
    let flow = trace.until(10.2).flow();
    assert_eq!(verdict(&flow), PATH_MTU);
    assert!(says(&flow, "the server's large packets"));
}

#[test]
fn a_handshake_that_stands_still_after_the_servers_flight_is_stalled_at_the_timer() {
    let (mut trace, mut tcp) = answered(&flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    assert_eq!(
        verdict(&trace.clone().until(10.069).flow()),
        "pending handshake"
    );
    let flow = trace.until(10.071).flow();
    assert_eq!(verdict(&flow), STALLED);
    assert!(frame_that(&flow, "first handshake message of the server").is_some());
}

#[test]
fn retransmissions_and_keep_alives_are_no_progress_of_a_handshake() {
    let (mut trace, mut tcp) = answered(&flight_13());
    let finished = finished_13();
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished);
    for at in [0.4, 1.0, 2.2, 4.6, 9.4] {
        trace.at(at, tcp.again(From::Client, finished.len(), &finished));
    }
    assert_eq!(verdict(&trace.until(10.1).flow()), STALLED);
}

#[test]
fn a_handshake_that_goes_on_after_a_pause_of_its_timer_has_recovered() {
    let (mut trace, mut tcp) = answered(&flight_13());
    let client = [finished_13(), tls::application(99)].concat();
    send(&mut trace, 11.0, &mut tcp, From::Client, &client);
    send(
        &mut trace,
        11.02,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}

#[test]
fn a_second_hello_after_a_retry_that_gets_no_answer_is_a_stalled_handshake() {
    let (mut trace, mut tcp) = answered(&tls::hello_retry_request());
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.06, &mut tcp, From::Client, &hello);
    assert_eq!(verdict(&trace.until(10.1).flow()), STALLED);
}

#[test]
fn only_the_clients_direction_in_the_capture_is_never_a_stall() {
    let (whole, _) = greeted();
    let mut tcp = Tcp::new(50_000);
    let mut trace = Trace::new();
    let packets: [Packet; 3] = [
        tcp.syn(),
        {
            tcp.server_next = tcp.server_next.wrapping_add(1);
            tcp.ack(From::Client)
        },
        tcp.data(From::Client, &tls::client_hello(HOST)),
    ];
    for (at, packet) in (0u32..).zip(packets) {
        trace.at(f64::from(at) * 0.01, packet);
    }
    assert_eq!(
        verdict(&trace.until(60.0).flow()),
        "unjudged connect capture-one-sided"
    );
    assert_eq!(verdict(&whole.clone().until(60.0).flow()), UNANSWERED);
}

#[test]
fn a_hello_cut_by_the_snap_length_with_no_answer_is_unjudged() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::client_hello(HOST);
    trace.at(0.03, tcp.data(From::Client, &hello).snapped(70));
    trace.at(0.05, tcp.ack(From::Server)).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}
