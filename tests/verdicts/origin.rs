//! Who sent the RST: verdicts.md 3.5, sign by sign.

use crate::support::opening::{
    about_to_wrap, answered, answered_on, evidence, flight_13, frame_that, greeted, greeted_on,
    says, send, succeeded,
};
use crate::support::tcp::{ACK, From, RST, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{CLIENT, tls};

const SERVER: &str = "reset handshake reset-after-client-hello server";
const MIDDLEBOX: &str = "reset handshake reset-after-client-hello middlebox";
const LOCAL: &str = "reset handshake reset-after-client-hello local-network";

#[test]
fn a_ttl_three_off_the_servers_own_is_a_middlebox_and_two_off_is_the_server() {
    for (ttl, expected) in [
        (53, MIDDLEBOX),
        (54, SERVER),
        (56, SERVER),
        (58, SERVER),
        (59, MIDDLEBOX),
        (250, MIDDLEBOX),
    ] {
        let (mut trace, tcp) = greeted();
        trace.at(0.04, tcp.rst(From::Server).ttl(ttl));
        assert_eq!(verdict(&trace.flow()), expected, "TTL {ttl}");
    }
}

#[test]
fn the_ttl_sign_tells_both_ttls_and_how_far_away_the_sender_is() {
    let (mut trace, tcp) = greeted();
    trace.at(0.04, tcp.rst(From::Server).ttl(63));
    let flow = trace.flow();
    assert!(says(&flow, "TTL 63") && says(&flow, "have 56") && says(&flow, "1 hop away"));
    assert_eq!(frame_that(&flow, "RST, TTL 63"), Some(5));
    assert!(frame_that(&flow, "TTL 56").is_some());
}

#[test]
fn a_hop_limit_counts_like_a_ttl() {
    let mut tcp = Tcp::between(("fd07::20", 50_006), ("2001:db8::10", 443));
    tcp.server_ttl = 49;
    let (mut trace, tcp) = greeted_on(tcp);
    trace.at(0.04, tcp.rst(From::Server).ttl(255));
    assert_eq!(verdict(&trace.flow()), MIDDLEBOX);
}

#[test]
fn a_server_whose_own_ttl_varies_is_not_told_from_a_rst_within_that_range() {
    let (mut trace, tcp) = answered(&flight_13());
    trace.at(0.055, tcp.ack(From::Server).ttl(51));
    trace.at(0.06, tcp.rst(From::Server).ttl(50));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake server"
    );
}

/// A server that counts its packets, answered by a RST of its own TTL with this IP-ID and these flags.
fn rst_with_id(id: u16, flags: u8) -> Trace {
    let mut tcp = Tcp::new(50_000);
    tcp.server_ip_id = 0xfffd;
    let (mut trace, tcp) = answered_on(tcp, &flight_13());
    let rst = tcp.raw(From::Server, flags, tcp.server_next, tcp.client_next, &[]);
    trace.at(0.06, rst.ip_id(id));
    trace
}

#[test]
fn an_ip_id_far_from_the_servers_count_on_a_live_connection_is_a_middlebox() {
    let flow = rst_with_id(0x9000, RST | ACK).flow();
    assert_eq!(
        verdict(&flow),
        "reset handshake reset-in-handshake middlebox"
    );
    assert!(says(&flow, "IP-ID"));
    assert!(frame_that(&flow, "IP-ID 36864").is_some());
    assert!(frame_that(&flow, "the server's last packet").is_some());
}

#[test]
fn an_ip_id_of_the_count_of_zero_or_of_a_stateless_answer_proves_nothing() {
    // The count wrapped around 2^16; a kernel answers what it has no socket for without one.
    for (id, flags) in [
        (3, RST | ACK),
        (300, RST | ACK),
        (0, RST | ACK),
        (0x9000, RST),
    ] {
        assert_eq!(
            verdict(&rst_with_id(id, flags).flow()),
            "reset handshake reset-in-handshake server",
            "IP-ID {id}"
        );
    }
}

