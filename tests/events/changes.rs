//! From one summary to the next: what is told, and what is not.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use windfall::events::differ::{BURST, Differ, REFILL};
use windfall::events::event::{News, Occasion, StatusNews, Subject};
use windfall::events::journal::{Journal, Teller};
use windfall::picture::Message;
use windfall::verdict::outcome::{Cause, Status};
use windfall::verdict::summary::Summary;

use crate::made::{Row, picture, row, rows, second, summary};

/// What somebody knows who hears it all.
fn hear(known: &mut BTreeMap<Subject, Status>, news: Vec<StatusNews>) {
    for news in news {
        match news.occasion {
            Occasion::Withdrawn => known.remove(&news.subject()),
            _ => known.insert(news.subject(), news.status),
        };
    }
}

/// What a summary says of rows that say something.
fn said(summary: &Summary) -> BTreeMap<Subject, Option<Status>> {
    let rows = summary.requirements.iter().filter_map(|row| {
        let client = row.client.as_ref()?;
        let told = StatusNews::of(row, client, second(0));
        let is_news = !matches!(row.status, Status::Pending | Status::NotSeen);
        Some((told.subject(), is_news.then_some(row.status)))
    });
    rows.collect()
}

proptest! {
    /// Heard one after the other, events come to what the last summary says.
    #[test]
    fn what_is_told_comes_to_what_is(summaries in prop::collection::vec(rows(), 1..12)) {
        let (mut differ, mut known) = (Differ::default(), BTreeMap::new());
        for (at, rows) in (0i64..).zip(&summaries) {
            // So far apart that there is room for each.
            let now = second(at * 60);
            let summary = summary(rows);
            hear(&mut known, differ.observe(&summary, now, now));
            let said = said(&summary);
            for (subject, status) in &said {
                if let Some(status) = status {
                    prop_assert_eq!(known.get(subject), Some(status));
                }
            }
            for subject in known.keys() {
                prop_assert!(said.contains_key(subject), "{:?} is gone", subject);
            }
            let again = differ.observe(&summary, now, now);
            prop_assert!(again.is_empty(), "nothing changed: {again:?}");
            let repeated = differ.repeated().map(|news| (news.subject(), news.status));
            prop_assert_eq!(repeated.collect::<BTreeMap<_, _>>(), known.clone());
        }
    }

    /// However often a row changes, it is told so often at most, and in the end what it came to.
    #[test]
    fn flapping_is_bounded(changes in prop::collection::vec(0u64..4000, 1..200)) {
        let mut differ = Differ::default();
        let (mut told, mut now, mut known) = (0, second(0), BTreeMap::new());
        let mut flap = |at: usize, now| {
            let status = if at.is_multiple_of(2) { Status::Failing } else { Status::Ok };
            let news = differ.observe(&summary(&[(1, Some(1), status, None)]), now, now);
            hear(&mut known, news.clone());
            news
        };
        for (at, wait) in changes.iter().enumerate() {
            now = now.after(Duration::from_millis(*wait));
            told += flap(at, now).len();
        }
        let room = u128::from(BURST) + now.since(second(0)).as_nanos() / REFILL.as_nanos();
        prop_assert!(told as u128 <= room, "{told} in {room}");
        now = now.after(REFILL);
        flap(changes.len() - 1, now);
        let last = if changes.len() % 2 == 1 { Status::Failing } else { Status::Ok };
        prop_assert_eq!(known.into_values().collect::<Vec<_>>(), vec![last]);
    }
}

#[test]
fn what_was_not_told_is_counted() {
    let mut differ = Differ::default();
    let flap = |differ: &mut Differ, at: u32, now| {
        let status = if at.is_multiple_of(2) {
            Status::Failing
        } else {
            Status::Ok
        };
        differ.observe(&summary(&[(1, Some(1), status, None)]), now, now)
    };
    let told: usize = (0..21)
        .map(|at| flap(&mut differ, at, second(0)).len())
        .sum();
    assert_eq!(told, 6);
    let last = flap(&mut differ, 20, second(10));
    assert_eq!(last[0].status, Status::Failing);
    // Of the 15 changes since, this is the last.
    assert_eq!(last[0].untold, 14);
    assert_eq!(last[0].since, second(0));
}

