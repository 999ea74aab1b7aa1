//! Load: what can be taken is taken whole; of what cannot, every frame is in a count, and nothing false is said.
//!
//! The traffic's outcomes are known (`tests/support/traffic`). `tests/lab/load.sh` measures how much can be taken.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::namespace::{inside, ip, wire};
use crate::traffic::{Options, SECOND, Timed, Traffic, Truth};
use crate::watching::{PATIENCE, Watching};
use crate::wire::{Frames, arrives};

/// Frames of so many flows, of which `rate` begin in a second, until `rest` seconds after the last has begun.
fn traffic(flows: u64, rate: u64, rest: u64) -> (Vec<Timed>, Truth) {
    let mut traffic = Traffic::new(Options {
        rate,
        ..Options::flows(flows)
    });
    let mut frames: Vec<Timed> = traffic.by_ref().collect();
    let end = frames[0].0 + (flows / rate + rest) * SECOND;
    frames.retain(|(at, _)| *at <= end);
    (frames, traffic.truth().clone())
}

/// A wire for frames of any size: some hold several segments.
fn wide_wire() {
    wire();
    for end in ["near", "far"] {
        ip(&format!("link set {end} mtu 65535"));
    }
}

/// Frames lost to the kernel, the interface and the pipeline. What the last of them lost had been captured.
fn dropped(report: &Value) -> [u64; 3] {
    ["dropped_kernel", "dropped_interface", "dropped_pipeline"]
        .map(|drops| report["captures"][0][drops].as_u64().unwrap())
}

/// Flows with this outcome, but for those of the device that ends a test.
fn outcomes(report: &Value, outcome: &str) -> u64 {
    let flows = report["flows"].as_array().unwrap();
    let counted = flows
        .iter()
        .filter(|flow| flow["outcome"] == outcome && flow["client"]["ip"] != LAST_DEVICE);
    counted.count() as u64
}

/// The device of the bundled captures; made-up traffic is of others.
const LAST_DEVICE: &str = "192.168.7.20";

#[test]
fn moderate_traffic_is_taken_whole_and_judged_as_it_was_made() {
    inside(
        "load::moderate_traffic_is_taken_whole_and_judged_as_it_was_made",
        || {
            wide_wire();
            let (frames, truth) = traffic(800, 100, 3);
            let watching = Watching::far("");
            let mut sender = Frames::new();
            sender.in_time(frames);
            arrives();
            watching.signal("INT");
            let left = watching.left();
            let report = left.report();
            assert_eq!(dropped(&report), [0; 3]);
            assert_eq!(outcomes(&report, "reset"), truth.outcome["reset"]);
            // The last of them may have begun too late to be decided.
            let stalled = outcomes(&report, "stalled");
            assert!(
                0 < stalled && stalled <= truth.outcome["stalled"],
                "{stalled}"
            );
            assert_eq!(outcomes(&report, "unjudged"), 0);
            let captured = report["captures"][0]["frames"].as_u64().unwrap();
            assert_eq!(captured, sender.sent);
        },
    );
}

#[test]
fn a_flood_is_counted_to_the_frame_and_nothing_false_is_said_of_it() {
    inside(
        "load::a_flood_is_counted_to_the_frame_and_nothing_false_is_said_of_it",
        || {
            wide_wire();
            let (frames, truth) = traffic(6000, 500, 0);
            let mut watching = Watching::far("--buffer 1");
            let mut sender = Frames::new();
            let (first, rest) = frames.split_at(frames.len() / 2);
            let (missed, last) = rest.split_at(rest.len() / 2);
            for (part, signal) in [(first, "STOP"), (missed, "CONT"), (last, "CONT")] {
                for (_, frame) in part {
                    sender.send(frame);
                }
                watching.signal(signal);
            }
            // What comes last is sent again while it is lost, too.
            let begun = Instant::now();
            let mut seen = false;
            while !seen {
                assert!(begun.elapsed() < PATIENCE, "{:#?}", watching.said);
                sender.capture("itunes-failure.pcapng");
                seen = watching.says_within(LAST_DEVICE, Duration::from_secs(2));
            }
            arrives();
            watching.signal("INT");
            let left = watching.left();
            let report = left.report();
            let [kernel, interface, pipeline] = dropped(&report);
            let captured = report["captures"][0]["frames"].as_u64().unwrap();
            assert!(
                kernel > 0,
                "it was stopped while {} frames came",
                missed.len()
            );
            assert_eq!(captured + kernel + interface, sender.sent);
            assert!(pipeline <= captured);
            for outcome in ["reset", "stalled"] {
                let told = outcomes(&report, outcome);
                let made = truth.outcome[outcome];
                assert!(told <= made, "{told} {outcome}, of {made}");
            }
            assert!(outcomes(&report, "unjudged") > 0);
        },
    );
}
