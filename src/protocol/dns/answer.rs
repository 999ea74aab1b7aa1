//! What a response answers: the addresses at the end of the alias chain.
//!
//! Input: one [`Message`]. Output: [`Answer`]. Only records of the answer section count for addresses, and only those
//! that the chain from the question's name reaches; a chain that bites its own tail ends where it does. Hints of
//! service bindings are kept apart, since a client may use them but need not. RFC 1034 section 3.6.2, RFC 9460
//! section 2.4.

use std::net::IpAddr;

use crate::hostname::Hostname;

use super::{MAX_RECORDS, Message, Record, RecordData, RecordType, Section};

/// Aliases followed in one message; resolvers give up at about as many.
const MAX_CHAIN: usize = 16;

/// Hints kept of one message; service bindings give a handful, and each new one is compared with those before it.
pub const MAX_HINTS: usize = 64;

/// What a response says about the name asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// A and AAAA at the end of the chain, in the order given, each once.
    pub addresses: Vec<IpAddr>,
    /// Addresses that a service binding suggests, and those sent along for its target, at most [`MAX_HINTS`].
    pub hints: Vec<IpAddr>,
    /// The last name of the chain, if the name asked for is an alias.
    pub cname: Option<Hostname>,
    /// The least TTL of the records used, in seconds; 0 without any.
    pub ttl: u32,
    /// A service binding brought keys for Encrypted Client Hello.
    pub ech: bool,
    /// Records are missing from the capture or the message: that there is no address proves nothing.
    pub cut: bool,
}

impl Answer {
    fn use_record(&mut self, record: &Record, first: &mut bool) {
        self.ttl = if *first {
            record.ttl
        } else {
            self.ttl.min(record.ttl)
        };
        *first = false;
    }
}

impl Message {
    /// Follows the chain of aliases from the question's name and collects what stands at its end.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let mut answer = Answer {
            cut: self.cut,
            ..Answer::default()
        };
        let Some(question) = &self.question else {
            return answer;
        };
        let mut first = true;
        let mut visited = vec![&question.name];
        let mut name = &question.name;
        while visited.len() <= MAX_CHAIN {
            let Some((record, target)) = self.alias_of(name, question.kind) else {
                break;
            };
            answer.use_record(record, &mut first);
            if visited.contains(&target) {
                break;
            }
            visited.push(target);
            name = target;
            answer.cname = Some(target.clone());
        }
        for record in self.in_answer(name) {
            if self.collect(record, question.kind, &mut answer) {
                answer.use_record(record, &mut first);
            }
        }
        answer
    }

    /// The records of the answer section that belong to `name`.
    fn in_answer<'a>(&'a self, name: &'a Hostname) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(move |record| record.section == Section::Answer && record.owner == *name)
    }

    /// The record that makes `name` an alias, and of what.
    fn alias_of<'a>(
        &'a self,
        name: &'a Hostname,
        kind: RecordType,
    ) -> Option<(&'a Record, &'a Hostname)> {
        self.in_answer(name).find_map(|record| match &record.data {
            RecordData::Cname(target) => Some((record, target)),
            RecordData::Svcb {
                priority: 0,
                target,
                ..
            } if is_binding(kind) && !target.as_bytes().is_empty() => Some((record, target)),
            _ => None,
        })
    }

    /// Takes the addresses of a record at the chain's end; whether it had a part in the answer.
    fn collect(&self, record: &Record, kind: RecordType, answer: &mut Answer) -> bool {
        let (list, most) = if is_binding(kind) {
            (&mut answer.hints, MAX_HINTS)
        } else {
            (&mut answer.addresses, MAX_RECORDS)
        };
        match &record.data {
            RecordData::A(address) => add(list, (*address).into(), most),
            RecordData::Aaaa(address) => add(list, (*address).into(), most),
            RecordData::Svcb {
                target,
                ipv4hint,
                ipv6hint,
                ech,
                ..
            } => {
                answer.ech |= ech;
                for address in ipv4hint {
                    add(&mut answer.hints, (*address).into(), MAX_HINTS);
                }
                for address in ipv6hint {
                    add(&mut answer.hints, (*address).into(), MAX_HINTS);
                }
                let host = if target.as_bytes().is_empty() {
                    &record.owner
                } else {
                    target
                };
                self.add_sent_along(host, &mut answer.hints);
            }
            _ => return false,
        }
        true
    }

    /// Addresses of `host` in the additional section.
    fn add_sent_along(&self, host: &Hostname, list: &mut Vec<IpAddr>) {
        for record in &self.records {
            if record.section == Section::Additional && record.owner == *host {
                match record.data {
                    RecordData::A(address) => add(list, address.into(), MAX_HINTS),
                    RecordData::Aaaa(address) => add(list, address.into(), MAX_HINTS),
                    _ => {}
                }
            }
        }
    }
}

fn is_binding(kind: RecordType) -> bool {
    matches!(kind, RecordType::HTTPS | RecordType::SVCB)
}

/// Adds an address once, as long as there are fewer than `most`.
fn add(list: &mut Vec<IpAddr>, address: IpAddr, most: usize) {
    if list.len() < most && !list.contains(&address) {
        list.push(address);
    }
}
