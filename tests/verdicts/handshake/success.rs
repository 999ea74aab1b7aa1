//! When TLS over TCP has succeeded, and what is not success yet.

use crate::support::HOST;
use crate::support::opening::{
    about_to_wrap, answered, answered_on, connected, finished_13, flight_12, flight_13, greeted,
    greeted_on, send, succeeded, succeeded_on,
};
use crate::support::tcp::{ACK, From, Tcp};
use crate::support::tls;
use crate::support::trace::{Trace, verdict};

/// TLS 1.2: key exchange, `ChangeCipherSpec` and Finished of the client.
fn client_finished_12() -> Vec<u8> {
    [
        tls::client_key_exchange(),
        tls::change_cipher_spec(),
        tls::encrypted_handshake(),
    ]
    .concat()
}

fn finished_12() -> Vec<u8> {
    [tls::change_cipher_spec(), tls::encrypted_handshake()].concat()
}

#[test]
fn a_full_tls_12_handshake_succeeds_with_the_servers_finished() {
    let (mut trace, mut tcp) = answered(&flight_12(&tls::GENUINE));
    send(
        &mut trace,
        0.07,
        &mut tcp,
        From::Client,
        &client_finished_12(),
    );
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    send(&mut trace, 0.09, &mut tcp, From::Server, &finished_12());
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
    assert_eq!(flow.tls.unwrap().version.as_deref(), Some("1.2"));
}

#[test]
fn a_resumed_tls_12_handshake_succeeds_with_the_clients_finished() {
    let flight = [tls::server_hello_12(), finished_12()].concat();
    let (mut trace, mut tcp) = answered(&flight);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_12());
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn tls_13_succeeds_with_server_data_after_the_clients_and_wrapping_numbers_do_not_matter() {
    let (trace, _) = succeeded_on(about_to_wrap());
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(flow.tls.unwrap().version.as_deref(), Some("1.3"));
}

#[test]
fn a_tls_13_server_flight_and_the_clients_answer_are_not_success_yet() {
    let (mut trace, mut tcp) = answered(&flight_13());
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}

