//! Stage `resolve`: verdicts.md 3.1.

mod answers;
mod siblings;
mod silence;
mod sinkholes;
mod tcp;

use windfall::verdict::summary::{DnsQuestion, Summary};

use crate::support::dns;
use crate::support::trace::Trace;

/// The row of the one question for this record type.
fn question(summary: &Summary, kind: &str) -> DnsQuestion {
    let rows: Vec<&DnsQuestion> = summary.dns.iter().filter(|row| row.kind == kind).collect();
    assert_eq!(rows.len(), 1, "{:#?}", summary.dns);
    rows[0].clone()
}

/// Outcome and cause of a question in words.
fn verdict(row: &DnsQuestion) -> String {
    row.cause.map_or_else(
        || row.outcome.to_string(),
        |cause| format!("{} {cause}", row.outcome),
    )
}

/// A question of the usual client and its answer, 20 ms later; the identifier is also the client's port.
fn ask(trace: &mut Trace, seconds: f64, id: u16, question: &[u8], answer: &[u8]) {
    trace.at(seconds, dns::ask(id, question));
    trace.at(seconds + 0.02, dns::answer(id, answer));
}
