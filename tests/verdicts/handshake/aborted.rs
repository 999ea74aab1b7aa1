//! Handshakes that the client broke off.

use crate::support::opening::{
    answered, evidence, finished_13, flight_12, flight_13, frame_that, greeted, greeted_on, says,
    send, succeeded,
};
use crate::support::tcp::{FIN, From, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, tls};

#[test]
fn a_client_alert_about_the_certificate_names_interception_as_the_likely_reason() {
    for (description, name) in [
        (48, "unknown_ca"),
        (42, "bad_certificate"),
        (46, "certificate_unknown"),
    ] {
        let (mut trace, mut tcp) = answered(&flight_12(&tls::GENUINE));
        trace.at(0.06, tcp.data(From::Client, &tls::alert(true, description)));
        trace.at(0.0601, tcp.fin(From::Client));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed handshake tls-alert client");
        assert!(says(&flow, name) && says(&flow, "interception"));
    }
}

#[test]
fn another_client_alert_does_not_speak_of_interception() {
    let (mut trace, mut tcp) = answered(&flight_12(&tls::GENUINE));
    trace.at(0.06, tcp.data(From::Client, &tls::alert(true, 70)));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "failed handshake tls-alert client");
    assert!(says(&flow, "protocol_version") && !says(&flow, "interception"));
}

#[test]
fn a_client_rst_right_after_the_certificates_is_an_abort() {
    for flight in [flight_12(&tls::GENUINE), flight_13()] {
        let (mut trace, tcp) = answered(&flight);
        trace.at(0.06, tcp.rst(From::Client));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "reset handshake client-abort client");
        assert!(says(&flow, "certificates"));
        assert!(frame_that(&flow, "certificate flight").is_some());
    }
}

#[test]
fn a_client_fin_or_an_encrypted_alert_right_after_the_certificates_is_an_abort() {
    let (mut trace, mut tcp) = answered(&flight_13());
    trace.at(0.06, tcp.fin(From::Client));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake client-abort client"
    );
    for dress in [Vec::new(), tls::change_cipher_spec()] {
        let (mut trace, mut tcp) = answered(&flight_13());
        let alert = [dress, tls::application(19)].concat();
        trace.at(0.06, tcp.data(From::Client, &alert));
        trace.at(0.0601, tcp.fin(From::Client));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed handshake client-abort client");
        assert!(frame_that(&flow, "short encrypted record").is_some());
    }
}

#[test]
fn an_alert_and_the_fin_in_one_segment_are_an_abort_of_each_of_two_attempts() {
    let mut trace = Trace::new();
    for (n, at) in [(1, 0.0), (2, 0.5)] {
        let mut tcp = Tcp::new(50_000 + n);
        trace.connect(at, &mut tcp);
        let hello = tls::client_hello(HOST);
        send(&mut trace, at + 0.03, &mut tcp, From::Client, &hello);
        send(&mut trace, at + 0.05, &mut tcp, From::Server, &flight_13());
        let mut last = tcp.data(From::Client, &tls::application(19));
        last.transport[13] |= FIN;
        trace.at(at + 0.06, last);
    }
    for flow in trace.summary().flows {
        assert_eq!(verdict(&flow), "failed handshake client-abort client");
    }
}

#[test]
fn two_attempts_that_the_client_let_go_alike_did_not_win_over_each_other() {
    let mut trace = Trace::new();
    for (n, at) in [(1, 0.0), (2, 0.5)] {
        let mut tcp = Tcp::new(50_000 + n);
        trace.connect(at, &mut tcp);
        let hello = tls::client_hello(HOST);
        send(&mut trace, at + 0.03, &mut tcp, From::Client, &hello);
        trace.at(at + 0.2, tcp.fin(From::Client));
    }
    for flow in trace.summary().flows {
        assert_eq!(verdict(&flow), "unjudged handshake");
    }
}

#[test]
fn a_client_that_waits_before_it_leaves_or_that_had_finished_did_not_reject_a_certificate() {
    let (mut trace, mut tcp) = answered(&flight_13());
    trace.at(3.2, tcp.fin(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
    let (mut trace, mut tcp) = answered(&flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    trace.at(0.08, tcp.fin(From::Client));
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn a_client_that_leaves_before_it_got_any_certificate_rejected_none() {
    let resumed = [
        tls::server_hello_12(),
        tls::change_cipher_spec(),
        tls::encrypted_handshake(),
    ]
    .concat();
    for flight in [tls::server_hello_13(), resumed, tls::server_hello_12()] {
        let (mut trace, mut tcp) = answered(&flight);
        let mut cut_off = trace.clone();
        cut_off.at(0.06, tcp.rst(From::Client));
        assert_eq!(verdict(&cut_off.flow()), "unjudged handshake");
        trace.at(0.06, tcp.fin(From::Client));
        assert_eq!(verdict(&trace.flow()), "unjudged handshake");
    }
}

#[test]
fn a_rst_in_the_clients_name_that_the_client_did_not_send_is_no_abort() {
    let (mut trace, tcp) = answered(&flight_13());
    trace.at(0.06, tcp.rst(From::Client).ttl(48));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake middlebox"
    );
}

#[test]
fn an_abort_of_an_attempt_whose_parallel_one_succeeded_was_abandoned() {
    let (mut trace, mut winner) = succeeded();
    let mut loser = Tcp::new(50_001);
    trace.connect(0.01, &mut loser);
    let hello = tls::client_hello(HOST);
    send(&mut trace, 0.04, &mut loser, From::Client, &hello);
    send(&mut trace, 0.06, &mut loser, From::Server, &flight_13());
    trace.at(0.1, loser.rst(From::Client));
    trace.at(0.5, winner.fin(From::Client));
    let flows = trace.summary().flows;
    assert_eq!(verdict(&flows[0]), "succeeded transfer");
    assert_eq!(verdict(&flows[1]), "abandoned handshake superseded");
}

#[test]
fn a_client_that_closes_before_the_hello_timer_is_unjudged_and_after_it_was_left_waiting() {
    let close = |at: f64| {
        let (mut trace, mut tcp) = greeted_on(Tcp::new(50_000));
        trace.at(at, tcp.fin(From::Client)).until(60.0);
        trace.flow()
    };
    assert_eq!(verdict(&close(5.02)), "unjudged handshake");
    let late = close(5.04);
    assert_eq!(
        verdict(&late),
        "stalled handshake client-hello-unanswered unknown"
    );
    assert_eq!(evidence(&late)[0], (4, "ClientHello complete"));
}

#[test]
fn a_rst_of_the_client_after_the_hello_timer_is_the_stall_it_gave_up_on() {
    let (mut trace, tcp) = greeted();
    trace.at(10.0, tcp.rst(From::Client));
    assert_eq!(
        verdict(&trace.flow()),
        "stalled handshake client-hello-unanswered unknown"
    );
}

/// A client without an answer to the flight for a while is not rejecting it.
#[test]
fn a_capture_that_ends_after_the_flight_is_pending() {
    let (mut trace, _) = answered(&flight_13());
    let trace: &mut Trace = trace.until(9.0);
    assert_eq!(verdict(&trace.flow()), "pending handshake");
}
