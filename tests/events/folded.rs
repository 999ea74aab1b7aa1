//! Events of many gateways, to one state.

use std::time::Duration;

use proptest::prelude::*;
use windfall::capture::frame::Timestamp;
use windfall::events::Event;
use windfall::events::fleet::{Fleet, Taken};
use windfall::events::journal::{Journal, Teller};
use windfall::events::overview::{Overview, Presence};
use windfall::events::spool::Dropped;
use windfall::verdict::outcome::Status;

use crate::made::{Row, picture, rows, second};

/// All that a gateway tells in one session, each event with the time it comes in.
pub(crate) fn told(
    gateway: &str,
    session: i64,
    pictures: &[Vec<Row>],
    stops: bool,
) -> Vec<(Event, Timestamp)> {
    let mut journal = Journal::new(Teller {
        gateway: gateway.to_owned(),
        session: second(session),
        interfaces: vec!["lan0".to_owned()],
        heartbeat: Duration::from_secs(30),
    });
    let mut events = vec![journal.start(second(session))];
    for (at, rows) in (1u64..).zip(pictures) {
        let now = second(session).after(Duration::from_secs(at * 20));
        events.extend(journal.look(&picture(at, rows), now, Duration::from_secs(at * 20)));
    }
    if stops {
        events.extend(journal.stop(&[], "asked to", second(session + 1000)));
    }
    let came = |event: Event| {
        let time = event.time;
        (event, time)
    };
    events.into_iter().map(came).collect()
}

pub(crate) fn fleet(events: impl IntoIterator<Item = (Event, Timestamp)>) -> Fleet {
    let mut fleet = Fleet::default();
    for (event, came) in events {
        fleet.take(event, came);
    }
    fleet
}

/// Sessions of three gateways, one after the other at each.
fn all() -> impl Strategy<Value = Vec<(Event, Timestamp)>> {
    let session = (
        0usize..3,
        prop::collection::vec(rows(), 0..4),
        any::<bool>(),
    );
    prop::collection::vec(session, 1..14).prop_map(|sessions| {
        let each = (0i64..).zip(&sessions);
        each.flat_map(|(at, (gateway, pictures, stops))| {
            told(
                ["berlin", "paris", "rome"][*gateway],
                at * 10_000,
                pictures,
                *stops,
            )
        })
        .collect()
    })
}

