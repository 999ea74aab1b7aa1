//! The bundled captures, for the tests that replay them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use windfall::catalogue::{Catalogue, Profile};
use windfall::pipeline::replay::{Outcome, Request, replay};
use windfall::verdict::outcome::Status;
use windfall::verdict::rows::{is_fault, is_faulty};
use windfall::verdict::summary::{Evidence, Summary};

/// All captures in `captures/`, by name; at least those of the lab.
pub(crate) fn all() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| is_capture(path))
        .collect();
    paths.sort();
    assert!(
        paths.len() >= 30,
        "captures/ holds only {} captures",
        paths.len()
    );
    paths
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

fn is_capture(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    [
        ".pcap",
        ".pcapng",
        ".pcap.gz",
        ".pcapng.gz",
        ".pcap.zst",
        ".pcapng.zst",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

/// The name without its endings: `refused` of `refused.pcap.gz`.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    name.split('.').next().unwrap().to_owned()
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin(Profile::All).unwrap());

/// Replays files with the defaults of the command.
pub(crate) fn run(paths: &[PathBuf]) -> Outcome<'_> {
    replay(&Request::new(paths, &CATALOGUE), |_, _| {})
}

/// What a person judges a report by: who tried what, what it came to, why, and which frames prove it.
pub(crate) fn judged(summary: &Summary) -> Value {
    let requirements: Vec<Value> = summary
        .requirements
        .iter()
        .filter(|row| row.status != Status::NotSeen)
        .map(|row| {
            let mut judged = json!({
                "requirement": row.pattern,
                "client": row.client.as_ref().map(|client| client.addresses.clone()),
                "status": row.status,
                "attempts": counted(&serde_json::to_value(row.attempts).unwrap()),
                "cause": row.cause,
                "origin": row.origin,
                "explanation": row.explanation,
                "frames": frames(&row.evidence),
            });
            if let Some(place) = row.whereabouts {
                judged["where"] = json!(place);
            }
            if let Some(remedy) = &row.remedy {
                judged["remedy"] = json!(remedy);
            }
            judged
        })
        .collect();
    let flows: Vec<Value> = summary
        .flows
        .iter()
        .filter(|flow| is_faulty(flow.outcome) || flow.recovered)
        .map(|flow| {
            json!({
                "server": format!("{}:{}/{}", flow.server.ip, flow.server.port, flow.transport),
                "name": flow.name.as_ref().map(|name| format!("{} ({})", name.host, name.source)),
                "outcome": flow.outcome,
                "stage": flow.stage,
                "cause": flow.cause,
                "origin": flow.origin,
                "recovered": flow.recovered,
                "frames": frames(&flow.evidence),
            })
        })
        .collect();
    let dns: Vec<Value> = summary
        .dns
        .iter()
        .filter(|question| is_faulty(question.outcome) || question.recovered)
        .map(|question| {
            json!({
                "question": format!("{} {} at {}", question.name, question.kind, question.resolver),
                "outcome": question.outcome,
                "cause": question.cause,
                "frames": frames(&question.evidence),
            })
        })
        .collect();
    json!({
        "exit": i32::from(summary.requirements.iter().any(is_fault)),
        "requirements": requirements,
        "faulty_flows": flows,
        "faulty_questions": dns,
        "flows": counted(&serde_json::to_value(&summary.summary.outcome).unwrap()),
        "findings": summary.findings.iter().map(|finding| &finding.code).collect::<Vec<_>>(),
    })
}

/// The counts that are not zero.
fn counted(counts: &Value) -> Value {
    let counts = counts.as_object().unwrap();
    Value::Object(
        counts
            .iter()
            .filter(|(_, count)| **count != json!(0))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
    )
}

fn frames(evidence: &[Evidence]) -> Vec<String> {
    evidence
        .iter()
        .map(|row| format!("{}: {}", row.frame, row.note))
        .collect()
}
