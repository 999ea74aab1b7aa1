//! `CONNECTION_CLOSE` in an Initial.

use windfall::verdict::summary::Flow;

use super::{answer, answered, finished, flight, hello};
use crate::support::HOST;
use crate::support::opening::says;
use crate::support::quic::{Quic, close};
use crate::support::tcp::From;
use crate::support::trace::{Trace, verdict};

/// The server answers the hello with a close.
fn refused(code: u16, reason: &str) -> Flow {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let packet = quic.initial(From::Server, &close(code, reason));
    trace.at(0.02, quic.datagram(From::Server, &[packet]));
    trace.until(60.0);
    trace.flow()
}

#[test]
fn a_server_that_refuses_is_told_with_code_and_reason() {
    let flow = refused(0x02, "go away");
    assert_eq!(verdict(&flow), "failed handshake quic-closed server");
    assert!(
        says(&flow, "CONNECTION_REFUSED (0x2), \"go away\""),
        "{:?}",
        flow.explanation
    );
    assert_eq!(flow.evidence.last().unwrap().frame, 2);
}

#[test]
fn alerts_have_their_names() {
    let flow = refused(0x0100 + 120, "");
    assert!(
        says(&flow, "TLS alert no_application_protocol (0x178)"),
        "{:?}",
        flow.explanation
    );
}

#[test]
fn a_client_that_rejects_the_certificate_names_interception() {
    let (mut trace, mut quic) = answered();
    let packet = quic.initial(From::Client, &close(0x0100 + 48, ""));
    trace.at(0.03, quic.datagram(From::Client, &[packet]));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "failed handshake quic-closed client");
    assert!(
        says(&flow, "unknown_ca") && says(&flow, "interception"),
        "{:?}",
        flow.explanation
    );
}

#[test]
fn a_client_that_lets_it_go_without_an_error_proves_nothing() {
    for code in [0x00, 0x0c] {
        let (mut trace, mut quic) = answered();
        let packet = quic.initial(From::Client, &close(code, ""));
        trace.at(0.03, quic.datagram(From::Client, &[packet]));
        trace.until(60.0);
        assert_eq!(verdict(&trace.flow()), "unjudged handshake");
    }
}

#[test]
fn a_client_that_gives_up_unanswered_initials_says_nothing_of_the_server() {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let packet = quic.initial(From::Client, &close(0x0100 + 80, "timeout"));
    trace.at(0.3, quic.datagram(From::Client, &[packet]));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect");
}

#[test]
fn a_close_that_nobody_obeyed_is_none() {
    // Anyone on the way can seal an Initial; the server goes on.
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    let packet = quic.initial(From::Server, &close(0x02, "forged"));
    trace.at(0.01, quic.datagram(From::Server, &[packet]));
    trace.at(0.02, flight(&mut quic));
    trace.at(0.03, finished(&mut quic));
    trace.at(0.05, answer(&quic));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

/// The server's flight arrives `before` seconds after the hello, and a close in its name at 0.03 s with this TTL.
fn closed_in_the_servers_name(before: Option<f64>, ttl: u8, after: Option<f64>) -> Flow {
    let (mut trace, mut quic) = (Trace::new(), Quic::new(50_000));
    trace.at(0.0, hello(&mut quic, HOST));
    if let Some(seconds) = before {
        trace.at(seconds, flight(&mut quic));
    }
    let packet = quic.initial(From::Server, &close(0x02, "no"));
    trace.at(0.03, quic.datagram(From::Server, &[packet]).ttl(ttl));
    if let Some(seconds) = after {
        trace.at(seconds, flight(&mut quic));
    }
    trace.until(60.0);
    trace.flow()
}

#[test]
fn a_close_from_nearer_than_the_server_is_a_middleboxes() {
    // The server's own packets have TTL 56.
    let flow = closed_in_the_servers_name(Some(0.02), 64, None);
    assert_eq!(verdict(&flow), "failed handshake quic-closed middlebox");
    assert!(
        says(
            &flow,
            "the close has TTL 64, the server's own packets have 56: it was sent on this network segment"
        ),
        "{:?}",
        flow.explanation
    );
    let frames: Vec<u64> = flow.evidence.iter().map(|frame| frame.frame).collect();
    assert_eq!(frames, [1, 2, 3]);
    // Routes differ by a hop or two.
    let flow = closed_in_the_servers_name(Some(0.02), 58, None);
    assert_eq!(verdict(&flow), "failed handshake quic-closed server");
}

#[test]
fn a_close_without_a_packet_to_compare_with_is_told_by_its_own_ttl() {
    let flow = closed_in_the_servers_name(None, 64, None);
    assert_eq!(verdict(&flow), "failed handshake quic-closed local-network");
    assert!(
        says(
            &flow,
            "its TTL 64 says that it comes from the local network"
        ),
        "{:?}",
        flow.explanation
    );
    let flow = closed_in_the_servers_name(None, 56, None);
    assert_eq!(verdict(&flow), "failed handshake quic-closed server");
}

#[test]
fn a_server_that_goes_on_did_not_close() {
    // The flight comes 40 ms after the close, that had taken 30 ms.
    let flow = closed_in_the_servers_name(None, 56, Some(0.07));
    assert_eq!(verdict(&flow), "failed handshake quic-closed middlebox");
    assert!(
        says(&flow, "the server itself went on"),
        "{:?}",
        flow.explanation
    );
    // A flight that the close overtook is no sign.
    let flow = closed_in_the_servers_name(None, 56, Some(0.035));
    assert_eq!(verdict(&flow), "failed handshake quic-closed server");
}

#[test]
fn a_close_in_the_clients_name_that_the_client_did_not_send_is_no_change_of_mind() {
    for (ttl, expected) in [
        (64, "unjudged handshake"),
        (55, "failed handshake quic-closed middlebox"),
    ] {
        let (mut trace, mut quic) = answered();
        let packet = quic.initial(From::Client, &close(0, ""));
        trace.at(0.03, quic.datagram(From::Client, &[packet]).ttl(ttl));
        trace.until(60.0);
        assert_eq!(verdict(&trace.flow()), expected, "TTL {ttl}");
    }
}

#[test]
fn an_endless_reason_is_cut() {
    let flow = refused(0x0a, &"x".repeat(1000));
    let why = flow.explanation.unwrap();
    assert!(
        why.contains(&"x".repeat(256)) && why.len() < 400,
        "{} bytes",
        why.len()
    );
}