proptest! {
    /// In any order and however often, it is the same state.
    #[test]
    fn neither_order_nor_repetition_matters(
        events in all(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        seed in any::<u64>(),
    ) {
        let expected = fleet(events.clone());
        let mut mixed = events.clone();
        mixed.extend(picks.iter().map(|pick| pick.get(&events).clone()));
        // A shuffle that the seed decides.
        let mut state = seed | 1;
        for at in (1..mixed.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            mixed.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        prop_assert_eq!(fleet(mixed), expected);
    }

    /// What a console shows of a gateway is what the gateway's last summary says, and nothing is missing.
    #[test]
    fn a_console_shows_what_the_gateway_sees(pictures in prop::collection::vec(rows(), 1..6)) {
        let events = told("berlin", 0, &pictures, false);
        let count = events.len() as u64;
        let overview = Overview::of(&fleet(events), second(130));
        let site = &overview.gateways[0];
        prop_assert_eq!((site.received, site.missing, site.lost), (count, 0, 0));
        let last = pictures.last().unwrap();
        for (requirement, device, status, _) in last {
            if device.is_some() && !matches!(status, Status::Pending | Status::NotSeen) {
                let id = format!("host-{requirement}");
                prop_assert!(site.rows.iter().any(|row| row.requirement == id && row.status == *status));
            }
        }
    }
}

fn failing() -> Vec<Vec<Row>> {
    vec![vec![
        (1, Some(1), Status::Failing, None),
        (2, Some(1), Status::Ok, None),
    ]]
}

#[test]
fn a_repeated_event_is_known_as_one() {
    let events = told("berlin", 0, &failing(), false);
    let mut fleet = Fleet::default();
    for (event, came) in events.iter().cloned() {
        assert_eq!(fleet.take(event, came), Taken::New);
    }
    for (event, came) in events {
        assert_eq!(fleet.take(event, came), Taken::Duplicate);
    }
}

#[test]
fn what_is_missing_is_told_unless_the_gateway_says_that_it_was_lost() {
    let pictures: Vec<Vec<Row>> = (0..10)
        .map(|at| {
            vec![(
                1,
                Some(1),
                if at % 2 == 0 {
                    Status::Failing
                } else {
                    Status::Ok
                },
                None,
            )]
        })
        .collect();
    let events = told("berlin", 0, &pictures, false);
    let holed = events
        .iter()
        .filter(|(event, _)| !(3..=6).contains(&event.id.sequence));
    let mut fleet = fleet(holed.cloned());
    let site = |fleet: &Fleet| Overview::of(fleet, second(200)).gateways.remove(0);
    assert_eq!((site(&fleet).missing, site(&fleet).lost), (4, 0));
    let mut later = Journal::new(Teller {
        gateway: "berlin".to_owned(),
        session: second(5000),
        interfaces: Vec::new(),
        heartbeat: Duration::from_secs(30),
    });
    let lost = later.lost(
        second(5000),
        &Dropped {
            session: second(0),
            first: 3,
            last: 5,
            count: 3,
            reason: "the spool was full".to_owned(),
        },
    );
    fleet.take(lost, second(5000));
    assert_eq!((site(&fleet).missing, site(&fleet).lost), (1, 3));
}

#[test]
fn a_gateway_that_misses_its_heartbeats_is_silent_and_one_that_stopped_is_not() {
    let running = told("berlin", 0, &failing(), false);
    let stopped = told("paris", 0, &failing(), true);
    let fleet = fleet(running.into_iter().chain(stopped));
    let presence = |at| {
        let overview = Overview::of(&fleet, second(at));
        overview
            .gateways
            .iter()
            .map(|site| site.presence)
            .collect::<Vec<_>>()
    };
    assert_eq!(presence(20 + 90), [Presence::Up, Presence::Stopped]);
    assert_eq!(presence(20 + 91), [Presence::Silent, Presence::Stopped]);
}

#[test]
fn something_is_failing_where_somebody_watches() {
    let watching = fleet(told("berlin", 0, &failing(), false));
    assert!(Overview::of(&watching, second(30)).is_failing());
    let stopped = fleet(told("berlin", 0, &failing(), true));
    assert!(!Overview::of(&stopped, second(30)).is_failing());
    let optional = fleet(told(
        "berlin",
        0,
        &[vec![(4, Some(1), Status::Failing, None)]],
        false,
    ));
    assert!(!Overview::of(&optional, second(30)).is_failing());
}

#[test]
fn a_new_session_begins_with_nothing_known() {
    let before = told("berlin", 0, &failing(), false);
    let after = told("berlin", 10_000, &[], false);
    let overview = Overview::of(&fleet(before.into_iter().chain(after)), second(10_001));
    assert_eq!(overview.gateways[0].rows, []);
    assert_eq!(overview.gateways[0].session, Some(second(10_000)));
    assert!(!overview.is_failing());
}

#[test]
fn requirements_are_shown_across_gateways_worst_first() {
    let berlin = told("berlin", 0, &[vec![(2, Some(1), Status::Ok, None)]], false);
    let rome = told(
        "rome",
        0,
        &[vec![
            (2, Some(1), Status::Failing, None),
            (2, Some(3), Status::Failing, None),
        ]],
        false,
    );
    let overview = Overview::of(&fleet(berlin.into_iter().chain(rome)), second(30));
    let across = &overview.requirements[0];
    assert_eq!(across.status, Status::Failing);
    let places: Vec<_> = across
        .gateways
        .iter()
        .map(|place| (place.gateway.as_str(), place.status, place.devices))
        .collect();
    assert_eq!(
        places,
        [("rome", Status::Failing, 2), ("berlin", Status::Ok, 1)]
    );
    let mut text = Vec::new();
    windfall::report::fleet::text(&overview, false, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("1 required connection is failing: h2.example.net"),
        "{text}"
    );
    assert!(text.contains("failing at rome since"), "{text}");
    assert!(text.contains("(2 devices); ok at berlin"), "{text}");
}
