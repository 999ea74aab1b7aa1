//! What is worth saying beside the requirements: verdicts.md 3.6, names that cannot be seen.

use windfall::verdict::summary::{Finding, Summary};

use crate::support::session::{is_ignored, is_reset, resolves, succeeds, to};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::Trace;
use crate::support::{CLIENT, HOST, SERVER, tls};

const APPLE: &str = "17.253.144.10";

fn found(summary: &Summary, code: &str) -> Option<Finding> {
    let found = summary
        .findings
        .iter()
        .filter(|finding| finding.code == code);
    let found: Vec<&Finding> = found.collect();
    assert!(found.len() <= 1, "{found:#?}");
    found.first().map(|finding| (*finding).clone())
}

/// Why the usual device's names are hidden.
fn reason(trace: &Trace) -> String {
    let finding = found(&trace.summary(), "names-hidden").unwrap();
    let clients: Vec<String> = finding.clients.iter().map(ToString::to_string).collect();
    assert_eq!(clients, [CLIENT]);
    let (_, why) = finding.detail.split_once(": ").unwrap();
    why.trim_end_matches('.').to_owned()
}

/// A connection to Apple that nobody answers and nothing names; other traffic is seen.
fn nameless() -> Trace {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_900), "www.example.org");
    is_ignored(&mut trace, 1.0, &mut to(50_001, APPLE, 443));
    trace.until(60.0);
    trace
}

#[test]
fn apple_addresses_behind_nat64_are_apples() {
    let mut trace = Trace::new();
    let mut tcp = Tcp::between(("fd07::20", 50_001), ("64:ff9b::11fd:900a", 443));
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &tls::nameless_client_hello()));
    trace.at(0.05, tcp.rst(From::Server));
    assert!(found(&trace.summary(), "apple-address-unnamed").is_some());
}

#[test]
fn an_apple_address_with_a_name_or_without_a_fault_is_not_listed() {
    let mut trace = Trace::new();
    is_reset(&mut trace, 0.0, &mut to(50_001, APPLE, 443), HOST);
    let summary = trace.summary();
    assert!(found(&summary, "apple-address-unnamed").is_none());
    assert!(found(&summary, "names-hidden").is_none());
}

#[test]
fn a_device_whose_questions_were_not_captured_is_said_to_be_one() {
    assert_eq!(
        reason(&nameless()),
        "no DNS question of this device was captured"
    );
}

#[test]
fn a_device_that_had_asked_earlier_is_said_to_have() {
    let mut trace = nameless();
    resolves(&mut trace, 0.5, 5301, "www.example.org", &[SERVER]);
    assert!(reason(&trace).contains("before the capture began"));
}

#[test]
fn dns_over_tls_is_named_as_the_reason() {
    let mut trace = nameless();
    succeeds(
        &mut trace,
        0.5,
        &mut to(50_002, "192.0.2.53", 853),
        "dns.example.org",
    );
    assert!(reason(&trace).contains("192.0.2.53 over encrypted DNS (port 853/tcp)"));
}

#[test]
fn dns_over_https_is_named_as_the_reason_by_name_or_by_address() {
    let mut by_name = nameless();
    succeeds(
        &mut by_name,
        0.5,
        &mut to(50_002, "192.0.2.53", 443),
        "mozilla.cloudflare-dns.com",
    );
    assert!(reason(&by_name).contains("Cloudflare at 192.0.2.53"));
    let mut by_address = nameless();
    let mut tcp = to(50_002, "8.8.8.8", 443);
    by_address.connect(0.5, &mut tcp);
    by_address.at(0.53, tcp.data(From::Client, &tls::nameless_client_hello()));
    by_address.at(0.55, tcp.data(From::Server, &tls::server_hello_13()));
    assert!(reason(&by_address).contains("Google at 8.8.8.8"));
}

#[test]
fn private_relay_is_named_as_the_reason() {
    let mut trace = nameless();
    succeeds(
        &mut trace,
        0.5,
        &mut to(50_002, "192.0.2.9", 443),
        "mask-h2.icloud.com",
    );
    assert!(reason(&trace).contains("iCloud Private Relay"));
}

#[test]
fn encrypted_dns_that_is_blocked_hides_nothing() {
    let mut trace = nameless();
    is_ignored(&mut trace, 0.5, &mut to(50_002, "192.0.2.53", 853));
    assert_eq!(
        reason(&trace),
        "no DNS question of this device was captured"
    );
}

#[test]
fn encrypted_dns_alone_is_worth_no_word_while_every_connection_has_its_name() {
    let mut trace = Trace::new();
    succeeds(
        &mut trace,
        0.0,
        &mut to(50_002, "192.0.2.53", 853),
        "dns.example.org",
    );
    succeeds(&mut trace, 1.0, &mut Tcp::new(50_001), HOST);
    assert!(found(&trace.summary(), "names-hidden").is_none());
}

#[test]
fn a_failure_without_a_name_on_a_port_that_nobody_requires_hides_nothing() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_900), "www.example.org");
    is_ignored(&mut trace, 1.0, &mut to(50_001, "203.0.113.80", 25_565));
    trace.until(60.0);
    assert!(found(&trace.summary(), "names-hidden").is_none());
}

#[test]
fn a_failure_inside_the_local_network_hides_nothing() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_900), "www.example.org");
    is_ignored(&mut trace, 1.0, &mut to(50_001, "192.168.7.9", 443));
    trace.until(60.0);
    assert!(found(&trace.summary(), "names-hidden").is_none());
}
