//! Statuses without a fallback.

use windfall::verdict::rows::is_fault;
use windfall::verdict::summary::Requirement;

use super::{row, status};
use crate::support::session::{is_ignored, is_reset, resolves, succeeds};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, requirement};
use crate::support::{HOST, SERVER, dns, tls};

#[test]
fn attempts_that_all_succeeded_are_ok() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_002), HOST);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "ok");
    assert_eq!(
        (row.attempts.succeeded, row.cause, row.remedy),
        (2, None, None)
    );
}

#[test]
fn no_success_among_finished_attempts_is_failing_with_cause_remedy_and_frames() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "failing");
    assert_eq!(row.cause.unwrap().to_string(), "reset-after-client-hello");
    assert!(row.explanation.is_some() && row.remedy.is_some());
    assert!(row.evidence.iter().any(|note| note.frame == 5));
    assert!(is_fault(&row));
}

#[test]
fn success_and_failure_on_one_path_are_flaky_with_their_ratio() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_002), HOST);
    succeeds(&mut trace, 2.0, &mut Tcp::new(50_003), HOST);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "flaky");
    assert!(
        row.explanation
            .clone()
            .unwrap()
            .starts_with("1 of 3 attempts failed")
    );
    assert!(!is_fault(&row));
}

#[test]
fn attempts_that_none_finished_are_pending() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    trace.at(0.1, Tcp::new(50_001).syn());
    trace.until(2.0);
    assert_eq!(status(&trace), "pending");
}

#[test]
fn a_pending_attempt_beside_a_success_is_ok() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    succeeds(&mut trace, 0.1, &mut Tcp::new(50_001), HOST);
    trace.at(30.0, Tcp::new(50_002).syn());
    trace.until(31.0);
    let row = row(&trace);
    assert_eq!(
        (row.status.to_string().as_str(), row.attempts.pending),
        ("ok", 1)
    );
}

#[test]
fn an_attempt_of_which_the_capture_shows_too_little_is_unjudged() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &tls::client_hello(HOST)));
    trace.at(0.5, tcp.fin(From::Client));
    trace.at(0.52, tcp.fin(From::Server));
    trace.until(60.0);
    assert_eq!(status(&trace), "unjudged");
}

#[test]
fn a_name_that_was_only_resolved_is_unjudged_and_counts_no_attempt() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    trace.until(60.0);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "unjudged");
    assert_eq!(
        row.attempts,
        windfall::verdict::summary::Attempts::default()
    );
}

#[test]
fn what_nobody_tried_is_not_seen_and_belongs_to_no_device() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, "www.example.org", &[SERVER]);
    let summary = trace.summary();
    let rows: Vec<&Requirement> = summary
        .requirements
        .iter()
        .filter(|row| row.pattern == HOST)
        .collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].status.to_string(), "not-seen");
    assert!(rows[0].client.is_none());
}

#[test]
fn an_abandoned_attempt_does_not_spoil_a_success() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER, "203.0.113.11"]);
    // Two SYNs race; one wins, the other is let go.
    trace.at(
        0.1,
        crate::support::session::to(50_001, "203.0.113.11", 443).syn(),
    );
    succeeds(&mut trace, 0.35, &mut Tcp::new(50_002), HOST);
    trace.until(60.0);
    let row = row(&trace);
    assert_eq!(
        (row.status.to_string().as_str(), row.attempts.abandoned),
        ("ok", 1)
    );
}

#[test]
fn the_commonest_cause_stands_for_the_requirement() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    is_ignored(&mut trace, 0.1, &mut Tcp::new(50_001));
    is_reset(&mut trace, 10.0, &mut Tcp::new(50_002), HOST);
    is_reset(&mut trace, 20.0, &mut Tcp::new(50_003), HOST);
    let row = row(&trace);
    assert_eq!(row.cause.unwrap().to_string(), "reset-after-client-hello");
    assert_eq!((row.attempts.stalled, row.attempts.reset), (1, 2));
}

#[test]
fn an_optional_host_that_fails_is_no_fault() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), "xp.apple.com");
    let row = requirement(&trace.summary(), "xp.apple.com");
    assert_eq!(row.status.to_string(), "failing");
    assert!(row.optional && !is_fault(&row));
}

#[test]
fn private_relay_that_the_network_disallows_is_called_a_choice() {
    let host = "mask.icloud.com";
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(1, &dns::query(1, host, dns::A)));
    let answer = dns::response(1, host, dns::A, dns::NXDOMAIN, &[]);
    trace.at(0.01, dns::answer(1, &answer));
    let row = requirement(&trace.summary(), host);
    assert!(!is_fault(&row));
    let text = row.explanation.unwrap();
    assert!(
        text.contains("Private Relay") && text.contains("not a fault"),
        "{text}"
    );
}
