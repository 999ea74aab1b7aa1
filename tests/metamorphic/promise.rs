//! What a relation promises, held to every bundled capture.
//!
//! [`Relation::each_way`] takes mutations that are listed (exhaustive where cheap); [`Relation::edited`] draws edits,
//! and shrinks them to the fewest that break the promise.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use windfall::capture::frame::Timestamp;
use windfall::verdict::outcome::{Cause, Outcome, Stage, Status};
use windfall::verdict::rows::is_faulty;
use windfall::verdict::summary::{Flow, Summary};

use super::frames::{Recorded, flows, judge, read};
use crate::captures::captures;
use crate::support::trace::verdict;

pub(crate) type Frames = Vec<Recorded>;

/// A bundled capture and its verdicts.
pub(crate) struct Original {
    pub(crate) name: String,
    pub(crate) frames: Frames,
    pub(crate) summary: Summary,
}

/// All of them.
pub(crate) static ORIGINALS: LazyLock<Vec<Original>> = LazyLock::new(|| {
    let original = |path: &std::path::PathBuf| {
        let frames = read(path);
        let summary = judge(&frames, end_of(&frames));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Original {
            name,
            frames,
            summary,
        }
    };
    captures().iter().map(original).collect()
});

pub(crate) fn end_of(frames: &[Recorded]) -> Timestamp {
    frames.iter().map(|frame| frame.at).max().unwrap()
}

/// How many times as many mutations as usual.
pub(crate) fn effort() -> u32 {
    let asked = std::env::var("METAMORPHIC").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(1)
}

/// What must hold of the verdicts after a change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Promise {
    /// All stay: every flow, question, finding and service, and every requirement of every device, with status, cause
    /// and origin.
    Same,
    /// What was proved may become `pending` or `unjudged`; nothing turns from success to fault or back.
    Less,
    /// No verdict at all but `pending` and `unjudged`.
    Open,
}

/// A kind of change.
pub(crate) struct Relation {
    pub(crate) name: &'static str,
    pub(crate) promise: Promise,
    /// Captures, by part of their names, to which it does not apply.
    pub(crate) left_out: &'static [&'static str],
}

/// A place, and how it is changed.
pub(crate) type Edit = (prop::sample::Index, u16);

/// Most edits to one capture.
const EDITS: usize = 24;

/// Mutations drawn a capture.
const DRAWN: u32 = 6;

