//! Changes of status are told once, counters only rise.

use std::collections::BTreeMap;

use windfall::service::counters::{COUNTED, Counters};
use windfall::service::standings::{Change, Standings};
use windfall::verdict::outcome::{Cause, Outcome, Status};
use windfall::verdict::summary::{Attempts, Requirement, Summary};

use crate::view::summary;

fn rows(summary: &mut Summary, status: Status) -> Vec<&mut Requirement> {
    let rows = summary.requirements.iter_mut();
    rows.filter(|row| row.client.is_some() && row.status == status)
        .collect()
}

fn told(changes: &[Change<'_>]) -> Vec<(String, Option<Status>, Status)> {
    let told = changes.iter().map(|change| {
        let before = change.before.map(|before| before.status);
        (
            change.subject.requirement.clone(),
            before,
            change.now.status,
        )
    });
    told.collect()
}

#[test]
fn only_what_stands_otherwise_is_told() {
    let mut standings = Standings::default();
    let mut now = summary("itunes-failure.pcapng");
    let first = standings.observe(&now);
    assert!(first.iter().all(|change| change.before.is_none()));
    let tried = now.requirements.iter().filter(|row| row.client.is_some());
    assert_eq!(first.len(), tried.count());
    assert_eq!(told(&standings.observe(&now)), []);

    for row in rows(&mut now, Status::Degraded) {
        row.status = Status::Ok;
        row.cause = None;
        // One more address of the device became known: it is no other device.
        let client = row.client.as_mut().unwrap();
        client.addresses.insert(0, "192.168.7.9".parse().unwrap());
    }
    assert_eq!(
        told(&standings.observe(&now)),
        [(
            "*.push.apple.com".to_owned(),
            Some(Status::Degraded),
            Status::Ok
        )]
    );
}

#[test]
fn another_cause_is_news_and_what_is_pending_is_not() {
    let mut standings = Standings::default();
    let mut now = summary("itunes-failure.pcapng");
    standings.observe(&now);
    let failing = |row: &Requirement| row.id == "albert.apple.com" && row.client.is_some();
    let row = now
        .requirements
        .iter_mut()
        .find(|row| failing(row))
        .unwrap();
    row.cause = Some(Cause::IcmpUnreachable);
    let changes = standings.observe(&now);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].before.unwrap().cause, Some(Cause::SynUnanswered));
    assert_eq!(changes[0].now.cause, Some(Cause::IcmpUnreachable));

    for status in [Status::Pending, Status::Failing] {
        let row = now
            .requirements
            .iter_mut()
            .find(|row| failing(row))
            .unwrap();
        row.status = status;
        assert_eq!(told(&standings.observe(&now)), [], "{status}");
    }
}

fn sums(counters: &Counters, requirement: &str) -> BTreeMap<Outcome, u64> {
    let (_, sums) = counters.sums().find(|(id, _)| *id == requirement).unwrap();
    COUNTED.into_iter().zip(sums.iter().copied()).collect()
}

#[test]
fn counters_end_as_the_report_and_never_fall() {
    let mut counters = Counters::default();
    let mut now = summary("itunes-failure.pcapng");
    for _ in 0..3 {
        counters.observe(&now);
    }
    let gs = sums(&counters, "gs.apple.com");
    assert_eq!((gs[&Outcome::Reset], gs[&Outcome::Succeeded]), (4, 0));

    // Flows were given up for want of room, and others came.
    let row = now.requirements.iter_mut();
    let row = row
        .filter(|row| row.client.is_some())
        .find(|row| row.id == "gs.apple.com");
    row.unwrap().all_attempts = Attempts {
        reset: 1,
        succeeded: 2,
        ..Attempts::default()
    };
    counters.observe(&now);
    let gs = sums(&counters, "gs.apple.com");
    assert_eq!((gs[&Outcome::Reset], gs[&Outcome::Succeeded]), (4, 2));
}
