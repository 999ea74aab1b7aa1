//! What the page's script needs to filter and fold. Hidden until it runs, so that nothing is offered that does nothing.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::verdict::outcome::Status;
use crate::verdict::summary::Requirement;

pub(super) fn controls(rows: &[&Requirement]) -> Markup {
    let states: BTreeSet<Status> = rows.iter().map(|row| row.status).collect();
    html! {
        form.controls #controls role="search" aria-label="Filter this report" hidden {
            label for="words" { "Show only rows with" }
            input #words type="search" autocomplete="off" spellcheck="false" placeholder="host, address, cause";
            label for="status" { "and status" }
            select #status {
                option value="" { "any" }
                @for status in states { option value=(status) { (status) } }
            }
            button #unfold type="button" { "Unfold all" }
            button #fold type="button" { "Fold all" }
            output #shown for="words status" role="status" {}
        }
    }
}
