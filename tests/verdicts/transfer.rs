//! Stage `transfer`: verdicts.md 3.4, as far as it rests on TCP.

use windfall::verdict::summary::Flow;

use crate::support::HOST;
use crate::support::opening::{
    about_to_wrap, connected, evidence, frame_that, says, send, succeeded, succeeded_on,
};
use crate::support::packet::Packet;
use crate::support::tcp::{ACK, From, PSH, RST, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{dns, tls};

const STALLED: &str = "stalled transfer transfer-stalled unknown";
const RESET: &str = "reset transfer reset-in-transfer server";
const SUCCEEDED: &str = "succeeded transfer";

/// Data of one end at 1.0 s that is sent again at these times.
fn repeated(tcp: Tcp, from: From, times: &[f64]) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = succeeded_on(tcp);
    let bytes = tls::application(700);
    send(&mut trace, 1.0, &mut tcp, from, &bytes);
    for &at in times {
        trace.at(at, tcp.again(from, bytes.len(), &bytes));
    }
    (trace, tcp)
}

#[test]
fn bytes_sent_again_three_times_over_three_seconds_are_a_stall_of_either_direction() {
    for from in [From::Client, From::Server] {
        let (trace, _) = repeated(about_to_wrap(), from, &[1.3, 2.2, 4.0]);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), STALLED);
        assert!(says(&flow, "again 3 times over 3.0 s"));
        assert_eq!(evidence(&flow).len(), 3);
    }
}

#[test]
fn two_retransmissions_or_three_within_less_than_three_seconds_are_no_stall() {
    for times in [&[1.5, 9.0][..], &[1.3, 2.2, 3.999]] {
        let (mut trace, _) = repeated(Tcp::new(50_000), From::Client, times);
        assert_eq!(verdict(&trace.until(60.0).flow()), SUCCEEDED);
    }
}

#[test]
fn a_stall_that_is_acknowledged_in_the_end_has_recovered() {
    let (mut trace, tcp) = repeated(about_to_wrap(), From::Client, &[1.3, 2.2, 4.0, 8.0]);
    trace.at(8.02, tcp.ack(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), SUCCEEDED);
    assert!(flow.recovered);
}

#[test]
fn different_bytes_sent_again_while_acknowledgments_make_progress_are_no_stall() {
    let (mut trace, mut tcp) = succeeded();
    for round in 0..4 {
        let at = 1.0 + f64::from(round);
        let bytes = tls::application(700);
        send(&mut trace, at, &mut tcp, From::Server, &bytes);
        trace.at(at + 0.9, tcp.again(From::Server, bytes.len(), &bytes));
        trace.at(at + 0.901, tcp.ack(From::Client));
    }
    let flow = trace.flow();
    assert_eq!(verdict(&flow), SUCCEEDED);
    assert!(!flow.recovered);
    assert_eq!(flow.retransmissions.server, 4);
}

#[test]
fn a_client_that_gives_up_a_stalled_transfer_by_rst_leaves_it_stalled() {
    let (mut trace, tcp) = repeated(Tcp::new(50_000), From::Client, &[1.3, 2.2, 4.0, 8.0]);
    trace.at(20.0, tcp.rst(From::Client));
    assert_eq!(verdict(&trace.flow()), STALLED);
}

/// The server's last record, sent again at 1.3, 2.2 and 4.5 s, and never acknowledged; then this packet of the client.
fn last_word_repeated(seconds: f64, reset: impl Fn(&Tcp) -> Packet) -> Flow {
    let (mut trace, tcp) = repeated(Tcp::new(50_000), From::Server, &[1.3, 2.2, 4.5]);
    trace.at(seconds, reset(&tcp));
    trace.flow()
}

/// The RST of a host that knows no such connection: no acknowledgment.
fn bare(tcp: &Tcp, ahead: u32) -> Packet {
    let seq = tcp.client_next.wrapping_add(ahead);
    tcp.raw(From::Client, RST, seq, 0, &[])
}

