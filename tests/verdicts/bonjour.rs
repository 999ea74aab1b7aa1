//! Bonjour: what is offered, who asked, and the two findings: verdicts.md 4.

use windfall::monitor::Limits;
use windfall::verdict::outcome::Outcome;
use windfall::verdict::summary::{BonjourService, Finding, Summary};

use crate::support::CLIENT;
use crate::support::mdns::{self, Service, question, question_for_unicast, to_all};
use crate::support::packet::Packet;
use crate::support::session::{is_ignored, succeeds, to};
use crate::support::tcp::{From, Tcp};
use crate::support::trace::{Trace, time};

/// A second device, and a third that offers something.
const OTHER: &str = "192.168.7.21";
const MAC_MINI: &str = "192.168.7.30";

/// Jan’s, with the apostrophe that Apple takes: U+2019.
const JAN: &str = "Jan\u{2019}s MacBook Pro";

fn airplay() -> Service {
    Service::new(JAN, "_airplay", "Jans-MacBook-Pro", 7000, MAC_MINI)
        .txt("model=Mac14,7")
        .txt("features=0x4A7FCFD5,0x174FDE")
        .txt("serialNumber=secret")
}

fn found(summary: &Summary, code: &str) -> Option<Finding> {
    let found: Vec<&Finding> = summary
        .findings
        .iter()
        .filter(|finding| finding.code == code)
        .collect();
    assert!(found.len() <= 1, "{found:#?}");
    found.first().map(|finding| (*finding).clone())
}

fn filtered(trace: &Trace) -> Option<Finding> {
    found(&trace.summary(), "bonjour-filtered")
}

fn unreachable(trace: &Trace) -> Option<Finding> {
    found(&trace.summary(), "bonjour-unreachable")
}

/// The one service of a capture.
fn service(trace: &Trace) -> BonjourService {
    let mut services = trace.summary().bonjour;
    assert_eq!(services.len(), 1, "{services:#?}");
    services.remove(0)
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// A device asks as RFC 6762 section 5.2 lets it: after one second, then after twice the time before.
fn asks(trace: &mut Trace, seconds: f64, from: &str, message: &[u8]) {
    for later in [0.0, 1.0, 3.0, 7.0, 15.0] {
        trace.at(seconds + later, to_all(from, message));
    }
}

#[test]
fn a_service_is_listed_with_who_offers_it_and_who_asked() {
    let mut trace = Trace::new();
    trace.at(0.0, to_all(CLIENT, &question("_AirPlay")));
    trace.at(0.1, to_all(MAC_MINI, &airplay().announcement()));
    let row = service(&trace);
    assert_eq!(
        (row.instance.as_str(), row.service.as_str()),
        (JAN, "_airplay._tcp")
    );
    assert_eq!(
        (row.host.as_deref(), row.port),
        (Some("jans-macbook-pro.local"), Some(7000))
    );
    assert_eq!(texts(&row.addresses), [MAC_MINI]);
    assert_eq!(texts(&row.asked_by), [CLIENT]);
    let txt: Vec<(&str, &str)> = row
        .txt
        .iter()
        .map(|(key, value)| (&**key, &**value))
        .collect();
    assert_eq!(
        txt,
        [("features", "0x4A7FCFD5,0x174FDE"), ("model", "Mac14,7")]
    );
    assert_eq!((row.last_seen, row.goodbye), (time(0.1), false));
}

#[test]
fn ipv4_and_ipv6_tell_of_the_same_service() {
    let mut trace = Trace::new();
    let both = airplay().also_at("fd07::30");
    trace.at(0.0, to_all("fe80::20", &question("_airplay")));
    trace.at(0.1, to_all("fe80::30", &both.announcement()));
    trace.at(0.2, to_all(MAC_MINI, &airplay().announcement()));
    let row = service(&trace);
    assert_eq!(texts(&row.addresses), [MAC_MINI, "fd07::30"]);
    assert_eq!(
        (texts(&row.asked_by), row.last_seen),
        (vec!["fe80::20".into()], time(0.2))
    );
}

#[test]
fn answers_by_unicast_are_heard_too() {
    for (port, message) in [
        (5353, question_for_unicast("_airplay")),
        (50_000, question("_airplay")),
    ] {
        let mut trace = Trace::new();
        trace.at(
            0.0,
            Packet::udp((CLIENT, port), ("224.0.0.251", 5353), &message),
        );
        let answer = airplay().announcement();
        trace.at(0.1, Packet::udp((MAC_MINI, 5353), (CLIENT, port), &answer));
        assert_eq!(texts(&service(&trace).asked_by), [CLIENT]);
        // mDNS is listed by its services, not as flows.
        assert_eq!(trace.summary().flows.len(), 0);
    }
}

#[test]
fn a_goodbye_is_told_until_the_service_comes_back() {
    let mut trace = Trace::new();
    trace.at(0.0, to_all(MAC_MINI, &airplay().announcement()));
    trace.at(5.0, to_all(MAC_MINI, &airplay().goodbye()));
    assert!(service(&trace).goodbye);
    trace.at(9.0, to_all(MAC_MINI, &airplay().announcement()));
    assert!(!service(&trace).goodbye);
}

#[test]
fn services_stand_in_order_of_their_names() {
    let mut trace = Trace::new();
    for (application, instance) in [
        ("_raop", "b"),
        ("_airplay", "B"),
        ("_daap", "a"),
        ("_airplay", "Z"),
    ] {
        let service = Service::new(instance, application, "host", 1, MAC_MINI);
        trace.at(0.0, to_all(MAC_MINI, &service.announcement()));
    }
    let rows = trace.summary().bonjour;
    let names: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (&*row.instance, &*row.service))
        .collect();
    assert_eq!(
        names,
        [
            ("a", "_daap._tcp"),
            ("B", "_airplay._tcp"),
            ("b", "_raop._tcp"),
            ("Z", "_airplay._tcp")
        ]
    );
}

