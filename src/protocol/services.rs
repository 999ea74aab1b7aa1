//! The book of services: who offers what on the local link, and who asked for it.
//!
//! Input: mDNS messages with who sent them where, in capture order. Output: service instances with the times over which
//! they were announced, hosts with their addresses, and for each client what it asked for. Only responses teach
//! services: what a question says its sender knows is hearsay (RFC 6762 section 7.1). Names are raw. Bound: a book holds
//! at most [`MAX_SERVICES`] of each kind of entry; when full it gives up what was withdrawn or has expired, then what is
//! oldest. RFC 6762, RFC 6763.

mod service;
mod shelf;

use std::net::IpAddr;
use std::time::Duration;

use crate::capture::frame::{Seen, Sightings, Timestamp};

use super::dns::RecordData;
use super::mdns::{Message, Name, Question, Record};
use shelf::Shelf;

pub use service::{Host, Life, Service};

/// Services, hosts, and clients' questions that a book holds, each: a link of a thousand Apple devices, which is more
/// than multicast bears, in some megabytes.
pub const MAX_SERVICES: usize = 8 * 1024;

/// RFC 6762 section 2.
pub const MDNS_PORT: u16 = 5353;

/// The Internet (RFC 1035 section 3.2.4), and any class, in questions.
const CLASS_IN: u16 = 1;
const CLASS_ANY: u16 = 255;

/// Where a message came from and went to.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Sender.
    pub from: IpAddr,
    /// Its port.
    pub from_port: u16,
    /// Receiver.
    pub to: IpAddr,
}

impl Route {
    /// Sent by a member of the group to the group, who may answer the same way; not a legacy question, whose answer is
    /// unicast (RFC 6762 section 6.7).
    fn is_among_all(self) -> bool {
        self.from_port == MDNS_PORT && self.to.is_multicast()
    }
}

/// A client's questions for one service type or instance.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Those by which it browses a type, that all may answer so that all hear it, and to which it knows no answer yet.
    pub open: Sightings,
    last: Seen,
}

/// What one monitor has learned.
#[derive(Clone, Debug)]
pub struct ServiceBook {
    services: Shelf<Name, Service>,
    hosts: Shelf<Name, Host>,
    /// By service type or instance, and client.
    asked: Shelf<(Name, IpAddr), Asked>,
    answered: Option<Seen>,
    /// Facts about services and hosts that were given up.
    forgotten: u64,
}

impl ServiceBook {
    /// An empty book of at most `bound` entries of a kind, at least one.
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self {
            services: Shelf::new(bound),
            hosts: Shelf::new(bound),
            asked: Shelf::new(bound),
            answered: None,
            forgotten: 0,
        }
    }

    /// Takes one message.
    pub fn message(&mut self, message: &Message, route: Route, seen: Seen) {
        if !message.is_standard() {
            return;
        }
        if !message.response {
            self.question(message, route, seen);
        } else if route.from_port == MDNS_PORT {
            // From another port it is forged or lost (RFC 6762 section 6).
            self.answered.get_or_insert(seen);
            for record in message.records.iter().filter(|row| row.class == CLASS_IN) {
                self.record(record, seen);
            }
        }
    }

    fn question(&mut self, message: &Message, route: Route, seen: Seen) {
        if message.is_probe() {
            return;
        }
        let is_open = route.is_among_all() && !message.has_known_answers();
        for question in message.questions().filter(|question| is_class_in(question)) {
            let browsed = question.name.browsed();
            let is_open = is_open && browsed.is_some() && !question.unicast;
            let instance = || question.name.instance().map(|_| question.name.clone());
            if let Some(name) = browsed.or_else(instance) {
                let asked = self.asked.entry(&(name, route.from), |asked| asked.last);
                asked.last = seen;
                if is_open && asked.open.last() != seen {
                    asked.open.add(seen);
                }
            }
        }
    }

    fn record(&mut self, record: &Record, seen: Seen) {
        match &record.data {
            RecordData::Ptr(instance) => {
                // The end of a subtype is not the service's.
                if record.ttl > 0 || instance.service_type().as_ref() == Some(&record.owner) {
                    self.service(instance, record, seen);
                }
            }
            RecordData::Srv { port, target, .. } => {
                let (port, expires) = (*port, expires(record, seen));
                if let Some(service) = self.service(&record.owner, record, seen) {
                    let forgotten = service.is_at(target, port, seen, expires);
                    self.forgotten += u64::from(forgotten);
                }
            }
            RecordData::Txt(strings) => {
                if record.ttl > 0
                    && let Some(service) = self.service(&record.owner, record, seen)
                {
                    service.describes_itself(strings);
                }
            }
            RecordData::A(address) => self.address(record, (*address).into(), seen),
            RecordData::Aaaa(address) => self.address(record, (*address).into(), seen),
            RecordData::Cname(_)
            | RecordData::Nsec { .. }
            | RecordData::Svcb { .. }
            | RecordData::Opt { .. }
            | RecordData::Other(_) => {}
        }
    }

    /// The service of this name, if it is announced; `None` if the name is no instance's, or if the record is a goodbye.
    fn service(&mut self, name: &Name, record: &Record, seen: Seen) -> Option<&mut Service> {
        name.instance()?;
        let service = self.services.entry(name, |service| service.worth(seen.at));
        if record.ttl == 0 {
            service.is_withdrawn(seen);
            return None;
        }
        service.announced(seen, expires(record, seen));
        Some(service)
    }

    fn address(&mut self, record: &Record, address: IpAddr, seen: Seen) {
        if record.ttl > 0 {
            let host = self.hosts.entry(&record.owner, Host::worth);
            let forgotten = host.has(address, record.cache_flush, seen);
            self.forgotten += u64::from(forgotten);
        } else if let Some(host) = self.hosts.get_mut(&record.owner) {
            host.lost(address, seen);
        }
    }

    /// All services, in no promised order.
    pub fn services(&self) -> impl Iterator<Item = (&Name, &Service)> {
        self.services.iter()
    }

    /// What is known of a host.
    #[must_use]
    pub fn host(&self, name: &Name) -> Option<&Host> {
        self.hosts.get(name)
    }

    /// Who asked for which service type or instance, in no promised order.
    pub fn asked(&self) -> impl Iterator<Item = (&Name, IpAddr, &Asked)> {
        let asked = self.asked.iter();
        asked.map(|((name, client), asked)| (name, *client, asked))
    }

    /// The first response that was seen, from anyone.
    #[must_use]
    pub const fn answered(&self) -> Option<Seen> {
        self.answered
    }

    /// Entries given up for want of room.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.services.evicted() + self.hosts.evicted() + self.asked.evicted() + self.forgotten
    }
}

fn is_class_in(question: &Question) -> bool {
    matches!(question.class, CLASS_IN | CLASS_ANY)
}

fn expires(record: &Record, seen: Seen) -> Timestamp {
    seen.at.after(Duration::from_secs(u64::from(record.ttl)))
}

#[cfg(test)]
mod tests;