#[test]
fn a_client_that_knows_no_such_connection_any_more_had_left_before_and_waits_for_nothing() {
    let flow = last_word_repeated(4.501, |tcp| bare(tcp, 0));
    assert_eq!(verdict(&flow), SUCCEEDED);
}

#[test]
fn a_client_that_gives_up_is_not_taken_for_one_that_had_left() {
    // It has the connection still: its RST acknowledges what it has, though a repetition came just before.
    let flow = last_word_repeated(4.501, |tcp| {
        let mut behind = tcp.clone();
        behind.server_next = behind.server_next.wrapping_sub(100);
        behind.rst(From::Client)
    });
    assert_eq!(verdict(&flow), STALLED);
    // It resets of itself, long after the last repetition.
    let flow = last_word_repeated(6.0, |tcp| bare(tcp, 0));
    assert_eq!(verdict(&flow), STALLED);
    // Another number than the server's segment acknowledged answers no segment.
    let flow = last_word_repeated(4.501, |tcp| bare(tcp, 9));
    assert_eq!(verdict(&flow), STALLED);
}

#[test]
fn a_server_that_goes_on_sending_to_a_client_that_has_left_is_no_stall() {
    let (mut trace, mut tcp) = succeeded();
    let bytes = tls::application(700);
    let mut by_fin = trace.clone();
    let mut other = tcp.clone();
    by_fin.at(1.0, other.fin(From::Client));
    trace.at(1.0, tcp.rst(From::Client));
    for (trace, tcp) in [(&mut trace, &mut tcp), (&mut by_fin, &mut other)] {
        send(trace, 1.01, tcp, From::Server, &bytes);
        for at in [1.3, 2.2, 4.5, 9.0] {
            trace.at(at, tcp.again(From::Server, bytes.len(), &bytes));
        }
        assert_eq!(verdict(&trace.flow()), SUCCEEDED);
    }
}

#[test]
fn a_farewell_that_a_gone_server_never_acknowledges_is_no_stall() {
    let (mut trace, mut tcp) = succeeded();
    let close = tls::application(19);
    send(&mut trace, 1.0, &mut tcp, From::Client, &close);
    trace.at(1.0001, tcp.fin(From::Client));
    for at in [1.3, 2.2, 4.5, 9.0] {
        trace.at(at, tcp.again(From::Client, close.len() + 1, &close));
    }
    assert_eq!(verdict(&trace.flow()), SUCCEEDED);
}

#[test]
fn a_rst_after_the_servers_data_was_lost_on_a_dead_client_is_the_cause_not_the_stall() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.01, tcp.rst(From::Server).ttl(64));
    let bytes = tls::application(700);
    send(&mut trace, 1.05, &mut tcp, From::Server, &bytes);
    for at in [1.3, 2.2, 4.5, 9.0] {
        trace.at(at, tcp.again(From::Server, bytes.len(), &bytes));
    }
    assert_eq!(
        verdict(&trace.flow()),
        "reset transfer reset-in-transfer middlebox"
    );
}

/// The server fills the client's window, which closes at 1.0 s; window probes are answered with "0" at these times.
fn closed_window(whose: From, times: &[f64]) -> (Trace, Tcp) {
    let (mut trace, mut tcp) = succeeded();
    let sender = match whose {
        From::Client => From::Server,
        From::Server => From::Client,
    };
    send(&mut trace, 0.99, &mut tcp, sender, &tls::application(1200));
    let next = tcp.next(sender);
    for &at in times {
        let probe = tcp.raw(sender, ACK, next.wrapping_sub(1), tcp.next(whose), &[]);
        trace.at(at - 0.01, probe);
        let mut full = tcp.clone();
        (full.client_window, full.server_window) = match whose {
            From::Client => (0, 65_000),
            From::Server => (65_000, 0),
        };
        trace.at(at, full.ack(whose));
    }
    (trace, tcp)
}

