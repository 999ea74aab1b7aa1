//! A RST or FIN of the server's side during the handshake.

use crate::support::HOST;
use crate::support::icmp;
use crate::support::opening::{
    about_to_wrap, answered, connected, evidence, finished_13, flight_12, flight_13, greeted,
    greeted_on, says, send,
};
use crate::support::tcp::{ACK, FIN, From};
use crate::support::tls;
use crate::support::trace::verdict;

#[test]
fn a_rst_after_the_hello_and_before_any_answer_shows_both_frames() {
    let (mut trace, tcp) = greeted_on(about_to_wrap());
    trace.at(0.05, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "reset handshake reset-after-client-hello server"
    );
    assert_eq!(evidence(&flow), [(4, "ClientHello"), (5, "RST, TTL 56")]);
}

#[test]
fn a_rst_after_the_servers_hello_is_a_reset_in_the_handshake() {
    for flight in [flight_12(&tls::GENUINE), flight_13()] {
        let (mut trace, tcp) = answered(&flight);
        trace.at(0.06, tcp.rst(From::Server));
        assert_eq!(
            verdict(&trace.flow()),
            "reset handshake reset-in-handshake server"
        );
    }
}

#[test]
fn a_rst_right_after_connecting_before_anything_was_said_is_a_reset_in_the_handshake() {
    let (mut trace, tcp) = connected();
    trace.at(0.04, tcp.rst(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake server"
    );
}

#[test]
fn a_rst_on_a_connection_that_was_opened_ahead_and_never_used_is_no_fault() {
    let (mut trace, tcp) = connected();
    trace.at(30.0, tcp.rst(From::Server));
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_rst_on_a_hello_of_which_only_half_was_sent_is_still_a_reset_after_it() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::large_client_hello(HOST, 2000);
    trace.at(0.03, tcp.data(From::Client, &hello[..1448]));
    trace.at(0.031, tcp.rst(From::Server).ttl(64));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-after-client-hello middlebox"
    );
}

#[test]
fn a_fin_of_the_server_without_an_alert_closed_the_handshake() {
    let (mut trace, mut tcp) = greeted();
    trace.at(0.05, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake closed-in-handshake server"
    );
    let (mut trace, mut tcp) = answered(&flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    trace.at(0.09, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake closed-in-handshake server"
    );
}

#[test]
fn a_fatal_alert_before_the_fin_or_rst_is_what_ended_the_handshake() {
    let (mut trace, mut tcp) = greeted();
    trace.at(0.05, tcp.data(From::Server, &tls::alert(true, 40)));
    trace.at(0.0501, tcp.fin(From::Server));
    trace.at(0.0502, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "failed handshake tls-alert server");
    assert!(says(&flow, "handshake_failure"));
    assert_eq!(evidence(&flow)[1].0, 5);
}

#[test]
fn a_warning_is_no_fatal_alert() {
    let (mut trace, mut tcp) = greeted();
    trace.at(0.05, tcp.data(From::Server, &tls::alert(false, 112)));
    assert_eq!(verdict(&trace.clone().flow()), "pending handshake");
    send(&mut trace, 0.051, &mut tcp, From::Server, &flight_13());
    send(
        &mut trace,
        0.07,
        &mut tcp,
        From::Client,
        &[finished_13(), tls::application(99)].concat(),
    );
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_server_that_closes_a_hello_it_never_got_whole_is_not_blamed_for_the_lost_packets() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::large_client_hello(HOST, 1900);
    let (large, small) = hello.split_at(1448);
    trace.at(0.03, tcp.data(From::Client, large));
    trace.at(0.0301, tcp.data(From::Client, small));
    for at in [0.3, 0.9, 2.1, 4.5] {
        trace.at(at, tcp.again(From::Client, hello.len(), large));
        // The receiver has the small one (SACK), the large one never arrives.
        let next = tcp.client_next;
        let hole = next - u32::try_from(hello.len()).unwrap();
        let sack = [
            &[5, 10][..],
            &(hole + 1448).to_be_bytes(),
            &next.to_be_bytes(),
        ]
        .concat();
        let ack = tcp.with_options(From::Server, 16, tcp.server_next, hole, &sack, &[]);
        trace.at(at + 0.02, ack);
    }
    let mut cut_off = trace.clone();
    cut_off.at(9.0, tcp.rst(From::Server));
    assert_eq!(
        verdict(&cut_off.flow()),
        "stalled handshake path-mtu unknown"
    );
    let start = tcp.client_next - u32::try_from(hello.len()).unwrap();
    let fin = tcp.raw(From::Server, FIN | ACK, tcp.server_next, start, &[]);
    trace.at(9.0, fin);
    assert_eq!(verdict(&trace.flow()), "stalled handshake path-mtu unknown");
}

#[test]
fn a_transient_icmp_error_during_the_handshake_does_not_end_it() {
    let (mut trace, tcp) = greeted();
    let hello = tcp.again(From::Client, 40, &[0; 40]);
    trace.at(0.04, icmp::error("198.51.100.1", 3, 1, 0, &hello).ttl(250));
    assert_eq!(
        verdict(&trace.clone().until(1.0).flow()),
        "pending handshake"
    );
    assert_eq!(
        verdict(&trace.until(6.0).flow()),
        "failed handshake icmp-unreachable middlebox"
    );
}
