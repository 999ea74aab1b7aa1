//! The background processes of iTunes: which ran, and what it means that one did not.

use maud::{Markup, html};

use super::{Report, part, some, table};
use crate::verdict::summary::BackgroundProcess;
use crate::words::{counted, length};

const COLUMNS: [&str; 4] = ["State", "Process", "What it does", "What to know"];

pub(super) fn section(report: &Report<'_>) -> Markup {
    let rows = &report.summary.processes;
    if rows.is_empty() {
        return html! {};
    }
    let content = table(
        "Background processes of iTunes",
        &COLUMNS,
        &html! {
            tbody { @for process in rows { (row(process)) } }
        },
    );
    part("processes", "Background processes of iTunes", &content)
}

fn row(process: &BackgroundProcess) -> Markup {
    let failing = length(&process.failing_flows);
    html! {
        tr data-row {
            td {
                @match process.seen {
                    Some(true) => span.state.good { span.sign aria-hidden="true" { "✓" } "running" },
                    Some(false) => span.state.warn { span.sign aria-hidden="true" { "~" } "not running" },
                    None => span.state.dim { span.sign aria-hidden="true" { "·" } "not known" },
                }
            }
            th.host scope="row" { (process.name) }
            td { (process.description) }
            td {
                @if !process.pids.is_empty() { "PID " (some(&process.pids)) ". " }
                @if failing > 0 { (counted(failing, "flow", "flows")) " stalled, reset or failed. " }
                @if process.seen == Some(false) {
                    "Without it: " (process.failure)
                    @if process.optional || process.groups.iter().any(|group| group == "by-sync-configuration") {
                        " It runs by choice only."
                    }
                }
            }
        }
    }
}