/// Opened ahead of need, and no session tickets: after the Finished nobody owes anybody anything.
#[test]
fn a_tls_13_connection_kept_idle_after_its_handshake_is_no_stall_nor_its_end_a_fault() {
    let (mut trace, mut tcp) = answered(&flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    trace.at(0.09, tcp.ack(From::Server));
    let idle = verdict(&trace.clone().until(60.0).flow());
    assert_eq!(idle, "unjudged handshake");
    for side in [From::Client, From::Server] {
        let (mut by_fin, mut by_rst) = (trace.clone(), trace.clone());
        by_fin.at(60.0, tcp.clone().fin(side));
        by_rst.at(60.0, tcp.rst(side));
        assert_eq!(verdict(&by_fin.flow()), "unjudged handshake");
        assert_eq!(verdict(&by_rst.flow()), "unjudged handshake");
    }
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(0.12, tcp.ack(From::Server));
    assert_eq!(
        verdict(&trace.until(60.0).flow()),
        "stalled handshake handshake-stalled unknown"
    );
}

#[test]
fn server_data_that_was_under_way_before_the_clients_finished_arrived_is_not_success() {
    let (mut trace, mut tcp) = answered(&flight_13());
    let before = tcp.client_next;
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    // Its acknowledgment shows that the server had not got the Finished yet.
    let early = tls::application(200);
    let packet = tcp.raw(From::Server, ACK, tcp.server_next, before, &early);
    trace.at(0.0701, packet);
    tcp.server_next += 205;
    assert_eq!(verdict(&trace.flow()), "pending handshake");
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(300),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_hello_retry_is_a_server_handshake_message_and_the_handshake_goes_on() {
    let retry = [tls::hello_retry_request(), tls::change_cipher_spec()].concat();
    let (mut trace, mut tcp) = answered(&retry);
    let rst = tcp.rst(From::Server);
    let mut cut_off = trace.clone();
    cut_off.at(0.06, rst);
    assert_eq!(
        verdict(&cut_off.flow()),
        "reset handshake reset-in-handshake server"
    );
    let second = [tls::change_cipher_spec(), tls::client_hello(HOST)].concat();
    send(&mut trace, 0.06, &mut tcp, From::Client, &second);
    send(&mut trace, 0.08, &mut tcp, From::Server, &flight_13());
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Client,
        &[finished_13(), tls::application(99)].concat(),
    );
    send(
        &mut trace,
        0.12,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_close_notify_in_answer_to_a_client_that_gave_up_is_no_data() {
    let (mut trace, mut tcp) = answered(&flight_13());
    send(
        &mut trace,
        0.07,
        &mut tcp,
        From::Client,
        &[tls::change_cipher_spec(), tls::application(19)].concat(),
    );
    trace.at(0.0701, tcp.fin(From::Client));
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(19),
    );
    trace.at(0.0901, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake client-abort client"
    );
}

#[test]
fn a_retransmitted_hello_and_flight_that_arrive_in_the_end_are_a_success() {
    let (mut trace, mut tcp) = greeted();
    let hello = tls::client_hello(HOST);
    for at in [0.3, 0.8] {
        trace.at(at, tcp.again(From::Client, hello.len(), &hello));
    }
    send(&mut trace, 0.9, &mut tcp, From::Server, &flight_13());
    send(
        &mut trace,
        0.92,
        &mut tcp,
        From::Client,
        &[finished_13(), tls::application(99)].concat(),
    );
    send(
        &mut trace,
        0.94,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
    assert_eq!(flow.retransmissions.client, 2);
}

#[test]
fn a_handshake_that_met_the_hello_timer_and_then_succeeded_has_recovered() {
    let (mut trace, mut tcp) = greeted();
    send(&mut trace, 6.0, &mut tcp, From::Server, &flight_13());
    send(
        &mut trace,
        6.02,
        &mut tcp,
        From::Client,
        &[finished_13(), tls::application(99)].concat(),
    );
    send(
        &mut trace,
        6.04,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}

#[test]
fn closing_after_success_keeps_it_whoever_closes_and_however() {
    type Close = fn(&mut Trace, &mut Tcp);
    let ways: [Close; 4] = [
        |trace, tcp| {
            trace.at(1.0, tcp.rst(From::Client));
        },
        |trace, tcp| {
            trace.at(1.0, tcp.fin(From::Client));
            trace.at(1.02, tcp.fin(From::Server));
            trace.at(1.03, tcp.rst(From::Server));
        },
        |trace, tcp| {
            send(trace, 1.0, tcp, From::Client, &tls::application(19));
            trace.at(1.0001, tcp.fin(From::Client));
            trace.at(1.02, tcp.rst(From::Server));
        },
        |trace, _| {
            trace.until(3600.0);
        },
    ];
    for close in ways {
        let (mut trace, mut tcp) = succeeded();
        close(&mut trace, &mut tcp);
        assert_eq!(verdict(&trace.flow()), "succeeded transfer");
    }
}

#[test]
fn a_fatal_alert_a_fin_or_a_rst_before_the_end_of_the_handshake_is_no_success() {
    let (trace, tcp) = answered(&flight_12(&tls::GENUINE));
    let end = |last: fn(&mut Tcp) -> crate::support::packet::Packet| {
        let (mut trace, mut tcp) = (trace.clone(), tcp.clone());
        trace.at(0.1, last(&mut tcp));
        verdict(&trace.flow())
    };
    assert_eq!(
        end(|tcp| tcp.data(From::Server, &tls::alert(true, 40))),
        "failed handshake tls-alert server"
    );
    assert_eq!(
        end(|tcp| tcp.fin(From::Server)),
        "failed handshake closed-in-handshake server"
    );
    assert_eq!(
        end(|tcp| tcp.rst(From::Server)),
        "reset handshake reset-in-handshake server"
    );
}

#[test]
fn a_rst_before_the_servers_last_word_is_no_success_though_that_word_still_arrives() {
    let (mut trace, mut tcp) = answered(&flight_13());
    send(
        &mut trace,
        0.07,
        &mut tcp,
        From::Client,
        &[finished_13(), tls::application(99)].concat(),
    );
    let mut forged = tcp.rst(From::Server);
    forged.ttl = 64;
    trace.at(0.075, forged);
    send(
        &mut trace,
        0.092,
        &mut tcp,
        From::Server,
        &tls::application(500),
    );
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake middlebox"
    );
}

#[test]
fn data_both_ways_on_a_flow_joined_midstream_is_unjudged() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    for round in 0..4 {
        let at = f64::from(round);
        send(
            &mut trace,
            at,
            &mut tcp,
            From::Client,
            &tls::application(200),
        );
        send(
            &mut trace,
            at + 0.02,
            &mut tcp,
            From::Server,
            &tls::application(900),
        );
    }
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged transfer");
    assert!(flow.midstream);
}

#[test]
fn a_client_that_closes_early_is_unjudged_or_abandoned_if_another_attempt_won() {
    let (mut trace, mut tcp) = greeted_on(Tcp::new(50_001));
    trace.at(0.2, tcp.fin(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
    let mut winner = Tcp::new(50_002);
    trace.connect(0.05, &mut winner);
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.08, &mut winner, From::Client, &hello);
    send(&mut trace, 0.1, &mut winner, From::Server, &flight_13());
    let flows = trace.summary().flows;
    assert_eq!(verdict(&flows[0]), "unjudged handshake");
    let client = [finished_13(), tls::application(99)].concat();
    send(&mut trace, 0.12, &mut winner, From::Client, &client);
    let answer = tls::application(500);
    send(&mut trace, 0.14, &mut winner, From::Server, &answer);
    let flows = trace.summary().flows;
    assert_eq!(verdict(&flows[0]), "abandoned handshake superseded");
}

#[test]
fn frames_cut_by_the_snap_length_leave_the_handshake_unjudged_not_stalled() {
    let (mut trace, mut tcp) = connected();
    let hello = tls::large_client_hello(HOST, 400);
    trace.at(0.03, tcp.data(From::Client, &hello).snapped(96));
    let flight = flight_13();
    let (first, second) = (
        tcp.data(From::Server, &flight[..1448]).snapped(96),
        tcp.data(From::Server, &flight[1448..]).snapped(96),
    );
    trace.at(0.05, first).at(0.0501, second);
    trace.at(0.0502, tcp.ack(From::Client));
    let mut silent = trace.clone();
    silent.until(60.0);
    assert_eq!(verdict(&silent.flow()), "unjudged handshake");
    // The headers of the records that follow are there, and enough.
    trace.at(0.07, tcp.data(From::Client, &finished_13()).snapped(96));
    trace.at(
        0.09,
        tcp.data(From::Server, &tls::application(900)).snapped(96),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_server_flight_that_comes_out_of_order_succeeds_all_the_same() {
    let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &[]);
    let flight = flight_13();
    let (first, second) = (
        tcp.data(From::Server, &flight[..1448]),
        tcp.data(From::Server, &flight[1448..]),
    );
    trace.at(0.051, second).at(0.0515, first);
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
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(flow.retransmissions.server, 0);
}
