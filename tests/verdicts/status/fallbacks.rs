//! Success by another path: `degraded`, with the path that is broken.

use super::{row, status};
use crate::support::packet::Packet;
use crate::support::session::{is_ignored, is_reset, resolves, succeeds, to};
use crate::support::tcp::Tcp;
use crate::support::trace::{Trace, requirement};
use crate::support::{CLIENT, HOST, SERVER, dns};

#[test]
fn a_second_address_that_works_makes_the_first_ones_failure_a_degradation() {
    let mut trace = Trace::new();
    let second = "203.0.113.11";
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER, second]);
    is_ignored(&mut trace, 0.1, &mut Tcp::new(50_001));
    succeeds(&mut trace, 8.0, &mut to(50_002, second, 443), HOST);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "degraded");
    let text = row.explanation.unwrap();
    assert!(
        text.starts_with("Address 203.0.113.10 fails, 203.0.113.11 works"),
        "{text}"
    );
}

#[test]
fn a_push_connection_that_falls_back_to_443_is_degraded() {
    let host = "1-courier.push.apple.com";
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, host, &[SERVER]);
    is_ignored(&mut trace, 0.1, &mut to(50_001, SERVER, 5223));
    succeeds(&mut trace, 8.0, &mut Tcp::new(50_002), host);
    let row = requirement(&trace.summary(), "*.push.apple.com");
    assert_eq!(row.status.to_string(), "degraded");
    let text = row.explanation.unwrap();
    assert!(
        text.starts_with("5223/tcp fails, falls back to 443/tcp"),
        "{text}"
    );
    assert!(row.remedy.unwrap().contains("5223/tcp"));
}

#[test]
fn a_second_resolver_that_answers_makes_the_first_ones_failure_a_degradation() {
    let bad = "192.168.7.2";
    let mut trace = Trace::new();
    let query = dns::query(1, HOST, dns::A);
    let refused = dns::response(1, HOST, dns::A, dns::REFUSED, &[]);
    trace.at(0.0, Packet::udp((CLIENT, 5300), (bad, 53), &query));
    trace.at(0.01, Packet::udp((bad, 53), (CLIENT, 5300), &refused));
    resolves(&mut trace, 0.1, 5301, HOST, &[SERVER]);
    succeeds(&mut trace, 0.2, &mut Tcp::new(50_001), HOST);
    let row = row(&trace);
    assert_eq!(row.status.to_string(), "degraded");
    assert!(
        row.explanation
            .unwrap()
            .starts_with("Resolver 192.168.7.2 fails")
    );
    assert_eq!((row.attempts.failed, row.attempts.succeeded), (1, 1));
}

#[test]
fn one_resolver_that_sometimes_refuses_is_flaky() {
    let mut trace = Trace::new();
    let refused = dns::response(1, HOST, dns::A, dns::SERVFAIL, &[]);
    trace.at(0.0, dns::ask(1, &dns::query(1, HOST, dns::A)));
    trace.at(0.01, dns::answer(1, &refused));
    resolves(&mut trace, 0.1, 5301, HOST, &[SERVER]);
    succeeds(&mut trace, 0.2, &mut Tcp::new(50_001), HOST);
    assert_eq!(status(&trace), "flaky");
}

#[test]
fn a_fallback_that_also_fails_is_failing() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    is_reset(&mut trace, 1.0, &mut to(50_002, "203.0.113.11", 443), HOST);
    assert_eq!(status(&trace), "failing");
}

#[test]
fn a_path_that_breaks_after_another_had_worked_is_flaky() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    is_reset(&mut trace, 10.0, &mut to(50_002, "203.0.113.11", 443), HOST);
    assert_eq!(status(&trace), "flaky");
}

#[test]
fn the_fallback_of_another_name_explains_nothing() {
    let mut trace = Trace::new();
    let (a, b) = ("1-courier.push.apple.com", "2-courier.push.apple.com");
    is_reset(&mut trace, 0.0, &mut to(50_001, SERVER, 5223), a);
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_002), b);
    let row = requirement(&trace.summary(), "*.push.apple.com");
    assert_eq!(row.status.to_string(), "flaky");
}

#[test]
fn a_fault_that_is_explained_and_one_that_is_not_are_flaky_together() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut to(50_001, "203.0.113.11", 443), HOST);
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_002), HOST);
    is_reset(&mut trace, 2.0, &mut Tcp::new(50_003), HOST);
    assert_eq!(status(&trace), "flaky");
}

#[test]
fn of_two_resolvers_asked_at_once_the_one_that_refuses_is_broken_whatever_the_order() {
    let bad = "192.168.7.2";
    for asked in [0.0, 0.2] {
        let mut trace = Trace::new();
        let query = dns::query(1, HOST, dns::A);
        let refused = dns::response(1, HOST, dns::A, dns::REFUSED, &[]);
        trace.at(asked, Packet::udp((CLIENT, 5300), (bad, 53), &query));
        trace.at(
            asked + 0.01,
            Packet::udp((bad, 53), (CLIENT, 5300), &refused),
        );
        resolves(&mut trace, 0.1, 5301, HOST, &[SERVER]);
        let row = row(&trace);
        assert_eq!(row.status.to_string(), "degraded", "asked at {asked} s");
        assert!(
            row.explanation
                .unwrap()
                .starts_with("Resolver 192.168.7.2 fails")
        );
    }
}
