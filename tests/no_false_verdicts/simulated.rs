//! What is promised of every simulated conversation, whatever the network and the capture did to it.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use windfall::verdict::outcome::{Origin, Outcome, Status};
use windfall::verdict::rows::is_faulty;
use windfall::verdict::summary::Flow;

use super::network::{Story, World, run};
use super::tap::{Flaws, Taken, Ttls, capture};
use super::worlds;
use crate::support::tcp::{From, RST};
use crate::support::trace::{requirement, verdict};

/// Worlds tried a property, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 3000;

type Verdict = Result<(), TestCaseError>;

/// Tries a property on many worlds: the same ones in every run.
fn check<S: Strategy>(worlds: &S, property: impl Fn(S::Value) -> Verdict) {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: asked.and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    if let Err(failure) = TestRunner::new_with_rng(config, seed).run(worlds, property) {
        panic!("{failure}");
    }
}

/// The frames, one a line, with those that were not captured, and what was said of them: what a failure shows.
fn told(taken: &Taken, flow: &Flow) -> String {
    let mut lines = format!("{}: {:?}\n", verdict(flow), flow.explanation);
    let captured = taken.segments.iter().map(|frame| (frame, ' '));
    let missed = taken.missed.iter().map(|frame| (frame, '-'));
    let mut frames: Vec<_> = captured.chain(missed).collect();
    frames.sort_by_key(|((at, _), _)| *at);
    for ((at, segment), mark) in frames {
        let (flags, length) = (segment.flags, segment.payload.len());
        let _ = writeln!(
            lines,
            "{mark}{:>9} µs {:?}{} flags {flags:#04x} seq {} ack {} win {} len {length}",
            at / 1000,
            segment.from,
            if segment.forged { " FORGED" } else { "" },
            segment.seq,
            segment.ack,
            segment.window,
        );
    }
    lines
}

fn judged(world: &World, flaws: &Flaws, ttls: Ttls) -> (Story, Taken) {
    let story = run(world);
    let taken = capture(world, &story, flaws, ttls);
    (story, taken)
}

/// The requirement's status says what its one attempt came to.
fn status_follows(taken: &Taken) -> Verdict {
    let [flow] = taken.flows() else { return Ok(()) };
    let Some(pattern) = &flow.requirement else {
        return Ok(());
    };
    let expected = match flow.outcome {
        Outcome::Succeeded => Status::Ok,
        Outcome::Stalled | Outcome::Reset | Outcome::Failed => Status::Failing,
        Outcome::Pending => Status::Pending,
        Outcome::Unjudged | Outcome::Abandoned => Status::Unjudged,
    };
    prop_assert_eq!(requirement(&taken.summary, pattern).status, expected);
    Ok(())
}

#[test]
fn what_completed_is_never_a_fault() {
    check(
        &(worlds::healthy(), worlds::flaws(), worlds::ttls()),
        |(world, flaws, ttls)| {
            let (story, taken) = judged(&world, &flaws, ttls);
            if story.completed.is_none() {
                return Ok(());
            }
            // A sender that lacks the last acknowledgment when the capture ends, because it and those after it were
            // lost, does not know better than that it stalls; nor can the reader.
            let unsettled = story
                .settled
                .is_none_or(|settled| flaws.until.is_some_and(|until| until < settled));
            for flow in taken.flows() {
                let as_yet = unsettled && flow.outcome == Outcome::Stalled;
                prop_assert!(as_yet || !is_faulty(flow.outcome), "{}", told(&taken, flow));
                if flaws.are_harmless() {
                    let succeeded = flow.outcome == Outcome::Succeeded;
                    prop_assert!(succeeded, "{}", told(&taken, flow));
                    prop_assert_eq!(flow.requirement.as_deref(), Some(world.script.host));
                }
            }
            let several: Vec<_> = taken
                .flows()
                .iter()
                .map(|flow| told(&taken, flow))
                .collect();
            prop_assert!(several.len() <= 1, "{}", several.join("\n"));
            status_follows(&taken)
        },
    );
}

/// No success without the answer that proves it.
fn no_success_unproved(world: &World, flaws: &Flaws, ttls: Ttls) -> Verdict {
    let (story, taken) = judged(world, flaws, ttls);
    for flow in taken.flows() {
        let lie = flow.outcome == Outcome::Succeeded && !story.proved;
        prop_assert!(!lie, "{}", told(&taken, flow));
        let by_server = !story.forged && flow.outcome == Outcome::Reset;
        if by_server {
            let innocent = [Some(Origin::Middlebox), Some(Origin::LocalNetwork)];
            prop_assert!(!innocent.contains(&flow.origin), "{}", told(&taken, flow));
            let real = match flow.origin {
                Some(Origin::Client) => story.reset_by[0],
                _ => story.reset_by[1],
            };
            prop_assert!(real, "{}", told(&taken, flow));
        }
    }
    status_follows(&taken)
}

#[test]
fn what_an_end_broke_off_never_succeeded() {
    check(
        &(worlds::broken_off(), worlds::flaws(), worlds::ttls()),
        |(world, flaws, ttls)| no_success_unproved(&world, &flaws, ttls),
    );
}

#[test]
fn what_the_path_cut_off_never_succeeded() {
    check(
        &(worlds::cut_off(), worlds::flaws(), worlds::ttls()),
        |(world, flaws, ttls)| no_success_unproved(&world, &flaws, ttls),
    );
}

#[test]
fn what_one_direction_shows_is_no_fault() {
    let worlds = prop_oneof![
        worlds::healthy(),
        worlds::broken_off(),
        worlds::cut_off(),
        worlds::forged(),
    ];
    check(
        &(worlds, worlds::one_direction(), worlds::ttls()),
        |(world, flaws, ttls)| {
            let (_, taken) = judged(&world, &flaws, ttls);
            for flow in taken.flows() {
                let open = matches!(flow.outcome, Outcome::Pending | Outcome::Unjudged);
                prop_assert!(open, "{}", told(&taken, flow));
            }
            status_follows(&taken)
        },
    );
}

#[test]
fn a_forged_reset_is_never_the_servers() {
    check(
        &(worlds::forged(), worlds::flaws(), worlds::ttls()),
        |(world, flaws, ttls)| {
            let (story, taken) = judged(&world, &flaws, ttls);
            // Without a packet of the server's own there is nothing to compare with.
            let of_server = |flags: u8| flags & RST == 0;
            let compared = taken
                .segments
                .iter()
                .any(|(_, segment)| segment.from == From::Server && of_server(segment.flags));
            for flow in taken.flows() {
                let by_server =
                    flow.outcome == Outcome::Reset && flow.origin == Some(Origin::Server);
                let lie = by_server && compared && !story.reset_by[1];
                prop_assert!(!lie, "{}", told(&taken, flow));
                prop_assert!(
                    story.proved || flow.outcome != Outcome::Succeeded,
                    "{}",
                    told(&taken, flow)
                );
            }
            status_follows(&taken)
        },
    );
}
