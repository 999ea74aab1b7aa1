//! An evidence file, replayed, gives its requirement the verdict that it is evidence of.

use std::path::PathBuf;

use windfall::pipeline::evidence::Saved;
use windfall::verdict::outcome::{Status, Where};
use windfall::verdict::summary::{Requirement, Summary};

use crate::kept;

fn captures() -> Vec<PathBuf> {
    let all = std::fs::read_dir(kept::bundled("")).unwrap();
    let mut paths: Vec<PathBuf> = all
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .filter(|path| !path.to_string_lossy().ends_with(".json"))
        .collect();
    paths.sort();
    paths
}

fn bad(summary: &Summary) -> Vec<&Requirement> {
    let is_bad = |row: &&Requirement| {
        row.client.is_some()
            && matches!(
                row.status,
                Status::Failing | Status::Degraded | Status::Flaky
            )
    };
    summary.requirements.iter().filter(is_bad).collect()
}

/// What must be the same.
fn verdict(row: &Requirement) -> String {
    let notes: Vec<&str> = row
        .evidence
        .iter()
        .map(|evidence| evidence.note.as_str())
        .collect();
    let (status, cause, origin) = (row.status, row.cause, row.origin);
    format!(
        "{status} {cause:?} {origin:?} {:?} {:?} {notes:?}",
        row.attempts, row.explanation
    )
}

/// Which requirements the files give another verdict than the summary that they were saved from.
pub(crate) fn differences(summary: &Summary, saved: &[Saved]) -> Vec<String> {
    let rows = bad(summary);
    assert_eq!(rows.len(), saved.len());
    let differs = |(row, saved): (&&Requirement, &Saved)| {
        assert_eq!(saved.missing.packets, 0, "{saved}");
        let (again, failures) = kept::judged(&saved.file.as_ref().unwrap().path);
        assert!(failures.is_empty(), "{failures:?}");
        // A device may use one of its addresses only.
        let addresses = &row.client.as_ref().unwrap().addresses;
        let same = again.requirements.iter().find(|again| {
            let client = again.client.as_ref();
            again.id == row.id
                && client.is_some_and(|client| {
                    client.addresses.iter().any(|own| addresses.contains(own))
                })
        });
        let (was, is) = (verdict(row), same.map(verdict).unwrap_or_default());
        // On which side of a gateway it broke is proved by other connections, whose packets are not in the file.
        let less = same.is_some_and(|again| {
            let told = |row: &Requirement| row.explanation.clone().unwrap_or_default();
            again.whereabouts.is_none()
                && row.whereabouts.is_some()
                && (again.status, again.cause, again.origin) == (row.status, row.cause, row.origin)
                && told(row).starts_with(&told(again))
        });
        (was != is && !less).then(|| format!("{saved}:\n  was {was}\n  is  {is}"))
    };
    rows.iter().zip(saved).filter_map(differs).collect()
}

#[test]
fn of_every_bundled_capture_and_requirement() {
    let (mut requirements, mut differ) = (0, Vec::new());
    for path in captures() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (summary, saved) = kept::saved(&path, &kept::folder(&format!("same-{name}")));
        requirements += saved.len();
        differ.extend(differences(&summary, &saved));
    }
    assert!(
        requirements > 30,
        "only {requirements} requirements fail in the bundled captures"
    );
    assert_eq!(differ, [""; 0]);
}

#[test]
fn of_a_connection_on_both_sides_of_a_gateway() {
    let path = kept::bundled("gateway-both-sides.pcapng");
    let (summary, saved) = kept::saved(&path, &kept::folder("both-sides"));
    let beyond = |row: &&Requirement| row.whereabouts == Some(Where::BeyondGateway);
    let (row, saved) = bad(&summary)
        .into_iter()
        .zip(&saved)
        .find(|(row, _)| beyond(row))
        .unwrap();
    let (again, _) = kept::judged(&saved.file.as_ref().unwrap().path);
    let again = again.requirements.iter().find(|again| again.id == row.id);
    assert_eq!(again.unwrap().whereabouts, row.whereabouts);
}
