//! What a flow is called, and on whose word: verdicts.md section 5.

use windfall::verdict::summary::Flow;

use crate::support::session::{is_ignored, resolves, resolves_for, succeeds, to};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, verdict};
use crate::support::{HOST, SERVER, dns, tls};

const OTHER: &str = "itunes.apple.com";

/// Name and source of a flow, `-` without one.
fn called(flow: &Flow) -> String {
    flow.name.as_ref().map_or("-".into(), |name| {
        format!("{} by {}", name.host, name.source)
    })
}

/// A flow whose payload says nothing.
fn silent(trace: &mut Trace, seconds: f64) -> Flow {
    is_ignored(trace, seconds, &mut Tcp::new(50_001));
    trace.until(seconds + 30.0);
    trace.flow()
}

#[test]
fn the_server_name_of_the_hello_goes_before_dns() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, OTHER, &[SERVER]);
    succeeds(&mut trace, 0.1, &mut Tcp::new(50_001), HOST);
    assert_eq!(called(&trace.flow()), "gs.apple.com by sni");
}

#[test]
fn the_server_name_goes_before_the_certificate() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    trace.connect(0.0, &mut tcp);
    trace.at(0.03, tcp.data(From::Client, &tls::client_hello(OTHER)));
    let flight = [tls::server_hello_12(), tls::certificates(&tls::GENUINE)].concat();
    trace.at(0.06, tcp.data(From::Server, &flight));
    assert_eq!(called(&trace.flow()), "itunes.apple.com by sni");
}

#[test]
fn a_hello_without_a_name_is_called_by_its_certificate_before_dns() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    resolves(&mut trace, 0.0, 5301, OTHER, &[SERVER]);
    trace.connect(0.1, &mut tcp);
    trace.at(0.13, tcp.data(From::Client, &tls::nameless_client_hello()));
    let flight = [tls::server_hello_12(), tls::certificates(&tls::GENUINE)].concat();
    trace.at(0.16, tcp.data(From::Server, &flight));
    assert_eq!(called(&trace.flow()), "gs.apple.com by certificate");
}

#[test]
fn the_target_of_a_connect_goes_before_the_proxys_own_name() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, "proxy.example.org", &["192.168.7.3"]);
    let mut tcp = to(50_001, "192.168.7.3", 3128);
    trace.connect(0.1, &mut tcp);
    let connect = b"CONNECT gs.apple.com:443 HTTP/1.1\r\nHost: proxy.example.org\r\n\r\n";
    trace.at(0.13, tcp.data(From::Client, connect));
    assert_eq!(called(&trace.flow()), "gs.apple.com by connect");
}

#[test]
fn the_host_field_goes_before_dns() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, OTHER, &[SERVER]);
    let mut tcp = to(50_001, SERVER, 80);
    trace.connect(0.1, &mut tcp);
    trace.at(
        0.13,
        tcp.data(
            From::Client,
            b"GET / HTTP/1.1\r\nHost: GS.apple.com\r\n\r\n",
        ),
    );
    assert_eq!(called(&trace.flow()), "gs.apple.com by http-host");
}

#[test]
fn a_flow_that_says_nothing_is_called_by_the_clients_own_question() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    let flow = silent(&mut trace, 0.1);
    assert_eq!(called(&flow), "gs.apple.com by dns");
    assert_eq!(flow.evidence[0].frame, 2, "the answer is evidence");
}

#[test]
fn another_clients_question_is_said_to_be_that() {
    let mut trace = Trace::new();
    resolves_for(&mut trace, 0.0, "192.168.7.21", HOST, SERVER);
    let flow = silent(&mut trace, 0.1);
    assert_eq!(called(&flow), "gs.apple.com by dns-other-client");
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
}

#[test]
fn the_clients_own_question_goes_before_a_later_one_of_another() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    resolves_for(&mut trace, 1.0, "192.168.7.21", OTHER, SERVER);
    assert_eq!(called(&silent(&mut trace, 2.0)), "gs.apple.com by dns");
}

#[test]
fn of_several_names_for_one_address_the_latest_asked_wins_and_the_others_are_listed() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, "www.example.org", &[SERVER]);
    resolves(&mut trace, 1.0, 5302, OTHER, &[SERVER]);
    resolves(&mut trace, 2.0, 5303, HOST, &[SERVER]);
    let flow = silent(&mut trace, 3.0);
    assert_eq!(called(&flow), "gs.apple.com by dns");
    let note = &flow.evidence[0].note;
    assert!(
        note.ends_with("also given for itunes.apple.com, www.example.org"),
        "{note}"
    );
}

#[test]
fn an_answer_that_came_after_the_flow_began_does_not_name_it() {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, HOST, &[SERVER]);
    resolves(&mut trace, 1.0, 5302, OTHER, &[SERVER]);
    assert_eq!(called(&silent(&mut trace, 0.5)), "gs.apple.com by dns");
    let mut late = Trace::new();
    resolves(&mut late, 1.0, 5302, HOST, &[SERVER]);
    assert_eq!(called(&silent(&mut late, 0.5)), "-");
}

#[test]
fn an_answer_that_was_asked_for_before_the_flow_and_came_after_it_does_not_name_it() {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(5301, &dns::query(1, HOST, dns::A)));
    trace.at(
        1.0,
        dns::answer(5301, &dns::addresses(1, HOST, dns::A, &[SERVER])),
    );
    assert_eq!(called(&silent(&mut trace, 0.5)), "-");
}

#[test]
fn an_alias_names_the_flow_by_what_was_asked_not_by_its_target() {
    let mut trace = Trace::new();
    let chain = [
        dns::cname(HOST, "edge.cdn.example"),
        dns::record("edge.cdn.example", dns::A, &[203, 0, 113, 10]),
    ];
    trace.at(0.0, dns::ask(5301, &dns::query(1, HOST, dns::A)));
    trace.at(
        0.01,
        dns::answer(5301, &dns::response(1, HOST, dns::A, dns::NOERROR, &chain)),
    );
    let flow = silent(&mut trace, 0.1);
    assert_eq!(called(&flow), "gs.apple.com by dns");
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
}

#[test]
fn an_address_hint_of_a_service_binding_names_the_flow() {
    let mut trace = Trace::new();
    let answer = [dns::https(HOST, &[[203, 0, 113, 10]])];
    trace.at(0.0, dns::ask(5301, &dns::query(1, HOST, dns::HTTPS)));
    trace.at(
        0.01,
        dns::answer(
            5301,
            &dns::response(1, HOST, dns::HTTPS, dns::NOERROR, &answer),
        ),
    );
    assert_eq!(called(&silent(&mut trace, 0.1)), "gs.apple.com by dns");
}

#[test]
fn an_encrypted_hello_keeps_its_outer_name_and_says_so() {
    let (mut trace, mut tcp) = (Trace::new(), Tcp::new(50_001));
    trace.connect(0.0, &mut tcp);
    trace.at(
        0.03,
        tcp.data(From::Client, &tls::encrypted_client_hello("outer.example")),
    );
    let flow = trace.flow();
    assert_eq!(called(&flow), "outer.example by sni");
    assert!(flow.tls.unwrap().ech);
}

#[test]
fn a_plain_hello_is_not_said_to_be_encrypted() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_001), HOST);
    assert!(!trace.flow().tls.unwrap().ech);
}

#[test]
fn a_name_in_mixed_case_is_the_same_requirement() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_001), "GS.Apple.com");
    let flow = trace.flow();
    assert_eq!(flow.requirement.as_deref(), Some(HOST));
    assert_eq!(verdict(&flow), "succeeded transfer");
}