#[test]
fn another_reason_is_news_and_does_not_change_since_when() {
    let mut differ = Differ::default();
    let failing = |cause| -> Vec<Row> { vec![(1, Some(2), Status::Failing, Some(cause))] };
    let first = differ.observe(
        &summary(&failing(Cause::SynUnanswered)),
        second(1),
        second(1),
    );
    assert_eq!(first[0].occasion, Occasion::First);
    assert_eq!(first[0].evidence[0].note, "SYN, not answered");
    assert_eq!(first[0].flows, ["1:flow-1"]);
    let next = differ.observe(&summary(&failing(Cause::TlsAlert)), second(9), second(9));
    assert_eq!(next[0].occasion, Occasion::Changed);
    assert_eq!(next[0].previous, Some(Status::Failing));
    assert_eq!((next[0].since, next[0].at), (second(1), second(9)));
    assert_eq!(next[0].cause.as_deref(), Some("tls-alert"));
}

#[test]
fn a_clock_that_was_set_back_silences_nothing_for_long() {
    let mut differ = Differ::default();
    for (at, status) in [Status::Failing, Status::Ok]
        .into_iter()
        .cycle()
        .take(40)
        .enumerate()
    {
        let back = second(-1_000_000 + i64::try_from(at).unwrap());
        let now = if at < 20 { second(1) } else { back };
        differ.observe(&summary(&[(1, Some(1), status, None)]), now, now);
    }
    // Whichever was told last, the other one is news.
    let mut told = Vec::new();
    for (after, status) in [(60, Status::Failing), (80, Status::Ok)] {
        let after = second(-1_000_000 + after);
        told.extend(differ.observe(&summary(&[(1, Some(1), status, None)]), after, after));
    }
    assert!(!told.is_empty());
}

fn journal() -> Journal {
    Journal::new(Teller {
        gateway: "gw".to_owned(),
        session: second(0),
        interfaces: vec!["lan0".to_owned()],
        heartbeat: Duration::from_secs(30),
    })
}

#[test]
fn a_journal_counts_without_holes_and_beats_when_nothing_else_is_told() {
    let mut journal = journal();
    let mut all = vec![journal.start(second(0))];
    let failing = [(1, Some(1), Status::Failing, None)];
    for at in 0..100u32 {
        let now = second(i64::from(at));
        let rows: &[Row] = if at < 50 { &[] } else { &failing };
        let picture = picture(1, rows);
        all.extend(journal.look(&picture, now, Duration::from_secs(at.into())));
    }
    all.extend(journal.stop(&[], "asked to", second(100)));
    let numbers: Vec<u64> = all.iter().map(|event| event.id.sequence).collect();
    assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>());
    let kinds: Vec<(i64, &str)> = all
        .iter()
        .map(|event| {
            let at = (event.time.as_nanos() - second(0).as_nanos()) / 1_000_000_000;
            let kind = match &event.news {
                News::Start { .. } => "start",
                News::Status(_) => "status",
                News::Heartbeat(_) => "heartbeat",
                News::Stop { .. } => "stop",
                _ => "other",
            };
            (at, kind)
        })
        .collect();
    let expected = [
        (0, "start"),
        (30, "heartbeat"),
        (50, "status"),
        (80, "heartbeat"),
        (100, "stop"),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn everything_is_told_again_after_an_hour() {
    let mut journal = journal();
    let picture = picture(
        1,
        &[
            (1, Some(1), Status::Ok, None),
            (2, Some(1), Status::Failing, None),
        ],
    );
    assert_eq!(journal.look(&picture, second(0), Duration::ZERO).len(), 2);
    let later = journal.look(&picture, second(3600), Duration::from_secs(3600));
    let repeated = later.iter().filter(
        |event| matches!(&event.news, News::Status(row) if row.occasion == Occasion::Repeated),
    );
    assert_eq!(repeated.count(), 2);
}

#[test]
fn what_happens_to_the_capture_is_told_once() {
    let mut journal = journal();
    let mut picture = picture(1, &[]);
    let message = |text: &str| Message {
        at: second(1),
        text: text.to_owned(),
        trouble: true,
    };
    let mut told = Vec::new();
    for text in ["lan0 went down", "lan0 is up again", "lan0 went down"] {
        picture.health.messages.push(message(text));
        for _ in 0..3 {
            for event in journal.look(&picture, second(1), Duration::from_secs(1)) {
                if let News::Notice { text, .. } = event.news {
                    told.push(text);
                }
            }
        }
    }
    assert_eq!(
        told,
        ["lan0 went down", "lan0 is up again", "lan0 went down"]
    );
}

#[test]
fn more_addresses_make_no_other_device() {
    let mut one = row((1, Some(2), Status::Ok, None));
    let client = one.client.as_mut().unwrap();
    let before = client.key();
    client.addresses.insert(0, "10.0.0.1".parse().unwrap());
    assert_eq!(client.key(), before);
}
