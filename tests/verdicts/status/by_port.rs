//! Flows that only their port says something about.

use windfall::verdict::rows::is_fault;
use windfall::verdict::summary::Flow;

use crate::support::session::{is_ignored, resolves, succeeds, to};
use crate::support::trace::Trace;
use crate::support::{HOST, SERVER};

/// A flow to this port that nobody answers, under this name.
fn ignored(host: &str, port: u16) -> (Trace, Flow) {
    let mut trace = Trace::new();
    resolves(&mut trace, 0.0, 5301, host, &[SERVER]);
    is_ignored(&mut trace, 0.1, &mut to(50_001, SERVER, port));
    trace.until(60.0);
    let flow = trace.flow();
    (trace, flow)
}

#[test]
fn radio_and_lan_services_are_listed_by_port_and_never_make_a_fault() {
    for (port, entry) in [
        (8000, "internet-radio"),
        (8999, "internet-radio"),
        (42_000, "internet-radio"),
        (3689, "daap"),
    ] {
        let (trace, flow) = ignored("radio.example.org", port);
        assert_eq!(flow.outcome.to_string(), "stalled");
        assert_eq!(
            (flow.requirement, flow.by_port.as_deref()),
            (None, Some(entry))
        );
        assert!(!trace.summary().requirements.iter().any(is_fault), "{port}");
    }
}

#[test]
fn a_required_host_on_a_radio_port_is_not_required_there() {
    let (trace, flow) = ignored("itunes.apple.com", 8000);
    assert_eq!(flow.requirement, None);
    assert_eq!(flow.by_port.as_deref(), Some("internet-radio"));
    assert!(!trace.summary().requirements.iter().any(is_fault));
}

#[test]
fn a_port_beside_the_ranges_says_nothing() {
    for port in [7999, 9000, 41_999, 43_000, 3690] {
        let (_, flow) = ignored("radio.example.org", port);
        assert_eq!((flow.requirement, flow.by_port), (None, None), "{port}");
    }
}

#[test]
fn a_required_flow_is_not_listed_by_port_as_well() {
    let mut trace = Trace::new();
    succeeds(&mut trace, 0.0, &mut to(50_001, SERVER, 443), HOST);
    let flow = trace.flow();
    assert_eq!(
        (flow.requirement.as_deref(), flow.by_port),
        (Some(HOST), None)
    );
}

#[test]
fn a_flow_without_a_name_to_a_required_port_is_required_by_nobody() {
    let mut trace = Trace::new();
    is_ignored(&mut trace, 0.1, &mut to(50_001, SERVER, 443));
    trace.until(60.0);
    assert_eq!(trace.flow().requirement, None);
}

#[test]
fn a_proxy_on_a_radio_port_is_no_radio() {
    let mut trace = Trace::new();
    let mut tcp = to(50_001, "192.168.7.3", 8080);
    trace.connect(0.0, &mut tcp);
    let connect = b"CONNECT www.example.org:443 HTTP/1.1\r\n\r\n";
    trace.at(0.03, tcp.data(crate::support::tcp::From::Client, connect));
    assert_eq!(trace.flow().by_port, None);
}

#[test]
fn a_required_host_behind_a_proxy_is_required_on_the_port_asked_for() {
    for (port, requirement) in [(443, Some(HOST)), (8443, None)] {
        let mut trace = Trace::new();
        let mut tcp = to(50_001, "192.168.7.3", 3128);
        trace.connect(0.0, &mut tcp);
        let connect = format!("CONNECT {HOST}:{port} HTTP/1.1\r\n\r\n");
        trace.at(
            0.03,
            tcp.data(crate::support::tcp::From::Client, connect.as_bytes()),
        );
        assert_eq!(trace.flow().requirement.as_deref(), requirement, "{port}");
    }
}