impl Relation {
    fn applies_to(&self) -> impl Iterator<Item = &'static Original> {
        let left_out = self.left_out;
        ORIGINALS
            .iter()
            .filter(move |original| !left_out.iter().any(|part| original.name.contains(part)))
    }

    /// Every capture, changed in each of these ways. A change that leaves a capture as it was is not counted.
    pub(crate) fn each_way<I>(&self, ways: impl Fn(&'static Original) -> I)
    where
        I: IntoIterator<Item = (String, Frames)>,
    {
        let (mut changed_captures, mut mutations) = (0, 0);
        for original in self.applies_to() {
            let before = mutations;
            for (what, changed) in ways(original) {
                if changed.is_empty() || changed == original.frames {
                    continue;
                }
                mutations += 1;
                if let Err(broken) = self.hold(original, &changed) {
                    panic!("{}, {what}: {broken}", original.name);
                }
            }
            changed_captures += u32::from(mutations > before);
        }
        self.report(changed_captures, mutations);
    }

    /// Every capture, changed in one way.
    pub(crate) fn one_way(&self, change: impl Fn(&[Recorded]) -> Frames) {
        self.each_way(|original| [(String::new(), change(&original.frames))]);
    }

    /// Every capture among other frames, with all that must be concluded of both.
    pub(crate) fn merged_with<I>(&self, ways: impl Fn(&'static Original) -> I)
    where
        I: IntoIterator<Item = (String, Frames, Vec<String>)>,
    {
        let (mut captures, mut mutations) = (0, 0);
        for original in self.applies_to() {
            captures += 1;
            for (what, all, expected) in ways(original) {
                mutations += 1;
                let after = conclusions(&judge(&all, end_of(&all)));
                if let Err(broken) = same(&expected, &after) {
                    panic!("{} with {what}: {broken}", original.name);
                }
            }
        }
        self.report(captures, mutations);
    }

    /// Every capture, with edits drawn at random: the same ones in every run.
    pub(crate) fn edited(&self, change: impl Fn(&[Recorded], &[Edit]) -> Frames) {
        let (mut changed_captures, mutations) = (0, AtomicU32::new(0));
        for original in self.applies_to() {
            let before = mutations.load(Ordering::Relaxed);
            let config = Config {
                cases: DRAWN * effort(),
                failure_persistence: None,
                max_shrink_iters: 2000,
                ..Config::default()
            };
            let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let edits = prop::collection::vec(any::<Edit>(), 1..EDITS);
            let outcome = TestRunner::new_with_rng(config, seed).run(&edits, |edits| {
                let changed = change(&original.frames, &edits);
                if changed != original.frames {
                    mutations.fetch_add(1, Ordering::Relaxed);
                    self.hold(original, &changed).map_err(TestCaseError::fail)?;
                }
                Ok(())
            });
            if let Err(failure) = outcome {
                panic!("{}: {failure}", original.name);
            }
            changed_captures += u32::from(mutations.load(Ordering::Relaxed) > before);
        }
        self.report(changed_captures, mutations.into_inner());
    }

    /// A line of the table of what was covered. A relation that changes nothing proves nothing.
    #[expect(clippy::print_stdout, reason = "what a run covered is asked for")]
    fn report(&self, captures: u32, mutations: u32) {
        println!(
            "| {} | {:?} | {captures} | {mutations} |",
            self.name, self.promise
        );
        assert!(captures >= 5 && mutations >= captures, "{}", self.name);
    }

    fn hold(&self, original: &Original, changed: &[Recorded]) -> Result<(), String> {
        match self.promise {
            Promise::Same => {
                let after = judge(changed, end_of(changed));
                same(&conclusions(&original.summary), &conclusions(&after))
            }
            Promise::Less => {
                let after = judge(changed, end_of(changed));
                no_more(&original.summary, &after)?;
                rows_no_more(&original.summary, &after)
            }
            Promise::Open => open(&judge(changed, end_of(&original.frames))),
        }
    }
}

/// Everything that was concluded, without frame numbers, times and addresses.
pub(crate) fn conclusions(summary: &Summary) -> Vec<String> {
    let flows = summary.flows.iter().map(|flow| {
        let name = flow.name.as_ref().map(|name| (&name.host, name.source));
        format!(
            "flow {}→{} {name:?} {} {} recovered {}",
            flow.client.port,
            flow.server.port,
            flow.standing,
            verdict(flow),
            flow.recovered
        )
    });
    let tried = summary
        .requirements
        .iter()
        .filter(|row| row.status != Status::NotSeen);
    let requirements = tried.map(|row| {
        format!(
            "{} {} {:?} {:?} {:?}",
            row.pattern, row.status, row.cause, row.origin, row.attempts
        )
    });
    let dns = summary
        .dns
        .iter()
        .map(|row| format!("{} {} {} {:?}", row.name, row.kind, row.outcome, row.cause));
    let bonjour = summary.bonjour.iter().map(|row| {
        format!(
            "{} {} {:?} gone {}",
            row.instance, row.service, row.port, row.goodbye
        )
    });
    let findings = summary
        .findings
        .iter()
        .map(|finding| format!("finding {} of {}", finding.code, finding.clients.len()));
    let mut all: Vec<String> = flows
        .chain(requirements)
        .chain(dns)
        .chain(bonjour)
        .chain(findings)
        .collect();
    all.sort();
    all
}

/// Both lists say the same.
pub(crate) fn same(before: &[String], after: &[String]) -> Result<(), String> {
    if before == after {
        return Ok(());
    }
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter()
            .filter(|line| !other.contains(line))
            .cloned()
            .collect()
    };
    Err(format!(
        "was {:#?}, is {:#?}",
        only(before, after),
        only(after, before)
    ))
}

/// A fault that holds although the conversation worked: one of the transfer, or certificates that the part lacks.
fn undoes_success(flow: &Flow) -> bool {
    flow.stage == Stage::Transfer || flow.cause == Some(Cause::TlsIntercepted)
}

/// Whatever was proved by more packets; a fault of the transfer may undo a success, so a part of it may be one.
fn may_become(whole: &[&Flow], part: &Flow) -> bool {
    let as_before = |flow: &&Flow| flow.outcome == part.outcome || flow.recovered;
    let open = matches!(
        part.outcome,
        Outcome::Pending | Outcome::Unjudged | Outcome::Abandoned
    );
    let faulty = is_faulty(part.outcome);
    // A proxy's "log in" is a refusal until the client does.
    let asked_to_log_in = part.cause == Some(Cause::ProxyDenied);
    // Questions that were cut are no longer listed as such.
    let question = whole.is_empty() && part.server.port == 53;
    open || asked_to_log_in
        || question
        || whole.iter().any(as_before)
        || (part.outcome == Outcome::Succeeded && whole.iter().any(|flow| undoes_success(flow)))
        || (faulty && whole.iter().any(|flow| is_faulty(flow.outcome)))
}

fn no_more(before: &Summary, after: &Summary) -> Result<(), String> {
    let whole = flows(before);
    for (key, parts) in flows(after) {
        let known = whole.get(&key).map(Vec::as_slice).unwrap_or_default();
        for part in parts {
            if !may_become(known, part) {
                let before: Vec<String> = known.iter().map(|flow| verdict(flow)).collect();
                return Err(format!(
                    "{key:?} was {before:?}, is {}: {:?}",
                    verdict(part),
                    part.explanation
                ));
            }
        }
    }
    Ok(())
}

/// A question that was answered, and a requirement that was ok, is no fault in a part.
fn rows_no_more(before: &Summary, after: &Summary) -> Result<(), String> {
    for part in &after.dns {
        let mut whole = before
            .dns
            .iter()
            .filter(|row| (&row.name, &row.kind) == (&part.name, &part.kind));
        if is_faulty(part.outcome) && whole.all(|row| row.outcome == Outcome::Succeeded) {
            return Err(format!("{} {} is {}", part.name, part.kind, part.outcome));
        }
    }
    for part in &after.requirements {
        let whole = before
            .requirements
            .iter()
            .filter(|row| row.pattern == part.pattern && row.status != Status::NotSeen);
        let asked_to_log_in = part.cause == Some(Cause::ProxyDenied);
        if part.status == Status::Failing
            && !asked_to_log_in
            && whole
                .map(|row| row.status)
                .all(|status| status == Status::Ok)
        {
            return Err(format!("{} is failing", part.pattern));
        }
    }
    Ok(())
}

fn open(after: &Summary) -> Result<(), String> {
    let decided = |flow: &&Flow| is_faulty(flow.outcome) || flow.outcome == Outcome::Succeeded;
    match after.flows.iter().find(decided) {
        Some(flow) => Err(format!("{}: {:?}", verdict(flow), flow.explanation)),
        None => Ok(()),
    }
}