#[test]
fn a_server_that_draws_its_ip_ids_at_random_is_not_told_by_them() {
    let (mut trace, mut tcp) = greeted();
    for (n, id) in (0u32..).zip([9_000, 61_000, 22_000]) {
        tcp.server_ip_id = id;
        let at = 0.05 + f64::from(n) * 0.001;
        let piece = &flight_13()[n as usize * 800..][..800];
        trace.at(at, tcp.data(From::Server, piece));
    }
    trace.at(0.06, tcp.rst(From::Server).ip_id(0x9000));
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake server"
    );
}

#[test]
fn a_sequence_number_before_the_connection_or_far_beyond_it_is_no_server_of_this_connection() {
    for (base, seq) in [
        (0x8000_0000, 0),
        (100, 50u32.wrapping_sub(100)),
        (100, 0x2000_0000),
    ] {
        let mut tcp = Tcp::new(50_000);
        tcp.server_next = base;
        let (mut trace, tcp) = greeted_on(tcp);
        let rst = tcp.raw(From::Server, RST | ACK, seq, tcp.client_next, &[]);
        trace.at(0.05, rst);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), MIDDLEBOX, "{seq}");
        assert!(says(&flow, "outside the receive window"));
    }
}

#[test]
fn a_genuine_rst_after_more_than_two_gigabytes_lies_inside_the_window() {
    let (mut trace, mut tcp) = succeeded();
    // 3 GB that the capture dropped but for one segment in 250 MB; the client acknowledges them.
    for round in 0..12 {
        tcp.server_next = tcp.server_next.wrapping_add(250_000_000);
        let at = 1.0 + f64::from(round);
        send(&mut trace, at, &mut tcp, From::Server, &[0x17; 1448]);
        trace.at(at + 0.01, tcp.ack(From::Client));
    }
    send(
        &mut trace,
        13.0,
        &mut tcp,
        From::Client,
        &tls::application(300),
    );
    trace.at(13.02, tcp.rst(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "reset transfer reset-in-transfer server"
    );
}

#[test]
fn several_rsts_some_beyond_what_the_server_had_sent_are_a_middleboxs_volley() {
    let (mut trace, tcp) = greeted_on(about_to_wrap());
    for (n, ahead) in (0u32..).zip([0, 1460, 4380]) {
        let seq = tcp.server_next.wrapping_add(ahead);
        let rst = tcp.raw(From::Server, RST | ACK, seq, tcp.client_next, &[]);
        trace.at(
            0.04 + f64::from(n) * 1e-4,
            rst.ip_id(100 + u16::try_from(n).unwrap()),
        );
    }
    let flow = trace.flow();
    assert_eq!(verdict(&flow), MIDDLEBOX);
    assert!(says(&flow, "several RSTs"));
}

#[test]
fn several_rsts_at_numbers_that_the_client_had_acknowledged_are_a_servers_answers() {
    let (mut trace, tcp) = answered(&flight_13());
    for (n, back) in (0u32..).zip([0, 1448, 2000]) {
        let seq = tcp.server_next.wrapping_sub(back);
        let rst = tcp.raw(From::Server, RST, seq, 0, &[]);
        trace.at(0.06 + f64::from(n) * 1e-3, rst);
    }
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake server"
    );
}

/// A RST of the server's own TTL; the server's flight comes so long after it.
fn data_after_rst(tcp: Tcp, later: f64) -> Trace {
    let (mut trace, mut tcp) = greeted_on(tcp);
    trace.at(0.04, tcp.rst(From::Server));
    send(
        &mut trace,
        0.04 + later,
        &mut tcp,
        From::Server,
        &flight_13(),
    );
    trace
}

#[test]
fn server_data_beyond_a_rst_more_than_a_round_trip_later_shows_that_the_server_never_sent_it() {
    let flow = data_after_rst(about_to_wrap(), 0.03).flow();
    assert_eq!(verdict(&flow), MIDDLEBOX);
    assert!(says(&flow, "ms after the RST, which it cannot have sent"));
    let shown: Vec<u64> = evidence(&flow).iter().map(|(frame, _)| *frame).collect();
    assert_eq!(shown, [4, 5, 6]);
    assert!(frame_that(&flow, "at or beyond").is_some());
}

#[test]
fn server_data_merely_reordered_round_a_genuine_rst_is_no_sign() {
    for later in [0.0005, 0.015] {
        let flow = data_after_rst(Tcp::new(50_000), later).flow();
        assert_eq!(verdict(&flow), SERVER, "{later} s later");
    }
}

