//! RSTs that nobody obeyed, keep-alives, and the idle timeouts of NATs.

use crate::support::opening::{
    about_to_wrap, answered, evidence, finished_13, flight_13, frame_that, greeted, says, send,
    succeeded, succeeded_on,
};
use crate::support::tcp::{From, Tcp};
use crate::support::tls;
use crate::support::trace::{Trace, verdict};

/// One request with its answer, acknowledged.
fn exchange(trace: &mut Trace, at: f64, tcp: &mut Tcp) {
    send(trace, at, tcp, From::Client, &tls::application(300));
    send(trace, at + 0.02, tcp, From::Server, &tls::application(900));
    trace.at(at + 0.021, tcp.ack(From::Client));
}

#[test]
fn a_rst_that_the_client_refused_is_a_note_on_a_success() {
    let (mut trace, mut tcp) = succeeded_on(about_to_wrap());
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.005, tcp.rst(From::Server).ttl(64));
    exchange(&mut trace, 1.1, &mut tcp);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(
        evidence(&flow).last().unwrap().1,
        "RST (middlebox) that its receiver refused: both ends went on"
    );
}

#[test]
fn a_rst_in_the_clients_name_that_the_server_refused_is_a_note_too() {
    let (mut trace, mut tcp) = succeeded();
    trace.at(1.0, tcp.rst(From::Client).ttl(255));
    exchange(&mut trace, 1.1, &mut tcp);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(frame_that(&flow, "refused").is_some());
}

#[test]
fn a_rst_refused_on_a_flow_joined_midstream_resets_nothing() {
    let (mut trace, mut tcp) = (Trace::new(), about_to_wrap());
    exchange(&mut trace, 0.0, &mut tcp);
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.005, tcp.rst(From::Server));
    exchange(&mut trace, 2.1, &mut tcp);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_rst_refused_in_the_handshake_does_not_end_it() {
    let (mut trace, mut tcp) = greeted();
    trace.at(0.035, tcp.rst(From::Server).ttl(64));
    send(&mut trace, 0.06, &mut tcp, From::Server, &flight_13());
    trace.at(0.0602, tcp.ack(From::Client));
    assert_eq!(verdict(&trace.clone().flow()), "pending handshake");
    let client = [finished_13(), tls::application(300)].concat();
    send(&mut trace, 0.08, &mut tcp, From::Client, &client);
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn acknowledgments_that_were_under_way_within_a_round_trip_refuse_nothing() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.005, tcp.rst(From::Server).ttl(64));
    send(
        &mut trace,
        1.008,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    trace.at(1.009, tcp.ack(From::Client));
    assert_eq!(
        verdict(&trace.flow()),
        "reset transfer reset-in-transfer middlebox"
    );
}

#[test]
fn a_genuine_rst_after_one_that_was_refused_ends_the_connection_and_is_the_servers() {
    let (mut trace, mut tcp) = succeeded();
    trace.at(1.0, tcp.rst(From::Server).ttl(64));
    exchange(&mut trace, 1.1, &mut tcp);
    send(
        &mut trace,
        2.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(2.02, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "reset transfer reset-in-transfer server");
}

#[test]
fn server_data_alone_going_on_is_a_forged_rst_that_was_obeyed() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.005, tcp.rst(From::Server));
    let answer = tcp.data(From::Server, &tls::application(900));
    let gone = tcp.rst(From::Client);
    trace.at(1.03, answer).at(1.031, gone);
    assert_eq!(
        verdict(&trace.flow()),
        "reset transfer reset-in-transfer middlebox"
    );
}

#[test]
fn keep_alives_of_no_byte_or_one_are_no_retransmissions_answered_or_not() {
    for (bytes, answered) in [(0, true), (1, true), (0, false), (1, false)] {
        let (mut trace, tcp) = succeeded_on(about_to_wrap());
        for round in 1..8 {
            let at = f64::from(round) * 10.0;
            let seq = tcp.client_next.wrapping_sub(1);
            let probe = tcp.raw(From::Client, 16, seq, tcp.server_next, &[0; 1][..bytes]);
            trace.at(at, probe);
            if answered {
                trace.at(at + 0.02, tcp.ack(From::Server));
            }
        }
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer");
        assert_eq!(flow.retransmissions.client, 0);
        assert!(!flow.recovered);
    }
}

#[test]
fn a_handshake_is_not_kept_alive_by_keep_alives() {
    let (mut trace, tcp) = answered(&flight_13());
    for at in [3.0, 6.0, 9.0] {
        let seq = tcp.server_next.wrapping_sub(1);
        trace.at(at, tcp.raw(From::Server, 16, seq, tcp.client_next, &[0]));
        trace.at(at + 0.001, tcp.ack(From::Client));
    }
    assert_eq!(
        verdict(&trace.until(10.2).flow()),
        "stalled handshake handshake-stalled unknown"
    );
}

/// A request after so long a silence, and a RST at once.
fn reset_after_silence(silence: f64) -> windfall::verdict::summary::Flow {
    let (mut trace, mut tcp) = succeeded();
    let at = 0.0902 + silence;
    send(
        &mut trace,
        at,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(at + 0.005, tcp.rst(From::Server).ttl(63));
    trace.flow()
}

#[test]
fn a_request_reset_after_more_than_a_minute_of_silence_met_an_idle_timeout() {
    let flow = reset_after_silence(61.0);
    assert_eq!(verdict(&flow), "reset transfer reset-in-transfer middlebox");
    assert!(says(&flow, "61 s of silence") && says(&flow, "idle timeout"));
    let short = reset_after_silence(59.0);
    assert_eq!(
        verdict(&short),
        "reset transfer reset-in-transfer middlebox"
    );
    assert!(!says(&short, "idle timeout"));
}

#[test]
fn a_rst_after_a_minute_in_which_a_request_waited_names_the_idle_timeout_too() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.02, tcp.ack(From::Server));
    trace.at(91.02, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "reset transfer reset-in-transfer server");
    assert!(says(&flow, "90 s of silence"));
}

#[test]
fn a_silence_that_an_answer_had_ended_is_not_held_against_a_later_rst() {
    let (mut trace, mut tcp) = succeeded();
    exchange(&mut trace, 100.0, &mut tcp);
    send(
        &mut trace,
        101.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(101.02, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "reset transfer reset-in-transfer server");
    assert!(!says(&flow, "idle timeout"));
}
