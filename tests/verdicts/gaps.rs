//! Frames that windfall lost: no verdict is made of their absence, and none of what was seen is taken back.

use std::time::Duration;

use windfall::verdict::gap::{Gap, Gaps, MAX_GAPS};
use windfall::verdict::outcome::Outcome;
use windfall::verdict::rows::Rows;

use crate::support::session::{is_ignored, is_reset, resolves, succeeds, to};
use crate::support::trace::{Trace, requirement, time};
use crate::support::{HOST, SERVER};

fn gaps(times: &[(f64, f64)]) -> Gaps {
    let mut gaps = Gaps::default();
    for (from, to) in times {
        gaps.add(Gap {
            from: time(*from),
            to: time(*to),
        });
    }
    gaps
}

/// SYNs at 10, 11, 13 and 17 s that nobody answers, in a capture that lost frames at these times.
fn ignored(lost: &[(f64, f64)]) -> Trace {
    let mut trace = Trace::new();
    resolves(&mut trace, 9.0, 5301, HOST, &[SERVER]);
    is_ignored(&mut trace, 10.0, &mut to(50_001, SERVER, 443));
    trace.until(120.0);
    trace.gaps = gaps(lost);
    trace
}

#[test]
fn silence_while_frames_were_lost_is_no_stall() {
    let trace = ignored(&[(12.0, 12.5)]);
    let flow = trace.flow();
    assert_eq!(flow.outcome, Outcome::Unjudged);
    assert_eq!(flow.cause, None);
    let why = flow.explanation.unwrap();
    assert!(
        why.contains("dropped") && why.contains("syn-unanswered"),
        "{why}"
    );
    assert!(
        !flow.evidence.is_empty(),
        "the frames can still be looked at"
    );
    let row = requirement(&trace.summary(), HOST);
    assert_eq!(row.status.to_string(), "unjudged");
}

#[test]
fn frames_lost_at_another_time_change_nothing() {
    for lost in [
        &[][..],
        &[(0.0, 8.0)],
        &[(30.0, 40.0)],
        &[(0.0, 1.0), (100.0, 110.0)],
    ] {
        assert_eq!(ignored(lost).flow().outcome, Outcome::Stalled, "{lost:?}");
    }
}

/// The answer to the last SYN could have come until the rule's time had passed.
#[test]
fn a_loss_right_after_the_last_packet_counts() {
    assert_eq!(ignored(&[(18.0, 18.1)]).flow().outcome, Outcome::Unjudged);
    assert_eq!(ignored(&[(20.5, 21.0)]).flow().outcome, Outcome::Stalled);
}

/// A time in which nobody captured.
fn hole(from: f64, to: f64) -> Gaps {
    let mut gaps = Gaps::default();
    gaps.add_hole(Gap {
        from: time(from),
        to: time(to),
    });
    gaps
}

#[test]
fn silence_across_a_hole_between_captures_is_no_stall() {
    let mut trace = ignored(&[]);
    trace.gaps = hole(13.5, 16.0);
    let flow = trace.flow();
    assert_eq!((flow.outcome, flow.cause), (Outcome::Unjudged, None));
    // One that it does not span, before, after or right at its end, changes nothing.
    for (from, to) in [(0.0, 8.0), (30.0, 90.0), (17.0, 90.0), (0.0, 10.0)] {
        let mut trace = ignored(&[]);
        trace.gaps = hole(from, to);
        assert_eq!(trace.flow().outcome, Outcome::Stalled, "{from} to {to}");
    }
    // What was seen on either side stays true.
    let mut trace = Trace::new();
    resolves(&mut trace, 9.0, 5301, HOST, &[SERVER]);
    is_reset(&mut trace, 10.0, &mut to(50_001, SERVER, 443), HOST);
    trace.until(60.0);
    trace.gaps = hole(10.001, 10.002);
    assert_eq!(trace.flow().outcome, Outcome::Reset);
}

