//! Captures that lack frames, cut them short or have them the wrong way round: a healthy connection is never called
//! stalled, reset or failed for it.

use windfall::verdict::outcome::Outcome;

use crate::support::opening::{
    about_to_wrap, answered_on, connected, finished_13, flight_12, flight_13, greeted_on, send,
    succeeded_on,
};
use crate::support::tcp::{ACK, From, RST, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, tls};

const CLIENT_ABORT: &str = "failed handshake client-abort client";

/// A download, and how connections end.
fn used(mut trace: Trace, mut tcp: Tcp, end: usize) -> Trace {
    send(
        &mut trace,
        0.5,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    send(
        &mut trace,
        0.52,
        &mut tcp,
        From::Server,
        &tls::application(6000),
    );
    trace.at(0.5205, tcp.ack(From::Client));
    match end {
        0 => {
            trace.at(1.0, tcp.fin(From::Client));
            trace.at(1.02, tcp.fin(From::Server));
            trace.at(1.0201, tcp.ack(From::Client));
        }
        1 => {
            send(
                &mut trace,
                1.0,
                &mut tcp,
                From::Server,
                &tls::application(19),
            );
            trace.at(1.0001, tcp.fin(From::Server));
            trace.at(1.0002, tcp.ack(From::Client));
            send(
                &mut trace,
                1.001,
                &mut tcp,
                From::Client,
                &tls::application(19),
            );
            trace.at(1.0011, tcp.fin(From::Client));
            trace.at(1.021, tcp.rst(From::Server));
        }
        2 => {
            trace.at(1.0, tcp.rst(From::Client));
        }
        _ => {
            trace.at(90.0, tcp.rst(From::Server));
        }
    }
    trace.until(300.0);
    trace
}

/// Healthy connections of both TLS versions, and all their ends.
fn healthy() -> Vec<Trace> {
    let mut all = Vec::new();
    for end in 0..4 {
        let (trace, tcp) = succeeded_on(about_to_wrap());
        all.push(used(trace, tcp, end));
        let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &flight_12(&tls::GENUINE));
        let finished = [tls::change_cipher_spec(), tls::encrypted_handshake()].concat();
        let client = [tls::client_key_exchange(), finished.clone()].concat();
        send(&mut trace, 0.07, &mut tcp, From::Client, &client);
        send(&mut trace, 0.09, &mut tcp, From::Server, &finished);
        all.push(used(trace, tcp, end));
        let (mut trace, mut tcp) = answered_on(Tcp::new(50_000), &[]);
        let flight = [tls::server_hello_13(), tls::application(900)].concat();
        send(&mut trace, 0.05, &mut tcp, From::Server, &flight);
        send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
        trace.at(0.08, tcp.ack(From::Server));
        all.push(used(trace, tcp, end));
    }
    all
}

/// The faults that this capture of a healthy connection is taken for.
fn faults(capture: &Trace, what: &str) -> Vec<String> {
    let flows = capture.summary().flows;
    let faulty = |outcome| matches!(outcome, Outcome::Stalled | Outcome::Reset | Outcome::Failed);
    flows
        .iter()
        .filter(|flow| faulty(flow.outcome))
        .map(|flow| format!("{what}: {}", verdict(flow)))
        .collect()
}

#[test]
fn a_healthy_connection_of_which_every_frame_was_captured_has_succeeded() {
    for trace in healthy() {
        assert_eq!(verdict(&trace.flow()), "succeeded transfer");
    }
}

