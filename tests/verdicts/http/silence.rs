//! Requests that get no response.

use super::{OCSP, asked, response};
use crate::support::tcp::From;
use crate::support::trace::{requirement, verdict};

#[test]
fn an_acknowledged_request_without_a_response_for_thirty_seconds_is_a_stall() {
    let (mut trace, _) = asked(OCSP);
    trace.until(30.03);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled transfer response-missing unknown");
    assert_eq!(flow.evidence[0].frame, 4);
    assert_eq!(
        requirement(&trace.summary(), OCSP).status.to_string(),
        "failing"
    );
}

#[test]
fn a_response_after_29_seconds_is_in_time() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(29.0, tcp.data(From::Server, &response(200, "", "x")));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
}

#[test]
fn a_response_after_31_seconds_recovered() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(31.0, tcp.data(From::Server, &response(200, "", "x")));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(flow.recovered);
}

#[test]
fn a_capture_that_ends_after_20_seconds_leaves_it_pending() {
    let (mut trace, _) = asked(OCSP);
    trace.until(20.0);
    assert_eq!(verdict(&trace.flow()), "pending transfer");
}

#[test]
fn a_client_that_gives_up_after_six_seconds_waited_in_vain() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(6.05, tcp.fin(From::Client));
    trace.at(6.07, tcp.ack(From::Server));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled transfer response-missing unknown");
    assert!(flow.explanation.unwrap().contains("gave up"));
}

#[test]
fn a_client_that_leaves_after_two_seconds_only_browsed_on() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(2.0, tcp.fin(From::Client));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_server_that_closes_without_a_word_did_not_answer() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(0.5, tcp.fin(From::Server));
    assert_eq!(
        verdict(&trace.flow()),
        "stalled transfer response-missing server"
    );
}

#[test]
fn a_response_whose_head_the_capture_missed_is_not_missing() {
    let (mut trace, mut tcp) = asked(OCSP);
    // Dropped by the capture, not by the network: the client acknowledges it.
    let _lost = tcp.data(From::Server, &response(200, "", "x"));
    trace.at(0.08, tcp.ack(From::Client));
    trace.at(0.1, tcp.data(From::Server, &[b'x'; 1000]));
    trace.at(0.11, tcp.ack(From::Client));
    trace.until(60.0);
    assert_eq!(verdict(&trace.flow()), "unjudged transfer");
}

#[test]
fn a_request_that_is_never_acknowledged_is_a_stalled_transfer() {
    let (mut trace, mut tcp) = (crate::support::trace::Trace::new(), super::plain());
    trace.connect(0.0, &mut tcp);
    let request = super::get(OCSP);
    trace.at(0.03, tcp.data(From::Client, &request));
    for seconds in [0.33, 0.93, 2.13, 4.53] {
        trace.at(seconds, tcp.again(From::Client, request.len(), &request));
    }
    trace.until(40.0);
    assert_eq!(
        verdict(&trace.flow()),
        "stalled transfer transfer-stalled unknown"
    );
}