#[test]
fn what_was_seen_stays_true() {
    let mut trace = Trace::new();
    resolves(&mut trace, 9.0, 5301, HOST, &[SERVER]);
    is_reset(&mut trace, 10.0, &mut to(50_001, SERVER, 443), HOST);
    trace.until(60.0);
    trace.gaps = gaps(&[(0.0, 60.0)]);
    assert_eq!(trace.flow().outcome, Outcome::Reset);
    let mut trace = Trace::new();
    succeeds(&mut trace, 10.0, &mut to(50_001, SERVER, 443), HOST);
    trace.gaps = gaps(&[(0.0, 60.0)]);
    assert_eq!(trace.flow().outcome, Outcome::Succeeded);
}

#[test]
fn an_unanswered_question_may_have_been_answered_in_a_gap() {
    let asked = |lost: &[(f64, f64)]| {
        let mut trace = Trace::new();
        let query = crate::support::dns::query(5301, HOST, crate::support::dns::A);
        for at in [10.0, 12.0] {
            trace.at(at, crate::support::dns::ask(5301, &query));
        }
        // The device hears something: the capture shows its side.
        resolves(&mut trace, 11.0, 5302, "example.org", &[SERVER]);
        trace.until(60.0);
        trace.gaps = gaps(lost);
        let dns = trace.summary().dns;
        dns.into_iter()
            .find(|row| row.name == HOST)
            .unwrap()
            .outcome
    };
    assert_eq!(asked(&[]), Outcome::Stalled);
    assert_eq!(asked(&[(13.0, 13.5)]), Outcome::Unjudged);
    assert_eq!(asked(&[(30.0, 31.0)]), Outcome::Stalled);
}

#[test]
fn gaps_are_bounded_and_never_forgotten() {
    let mut many = Gaps::default();
    for number in 0..5_000u32 {
        let from = time(f64::from(number) * 10.0);
        many.add(Gap {
            from,
            to: from.after(Duration::from_millis(10)),
        });
    }
    assert!(many.as_slice().len() <= MAX_GAPS);
    for number in 0..5_000u32 {
        let at = time(f64::from(number) * 10.0);
        assert!(many.touch(at, at));
    }
    // Times that touch are one, whatever their order.
    let joined = gaps(&[(5.0, 6.0), (1.0, 2.0), (2.5, 4.5)]);
    assert_eq!(joined.as_slice().len(), 1);
}

/// What one gap too many makes a gap is the shortest time between two: what was watched well stays so.
#[test]
fn beyond_the_bound_the_closest_two_become_one() {
    let mut many = Gaps::default();
    let mut at = 0.0;
    let mut begins = Vec::new();
    for number in 0..=MAX_GAPS {
        begins.push(at);
        let from = time(at);
        many.add(Gap {
            from,
            to: from.after(Duration::from_millis(10)),
        });
        // Two of them are closer to each other than all others.
        at += if number == 400 { 3.0 } else { 10.0 };
    }
    assert_eq!(many.as_slice().len(), MAX_GAPS);
    for (number, at) in begins.iter().enumerate().take(MAX_GAPS) {
        assert!(many.touch(time(*at), time(*at)), "{number}");
        let between = many.touch(time(at + 1.0), time(at + 2.0));
        assert_eq!(between, number == 400, "{number}");
    }
}

/// A bounded summary lists the latest of each kind, and counts all.
#[test]
fn bounded_rows_leave_the_counts_whole() {
    let mut trace = Trace::new();
    for flow in 0..50u16 {
        let at = f64::from(flow) * 10.0;
        let other = to(40_000 + flow, "198.51.100.7", 8443);
        is_reset(&mut trace, at, &mut other.clone(), "other.example.org");
        succeeds(
            &mut trace,
            at + 1.0,
            &mut to(50_001 + flow, SERVER, 443),
            HOST,
        );
    }
    let whole = trace.summary();
    trace.rows = Rows::Latest(5);
    let bounded = trace.summary();
    assert_eq!((whole.flows.len(), bounded.flows.len()), (100, 10));
    assert_eq!(bounded.summary.outcome, whole.summary.outcome);
    let attempts = |summary| requirement(summary, HOST).attempts;
    assert_eq!(attempts(&bounded), attempts(&whole));
    let last = |flows: &[windfall::verdict::summary::Flow]| flows.last().unwrap().first;
    assert_eq!(last(&bounded.flows), last(&whole.flows));
}
