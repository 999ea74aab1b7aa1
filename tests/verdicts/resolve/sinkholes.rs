//! Addresses that no public name has.

use windfall::verdict::assemble::Allowed;

use super::{ask, question, verdict};
use crate::support::trace::{Trace, requirement};
use crate::support::{HOST, dns};

fn answered(name: &str, address: &str) -> Trace {
    let mut trace = Trace::new();
    let kind = if address.contains(':') {
        dns::AAAA
    } else {
        dns::A
    };
    let answer = dns::addresses(1, name, kind, &[address]);
    ask(&mut trace, 0.0, 1, &dns::query(1, name, kind), &answer);
    trace
}

fn words(trace: &Trace) -> String {
    verdict(&trace.summary().dns[0])
}

#[test]
fn a_required_name_with_an_address_of_nobody_is_sinkholed() {
    for address in [
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.1.1",
        "::",
        "::1",
        "fc00::1",
        "fd00::1",
        "fe80::1",
        "febf::1",
        "::ffff:10.0.0.1",
    ] {
        assert_eq!(
            words(&answered(HOST, address)),
            "failed dns-sinkholed",
            "{address}"
        );
    }
}

#[test]
fn addresses_beside_those_ranges_are_public() {
    for address in [
        "1.0.0.0",
        "128.0.0.1",
        "11.0.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.0.1",
        "169.253.1.1",
        "fec0::1",
        "2001:db8::1",
        "17.1.2.3",
    ] {
        assert_eq!(words(&answered(HOST, address)), "succeeded", "{address}");
    }
}

#[test]
fn nat64_addresses_are_public() {
    assert_eq!(words(&answered(HOST, "64:ff9b::cb00:710a")), "succeeded");
}

#[test]
fn names_that_nobody_requires_may_be_private() {
    assert_eq!(
        words(&answered("printer.example.org", "192.168.7.9")),
        "succeeded"
    );
}

#[test]
fn a_sinkhole_names_the_resolver_and_the_address() {
    let requirement = requirement(&answered(HOST, "0.0.0.0").summary(), HOST);
    assert_eq!(requirement.status.to_string(), "failing");
    assert_eq!(requirement.origin.unwrap().to_string(), "resolver");
    assert!(requirement.explanation.unwrap().contains("0.0.0.0"));
}

#[test]
fn a_sibling_with_an_address_does_not_excuse_a_sinkhole() {
    let mut trace = answered(HOST, "0.0.0.0");
    let answer = dns::addresses(2, HOST, dns::AAAA, &["2001:db8::1"]);
    ask(&mut trace, 0.0, 2, &dns::query(2, HOST, dns::AAAA), &answer);
    assert_eq!(
        verdict(&question(&trace.summary(), "A")),
        "failed dns-sinkholed"
    );
}

#[test]
fn a_name_that_the_operator_allows_may_be_private_with_all_below_it() {
    let mut trace = answered(HOST, "10.1.2.3");
    trace.allow_private = vec![Allowed::Name(b"apple.com".to_vec())];
    assert_eq!(words(&trace), "succeeded");
    trace.allow_private = vec![Allowed::Name(b"s.apple.com".to_vec())];
    assert_eq!(words(&trace), "failed dns-sinkholed");
}

#[test]
fn a_network_that_the_operator_allows_may_answer_and_no_other() {
    let mut trace = answered(HOST, "10.1.2.3");
    trace.allow_private = vec![Allowed::Network("10.1.0.0/16".parse().unwrap())];
    assert_eq!(words(&trace), "succeeded");
    trace.allow_private = vec![Allowed::Network("10.2.0.0/16".parse().unwrap())];
    assert_eq!(words(&trace), "failed dns-sinkholed");
}
