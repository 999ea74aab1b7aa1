//! The status of the first response.

use super::{OCSP, asked, exchange, response};
use crate::support::tcp::From;
use crate::support::trace::{requirement, verdict};

#[test]
fn a_status_that_logins_filters_and_broken_gateways_send_is_a_failure() {
    for status in [401, 403, 407, 451, 500, 502, 503, 599] {
        let trace = exchange(OCSP, &response(status, "", "x"));
        assert_eq!(
            verdict(&trace.flow()),
            "failed transfer http-error server",
            "{status}"
        );
    }
}

#[test]
fn any_other_status_shows_that_the_path_works() {
    for status in [200, 204, 206, 304, 400, 404, 405, 410, 429] {
        let trace = exchange(OCSP, &response(status, "", "x"));
        assert_eq!(verdict(&trace.flow()), "succeeded transfer", "{status}");
    }
}

#[test]
fn a_404_succeeds_with_a_note_that_names_its_frame() {
    let flow = exchange(OCSP, &response(404, "", "x")).flow();
    let note = flow.evidence.last().unwrap();
    assert_eq!(note.frame, 6);
    assert!(note.note.contains("404"));
}

#[test]
fn a_required_plaintext_host_is_matched_by_its_host_field() {
    let summary = exchange(OCSP, &response(200, "", "x")).summary();
    assert_eq!(summary.flows[0].requirement.as_deref(), Some(OCSP));
    assert_eq!(requirement(&summary, OCSP).status.to_string(), "ok");
}

#[test]
fn an_interim_response_is_not_the_answer() {
    let (mut trace, mut tcp) = asked(OCSP);
    trace.at(
        0.06,
        tcp.data(From::Server, b"HTTP/1.1 100 Continue\r\n\r\n"),
    );
    trace.at(0.08, tcp.data(From::Server, &response(503, "", "x")));
    assert_eq!(verdict(&trace.flow()), "failed transfer http-error server");
}

#[test]
fn a_refusal_from_next_door_is_the_local_networks() {
    let (mut trace, mut tcp) = (crate::support::trace::Trace::new(), super::plain());
    tcp.server_ttl = 64;
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &super::get(OCSP)));
    trace.at(0.04, tcp.data(From::Server, &response(403, "", "blocked")));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer http-error local-network"
    );
}

#[test]
fn only_the_first_response_decides() {
    let mut trace = exchange(OCSP, &response(200, "", "x"));
    let (_, mut tcp) = asked(OCSP);
    tcp.server_next = tcp
        .server_next
        .wrapping_add(u32::try_from(response(200, "", "x").len()).unwrap());
    trace.at(0.2, tcp.data(From::Client, &super::get(OCSP)));
    trace.at(0.3, tcp.data(From::Server, &response(503, "", "x")));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}
