//! The map of what is offered on the local link: by which device, where, and who asked for it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{IN_A_CELL, Report, SERVICES, part, rest, some, table};
use crate::verdict::summary::BonjourService;
use crate::words::{counted, length, some_of};

const COLUMNS: [&str; 6] = [
    "Offered by",
    "Name",
    "Service",
    "At",
    "Told of itself",
    "Asked for by",
];

pub(super) fn section(report: &Report<'_>) -> Markup {
    let all = &report.summary.bonjour;
    if all.is_empty() {
        return html! {};
    }
    let mut by_host: BTreeMap<&str, Vec<&BonjourService>> = BTreeMap::new();
    for service in all.iter().take(SERVICES) {
        let host = service.host.as_deref().unwrap_or_default();
        by_host.entry(host).or_default().push(service);
    }
    let content = html! {
        p { (counted(length(all), "service", "services")) ", by the device that offers them." }
        (table("Bonjour services by device", &COLUMNS, &html! {
            @for (host, services) in &by_host {
                tbody data-row { @for (at, service) in services.iter().enumerate() {
                    (row(report, host, (at == 0).then_some(services.len()), service))
                } }
            }
        }))
        (rest(all.len().saturating_sub(SERVICES), "service", "services"))
    };
    part("bonjour", "Bonjour", &content)
}

/// `of`: the rows of the device, for its first one.
fn row(report: &Report<'_>, host: &str, of: Option<usize>, service: &BonjourService) -> Markup {
    let told: Vec<String> = service
        .txt
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    html! {
        tr {
            @if let Some(rows) = of {
                th.host scope="rowgroup" rowspan=(rows) {
                    @if host.is_empty() { "a device that is not named" } @else { (host) }
                    @if !service.addresses.is_empty() { span.dim { (some(&service.addresses)) } }
                }
            }
            td.host { (service.instance) }
            td { code { (service.service) } }
            td {
                @if let Some(port) = service.port { "port " (port) ", " }
                @if service.goodbye { "gone since " } @else { "last seen " }
                (report.times.exact(service.last_seen))
            }
            td.host { (some_of(&told, IN_A_CELL)) }
            td { @if service.asked_by.is_empty() { "nobody" } @else { (some(&service.asked_by)) } }
        }
    }
}
