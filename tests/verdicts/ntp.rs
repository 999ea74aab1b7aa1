//! NTP: answered, unanswered, turned away, and what only looks like it.

use windfall::verdict::summary::Flow;

use crate::support::packet::Packet;
use crate::support::trace::{START, Trace, requirement, verdict};
use crate::support::{CLIENT, RESOLVER, SERVER, dns, icmp};

const TIME_HOST: &str = "time.apple.com";

/// Seconds from 1900 to the traces' start.
const NTP_START: u64 = 2_208_988_800 + (START / 1_000_000_000) as u64;

fn packet(mode: u8, stratum: u8, reference: [u8; 4], times: [u64; 3]) -> Vec<u8> {
    let mut wire = vec![0x20 | mode, stratum, 6, 0xec];
    wire.extend([0; 8]);
    wire.extend(reference);
    wire.extend([0; 8]);
    for time in times {
        wire.extend(time.to_be_bytes());
    }
    wire
}

/// A request from this port; `id` is its transmit timestamp.
fn ask(port: u16, id: u64) -> Packet {
    Packet::udp(
        (CLIENT, port),
        (SERVER, 123),
        &packet(3, 0, [0; 4], [0, 0, id]),
    )
}

fn answer_with(port: u16, stratum: u8, reference: [u8; 4], id: u64) -> Packet {
    let now = (NTP_START + 1) << 32;
    Packet::udp(
        (SERVER, 123),
        (CLIENT, port),
        &packet(4, stratum, reference, [id, now, now]),
    )
}

/// The reply to the request `id`.
fn answer(port: u16, id: u64) -> Packet {
    answer_with(port, 1, *b"GPSs", id)
}

/// The client asked for the server's name, so the flow has one and what is sent to the client shows.
fn resolved() -> Trace {
    let mut trace = Trace::new();
    trace.at(0.0, dns::ask(4000, &dns::query(1, TIME_HOST, dns::A)));
    trace.at(
        0.02,
        dns::answer(4000, &dns::addresses(1, TIME_HOST, dns::A, &[SERVER])),
    );
    trace
}

fn status(trace: &Trace) -> String {
    requirement(&trace.summary(), TIME_HOST).status.to_string()
}

fn notes(flow: &Flow) -> Vec<(u64, &str)> {
    let notes = flow.evidence.iter();
    notes.map(|row| (row.frame, row.note.as_str())).collect()
}

#[test]
fn a_reply_to_the_request_is_a_success() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.at(1.02, answer(50_000, 7));
    trace.until(60.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert_eq!(
        (flow.app.to_string(), flow.recovered),
        ("ntp".into(), false)
    );
    assert_eq!(flow.requirement.as_deref(), Some(TIME_HOST));
    assert_eq!(status(&trace), "ok");
    let reply = notes(&flow)[2];
    assert_eq!(
        reply,
        (
            4,
            "reply, stratum 1; its clock and the capture's agree within 0.010 s"
        )
    );
}

#[test]
fn a_clock_that_is_off_is_told_in_the_evidence() {
    let mut trace = resolved();
    // The reply says that it is second 1.
    trace.at(3601.0, ask(50_000, 7));
    trace.at(3601.02, answer(50_000, 7));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    let text = notes(&flow).last().unwrap().1.to_owned();
    assert!(
        text.ends_with("its clock is 3600.010 s behind the capture's, give or take 0.010 s"),
        "{text}"
    );
}

#[test]
fn a_request_without_a_reply_for_five_seconds_is_a_stall() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.until(6.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled transfer ntp-unanswered unknown");
    assert_eq!(notes(&flow).last().unwrap(), &(3, "request, not answered"));
    assert_eq!(status(&trace), "failing");
}

#[test]
fn a_request_that_waits_for_less_is_pending() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.until(5.99);
    assert_eq!(verdict(&trace.flow()), "pending transfer");
    assert_eq!(status(&trace), "pending");
}

#[test]
fn a_client_to_which_nothing_was_captured_is_one_sided() {
    let mut trace = Trace::new();
    for at in [1.0, 3.0, 60.0] {
        trace.at(at, ask(50_000, 7));
    }
    trace.until(70.0);
    assert_eq!(verdict(&trace.flow()), "unjudged connect capture-one-sided");
}

/// Merged from captures of which one has the smaller snap length.
#[test]
fn a_reply_that_the_snap_length_cut_is_no_silence() {
    for (snap, expected) in [(80, "unjudged transfer"), (90, "succeeded transfer")] {
        let mut trace = resolved();
        trace.at(1.0, ask(123, 7));
        trace.at(1.02, answer(123, 7).snapped(snap));
        trace.until(60.0);
        assert_eq!(verdict(&trace.flow()), expected, "{snap}");
    }
}

