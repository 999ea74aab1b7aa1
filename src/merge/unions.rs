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
    fn words(row: &BackgroundProcess) -> impl Ord + '_ {
        let told = (&row.other_names, &row.description, &row.failure);
        (told, &row.groups, row.optional)
    }
    let is_first = words(&one) <= words(&other);
    let (mut row, more) = if is_first { (one, other) } else { (other, one) };
    row.seen = row.seen.max(more.seen);
    row.pids = united(row.pids, more.pids);
    row.failing_flows = united(row.failing_flows, more.failing_flows);
    row
}

fn united<T: Ord>(one: Vec<T>, other: Vec<T>) -> Vec<T> {
    let all: BTreeSet<T> = one.into_iter().chain(other).collect();
    all.into_iter().collect()
}