#[test]
fn a_flood_of_services_is_bounded_and_the_summary_says_so() {
    let mut trace = Trace::new();
    trace.limits = Limits {
        services: 50,
        ..Limits::default()
    };
    for number in 0..500u16 {
        let name = format!("n{number}");
        let service = Service::new(&name, "_airplay", &name, 7000, MAC_MINI);
        trace.at(
            f64::from(number) / 100.0,
            to_all(MAC_MINI, &service.announcement()),
        );
    }
    let summary = trace.summary();
    assert!(summary.bonjour.len() <= 50);
    assert!(summary.bonjour.iter().any(|row| row.instance == "n499"));
    assert!(summary.summary.limits_hit["bonjour"] >= 900);
}

/// Two devices ask for 15 seconds, and nobody says anything.
fn in_vain() -> Trace {
    let mut trace = Trace::new();
    asks(&mut trace, 0.0, CLIENT, &question("_airplay"));
    asks(&mut trace, 1.5, OTHER, &question("_home-sharing"));
    trace
}

#[test]
fn two_devices_that_ask_in_vain_find_multicast_filtered() {
    let finding = filtered(&in_vain()).unwrap();
    assert_eq!(texts(&finding.clients), [CLIENT, OTHER]);
    assert!(
        finding.detail.starts_with("2 devices asked"),
        "{}",
        finding.detail
    );
    assert!(
        finding.detail.contains("_airplay._tcp, _home-sharing._tcp"),
        "{}",
        finding.detail
    );
    let frames: Vec<u64> = finding.evidence.iter().map(|row| row.frame).collect();
    assert_eq!(frames, [1, 9, 3, 10]);
}

#[test]
fn one_device_that_asks_in_vain_is_no_finding_by_however_many_addresses() {
    let mut trace = Trace::new();
    asks(&mut trace, 0.0, CLIENT, &question("_airplay"));
    assert!(filtered(&trace).is_none());
    let mac = [2, 0, 0, 0, 7, 0x20];
    for later in [0.5, 15.5] {
        trace.at(
            later,
            to_all("fe80::20", &question("_airplay")).from_mac(mac),
        );
    }
    assert!(filtered(&trace).is_none());
}

#[test]
fn a_response_by_anyone_at_any_time_shows_that_multicast_passes() {
    for seconds in [0.1, 16.0] {
        let mut trace = in_vain();
        let printer = Service::new("Printer", "_ipp", "printer", 631, "192.168.7.40");
        trace.at(seconds, to_all("192.168.7.40", &printer.announcement()));
        assert!(filtered(&trace).is_none());
    }
}

#[test]
fn nine_seconds_of_questions_are_too_few() {
    let mut trace = Trace::new();
    for client in [CLIENT, OTHER] {
        for seconds in [0.0, 1.0, 3.0, 9.9] {
            trace.at(seconds, to_all(client, &question("_airplay")));
        }
    }
    trace.until(60.0);
    assert!(filtered(&trace).is_none());
}

#[test]
fn questions_whose_answer_nobody_would_hear_are_no_finding() {
    let known = |application: &str| {
        // The question, and its answer that the sender knows.
        let mut message = question(application);
        message[7] = 1;
        message.extend(mdns::name(&[application, "_tcp", "local"]));
        message.extend([0, 12, 0, 1, 0, 0, 0x10, 0, 0, 2, 0xc0, 12]);
        message
    };
    for message in [
        question_for_unicast("_airplay"),
        known("_airplay"),
        question("_googlecast"),
    ] {
        let mut trace = Trace::new();
        asks(&mut trace, 0.0, CLIENT, &message);
        asks(&mut trace, 0.0, OTHER, &message);
        assert!(filtered(&trace).is_none());
    }
    let mut legacy = Trace::new();
    for later in [0.0, 5.0, 15.0] {
        for client in [CLIENT, OTHER] {
            let datagram = Packet::udp(
                (client, 50_000),
                ("224.0.0.251", 5353),
                &question("_airplay"),
            );
            legacy.at(later, datagram);
        }
    }
    assert!(filtered(&legacy).is_none());
}