#[test]
fn replies_alone_are_one_sided() {
    let mut trace = resolved();
    trace.at(1.0, answer(50_000, 7));
    trace.at(2.0, answer(50_000, 8));
    trace.until(20.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "unjudged connect capture-one-sided");
    assert_eq!((flow.client.port, flow.server.port), (50_000, 123));
}

#[test]
fn a_reply_with_another_timestamp_answers_nothing() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.at(1.02, answer(50_000, 8));
    trace.at(1.03, answer_with(50_000, 0, *b"DENY", 8));
    trace.until(5.99);
    assert_eq!(verdict(&trace.flow()), "pending transfer");
    trace.until(6.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled transfer ntp-unanswered unknown");
    assert!(
        flow.explanation
            .as_ref()
            .unwrap()
            .contains("a reply that came answers none of them")
    );
    assert!(notes(&flow).contains(&(4, "reply that answers none of the requests")));
}

#[test]
fn a_reply_after_the_timer_recovered() {
    for (at, recovered) in [(5.99, false), (6.0, true)] {
        let mut trace = resolved();
        trace.at(1.0, ask(50_000, 7));
        trace.at(at, answer(50_000, 7));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer");
        assert_eq!(flow.recovered, recovered, "{at}");
    }
}

#[test]
fn a_later_request_that_is_answered_recovered_what_had_stalled() {
    for (again, recovered) in [(3.0, false), (65.0, true)] {
        let mut trace = resolved();
        trace.at(1.0, ask(123, 7));
        trace.at(again, ask(123, 8));
        trace.at(again + 0.02, answer(123, 8));
        trace.until(300.0);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "succeeded transfer");
        assert_eq!(
            (flow.recovered, flow.client.port),
            (recovered, 123),
            "{again}"
        );
        assert_eq!(status(&trace), "ok");
    }
}

#[test]
fn polls_a_minute_apart_that_are_all_answered_did_not_have_to_recover() {
    let mut trace = resolved();
    for poll in 0..5_u32 {
        let at = 1.0 + 64.0 * f64::from(poll);
        trace.at(at, ask(123, poll.into()));
        trace.at(at + 0.02, answer(123, poll.into()));
    }
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(!flow.recovered);
}

#[test]
fn one_lost_request_after_a_reply_is_no_outage_and_two_are() {
    let mut trace = resolved();
    trace.at(1.0, ask(123, 7));
    trace.at(1.02, answer(123, 7));
    trace.at(65.0, ask(123, 8));
    trace.until(100.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(notes(&flow).contains(&(5, "request, not answered so far")));
    trace.at(129.0, ask(123, 9));
    trace.until(133.9);
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
    trace.until(134.0);
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "stalled transfer ntp-unanswered unknown");
    assert!(
        flow.explanation
            .unwrap()
            .contains("though earlier ones had been answered")
    );
}

#[test]
fn a_request_lost_on_its_way_is_abandoned_for_the_one_from_another_port() {
    for (again, word, status_word) in [(3.0, "abandoned", "ok"), (7.0, "stalled", "flaky")] {
        let mut trace = resolved();
        trace.at(1.0, ask(50_000, 7));
        trace.at(again, ask(50_001, 8));
        trace.at(again + 0.02, answer(50_001, 8));
        trace.until(60.0);
        let flows = trace.summary().flows;
        assert_eq!(
            (flows[0].client.port, flows[0].outcome.to_string().as_str()),
            (50_000, word)
        );
        assert_eq!(status(&trace), status_word);
    }
}

#[test]
fn another_server_s_reply_does_not_excuse_silence() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    let other = "203.0.113.99";
    trace.at(
        2.0,
        Packet::udp(
            (CLIENT, 50_001),
            (other, 123),
            &packet(3, 0, [0; 4], [0, 0, 8]),
        ),
    );
    trace.at(
        2.02,
        Packet::udp(
            (other, 123),
            (CLIENT, 50_001),
            &packet(4, 1, *b"GPSs", [8, 1, 1]),
        ),
    );
    trace.until(60.0);
    assert_eq!(
        verdict(&trace.summary().flows[0]),
        "stalled transfer ntp-unanswered unknown"
    );
}

