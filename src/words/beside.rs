//! Flows beside the required connections, in words.

use std::collections::BTreeMap;

use super::{counted, length, outcomes};
use crate::verdict::outcome::{Outcome, Standing};
use crate::verdict::summary::Summary;

/// What ports alone say that flows are for, each with `2 flows: 1 succeeded, 1 stalled`.
#[must_use]
pub fn by_port(summary: &Summary) -> Vec<(&str, String)> {
    let mut by_name: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    for flow in &summary.flows {
        if let (Some(name), Standing::Own) = (&flow.by_port, flow.standing) {
            by_name.entry(name).or_default().push(flow.outcome);
        }
    }
    let told = by_name.into_iter().map(|(name, of_name)| {
        let flows = counted(length(&of_name), "flow", "flows");
        (name, format!("{flows}: {}", outcomes(of_name)))
    });
    told.collect()
}

/// Flows that are no attempts of their own.
#[must_use]
pub fn not_counted(summary: &Summary) -> Option<String> {
    let of = |standing: Standing| {
        let flows = summary
            .flows
            .iter()
            .filter(|flow| flow.standing == standing);
        u64::try_from(flows.count()).unwrap_or(u64::MAX)
    };
    let (twins, subflows) = (of(Standing::Twin), of(Standing::Subflow));
    let mut texts = Vec::new();
    if twins > 0 {
        let flows = counted(
            twins,
            "flow is the copy of another",
            "flows are copies of others",
        );
        texts.push(format!("{flows}, captured on another interface or VLAN"));
    }
    if subflows > 0 {
        texts.push(counted(
            subflows,
            "Multipath TCP subflow",
            "Multipath TCP subflows",
        ));
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}