#[test]
fn a_window_closed_for_ten_seconds_is_the_receivers_doing() {
    for (whose, origin) in [(From::Client, "client"), (From::Server, "server")] {
        let (trace, _) = closed_window(whose, &[1.0, 2.0, 4.0, 8.0, 11.0]);
        let flow = trace.flow();
        assert_eq!(
            verdict(&flow),
            format!("stalled transfer zero-window {origin}")
        );
        assert!(says(&flow, "closed for 10.0 s"));
        assert!(frame_that(&flow, "window 0").is_some());
    }
}

#[test]
fn a_window_known_to_be_closed_for_less_than_ten_seconds_is_no_stall() {
    let (mut trace, _) = closed_window(From::Client, &[1.0, 2.0, 4.0, 8.0, 10.99]);
    assert_eq!(verdict(&trace.flow()), SUCCEEDED);
    // Nothing said that it stayed closed.
    assert_eq!(verdict(&trace.until(60.0).flow()), SUCCEEDED);
}

#[test]
fn a_window_that_opens_again_has_recovered() {
    let (mut trace, tcp) = closed_window(From::Client, &[1.0, 2.0, 4.0, 8.0, 11.0]);
    trace.at(12.0, tcp.ack(From::Client));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), SUCCEEDED);
    assert!(flow.recovered);
}

#[test]
fn data_that_is_sent_again_into_a_closed_window_is_a_probe_not_a_stall() {
    let (mut trace, mut tcp) = closed_window(From::Client, &[1.0]);
    for at in [1.5, 2.5, 4.5, 8.5] {
        let byte = tcp.raw(From::Server, ACK, tcp.server_next, tcp.client_next, &[7]);
        trace.at(at, byte);
        tcp.client_window = 0;
        trace.at(at + 0.01, tcp.ack(From::Client));
    }
    tcp.client_window = 65_000;
    trace.at(9.0, tcp.ack(From::Client));
    send(
        &mut trace,
        9.02,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    let flow = trace.flow();
    assert_eq!(verdict(&flow), SUCCEEDED);
    assert_eq!(flow.retransmissions.server, 0);
}

#[test]
fn a_rst_while_a_request_waits_for_its_answer_is_a_reset_in_transfer() {
    for acknowledged in [false, true] {
        let (mut trace, mut tcp) = succeeded_on(about_to_wrap());
        send(
            &mut trace,
            1.0,
            &mut tcp,
            From::Client,
            &tls::application(300),
        );
        if acknowledged {
            trace.at(1.02, tcp.ack(From::Server));
        }
        trace.at(1.03, tcp.rst(From::Server));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), RESET);
        assert!(says(&flow, "waited for an answer"));
        assert!(frame_that(&flow, "RST, TTL 56").is_some());
    }
}

#[test]
fn a_rst_in_the_middle_of_the_servers_data_is_a_reset_in_transfer() {
    let (mut trace, mut tcp) = succeeded();
    for n in 0..5 {
        trace.at(
            1.0 + f64::from(n) * 0.001,
            tcp.data(From::Server, &[0x17; 1448]),
        );
    }
    trace.at(1.01, tcp.rst(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), RESET);
    assert!(says(&flow, "in the middle of the server's data"));
}

#[test]
fn a_rst_after_a_finished_answer_ends_nothing() {
    for (at, answer) in [(1.05, ACK | PSH), (300.0, ACK | PSH), (300.0, ACK)] {
        let (mut trace, mut tcp) = succeeded();
        let mut packet = tcp.data(From::Server, &tls::application(800));
        packet.transport[13] = answer;
        trace.at(1.0, packet);
        trace.at(1.001, tcp.ack(From::Client));
        trace.at(at, tcp.rst(From::Server));
        assert_eq!(verdict(&trace.flow()), SUCCEEDED, "RST at {at}");
    }
}

/// What an HTTP/2 client says last on a healthy connection: acknowledgments of settings, window updates.
#[test]
fn a_rst_long_after_a_short_last_word_of_the_client_was_acknowledged_ends_nothing() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        0.1,
        &mut tcp,
        From::Client,
        &tls::application(30),
    );
    trace.at(0.12, tcp.ack(From::Server));
    trace.at(180.0, tcp.rst(From::Server));
    assert_eq!(verdict(&trace.flow()), SUCCEEDED);
}

