//! Frames that escaped the capture: the numbers of later ones tell that they were there, and no fault is made of them.

use windfall::verdict::outcome::Origin;

use crate::support::opening::{
    answered, finished_13, flight_13, greeted, open, send, succeeded_on,
};
use crate::support::tcp::{ACK, From, MSS, RST, SYN, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, HOST, SERVER, tls};

const OCSP_REQUEST: &[u8] = b"GET /status HTTP/1.1\r\nHost: ocsp.digicert.com\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A plain request, 20 ms after the connection was opened.
fn asked() -> (Trace, Tcp) {
    let (mut trace, mut tcp) = open(Tcp::between((CLIENT, 50_000), (SERVER, 80)));
    send(&mut trace, 0.04, &mut tcp, From::Client, OCSP_REQUEST);
    (trace, tcp)
}

#[test]
fn a_response_that_only_the_clients_acknowledgment_shows_is_not_missing() {
    let (mut trace, mut tcp) = asked();
    tcp.data(From::Server, RESPONSE);
    trace.at(0.061, tcp.ack(From::Client)).until(100.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_response_that_only_the_servers_next_number_shows_is_not_missing() {
    let (mut trace, mut tcp) = asked();
    tcp.data(From::Server, RESPONSE);
    trace.at(0.061, tcp.ack(From::Server)).until(100.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_response_before_a_fin_that_was_captured_alone_is_not_missing() {
    let (mut trace, mut tcp) = asked();
    tcp.data(From::Server, RESPONSE);
    trace.at(0.061, tcp.fin(From::Server)).until(100.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_request_without_any_answer_is_missing_one_still() {
    let (mut trace, tcp) = asked();
    trace.at(0.061, tcp.ack(From::Server)).until(100.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled transfer response-missing unknown"
    );
}

#[test]
fn the_last_data_before_a_servers_fin_may_have_escaped_and_been_the_success() {
    let (mut trace, mut tcp) = answered(&flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    tcp.data(From::Server, &tls::application(60));
    trace.at(0.09, tcp.fin(From::Server)).until(100.0);
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn acknowledgments_count_where_the_syn_ack_escaped() {
    // The client's Finished escapes too; the server's acknowledgment of it tells.
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    trace.at(0.0, tcp.syn());
    tcp.syn_ack();
    trace.at(0.021, tcp.ack(From::Client));
    send(
        &mut trace,
        0.03,
        &mut tcp,
        From::Client,
        &tls::client_hello(HOST),
    );
    send(&mut trace, 0.05, &mut tcp, From::Server, &flight_13());
    tcp.data(From::Client, &finished_13());
    trace.at(0.09, tcp.ack(From::Server));
    trace.at(0.1, tcp.fin(From::Server)).until(100.0);
    assert_eq!(verdict(&trace.flow()), "unjudged handshake");
}

#[test]
fn segments_out_of_order_are_read_where_the_syn_ack_escaped() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    trace.at(0.0, tcp.syn());
    tcp.syn_ack();
    trace.at(0.021, tcp.ack(From::Client));
    send(
        &mut trace,
        0.03,
        &mut tcp,
        From::Client,
        &tls::client_hello(HOST),
    );
    let flight = flight_13();
    let first = tcp.data(From::Server, &flight[..MSS]);
    let second = tcp.data(From::Server, &flight[MSS..]);
    trace.at(0.05, second).at(0.0501, first);
    let request = [finished_13(), tls::application(300)].concat();
    send(&mut trace, 0.07, &mut tcp, From::Client, &request);
    send(
        &mut trace,
        0.09,
        &mut tcp,
        From::Server,
        &tls::application(900),
    );
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_hello_that_escaped_makes_no_success_of_a_handshake_that_failed() {
    let (mut trace, mut tcp) = open(Tcp::new(50_000));
    tcp.data(From::Client, &tls::client_hello(HOST));
    trace.at(0.05, tcp.ack(From::Server));
    send(&mut trace, 0.051, &mut tcp, From::Server, &flight_13());
    send(&mut trace, 0.07, &mut tcp, From::Client, &finished_13());
    trace.at(0.09, tcp.fin(From::Server));
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_hello_in_a_syn_that_escaped_makes_no_success_either() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    let hello = tls::large_client_hello(HOST, MSS - 84);
    // Fast Open: all but the last bytes travel in the SYN.
    let (client, rest) = (tcp.client_next, &hello[MSS..]);
    tcp.client_next = client.wrapping_add(1 + u32::try_from(MSS).unwrap());
    let ack = tcp.client_next;
    trace.at(
        0.0,
        tcp.raw(From::Server, SYN | ACK, tcp.server_next, ack, &[]),
    );
    tcp.server_next = tcp.server_next.wrapping_add(1);
    send(&mut trace, 0.001, &mut tcp, From::Client, rest);
    send(&mut trace, 0.021, &mut tcp, From::Server, &flight_13());
    trace
        .at(0.022, tcp.fin(From::Client))
        .at(0.04, tcp.fin(From::Server));
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_burst_whose_end_escaped_is_not_broken_off_by_the_servers_rst() {
    let (mut trace, mut tcp) = succeeded_on(Tcp::new(50_000));
    let records = tls::application(MSS);
    let first = tcp.data(From::Server, &records[..MSS]);
    trace.at(0.1, first);
    tcp.data(From::Server, &records[MSS..]);
    trace.at(0.101, tcp.rst(From::Server));
    trace.at(0.102, tcp.ack(From::Client));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn what_a_server_repeats_to_a_client_that_had_it_all_and_left_is_no_stall() {
    let (mut trace, mut tcp) = succeeded_on(Tcp::new(50_000));
    let records = tls::application(1000);
    trace.at(1.0, tcp.data(From::Server, &records));
    trace.at(1.5, tcp.again(From::Server, records.len(), &records));
    // The client has read all and leaves, and its RSTs are lost on their way to the server.
    trace.at(1.501, tcp.rst(From::Client));
    for at in [2.5, 4.5, 8.5] {
        trace.at(at, tcp.again(From::Server, records.len(), &records));
        let answer = tcp.raw(From::Client, RST, tcp.client_next, 0, &[]);
        trace.at(at + 0.001, answer);
    }
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_stall_that_the_client_ends_by_a_rst_is_a_stall_still() {
    let (mut trace, mut tcp) = succeeded_on(Tcp::new(50_000));
    let records = tls::application(1000);
    trace.at(1.0, tcp.data(From::Server, &records));
    for at in [1.5, 2.5, 4.5, 8.5] {
        trace.at(at, tcp.again(From::Server, records.len(), &records));
    }
    let ack = tcp
        .server_next
        .wrapping_sub(u32::try_from(records.len()).unwrap());
    trace.at(
        9.0,
        tcp.raw(From::Client, RST | ACK, tcp.client_next, ack, &[]),
    );
    trace.at(16.5, tcp.again(From::Server, records.len(), &records));
    assert_eq!(
        verdict(&trace.flow()),
        "stalled transfer transfer-stalled unknown"
    );
}

#[test]
fn a_response_that_was_under_way_when_the_client_let_go_is_no_success() {
    let (mut trace, mut tcp) = asked();
    trace.at(0.041, tcp.rst(From::Client));
    send(&mut trace, 0.06, &mut tcp, From::Server, RESPONSE);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn data_that_the_servers_own_rst_overtook_was_sent_before_it() {
    let (mut trace, mut tcp) = answered(&flight_13());
    let request = [finished_13(), tls::application(300)].concat();
    send(&mut trace, 0.07, &mut tcp, From::Client, &request);
    let answer = tcp.data(From::Server, &tls::application(60));
    trace.at(0.09, tcp.rst(From::Server)).at(0.0902, answer);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_server_that_aborts_and_answers_strays_by_rsts_is_no_middlebox() {
    let (mut trace, mut tcp) = greeted();
    let answer = tcp.data(From::Server, &tls::hello_retry_request());
    // The abort overtakes the last data; the strays are answered at the numbers that they acknowledge.
    trace.at(0.05, tcp.rst(From::Server)).at(0.0501, answer);
    for (n, back) in [(1u32, 55u32), (2, 0)] {
        let seq = tcp.server_next.wrapping_sub(back);
        trace.at(
            0.051 + f64::from(n) * 1e-3,
            tcp.raw(From::Server, RST, seq, 0, &[]),
        );
    }
    let flow = trace.flow();
    assert_ne!(flow.origin, Some(Origin::Middlebox), "{}", verdict(&flow));
}

#[test]
fn a_request_that_the_snap_length_cut_is_no_success_whatever_was_answered() {
    let (mut trace, mut tcp) = open(Tcp::between((CLIENT, 50_000), ("192.168.7.1", 3128)));
    let request =
        b"CONNECT gs.apple.com:443 HTTP/1.1\r\nHost: gs.apple.com:443\r\nUser-Agent: x\r\n\r\n";
    let denial = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    trace.at(0.04, tcp.data(From::Client, request).snapped(72));
    trace.at(0.05, tcp.data(From::Server, denial).snapped(96));
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn what_waits_since_a_fin_does_not_wait_since_the_beginning_of_time() {
    let (mut trace, mut tcp) = asked();
    let response = [RESPONSE, &[b'x'; 900]].concat();
    tcp.data(From::Server, &response);
    trace.at(0.06, tcp.fin(From::Server));
    for at in [0.26, 0.66, 1.46] {
        let mut again = tcp.again(From::Server, response.len() + 1, &response);
        again.transport[13] = ACK;
        trace.at(at, again);
    }
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}
