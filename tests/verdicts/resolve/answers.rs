//! What answers say: response codes, alias chains, spelling.

use super::{ask, question, verdict};
use crate::support::trace::{Trace, requirement};
use crate::support::{HOST, RESOLVER, SERVER, dns};

fn answered_with(rcode: u8) -> Trace {
    let mut trace = Trace::new();
    let answer = dns::response(1, HOST, dns::A, rcode, &[]);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::A), &answer);
    trace
}

#[test]
fn an_rcode_that_refuses_is_a_failure_of_the_resolver() {
    for (rcode, cause, name) in [
        (dns::NXDOMAIN, "dns-nxdomain", "NXDOMAIN"),
        (dns::SERVFAIL, "dns-servfail", "SERVFAIL"),
        (dns::REFUSED, "dns-refused", "REFUSED"),
    ] {
        let summary = answered_with(rcode).summary();
        let row = question(&summary, "A");
        assert_eq!(verdict(&row), format!("failed {cause}"));
        assert_eq!(row.rcode.as_deref(), Some(name));
        let requirement = requirement(&summary, HOST);
        assert_eq!(requirement.status.to_string(), "failing");
        assert_eq!(requirement.origin.unwrap().to_string(), "resolver");
        assert!(requirement.explanation.unwrap().contains(RESOLVER));
    }
}

#[test]
fn both_question_and_answer_are_the_evidence_of_a_refusal() {
    let row = question(&answered_with(dns::NXDOMAIN).summary(), "A");
    let frames: Vec<u64> = row.evidence.iter().map(|note| note.frame).collect();
    assert_eq!(frames, [1, 2]);
}

#[test]
fn the_alias_chain_is_followed_to_its_addresses() {
    let mut trace = Trace::new();
    let chain = [
        dns::cname(HOST, "gs.apple.com.akadns.example"),
        dns::cname("gs.apple.com.akadns.example", "edge.cdn.example"),
        dns::record("edge.cdn.example", dns::A, &[203, 0, 113, 10]),
        dns::record("unrelated.example", dns::A, &[10, 0, 0, 1]),
    ];
    let answer = dns::response(1, HOST, dns::A, dns::NOERROR, &chain);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::A), &answer);
    let row = question(&trace.summary(), "A");
    assert_eq!(verdict(&row), "succeeded");
    assert_eq!(row.cname.as_deref(), Some("edge.cdn.example"));
    assert_eq!(row.addresses, [SERVER.parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn an_alias_that_leads_nowhere_is_no_address() {
    let mut trace = Trace::new();
    let chain = [dns::cname(HOST, "edge.cdn.example")];
    let answer = dns::response(1, HOST, dns::A, dns::NOERROR, &chain);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::A), &answer);
    let row = question(&trace.summary(), "A");
    assert_eq!(verdict(&row), "failed dns-no-address");
}

#[test]
fn case_that_a_resolver_mixes_changes_nothing() {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(1, &dns::query(1, "gS.aPPle.cOM", dns::A)));
    let answer = dns::addresses(1, "GS.apple.COM", dns::A, &[SERVER]);
    trace.at(0.02, dns::answer(1, &answer));
    let row = question(&trace.summary(), "A");
    assert_eq!(verdict(&row), "succeeded");
    assert_eq!((row.name.as_str(), row.transmissions), (HOST, 1));
    assert_eq!(row.requirement.as_deref(), Some(HOST));
}

#[test]
fn a_name_without_addresses_is_told_once_on_the_question_for_ipv4() {
    let mut trace = Trace::new();
    for (id, kind) in [(1, dns::A), (2, dns::AAAA), (3, dns::HTTPS)] {
        let empty = dns::response(id, HOST, kind, dns::NOERROR, &[]);
        ask(&mut trace, 0.0, id, &dns::query(id, HOST, kind), &empty);
    }
    let summary = trace.summary();
    assert_eq!(verdict(&question(&summary, "A")), "failed dns-no-address");
    assert_eq!(verdict(&question(&summary, "AAAA")), "succeeded");
    assert_eq!(verdict(&question(&summary, "HTTPS")), "succeeded");
    assert_eq!(requirement(&summary, HOST).attempts.failed, 1);
}

#[test]
fn no_ipv4_address_waits_for_what_the_question_for_ipv6_brings() {
    let mut trace = Trace::new();
    let empty = dns::response(1, HOST, dns::A, dns::NOERROR, &[]);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::A), &empty);
    trace.at(0.0, dns::ask(2, &dns::query(2, HOST, dns::AAAA)));
    trace.until(4.0);
    assert_eq!(verdict(&question(&trace.summary(), "A")), "pending");
    let some = dns::addresses(2, HOST, dns::AAAA, &["2001:db8::10"]);
    trace.at(4.1, dns::answer(2, &some));
    assert_eq!(verdict(&question(&trace.summary(), "A")), "succeeded");
}

#[test]
fn an_ipv6_question_without_data_says_nothing_when_ipv4_may_be_in_the_clients_cache() {
    let mut trace = Trace::new();
    let empty = dns::response(1, HOST, dns::AAAA, dns::NOERROR, &[]);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::AAAA), &empty);
    trace.until(30.0);
    assert_eq!(verdict(&question(&trace.summary(), "AAAA")), "succeeded");
}

#[test]
fn a_device_without_ipv4_that_gets_no_ipv6_address_has_none() {
    let (client, resolver) = ("fd07::20", "fd07::1");
    let mut trace = Trace::new();
    let query = dns::query(1, HOST, dns::AAAA);
    let empty = dns::response(1, HOST, dns::AAAA, dns::NOERROR, &[]);
    trace.at(
        0.0,
        crate::support::packet::Packet::udp((client, 5300), (resolver, 53), &query),
    );
    trace.at(
        0.02,
        crate::support::packet::Packet::udp((resolver, 53), (client, 5300), &empty),
    );
    let row = question(&trace.summary(), "AAAA");
    assert_eq!(verdict(&row), "failed dns-no-address");
}

#[test]
fn a_question_for_service_bindings_alone_says_nothing_without_data() {
    let mut trace = Trace::new();
    let empty = dns::response(1, HOST, dns::HTTPS, dns::NOERROR, &[]);
    ask(&mut trace, 0.0, 1, &dns::query(1, HOST, dns::HTTPS), &empty);
    trace.until(30.0);
    assert_eq!(verdict(&question(&trace.summary(), "HTTPS")), "succeeded");
}