#[test]
fn a_rst_after_either_end_said_goodbye_ends_nothing() {
    for first in [From::Client, From::Server] {
        let (mut trace, mut tcp) = succeeded();
        trace.at(1.0, tcp.fin(first));
        send(
            &mut trace,
            1.01,
            &mut tcp,
            From::Client,
            &tls::application(19),
        );
        trace.at(1.03, tcp.rst(From::Server));
        assert_eq!(verdict(&trace.flow()), SUCCEEDED);
    }
}

#[test]
fn a_rst_in_answer_to_a_client_that_had_reset_ends_nothing() {
    let (mut trace, mut tcp) = succeeded();
    send(
        &mut trace,
        1.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(1.01, tcp.rst(From::Client));
    trace.at(1.03, tcp.rst(From::Server));
    assert_eq!(verdict(&trace.flow()), SUCCEEDED);
}

#[test]
fn a_rst_while_data_flows_on_a_flow_joined_midstream_is_a_reset_in_transfer() {
    let mut trace = Trace::new();
    let mut tcp = about_to_wrap();
    for round in 0..3 {
        let at = f64::from(round) * 0.1;
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
    let mut quiet = trace.clone();
    quiet.at(40.0, tcp.rst(From::Server));
    assert_eq!(verdict(&quiet.flow()), "unjudged transfer");
    send(
        &mut trace,
        0.4,
        &mut tcp,
        From::Client,
        &tls::application(200),
    );
    trace.at(0.41, tcp.rst(From::Server));
    assert_eq!(verdict(&trace.flow()), RESET);
}

#[test]
fn a_stall_on_a_flow_joined_midstream_is_a_stall_all_the_same() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    send(
        &mut trace,
        0.0,
        &mut tcp,
        From::Client,
        &tls::application(200),
    );
    send(
        &mut trace,
        0.02,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    trace.at(0.021, tcp.ack(From::Client));
    let bytes = tls::application(300);
    send(&mut trace, 1.0, &mut tcp, From::Client, &bytes);
    for at in [1.3, 2.2, 4.5] {
        trace.at(at, tcp.again(From::Client, bytes.len(), &bytes));
    }
    assert_eq!(verdict(&trace.flow()), STALLED);
}

#[test]
fn one_direction_of_a_transfer_is_never_a_stall_nor_a_reset() {
    for from in [From::Client, From::Server] {
        let mut trace = Trace::new();
        let mut tcp = Tcp::new(50_000);
        let bytes = tls::application(700);
        send(&mut trace, 0.0, &mut tcp, from, &bytes);
        for at in [0.3, 0.9, 2.1, 4.5] {
            trace.at(at, tcp.again(from, bytes.len(), &bytes));
        }
        trace.at(9.0, tcp.rst(from));
        let flow = trace.until(60.0).flow();
        assert_eq!(verdict(&flow), "unjudged connect capture-one-sided");
        assert_eq!(frame_that(&flow, "one direction"), Some(1));
    }
}

#[test]
fn a_syn_ack_without_a_syn_in_the_capture_is_one_sided_too() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::new(50_000);
    let _unseen = tcp.syn();
    trace.at(0.0, tcp.syn_ack());
    trace.at(1.0, tcp.syn_ack_again());
    trace.at(3.0, tcp.syn_ack_again()).until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

#[test]
fn a_connection_of_another_protocol_succeeds_with_payload_both_ways() {
    let (mut trace, mut tcp) = connected();
    trace.at(0.0, dns::ask(5300, &dns::query(1, HOST, dns::A)));
    trace.at(0.03, tcp.data(From::Client, b"\x01\x02hello"));
    assert_eq!(verdict(&trace.flow()), "pending transfer");
    trace.at(0.05, tcp.data(From::Server, b"\x01\x02welcome"));
    assert_eq!(verdict(&trace.flow()), SUCCEEDED);
}