#[test]
fn a_retransmission_from_before_the_rst_is_no_sign() {
    let (mut trace, tcp) = answered(&flight_13());
    let flight = flight_13();
    trace.at(0.06, tcp.rst(From::Server));
    trace.at(
        0.2,
        tcp.again(From::Server, 700, &flight[flight.len() - 700..]),
    );
    assert_eq!(
        verdict(&trace.flow()),
        "reset handshake reset-in-handshake server"
    );
}

/// A RST in answer to the SYN, with this TTL.
fn refused(server: &str, ttl: u8) -> String {
    let mut trace = Trace::new();
    let mut tcp = Tcp::between((CLIENT, 50_000), (server, 443));
    trace.at(0.0, tcp.syn());
    let rst = tcp.raw(From::Server, RST | ACK, 0, tcp.client_next, &[]);
    trace.at(0.001, rst.ttl(ttl));
    verdict(&trace.flow())
}

#[test]
fn a_refusal_with_an_unspent_ttl_in_a_distant_servers_name_is_the_local_networks() {
    for ttl in [64, 63, 127, 128, 254, 255] {
        assert_eq!(
            refused("203.0.113.10", ttl),
            "reset connect connection-refused local-network",
            "TTL {ttl}"
        );
    }
    for ttl in [56, 62, 118, 126, 240, 253] {
        assert_eq!(
            refused("203.0.113.10", ttl),
            "reset connect connection-refused server",
            "TTL {ttl}"
        );
    }
}

#[test]
fn a_refusal_of_a_server_on_the_local_network_is_its_own() {
    assert_eq!(
        refused("192.168.7.40", 64),
        "reset connect connection-refused server"
    );
}

/// A SYN, a RST of this number and TTL that acknowledges it, and the server's SYN-ACK.
fn refused_then_accepted(seq: u32, ttl: u8) -> windfall::verdict::summary::Flow {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_000));
    trace.at(0.0, tcp.syn());
    let rst = tcp.raw(From::Server, RST | ACK, seq, tcp.client_next, &[]);
    trace.at(0.0195, rst.ttl(ttl));
    trace.at(0.02, tcp.syn_ack());
    let gone = tcp.raw(From::Client, RST, tcp.client_next, 0, &[]);
    trace.at(0.0201, gone);
    trace.flow()
}

#[test]
fn a_syn_ack_that_comes_after_the_refusal_shows_that_the_server_did_not_refuse() {
    for ttl in [64, 56] {
        let flow = refused_then_accepted(0, ttl);
        assert_eq!(verdict(&flow), "reset connect connection-refused middlebox");
        assert_eq!(frame_that(&flow, &format!("RST, TTL {ttl}")), Some(2));
    }
}

#[test]
fn a_syn_ack_captured_after_the_rst_that_follows_its_number_is_the_same_servers() {
    let flow = refused_then_accepted(0x8000_0001, 56);
    assert_eq!(verdict(&flow), "reset connect connection-refused server");
}

#[test]
fn a_syn_ack_that_arrives_as_from_the_local_network_is_a_transparent_proxys() {
    for ttl in [64, 63, 127, 255] {
        let mut tcp = Tcp::new(50_000);
        tcp.server_ttl = ttl;
        let (mut trace, tcp) = greeted_on(tcp);
        trace.at(0.05, tcp.rst(From::Server));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), LOCAL);
        assert!(says(&flow, "answers in the server's name"));
        assert_eq!(frame_that(&flow, "SYN-ACK of a public address"), Some(2));
    }
}

#[test]
fn a_proxys_own_fin_is_the_local_networks_too_but_a_lan_servers_rst_is_its_own() {
    let mut tcp = Tcp::new(50_000);
    tcp.server_ttl = 64;
    let (mut trace, mut tcp) = greeted_on(tcp);
    trace.at(0.05, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "failed handshake closed-in-handshake local-network"
    );
    let mut neighbour = Tcp::between((CLIENT, 50_000), ("192.168.7.40", 443));
    neighbour.server_ttl = 64;
    let (mut trace, tcp) = greeted_on(neighbour);
    trace.at(0.05, tcp.rst(From::Server));
    assert_eq!(verdict(&trace.flow()), SERVER);
}
