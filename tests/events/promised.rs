//! Every event is what `data/event.schema.json` promises, the schema refuses what it does not promise, and what is
//! written can be read again.

use std::path::Path;
use std::time::Duration;

use jsonschema::Validator;
use serde_json::{Value, json};
use windfall::catalogue::{Catalogue, Profile};
use windfall::events::Event;
use windfall::events::event::News;
use windfall::events::journal::{Journal, REPEAT_EVERY, Teller};
use windfall::events::spool::Dropped;
use windfall::picture::Message;
use windfall::pipeline::replay::{Request, replay};

use crate::made::{picture, second};

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn schema() -> Validator {
    let text = std::fs::read(file("data/event.schema.json")).unwrap();
    jsonschema::draft202012::new(&serde_json::from_slice(&text).unwrap()).unwrap()
}

/// Events of every kind; those of statuses are of a capture in which much fails.
fn events() -> Vec<Event> {
    let mut journal = Journal::new(Teller {
        gateway: "berlin.gw-2".to_owned(),
        session: second(0),
        interfaces: vec!["lan0".to_owned()],
        heartbeat: Duration::from_secs(30),
    });
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let paths = [
        file("captures/itunes-failure.pcapng"),
        file("captures/gateway-both-sides.pcapng"),
    ];
    let mut shown = picture(1, &[]);
    shown.summary = replay(&Request::new(&paths, &catalogue), |_, _| {}).summary;
    shown.health.messages.push(Message {
        at: second(1),
        text: "lan0 went down".to_owned(),
        trouble: true,
    });
    let mut all = vec![journal.start(second(0))];
    all.extend(journal.look(&shown, second(1), Duration::from_secs(1)));
    all.extend(journal.look(&shown, second(40), Duration::from_secs(40)));
    all.extend(journal.look(&shown, second(3700), REPEAT_EVERY));
    shown.summary.requirements.clear();
    all.extend(journal.look(&shown, second(3701), REPEAT_EVERY));
    all.push(journal.lost(
        second(3702),
        &Dropped {
            session: second(-10),
            first: 1,
            last: 4,
            count: 3,
            reason: "the spool was full".to_owned(),
        },
    ));
    all.extend(journal.stop(&[], "asked to", second(3703)));
    all
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_event_is_as_promised_and_can_be_read_again() {
    let schema = schema();
    let mut kinds = std::collections::BTreeSet::new();
    for event in events() {
        let value = serde_json::to_value(&event).unwrap();
        assert_eq!(faults(&schema, &value), [""; 0], "{value:#}");
        let line = serde_json::to_vec(&event).unwrap();
        assert_eq!(serde_json::from_slice::<Event>(&line).unwrap(), event);
        kinds.insert(value["kind"].as_str().unwrap().to_owned());
        if let Some(occasion) = value["occasion"].as_str() {
            kinds.insert(occasion.to_owned());
        }
    }
    let expected = [
        "first",
        "heartbeat",
        "lost",
        "notice",
        "repeated",
        "start",
        "status",
        "stop",
        "withdrawn",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_schema_refuses_what_it_does_not_promise() {
    let schema = schema();
    for event in events() {
        let value = serde_json::to_value(&event).unwrap();
        for (key, _) in value.as_object().unwrap() {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(key);
            assert!(!faults(&schema, &less).is_empty(), "without {key}: {less}");
        }
        let mut more = value.clone();
        more["surprise"] = json!(1);
        assert!(!faults(&schema, &more).is_empty(), "{more}");
    }
}

#[test]
fn a_reader_skips_what_a_later_version_adds() {
    let mut value = serde_json::to_value(&events()[0]).unwrap();
    value["surprise"] = json!({"deep": [1]});
    let read: Event = serde_json::from_value(value.clone()).unwrap();
    assert!(matches!(read.news, News::Start { .. }));
    value["kind"] = json!("weather");
    let read: Event = serde_json::from_value(value).unwrap();
    assert_eq!(read.news, News::Unknown);
}

#[test]
fn what_an_operator_drills_down_to_is_in_the_event() {
    let all = events();
    let failing = all.iter().find_map(|event| match &event.news {
        News::Status(row) if row.pattern == "gs.apple.com" => Some(row),
        _ => None,
    });
    let row = failing.unwrap();
    assert_eq!(row.status.as_str(), "failing");
    assert!(row.explanation.is_some() && row.remedy.is_some());
    assert!(!row.flows.is_empty() && !row.evidence.is_empty());
}
