//! Made-up traffic is what it is said to be: windfall counts the outcomes that it was made with.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests assert by panicking"
)]

#[path = "../support/live_flows.rs"]
mod live_flows;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of each verdict")]
mod support;
#[path = "../support/traffic/mod.rs"]
mod traffic;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use live_flows::LiveFlows;
use traffic::{Options, Pcap, SECOND, Traffic};
use windfall::capture::Replay;
use windfall::catalogue::{Catalogue, Profile};
use windfall::monitor::Monitor;
use windfall::pipeline::replay::{Request, replay};
use windfall::verdict::assemble;
use windfall::verdict::outcome::Outcome;
use windfall::verdict::summary::Summary;

/// Writes traffic of so many flows.
fn written(options: Options, snap_len: u32) -> (Vec<u8>, Traffic) {
    let mut pcap = Pcap::new(Vec::new(), snap_len).unwrap();
    let mut traffic = Traffic::new(options);
    for frame in traffic.by_ref() {
        pcap.frame(&frame).unwrap();
    }
    (pcap.finish().unwrap(), traffic)
}

/// The same, in a file of this name.
#[expect(
    clippy::disallowed_methods,
    reason = "writes the capture that it replays"
)]
fn saved(name: &str, options: Options, snap_len: u32) -> (PathBuf, Traffic) {
    let (pcap, traffic) = written(options, snap_len);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, pcap).unwrap();
    (path, traffic)
}

#[test]
fn each_flow_has_the_outcome_that_it_was_made_with() {
    let (path, traffic) = saved("traffic.pcap", Options::flows(2000), 262_144);
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [path];
    let outcome = replay(&Request::new(&paths, &catalogue), |_, _| {});
    assert_eq!(outcome.failures, [""; 0]);
    let summary = outcome.summary;
    let truth = traffic.truth();
    let counted: BTreeMap<&str, u64> = summary
        .summary
        .outcome
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(outcome, count)| (outcome.as_str(), *count))
        .collect();
    assert_eq!(counted, truth.outcome);
    assert_eq!(truth.outcome.values().sum::<u64>(), 2000);
    assert_eq!(summary.summary.frames, truth.packets);
    assert_eq!(summary.dns.len() as u64, truth.questions);
    assert!(
        summary.captures[0].malformed.is_empty(),
        "{:?}",
        summary.captures
    );
    assert!(!summary.bonjour.is_empty());
    let quic = summary
        .flows
        .iter()
        .filter(|flow| flow.app.as_str() == "quic")
        .count() as u64;
    assert_eq!(quic, truth.kind["quic"]);
    let two_segments = summary
        .flows
        .iter()
        .filter(|flow| {
            flow.tls
                .as_ref()
                .is_some_and(|tls| tls.hello_segments == Some(2))
        })
        .count();
    assert!((500..800).contains(&two_segments), "{two_segments}");
    assert!(
        summary
            .flows
            .iter()
            .any(|flow| flow.retransmissions.server > 0)
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let options = Options::flows(50);
    let (first, _) = written(options, 96);
    assert_eq!(first, written(options, 96).0);
    assert_ne!(first, written(Options { seed: 2, ..options }, 96).0);
}

#[test]
fn frames_come_in_order_of_time_and_sizes_are_those_of_real_traffic() {
    let mut traffic = Traffic::new(Options::flows(5000));
    let (mut latest, mut disorder) = (0, 0);
    for (at, _) in traffic.by_ref() {
        disorder += u64::from(at < latest);
        latest = latest.max(at);
    }
    assert_eq!(disorder, 0);
    let truth = traffic.truth();
    let mean = truth.bytes / truth.packets;
    assert!((580..780).contains(&mean), "mean of {mean} bytes");
    let share = |kind: &str| truth.kind[kind] * 1000 / 5000;
    assert!((90..110).contains(&share("quic")), "{:?}", truth.kind);
    assert!(
        (35..55).contains(&share("reset-after-client-hello")),
        "{:?}",
        truth.kind
    );
    assert!(
        (24..40).contains(&share("syn-unanswered")),
        "{:?}",
        truth.kind
    );
    assert!(latest > SECOND * 1_767_225_600 + 120 * SECOND);
}

#[test]
fn no_flow_begins_after_so_many_packets() {
    let mut traffic = Traffic::new(Options {
        packets: 10_000,
        ..Options::flows(u64::MAX)
    });
    let count = traffic.by_ref().count() as u64;
    assert_eq!(count, traffic.truth().packets);
    assert!((10_000..30_000).contains(&count), "{count}");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "writes the capture that it replays"
)]
fn live_flows_are_all_open_at_once_and_all_work() {
    let (flows, each) = (1003, 20);
    let mut pcap = Pcap::new(Vec::new(), 262_144).unwrap();
    for frame in LiveFlows::new(flows, each) {
        pcap.frame(&frame).unwrap();
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live.pcap");
    std::fs::write(&path, pcap.finish().unwrap()).unwrap();
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [path];
    let summary = replay(&Request::new(&paths, &catalogue), |_, _| {}).summary;
    assert_eq!(summary.summary.frames, flows * each);
    assert_eq!(summary.flows.len() as u64, flows);
    let first_to_end = summary.flows.iter().map(|flow| flow.last).min().unwrap();
    for flow in &summary.flows {
        assert_eq!(flow.outcome, Outcome::Succeeded, "{flow:?}");
        assert!(flow.first < first_to_end, "{flow:?}");
        let lost = flow.retransmissions.client + flow.retransmissions.server;
        assert_eq!(lost, 0, "{flow:?}");
    }
    let required = summary
        .flows
        .iter()
        .filter(|flow| flow.requirement.is_some())
        .count();
    assert!((350..450).contains(&required), "{required}");
}

/// So many rows are judged side by side by a replay, and one after the other by a monitor itself.
#[test]
fn many_rows_are_judged_alike_side_by_side_and_one_by_one() {
    let (path, _) = saved("many.pcap", Options::flows(4000), 512);
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [path];
    let request = Request::new(&paths, &catalogue);
    let together = replay(&request, |_, _| {}).summary;
    assert!(together.flows.len() > 2500, "{}", together.flows.len());
    let mut monitor = Monitor::new(&catalogue, request.limits);
    let mut files = Replay::open(&paths);
    while files.advance() {
        monitor.packet(&files.frame().unwrap());
    }
    let options = assemble::Options::new(&catalogue);
    let alone = monitor.summary(together.captures.clone(), &options);
    let rows = |summary: &Summary| serde_json::to_value(summary).unwrap();
    assert_eq!(rows(&together), rows(&alone));
}
