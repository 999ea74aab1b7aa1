//! A service was announced, a client then tried its host and port, and that flow stalled or was reset.
//!
//! Input: books of services, judged flows. Output: a finding a device, host and port. A flow counts if the service was
//! announced when it began: not before, not after the announcement had expired or was withdrawn. A device that reached
//! the service once has nothing to complain of.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use foldhash::HashMap;

use super::{evidence, type_of};
use crate::capture::frame::Seen;
use crate::hostname::text_of;
use crate::protocol::mdns::Name;
use crate::protocol::services::{Life, ServiceBook};
use crate::transport::Transport;
use crate::verdict::device::DeviceId;
use crate::verdict::findings::ended;
use crate::verdict::outcome::{Cause, Outcome};
use crate::verdict::rows;
use crate::verdict::ruling::MAX_EVIDENCE;
use crate::verdict::subject::{Standing, Subject};
use crate::verdict::summary::Finding;

/// Services named in a finding's text.
const MAX_NAMED: usize = 4;

/// Where services were announced, and when.
struct Offers<'a> {
    books: &'a [&'a ServiceBook],
    by_port: HashMap<(Transport, u16), Vec<(&'a Name, &'a Life)>>,
}

/// A device's connections to one host and port.
#[derive(Default)]
struct Visits<'a> {
    /// The services announced there, each with the announcement that the first connection relied on.
    services: BTreeMap<&'a Name, Seen>,
    faulty: Vec<&'a Subject<'a>>,
    succeeded: bool,
}

pub(super) fn findings<'a>(
    books: &'a [&'a ServiceBook],
    subjects: &'a [Subject<'a>],
) -> Vec<Finding> {
    let offers = Offers::of(books);
    let mut visits: BTreeMap<(DeviceId, &Name, u16), Visits<'_>> = BTreeMap::new();
    let own = |subject: &&Subject<'_>| subject.standing == Standing::Own;
    for subject in subjects.iter().filter(own) {
        let port = subject.server().1;
        for (host, services) in offers.tried_by(subject) {
            let visit = visits.entry((subject.device, host, port)).or_default();
            for (name, announced) in services {
                visit.services.entry(name).or_insert(announced);
            }
            match subject.ruling.outcome {
                Outcome::Stalled | Outcome::Reset => visit.faulty.push(subject),
                Outcome::Succeeded => visit.succeeded = true,
                Outcome::Failed | Outcome::Abandoned | Outcome::Pending | Outcome::Unjudged => {}
            }
        }
    }
    visits
        .into_iter()
        .filter(|(_, visit)| !visit.succeeded)
        .filter_map(|((_, host, port), visit)| told(host, port, &visit))
        .collect()
}

impl<'a> Offers<'a> {
    fn of(books: &'a [&'a ServiceBook]) -> Self {
        let mut by_port: HashMap<_, Vec<_>> = HashMap::default();
        for (name, service) in books.iter().flat_map(|book| book.services()) {
            let Some(instance) = name.instance() else {
                continue;
            };
            for life in &service.lives {
                let at = (instance.transport, life.port);
                by_port.entry(at).or_default().push((name, life));
            }
        }
        Self { books, by_port }
    }

    /// The services that were announced at the flow's server when it began, by host.
    fn tried_by(&self, subject: &Subject<'_>) -> BTreeMap<&'a Name, BTreeMap<&'a Name, Seen>> {
        let (address, port) = subject.server();
        let tried = subject.first();
        let mut hosts: BTreeMap<&Name, BTreeMap<&Name, Seen>> = BTreeMap::new();
        let offered = self.by_port.get(&(subject.transport(), port));
        for (name, life) in offered.into_iter().flatten() {
            let is_announced = life.from.at <= tried && tried < life.until;
            let mut known = self.books.iter().filter_map(|book| book.host(&life.host));
            if is_announced && known.any(|host| host.had(address, tried)) {
                let services = hosts.entry(&life.host).or_default();
                let announced = services.entry(name).or_insert(life.from);
                *announced = life.from.max(*announced);
            }
        }
        hosts
    }
}

fn told(host: &Name, port: u16, visit: &Visits<'_>) -> Option<Finding> {
    let first = visit.faulty.first()?;
    let announced = visit.services.values().min().copied()?;
    let tried = match visit.faulty.len() {
        1 => "a connection to it".to_owned(),
        count => format!("{count} connections to it"),
    };
    let clients: BTreeSet<IpAddr> = visit.faulty.iter().map(|flow| flow.client().0).collect();
    let flows = visit.faulty.iter();
    let flows = flows.flat_map(|flow| rows::evidence(&flow.ruling));
    Some(Finding {
        code: crate::verdict::findings::BONJOUR_UNREACHABLE.into(),
        clients: clients.into_iter().collect(),
        detail: format!(
            "{} announced at {}:{port}, but {tried} {} ({}): {}. Discovery works and the connection does not: look at \
             what stands between the two, such as a firewall on the host or client isolation.",
            named(visit),
            host.to_hostname().to_text(),
            ended(first.ruling.outcome),
            first.ruling.cause.map_or("", Cause::as_str),
            first.ruling.why
        ),
        evidence: std::iter::once(evidence(announced, "announcement of the service"))
            .chain(flows)
            .take(MAX_EVIDENCE)
            .collect(),
    })
}

/// `“Kitchen” (_airplay._tcp) is`, `… and 2 more are`.
fn named(visit: &Visits<'_>) -> String {
    let services: Vec<String> = visit
        .services
        .keys()
        .filter_map(|name| name.instance())
        .map(|instance| format!("“{}” ({})", text_of(instance.instance), type_of(&instance)))
        .collect();
    let shown: Vec<&str> = services
        .iter()
        .take(MAX_NAMED)
        .map(String::as_str)
        .collect();
    let shown = shown.join(", ");
    match services.len() {
        1 => format!("{shown} is"),
        count if count > MAX_NAMED => format!("{shown} and {} more are", count - MAX_NAMED),
        _ => format!("{shown} are"),
    }
}
