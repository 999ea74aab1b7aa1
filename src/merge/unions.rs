//! Rows that are united as they are: Bonjour services, findings, processes.

use std::collections::{BTreeMap, BTreeSet};

use crate::verdict::summary::{BackgroundProcess, BonjourService, Evidence, Finding};

/// One row an instance: as it was announced last, asked for by all who did.
pub(super) fn bonjour(rows: Vec<BonjourService>) -> Vec<BonjourService> {
    let mut known: BTreeMap<(String, String), BonjourService> = BTreeMap::new();
    for row in rows {
        let key = (row.service.clone(), row.instance.clone());
        match known.remove(&key) {
            Some(other) => known.insert(key, latest(other, row)),
            None => known.insert(key, row),
        };
    }
    known.into_values().collect()
}

fn latest(one: BonjourService, other: BonjourService) -> BonjourService {
    fn words(row: &BonjourService) -> impl Ord + '_ {
        let ends = (&row.host, row.port, &row.addresses);
        (row.last_seen, row.goodbye, ends, &row.txt)
    }
    let asked_by: BTreeSet<_> = one
        .asked_by
        .iter()
        .chain(&other.asked_by)
        .copied()
        .collect();
    let is_later = words(&other) > words(&one);
    let mut row = if is_later { other } else { one };
    row.asked_by = asked_by.into_iter().collect();
    row
}

/// Each finding of each report; what is said twice in the same words is said once.
pub(super) fn findings(rows: Vec<Finding>) -> Vec<Finding> {
    let mut known: BTreeMap<(String, BTreeSet<std::net::IpAddr>, String), Vec<Evidence>> =
        BTreeMap::new();
    for row in rows {
        let clients = row.clients.into_iter().collect();
        let evidence = known.entry((row.code, clients, row.detail)).or_default();
        evidence.extend(row.evidence);
    }
    let finding =
        |((code, clients, detail), mut evidence): ((_, BTreeSet<_>, _), Vec<Evidence>)| {
            evidence.sort_by(|a, b| order(a).cmp(&order(b)));
            evidence.dedup();
            Finding {
                code,
                clients: clients.into_iter().collect(),
                detail,
                evidence,
            }
        };
    known.into_iter().map(finding).collect()
}

fn order(evidence: &Evidence) -> impl Ord + '_ {
    (
        evidence.time,
        evidence.capture,
        evidence.frame,
        &evidence.note,
    )
}

/// One row a process: it ran if any report saw it.
pub(super) fn processes(rows: Vec<BackgroundProcess>) -> Vec<BackgroundProcess> {
    let mut known: BTreeMap<String, BackgroundProcess> = BTreeMap::new();
    for row in rows {
        match known.remove(&row.name) {
            Some(other) => known.insert(row.name.clone(), both(other, row)),
            None => known.insert(row.name.clone(), row),
        };
    }
    known.into_values().collect()
}

fn both(one: BackgroundProcess, other: BackgroundProcess) -> BackgroundProcess {
    let seen = one.seen.max(other.seen);
    let pids: BTreeSet<u32> = one.pids.iter().chain(&other.pids).copied().collect();
    let flows: BTreeSet<&String> = one
        .failing_flows
        .iter()
        .chain(&other.failing_flows)
        .collect();
    let failing_flows = flows.into_iter().cloned().collect();
    let words = |row: &BackgroundProcess| {
        (
            row.other_names.clone(),
            row.description.clone(),
            row.groups.clone(),
        )
    };
    let first = if words(&other) < words(&one) {
        other.clone()
    } else {
        one.clone()
    };
    BackgroundProcess {
        seen,
        pids: pids.into_iter().collect(),
        failing_flows,
        ..first
    }
}
