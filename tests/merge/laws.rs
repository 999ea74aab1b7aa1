//! Merging is associative and commutative, and a report survives being written and read.

use std::sync::LazyLock;

use proptest::prelude::*;
use windfall::merge::{Named, merge};
use windfall::verdict::summary::Summary;

use crate::captures::captures;
use crate::{json, report};

/// The report of each bundled capture.
static REPORTS: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let named = |path: std::path::PathBuf| (path.display().to_string(), report(&[path]));
    captures().into_iter().map(named).collect()
});

/// Merges in a grouping that `cuts` chooses: parts are merged first, and then their merged reports.
fn grouped(reports: &[Named], cuts: &[usize]) -> Summary {
    let Some((cut, rest)) = cuts.split_first() else {
        return merge(reports.to_vec()).unwrap();
    };
    let (left, right) = reports.split_at(cut % (reports.len() + 1));
    let left = ("left".to_owned(), grouped(left, rest));
    let right = ("right".to_owned(), grouped(right, &rest[rest.len() / 2..]));
    merge(vec![left, right]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn order_and_grouping_do_not_matter(
        order in Just((0..REPORTS.len()).collect::<Vec<_>>()).prop_shuffle(),
        count in 0..12_usize,
        cuts in prop::collection::vec(0..12_usize, 0..6),
    ) {
        let chosen: Vec<Named> = order.iter().take(count).map(|at| REPORTS[*at].clone()).collect();
        let mut sorted = chosen.clone();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let at_once = merge(sorted).unwrap();
        prop_assert_eq!(json(&grouped(&chosen, &cuts)), json(&at_once));
    }
}

#[test]
fn a_report_that_is_read_and_written_again_is_the_same() {
    for (name, report) in REPORTS.iter() {
        let again: Summary = serde_json::from_str(&json(report)).unwrap();
        assert_eq!(json(&again), json(report), "{name}");
    }
}

#[test]
fn one_report_alone_keeps_every_word_of_its_requirements() {
    for (name, report) in REPORTS.iter() {
        let merged = merge(vec![(name.clone(), report.clone())]).unwrap();
        let rows = |summary: &Summary| {
            let mut rows: Vec<String> = summary
                .requirements
                .iter()
                .map(|row| serde_json::to_string(row).unwrap())
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(rows(&merged), rows(report), "{name}");
        assert_eq!(merged.summary.status, report.summary.status, "{name}");
        assert_eq!(merged.summary.outcome, report.summary.outcome, "{name}");
    }
}
