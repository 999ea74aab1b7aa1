//! What is offered on the local link: one line a service, by name.

use std::collections::BTreeSet;
use std::io;

use crate::report::page::{Page, Paint, columns};
use crate::verdict::summary::{BonjourService, Summary};
use crate::words::{counted, length};

/// Where a row begins.
const INDENT: usize = 3;

/// Columns that a name gets before it pushes its row out of line.
const WIDEST_NAME: usize = 36;

/// TXT keys that hold a device's model, of which a service has one.
const MODEL: [&str; 4] = ["model", "am", "md", "rpMd"];

/// TXT keys that hold a library's name, of which a service has one.
const LIBRARY: [&str; 3] = ["Machine Name", "hN", "CtlN"];

pub(super) fn write(page: &mut Page<'_>, summary: &Summary, most: usize) -> io::Result<()> {
    if summary.bonjour.is_empty() {
        return Ok(());
    }
    let hosts: BTreeSet<_> = summary
        .bonjour
        .iter()
        .filter_map(|service| service.host.as_deref())
        .collect();
    let hosts = counted(hosts.len() as u64, "device", "devices");
    let services = counted(length(&summary.bonjour), "service", "services");
    page.heading("BONJOUR", &format!("{hosts}, {services}"))?;
    let shown = || summary.bonjour.iter().take(most);
    let widest = |text: fn(&BonjourService) -> &str| {
        let widths = shown().map(|service| columns(text(service)).min(WIDEST_NAME));
        widths.max().unwrap_or(0)
    };
    let kind = INDENT + widest(|service| &service.instance) + 2;
    let place = kind + widest(|service| &service.service) + 2;
    for service in shown() {
        let line = page
            .line()
            .to(INDENT)
            .plain(&service.instance)
            .to(kind)
            .put(Paint::Dim, &service.service)
            .to(place)
            .plain(&told(service));
        page.end(&line)?;
    }
    let more = summary.bonjour.len().saturating_sub(most);
    if more > 0 {
        let text = format!("and {more} more (--flows all lists them)");
        let line = page.line().to(INDENT).put(Paint::Dim, &text);
        page.end(&line)?;
    }
    Ok(())
}

/// Where it is, what it is, and whether it is still there.
fn told(service: &BonjourService) -> String {
    let mut facts = Vec::new();
    if let (Some(host), Some(port)) = (&service.host, service.port) {
        facts.push(format!("{host}:{port}"));
    }
    let entry = |keys: &[&str]| keys.iter().find_map(|key| service.txt.get(*key));
    if let Some(model) = entry(&MODEL) {
        facts.push(format!("({model})"));
    }
    if let Some(library) = entry(&LIBRARY) {
        facts.push(format!("library {library}"));
    }
    if service.goodbye {
        facts.push("gone".to_owned());
    }
    facts.join("  ")
}
