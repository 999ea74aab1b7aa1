//! What is offered on the local link, and whether it can be found and reached.
//!
//! Input: the books of services of all monitors, judged flows. Output: a row a service instance, by name, and two
//! findings. A question is never failed for want of an answer, since nobody may offer what is asked for; only that
//! several devices ask on and on and nobody says anything at all is worth a word, and an announced service whose port
//! does not answer. A flow is never named by an announcement. RFC 6762, RFC 6763.

mod filtered;
mod unreachable;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use foldhash::HashMap;

use super::assemble::{Observed, Options, wanted};
use super::device::Devices;
use super::subject::Subject;
use super::summary::{BonjourService, Evidence, Finding};
use crate::capture::frame::Seen;
use crate::hostname::text_of;
use crate::protocol::mdns::{Instance, Name};
use crate::protocol::services::{Host, Service, ServiceBook};

/// All service instances, by name; of one that several monitors know, what was seen last.
#[must_use]
pub fn rows(observed: &Observed<'_>, options: &Options<'_>) -> Vec<BonjourService> {
    let mut services: BTreeMap<&Name, &Service> = BTreeMap::new();
    let mut asked: HashMap<&Name, BTreeSet<IpAddr>> = HashMap::default();
    for book in &observed.services {
        for (name, service) in book.services() {
            let known = services.entry(name).or_insert(service);
            if service.last > known.last {
                *known = service;
            }
        }
        for (name, client, _) in book.asked() {
            asked.entry(name).or_default().insert(client);
        }
    }
    services
        .into_iter()
        .filter_map(|(name, service)| row(name, service, &observed.services, &asked))
        .filter(|row| {
            let concerned: Vec<IpAddr> =
                row.addresses.iter().chain(&row.asked_by).copied().collect();
            wanted(options, &concerned)
        })
        .collect()
}

fn row(
    name: &Name,
    service: &Service,
    books: &[&ServiceBook],
    asked: &HashMap<&Name, BTreeSet<IpAddr>>,
) -> Option<BonjourService> {
    let instance = name.instance()?;
    let life = service.lives.last();
    let addresses: BTreeSet<IpAddr> = life
        .into_iter()
        .flat_map(|life| books.iter().filter_map(|book| book.host(&life.host)))
        .flat_map(Host::addresses)
        .collect();
    let service_type = name.service_type()?;
    let asked_by: BTreeSet<IpAddr> = [&service_type, name]
        .into_iter()
        .filter_map(|name| asked.get(name))
        .flatten()
        .copied()
        .collect();
    let txt = service.txt.iter();
    Some(BonjourService {
        instance: text_of(instance.instance),
        service: type_of(&instance),
        host: life.map(|life| life.host.to_hostname().to_text()),
        port: life.map(|life| life.port),
        addresses: addresses.into_iter().collect(),
        txt: txt
            .map(|(key, value)| ((*key).to_owned(), text_of(value)))
            .collect(),
        last_seen: service.last.at,
        goodbye: service.goodbye,
        asked_by: asked_by.into_iter().collect(),
    })
}

/// `_airplay._tcp`.
fn type_of(instance: &Instance<'_>) -> String {
    let application = text_of(instance.application).to_ascii_lowercase();
    format!("{application}._{}", instance.transport)
}

/// Both findings.
#[must_use]
pub fn findings(
    observed: &Observed<'_>,
    subjects: &[Subject<'_>],
    devices: &Devices,
    options: &Options<'_>,
) -> Vec<Finding> {
    filtered::finding(&observed.services, devices)
        .filter(|finding| wanted(options, &finding.clients))
        .into_iter()
        .chain(unreachable::findings(&observed.services, subjects))
        .collect()
}

fn evidence(seen: Seen, note: &str) -> Evidence {
    Evidence {
        capture: seen.frame.capture().into(),
        frame: seen.frame.number(),
        time: seen.at,
        note: note.to_owned(),
    }
}