#[test]
fn a_healthy_connection_of_which_any_two_frames_were_not_captured_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for first in 0..trace.len() {
            for second in first..trace.len() {
                let capture = trace.without(&[first, second]);
                wrong.extend(faults(
                    &capture,
                    &format!("{n} without {first} and {second}"),
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_healthy_connection_of_which_a_run_of_frames_was_not_captured_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for first in 0..trace.len() {
            // Without the end, nothing tells a connection from one that stood still.
            for last in first..trace.len() - 1 {
                let run: Vec<usize> = (first..=last).collect();
                let capture = trace.without(&run);
                wrong.extend(faults(&capture, &format!("{n} without {first} to {last}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_healthy_connection_with_any_two_neighbouring_frames_swapped_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for place in 0..trace.len() - 1 {
            wrong.extend(faults(
                &trace.swapped(place),
                &format!("{n} swapped at {place}"),
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_healthy_connection_of_frames_cut_at_any_snap_length_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for snap in 54..400 {
            let cut = trace.each(|at, packet| [(at, packet.snapped(snap))]);
            wrong.extend(faults(&cut, &format!("{n} cut at {snap}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_healthy_connection_whose_frames_all_come_twice_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for later in [0.0, 1e-4, 2e-3, 1e-2] {
            let twice = trace.each(|at, packet| [(at, packet.clone()), (at + later, packet)]);
            wrong.extend(faults(&twice, &format!("{n} twice, {later} s apart")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_direction_of_a_healthy_connection_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for client in [true, false] {
            let one_way = trace.each(|at, packet| {
                let from_client = packet.src.to_string() == CLIENT;
                (from_client == client).then_some((at, packet))
            });
            wrong.extend(faults(&one_way, &format!("{n}, the client's: {client}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_healthy_connection_joined_at_any_frame_is_no_fault() {
    let mut wrong = Vec::new();
    for (n, trace) in healthy().iter().enumerate() {
        for joined in 1..trace.len() {
            let before: Vec<usize> = (0..joined).collect();
            wrong.extend(faults(
                &trace.without(&before),
                &format!("{n} from {joined} on"),
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Lost on the way beyond the capture, and sent again.
#[test]
fn a_healthy_connection_that_loses_any_frame_once_or_twice_on_the_way_succeeds() {
    for trace in healthy() {
        for place in 0..trace.len() {
            for times in [1, 2] {
                let lossy = trace.repeated(place, times, 0.4);
                let flow = lossy.flow();
                assert_eq!(verdict(&flow), "succeeded transfer", "{place} x {times}");
                assert!(!flow.recovered, "{place} x {times}");
            }
        }
    }
}

#[test]
fn a_rst_after_an_answer_whose_last_segment_was_not_captured_ends_nothing() {
    for last_is_captured in [false, true] {
        let (mut trace, mut tcp) = succeeded_on(about_to_wrap());
        for at in [1.0, 1.0001, 1.0002] {
            trace.at(at, tcp.data(From::Server, &[0x17; 1448]));
        }
        let _lost = (!last_is_captured).then(|| tcp.data(From::Server, &[0x17; 700]));
        trace.at(1.001, tcp.ack(From::Client));
        trace.at(1.03, tcp.rst(From::Server));
        let expected = if last_is_captured {
            "reset transfer reset-in-transfer server"
        } else {
            "succeeded transfer"
        };
        assert_eq!(verdict(&trace.flow()), expected);
    }
}

/// The client's own RST was not captured: the server's answer an acknowledgment that it overtook.
#[test]
fn a_server_that_breaks_off_its_answer_says_so_with_ack() {
    for (flags, ttl, expected) in [
        (RST, 56, "succeeded transfer"),
        (RST | ACK, 56, "reset transfer reset-in-transfer server"),
        (RST, 64, "reset transfer reset-in-transfer middlebox"),
    ] {
        let (mut trace, mut tcp) = succeeded_on(about_to_wrap());
        for at in [1.0, 1.0001, 1.0002] {
            trace.at(at, tcp.data(From::Server, &[0x17; 1448]));
        }
        trace.at(1.001, tcp.ack(From::Client));
        let ack = if flags == RST { 0 } else { tcp.client_next };
        let rst = tcp.raw(From::Server, flags, tcp.server_next, ack, &[]);
        trace.at(1.03, rst.ttl(ttl));
        assert_eq!(verdict(&trace.flow()), expected, "{flags:#x} TTL {ttl}");
    }
}

/// A host without the connection answers each segment by a RST without ACK, at the number that was acknowledged.
#[test]
fn rsts_of_a_server_that_knew_no_connection_when_the_capture_began_end_nothing() {
    for (flags, begun, expected) in [
        (RST, false, "unjudged transfer"),
        (
            RST | ACK,
            false,
            "reset transfer reset-in-transfer middlebox",
        ),
        (RST, true, "reset transfer reset-in-transfer middlebox"),
    ] {
        let (whole, mut tcp) = succeeded_on(about_to_wrap());
        let mut trace = if begun { whole } else { Trace::new() };
        trace.at(0.9, tcp.ack(From::Client));
        trace.at(1.0, tcp.data(From::Server, &[0x17; 1448]));
        for (at, ahead) in [(1.001, 0), (1.004, 2)] {
            let seq = tcp.server_next.wrapping_add(ahead);
            let ack = if flags == RST { 0 } else { tcp.client_next };
            trace.at(at, tcp.raw(From::Server, flags, seq, ack, &[]));
        }
        assert_eq!(verdict(&trace.flow()), expected, "{flags:#x} {begun}");
    }
}

/// A receiver that lacks bytes acknowledges the same number again at once (RFC 5681 section 4.2).
#[test]
fn large_packets_that_the_client_does_not_miss_were_lost_by_the_capture_alone() {
    for (missed, expected) in [
        (false, "unjudged handshake"),
        (true, "stalled handshake path-mtu unknown"),
    ] {
        let (mut trace, mut tcp) = greeted_on(about_to_wrap());
        let flight = tls::server_hello_13();
        send(&mut trace, 0.05, &mut tcp, From::Server, &flight);
        trace.at(0.0502, tcp.ack(From::Client));
        let before = tcp.server_next;
        let _lost = tcp.data(From::Server, &[0x17; 1448]);
        send(&mut trace, 0.0503, &mut tcp, From::Server, &[0x17; 60]);
        if missed {
            trace.at(
                0.0522,
                tcp.raw(From::Client, ACK, tcp.client_next, before, &[]),
            );
        }
        trace.until(60.0);
        assert_eq!(verdict(&trace.flow()), expected);
    }
}

#[test]
fn bytes_that_a_closed_window_refused_were_not_lost() {
    for (opens, expected) in [
        (4.0, "succeeded transfer"),
        (1.2, "stalled transfer transfer-stalled unknown"),
    ] {
        let (mut trace, mut tcp) = succeeded_on(about_to_wrap());
        trace.at(1.0, tcp.data(From::Server, &[0x17; 1448]));
        let repeated = tcp.again(From::Server, 1448, &[0x17; 1448]);
        let answer = |window| {
            let mut client = tcp.clone();
            client.client_window = window;
            let unmoved = tcp.server_next.wrapping_sub(1448);
            client.raw(From::Client, ACK, tcp.client_next, unmoved, &[])
        };
        trace.at(1.001, answer(0)).at(opens, answer(65_000));
        for at in [1.1, 1.5, 2.5, 4.5] {
            trace.at(at, repeated.clone());
        }
        assert_eq!(verdict(&trace.until(9.0).flow()), expected, "{opens}");
    }
}

#[test]
fn a_rst_after_words_that_were_not_captured_did_not_come_before_any() {
    for (said, expected) in [
        (62, "unjudged transfer"),
        (0, "reset handshake reset-in-handshake server"),
    ] {
        let (mut trace, mut tcp) = connected();
        let _lost = tcp.data(From::Client, &vec![b'G'; said]);
        trace.at(0.05, tcp.ack(From::Server));
        trace.at(0.07, tcp.rst(From::Server));
        assert_eq!(verdict(&trace.flow()), expected);
    }
}

/// A keep-alive repeats the last number with a byte that is no data; after a FIN, that number is the FIN's.
#[test]
fn a_keep_alive_after_an_unacknowledged_fin_says_nothing() {
    for (flight, expected) in [(369, "unjudged handshake"), (0, CLIENT_ABORT)] {
        let (mut trace, mut tcp) = answered_on(about_to_wrap(), &flight_13());
        let _lost = tcp.data(From::Client, &vec![0x17; flight]);
        let finished = tcp.ack(From::Server);
        trace.at(0.07, finished).at(0.08, tcp.fin(From::Client));
        trace.at(0.1, tcp.fin(From::Server));
        for at in [2.0, 4.0, 6.0] {
            let seq = tcp.server_next.wrapping_sub(1);
            trace.at(at, tcp.raw(From::Server, ACK, seq, tcp.client_next, &[0]));
        }
        assert_eq!(verdict(&trace.flow()), expected, "{flight}");
    }
}

/// The first transmission of the answer was not captured; the server, which lacks the client's RST, sends it again.
#[test]
fn a_client_whose_rst_acknowledges_all_has_it_all() {
    for (has_it, expected) in [(true, "succeeded transfer"), (false, "unjudged handshake")] {
        let (mut trace, mut tcp) = answered_on(about_to_wrap(), &flight_13());
        let request = [finished_13(), tls::application(300)].concat();
        send(&mut trace, 0.07, &mut tcp, From::Client, &request);
        let answer = tls::application(60);
        let before = tcp.server_next;
        let _lost = tcp.data(From::Server, &answer);
        trace.at(0.09, tcp.fin(From::Server));
        let had = if has_it { tcp.server_next } else { before };
        let rst = tcp.raw(From::Client, RST | ACK, tcp.client_next, had, &[]);
        trace.at(0.0901, rst);
        let again = tcp.raw(From::Server, ACK, before, tcp.client_next, &answer);
        trace.at(2.0, again);
        assert_eq!(verdict(&trace.flow()), expected, "{has_it}");
    }
}