/// A service is announced one second before the usual device tries it; other traffic is seen.
fn announced() -> Trace {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut Tcp::new(50_900), "www.example.org");
    trace.at(1.0, to_all(MAC_MINI, &airplay().announcement()));
    trace
}

fn visit() -> Tcp {
    to(50_001, MAC_MINI, 7000)
}

#[test]
fn an_announced_service_whose_port_does_not_answer_is_unreachable() {
    let mut trace = announced();
    is_ignored(&mut trace, 2.0, &mut visit());
    trace.until(30.0);
    let finding = unreachable(&trace).unwrap();
    assert_eq!(texts(&finding.clients), [CLIENT]);
    let begins = format!(
        "\u{201c}{JAN}\u{201d} (_airplay._tcp) is announced at jans-macbook-pro.local:7000, but a connection to it \
         stalled (syn-unanswered): "
    );
    assert!(finding.detail.starts_with(&begins), "{}", finding.detail);
    assert_eq!(finding.evidence[0].note, "announcement of the service");
    assert_eq!(finding.evidence[0].time, time(1.0));
    assert_eq!(finding.evidence[1].time, time(2.0));
    // The flow keeps the name that it had: none.
    let summary = trace.summary();
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.server.port == 7000)
        .unwrap();
    assert_eq!((&flow.name, flow.outcome), (&None, Outcome::Stalled));
}

#[test]
fn an_announced_service_that_resets_is_unreachable_over_ipv6_too() {
    let mut trace = Trace::new();
    let over_ipv6 = Service::new(JAN, "_airplay", "Jans-MacBook-Pro", 7000, "fd07::30");
    trace.at(0.0, to_all("fe80::30", &over_ipv6.announcement()));
    let mut tcp = Tcp::between(("fd07::20", 50_001), ("fd07::30", 7000));
    trace.at(1.0, tcp.syn());
    trace.at(1.01, tcp.rst(From::Server));
    let finding = unreachable(&trace).unwrap();
    assert!(
        finding.detail.contains("was reset (connection-refused)"),
        "{}",
        finding.detail
    );
}

#[test]
fn services_of_one_port_and_repeated_connections_are_one_finding() {
    let mut trace = announced();
    let raop = Service::new("AB12@Jan", "_raop", "jans-macbook-pro", 7000, MAC_MINI);
    trace.at(1.1, to_all(MAC_MINI, &raop.announcement()));
    is_ignored(&mut trace, 2.0, &mut visit());
    is_ignored(&mut trace, 20.0, &mut to(50_002, MAC_MINI, 7000));
    trace.until(60.0);
    let finding = unreachable(&trace).unwrap();
    assert!(
        finding.detail.contains("(_raop._tcp)"),
        "{}",
        finding.detail
    );
    assert!(
        finding.detail.contains("but 2 connections to it stalled"),
        "{}",
        finding.detail
    );
}

#[test]
fn a_connection_that_works_or_worked_once_reached_the_service() {
    let mut trace = announced();
    succeeds(&mut trace, 2.0, &mut visit(), "x");
    assert!(unreachable(&trace).is_none());
    is_ignored(&mut trace, 10.0, &mut to(50_002, MAC_MINI, 7000));
    trace.until(60.0);
    assert!(unreachable(&trace).is_none());
}

#[test]
fn a_service_that_was_not_announced_when_it_was_tried_is_no_finding() {
    let ignored_at = |seconds: f64, trace: &Trace| {
        let mut trace = trace.clone();
        is_ignored(&mut trace, seconds, &mut visit());
        trace.until(400.0);
        unreachable(&trace).is_some()
    };
    let mut trace = announced();
    assert!(ignored_at(2.0, &trace));
    // Before the announcement, and after its two minutes.
    assert!(!ignored_at(0.5, &trace));
    assert!(ignored_at(120.0, &trace) && !ignored_at(122.0, &trace));
    trace.at(50.0, to_all(MAC_MINI, &airplay().goodbye()));
    assert!(ignored_at(49.0, &trace) && !ignored_at(51.0, &trace));
    // An announcement after the goodbye makes it good again, and does not make good what was before.
    trace.at(300.0, to_all(MAC_MINI, &airplay().announcement()));
    assert!(ignored_at(301.0, &trace) && ignored_at(49.0, &trace) && !ignored_at(200.0, &trace));
}

#[test]
fn another_port_and_another_host_are_not_the_service() {
    for mut tcp in [to(50_001, MAC_MINI, 7001), to(50_001, "192.168.7.31", 7000)] {
        let mut trace = announced();
        is_ignored(&mut trace, 2.0, &mut tcp);
        trace.until(30.0);
        assert!(unreachable(&trace).is_none());
    }
}