#[test]
fn a_kiss_of_death_fails_with_its_code() {
    for (code, said) in [
        (*b"RATE", "kiss code RATE (too many requests)"),
        (*b"DENY", "kiss code DENY (access denied)"),
        (*b"XYZ1", "kiss code XYZ1"),
        ([0; 4], "stratum 0 without a code"),
        (*b"\x1b[2J", "stratum 0 without a code"),
    ] {
        let mut trace = resolved();
        trace.at(1.0, ask(50_000, 7));
        trace.at(1.02, answer_with(50_000, 0, code, 7));
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "failed transfer ntp-kiss-of-death server");
        assert!(
            flow.explanation.as_ref().unwrap().contains(said),
            "{flow:#?}"
        );
        assert_eq!(notes(&flow).last().unwrap(), &(4, said));
        assert_eq!(status(&trace), "failing");
    }
}

#[test]
fn a_kiss_of_death_explains_the_silence_after_it_and_a_reply_ends_it() {
    let mut trace = resolved();
    trace.at(1.0, ask(123, 7));
    trace.at(1.02, answer_with(123, 0, *b"RATE", 7));
    trace.at(3.0, ask(123, 8));
    trace.at(5.0, ask(123, 9));
    trace.until(60.0);
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer ntp-kiss-of-death server"
    );
    trace.at(70.0, ask(123, 10));
    trace.at(70.02, answer(123, 10));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn a_kiss_in_the_name_of_a_distant_server_comes_from_the_local_network() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.at(1.001, answer_with(50_000, 0, *b"RATE", 7).ttl(64));
    assert_eq!(
        verdict(&trace.flow()),
        "failed transfer ntp-kiss-of-death local-network"
    );
}

#[test]
fn a_server_whose_clock_is_not_set_answers_and_is_told_of() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.at(1.02, answer_with(50_000, 16, *b"INIT", 7));
    let flow = trace.flow();
    assert_eq!(verdict(&flow), "succeeded transfer");
    assert!(
        flow.explanation
            .unwrap()
            .contains("its own clock is not set")
    );
}

#[test]
fn an_icmp_error_about_the_request_fails_it_unless_a_reply_came() {
    let mut trace = resolved();
    trace.at(1.0, ask(50_000, 7));
    trace.at(1.001, icmp::error(RESOLVER, 3, 13, 0, &ask(50_000, 7)));
    let flow = trace.flow();
    assert_eq!(
        verdict(&flow),
        "failed connect icmp-unreachable local-network"
    );
    assert_eq!(status(&trace), "failing");
    trace.at(1.02, answer(50_000, 7));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
    // The reply came a second time and found the client's port closed.
    trace.at(1.5, answer(50_000, 7));
    trace.at(1.501, icmp::error(CLIENT, 3, 3, 0, &answer(50_000, 7)));
    assert_eq!(verdict(&trace.flow()), "succeeded transfer");
}

#[test]
fn broadcasts_and_peers_have_no_verdict() {
    for (mode, to) in [
        (5, "224.0.1.1"),
        (5, "192.168.7.255"),
        (1, SERVER),
        (3, "224.0.1.1"),
    ] {
        let mut trace = resolved();
        for at in [1.0, 3.0, 70.0] {
            let wire = packet(mode, 2, [1; 4], [0, 0, 7]);
            trace.at(at, Packet::udp((CLIENT, 123), (to, 123), &wire));
        }
        trace.until(200.0);
        let flow = trace.flow();
        assert_eq!(verdict(&flow), "unjudged transfer", "{mode} {to}");
        assert_eq!(flow.app.to_string(), "ntp");
    }
}

#[test]
fn other_datagrams_on_port_123_are_not_taken_for_ntp() {
    for wire in [
        vec![0x1b; 47],
        packet(6, 0, [0; 4], [0; 3]),
        packet(0, 0, [0; 4], [0; 3]),
    ] {
        let mut trace = resolved();
        trace.at(1.0, Packet::udp((CLIENT, 50_000), (SERVER, 123), &wire));
        trace.until(60.0);
        let flow = trace.flow();
        assert_eq!(
            (flow.outcome.to_string(), flow.app.to_string()),
            ("unjudged".into(), "unknown".into())
        );
    }
}

#[test]
fn captured_at_two_places_it_is_one_attempt() {
    let mut trace = resolved();
    for interface in [0, 1] {
        trace.at(1.0, ask(50_000, 7).on_interface(interface));
    }
    trace.until(60.0);
    let standings: Vec<String> = trace
        .summary()
        .flows
        .iter()
        .map(|flow| flow.standing.to_string())
        .collect();
    assert_eq!(standings, ["own", "twin"]);
    assert_eq!(requirement(&trace.summary(), TIME_HOST).attempts.stalled, 1);
}
