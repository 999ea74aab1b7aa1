//! Every JSON report is what `data/report.schema.json` promises, and the schema refuses what it does not promise.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read files"
)]

#[path = "support/captures.rs"]
mod captures;

use std::path::{Path, PathBuf};

use captures::captures;
use jsonschema::Validator;
use serde_json::{Value, json};
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Request, replay};
use windfall::process_list::ProcessLists;
use windfall::report::{Format, Options, listed::Listed, write};
use windfall::transport::Transport;
use windfall::verdict::outcome::{
    App, Cause, NameSource, Origin, Outcome, Stage, Standing, Status,
};
use windfall::verdict::summary::{BonjourService, Summary};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn schema() -> Value {
    serde_json::from_slice(&std::fs::read(file("data/report.schema.json")).unwrap()).unwrap()
}

fn whole() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

/// Of one line of `--format ndjson`.
fn line() -> Validator {
    let mut schema = schema();
    let root = schema.as_object_mut().unwrap();
    root.retain(|key, _| key == "$schema" || key == "$defs");
    root.insert("$ref".into(), json!("#/$defs/line"));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn summary(paths: &[PathBuf]) -> Summary {
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let request = Request::new(paths, &catalogue);
    replay(&request, |_, _| {}).summary
}

fn demo() -> Summary {
    summary(&[file("captures/itunes-failure.pcapng")])
}

fn written(summary: &Summary, format: Format, listed: Option<Listed>) -> String {
    let mut out = Vec::new();
    let options = Options {
        format,
        listed,
        colour: true,
    };
    write(summary, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json_of(summary: &Summary) -> Value {
    serde_json::from_str(&written(summary, Format::Json, None)).unwrap()
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_capture_gives_a_valid_report_in_both_forms() {
    let (whole, line) = (whole(), line());
    for path in captures() {
        let summary = summary(std::slice::from_ref(&path));
        let report = json_of(&summary);
        assert_eq!(faults(&whole, &report), [""; 0], "{}", path.display());
        let mut lines = 0;
        for text in written(&summary, Format::Ndjson, None).lines() {
            let object: Value = serde_json::from_str(text).unwrap();
            assert_eq!(faults(&line, &object), [""; 0], "{}", path.display());
            lines += 1;
        }
        let rows: usize = [
            "captures",
            "requirements",
            "flows",
            "dns",
            "bonjour",
            "findings",
            "processes",
        ]
        .iter()
        .map(|list| report[list].as_array().unwrap().len())
        .sum();
        assert_eq!(lines, rows + 1, "{}", path.display());
    }
}

#[test]
fn both_forms_hold_the_same_objects_in_the_same_order() {
    let summary = told();
    let report = json_of(&summary);
    let mut expected = Vec::new();
    for (list, kind) in [
        ("captures", "capture"),
        ("requirements", "requirement"),
        ("flows", "flow"),
        ("dns", "dns"),
        ("bonjour", "bonjour"),
        ("findings", "finding"),
        ("processes", "process"),
    ] {
        for row in report[list].as_array().unwrap() {
            expected.push((kind, row.clone()));
        }
    }
    expected.push(("summary", report["summary"].clone()));
    let text = written(&summary, Format::Ndjson, None);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), expected.len());
    for (mut line, (kind, row)) in lines.into_iter().zip(expected) {
        assert_eq!(line.as_object_mut().unwrap().remove("kind").unwrap(), kind);
        assert_eq!(line, row);
    }
}

/// The demo with lists of processes, one of which owns a flow that was reset.
fn told() -> Summary {
    let mut lists = ProcessLists::default();
    let rows = "\"System\",\"4\"\n\"iTunesHelper.exe\",\"70\"\n\
        TCP 192.168.7.20:37142 192.0.2.35:443 X 70\n\
        TCP 192.168.7.20:34338 192.0.2.39:443 X 71\n";
    lists.add("lists.txt", rows.as_bytes()).unwrap();
    let paths = [file("captures/itunes-failure.pcapng")];
    let catalogue = Catalogue::builtin(Profile::All).unwrap();
    let mut request = Request::new(&paths, &catalogue);
    request.processes = Some(lists);
    replay(&request, |_, _| {}).summary
}

#[test]
fn what_lists_of_processes_add_is_valid() {
    let report = json_of(&told());
    assert_eq!(faults(&whole(), &report), [""; 0]);
    let names: Vec<&Value> = report["flows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|flow| !flow["process"].is_null())
        .map(|flow| &flow["process"]["name"])
        .collect();
    assert_eq!(names, [&json!("iTunesHelper.exe"), &Value::Null]);
    let line = line();
    for text in written(&told(), Format::Ndjson, None).lines() {
        let object: Value = serde_json::from_str(text).unwrap();
        assert_eq!(faults(&line, &object), [""; 0], "{text}");
    }
}

#[test]
fn what_bonjour_will_say_is_valid() {
    let mut summary = demo();
    summary.bonjour.push(BonjourService {
        instance: "Jan’s Apple TV".into(),
        service: "_airplay._tcp".into(),
        host: Some("apple-tv.local".into()),
        port: Some(7000),
        addresses: vec!["192.168.7.30".parse().unwrap()],
        txt: [("model".to_owned(), "AppleTV6,2".to_owned())].into(),
        last_seen: summary.captures[0].last.unwrap(),
        goodbye: false,
        asked_by: vec!["192.168.7.20".parse().unwrap()],
    });
    assert_eq!(faults(&whole(), &json_of(&summary)), [""; 0]);
}

/// Every object of the report, by its JSON pointer.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.to_owned());
            for (name, field) in fields {
                objects(field, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A report of the demo with one row of each list, small enough to be spoilt in every place.
fn small() -> Value {
    let summary = told();
    let mut report = json_of(&summary);
    let keep = |rows: &mut Value, wanted: &dyn Fn(&Value) -> bool| {
        let rows = rows.as_array_mut().unwrap();
        let row = rows.iter().find(|row| wanted(row)).unwrap().clone();
        *rows = vec![row];
    };
    keep(&mut report["requirements"], &|row| {
        row["cause"] == "reset-after-client-hello"
    });
    keep(&mut report["flows"], &|row| {
        row["cause"] == "reset-after-client-hello"
    });
    keep(&mut report["dns"], &|row| row["cause"] == "dns-sinkholed");
    keep(&mut report["processes"], &|row| row["seen"] == true);
    report
}

#[test]
fn a_missing_field_or_one_too_many_is_refused_anywhere() {
    let whole = whole();
    let report = small();
    assert_eq!(faults(&whole, &report), [""; 0]);
    let mut places = Vec::new();
    objects(&report, "", &mut places);
    assert!(places.len() > 20, "{places:?}");
    for place in places {
        let fields: Vec<String> = report
            .pointer(&place)
            .and_then(Value::as_object)
            .unwrap()
            .keys()
            .cloned()
            .collect();
        let is_map = ["/malformed", "/limits_hit", "/txt"]
            .iter()
            .any(|map| place.ends_with(map));
        if !is_map {
            for field in fields {
                let mut spoilt = report.clone();
                let object = spoilt.pointer_mut(&place).unwrap().as_object_mut().unwrap();
                object.remove(&field);
                assert!(!whole.is_valid(&spoilt), "{place} without {field}");
            }
        }
        // A service may say what it likes of itself.
        if place.ends_with("/txt") {
            continue;
        }
        let mut spoilt = report.clone();
        let object = spoilt.pointer_mut(&place).unwrap().as_object_mut().unwrap();
        object.insert("Surplus".into(), json!("x"));
        assert!(!whole.is_valid(&spoilt), "{place} with one field more");
    }
}

#[test]
fn an_unknown_word_is_refused() {
    let whole = whole();
    let report = small();
    for place in [
        "/flows/0/outcome",
        "/flows/0/stage",
        "/flows/0/standing",
        "/flows/0/cause",
        "/flows/0/origin",
        "/flows/0/app",
        "/flows/0/transport",
        "/flows/0/name/source",
        "/flows/0/id",
        "/flows/0/first",
        "/flows/0/client/ip",
        "/dns/0/outcome",
        "/dns/0/client",
        "/requirements/0/status",
        "/requirements/0/cause",
        "/requirements/0/profiles/0",
        "/requirements/0/ports/0",
        "/requirements/0/client/mac",
        "/captures/0/format",
        "/processes/0/seen",
        "/processes/0/failing_flows/0",
        "/flows/0/process/pid",
    ] {
        let mut spoilt = report.clone();
        *spoilt.pointer_mut(place).unwrap() = json!("sometimes");
        assert!(!whole.is_valid(&spoilt), "{place}");
    }
    let mut spoilt = report.clone();
    spoilt["schema"] = json!(2);
    assert!(!whole.is_valid(&spoilt), "another version");
}

#[test]
fn a_line_of_another_kind_is_refused() {
    let line = line();
    let mut object = small()["flows"][0].clone();
    object["kind"] = json!("flow");
    assert_eq!(faults(&line, &object), [""; 0]);
    for kind in ["dns", "requirement", "tale"] {
        object["kind"] = json!(kind);
        assert!(!line.is_valid(&object), "a flow that says it is a {kind}");
    }
    object.as_object_mut().unwrap().remove("kind");
    assert!(!line.is_valid(&object), "no kind");
    object["kind"] = json!("flow");
    object["Surplus"] = json!(1);
    assert!(!line.is_valid(&object), "one field more");
}

#[test]
fn the_schema_knows_exactly_the_words_of_the_verdicts() {
    let schema = schema();
    let words = |name: &str| -> Vec<String> {
        serde_json::from_value(schema["$defs"][name]["enum"].clone()).unwrap()
    };
    let spelt = |all: &[&'static str]| {
        all.iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    macro_rules! agree {
        ($($name:literal: $codes:ty),+ $(,)?) => {$(
            let all: Vec<&str> = <$codes>::ALL.iter().map(|code| code.as_str()).collect();
            assert_eq!(words($name), spelt(&all), $name);
        )+};
    }
    agree! {
        "outcome": Outcome,
        "stage": Stage,
        "cause": Cause,
        "origin": Origin,
        "standing": Standing,
        "status": Status,
        "app": App,
        "source": NameSource,
        "transport": Transport,
    }
}

#[test]
fn flows_choose_what_is_listed_and_never_what_is_counted() {
    let summary = demo();
    let listed = |listed: Option<Listed>| -> Value {
        serde_json::from_str(&written(&summary, Format::Json, listed)).unwrap()
    };
    let all = listed(None);
    let required = listed(Some(Listed::Required));
    let failing = listed(Some(Listed::Failing));
    let rows = |report: &Value, list: &str| report[list].as_array().unwrap().len();
    for list in ["flows", "dns"] {
        assert!(rows(&all, list) > rows(&required, list), "{list}");
        assert!(rows(&required, list) > rows(&failing, list), "{list}");
        assert!(rows(&failing, list) > 0, "{list}");
        for row in failing[list].as_array().unwrap() {
            let outcome = row["outcome"].as_str().unwrap();
            assert!(["stalled", "reset", "failed"].contains(&outcome), "{row}");
            assert!(row["requirement"].is_string(), "{row}");
        }
    }
    assert_eq!(all["summary"], failing["summary"]);
    assert_eq!(all["requirements"], failing["requirements"]);
}
