//! DNS questions and what became of them.
//!
//! Input: DNS messages with who sent them to whom, in capture order. Output: one [`Lookup`] a question, retransmissions
//! and the TCP retry after a truncated answer (RFC 7766) included. No rule is applied here. Bound: a book holds at most
//! its capacity; when full it gives up answered and unwanted lookups first.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Duration;

use hashbrown::HashTable;

use super::dns::{Answer, Message, RecordType};
use crate::capture::frame::{Seen, Sightings};
use crate::hostname::Hostname;

/// Lookups a book holds unless told otherwise: hours of a busy gateway in some tens of megabytes.
pub const MAX_LOOKUPS: usize = 128 * 1024;

/// The same id, name and type after this long is a new question: identifiers are 16 bits and come again.
const SAME_QUESTION: Duration = Duration::from_secs(30);

/// After an answer the same id comes again only if the answer was lost on its last hops.
const ANSWER_LOST: Duration = Duration::from_secs(5);

/// Open lookups looked through for the one that an ICMP error quotes.
const MAX_SEARCHED: usize = 1024;

/// One question of one client to one resolver.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Who asked.
    pub client: IpAddr,
    /// From which port, the last time.
    pub client_port: u16,
    /// Who was asked.
    pub resolver: IpAddr,
    /// The last transmission went over TCP.
    pub over_tcp: bool,
    /// Name asked for.
    pub name: Hostname,
    /// Record type asked for.
    pub kind: RecordType,
    /// Message identifier.
    pub id: u16,
    /// The transmissions; none if only the answer was captured.
    pub sent: Sightings,
    /// The answer that counts.
    pub answer: Option<Response>,
    /// A truncated answer over UDP: the client has to ask again over TCP.
    pub truncated: Option<Seen>,
    /// An ICMP error that quotes the question.
    pub unreachable: Option<Unreachable>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The response.
    pub seen: Seen,
    /// Response code, EDNS bits included.
    pub rcode: u16,
    /// What it says about the name asked for.
    pub answer: Answer,
}

/// An ICMP error about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The error.
    pub seen: Seen,
    /// Who sent it.
    pub from: IpAddr,
    /// TTL or hop limit of the error.
    pub ttl: u8,
}

impl Lookup {
    /// First frame of the lookup.
    #[must_use]
    pub fn first(&self) -> Seen {
        if self.sent.count > 0 {
            self.sent.first()
        } else {
            self.answer
                .as_ref()
                .map_or_else(|| self.truncated.unwrap_or_default(), |a| a.seen)
        }
    }

    /// It asks for an address (A or AAAA).
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.kind == RecordType::A || self.kind == RecordType::AAAA
    }

    fn is_question(&self, who: &Parties, message_name: &Hostname, kind: RecordType) -> bool {
        self.client == who.client.0
            && self.resolver == who.resolver
            && self.kind == kind
            && self.name == *message_name
    }
}

/// Who asks whom, and how.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    /// Client address and port.
    pub client: (IpAddr, u16),
    /// Resolver address.
    pub resolver: IpAddr,
    /// Over TCP.
    pub over_tcp: bool,
}

/// All lookups that one monitor has seen.
#[derive(Debug)]
pub struct LookupBook {
    lookups: Vec<Lookup>,
    index: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    bound: usize,
    evicted: u64,
}

impl LookupBook {
    /// A book of at most `bound` lookups.
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self {
            lookups: Vec::new(),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            bound: bound.max(4),
            evicted: 0,
        }
    }

    /// The lookups kept, in order of their first frame's arrival.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }

    /// Lookups given up because the book was full.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Takes a query. `wanted` says which names must not be given up when the book is full.
    pub fn asked(
        &mut self,
        who: Parties,
        message: &Message,
        seen: Seen,
        wanted: impl Fn(&Hostname) -> bool,
    ) {
        let Some(question) = &message.question else {
            return;
        };
        let known = self.find(&who, &question.name, question.kind, |lookup| {
            let recent = seen.at.since(lookup.sent.last.at) <= SAME_QUESTION;
            match &lookup.answer {
                Some(answer) => {
                    lookup.id == message.id && seen.at.since(answer.seen.at) <= ANSWER_LOST
                }
                None if lookup.truncated.is_some() && who.over_tcp => recent,
                None => lookup.id == message.id && recent,
            }
        });
        if let Some(lookup) = known {
            lookup.sent.add(seen);
            lookup.client_port = who.client.1;
            lookup.over_tcp = who.over_tcp;
            if who.over_tcp {
                lookup.id = message.id;
            }
            return;
        }
        let mut sent = Sightings::default();
        sent.add(seen);
        self.add(Self::lookup(who, question, message.id, sent), wanted);
    }

    fn lookup(who: Parties, question: &super::dns::Question, id: u16, sent: Sightings) -> Lookup {
        Lookup {
            client: who.client.0,
            client_port: who.client.1,
            resolver: who.resolver,
            over_tcp: who.over_tcp,
            name: question.name.clone(),
            kind: question.kind,
            id,
            sent,
            answer: None,
            truncated: None,
            unreachable: None,
        }
    }

    /// Takes a response, and gives what it says about the name.
    pub fn answered(
        &mut self,
        who: Parties,
        message: &Message,
        seen: Seen,
        wanted: impl Fn(&Hostname) -> bool,
    ) -> Option<Answer> {
        let question = message.question.as_ref()?;
        let answer = message.answer();
        let response = Response {
            seen,
            rcode: message.rcode,
            answer: answer.clone(),
        };
        let known = self.find(&who, &question.name, question.kind, |lookup| {
            lookup.id == message.id && seen.at.since(lookup.sent.last.at) <= SAME_QUESTION
        });
        let cut = message.truncated && !who.over_tcp;
        if let Some(lookup) = known {
            if cut {
                lookup.truncated.get_or_insert(seen);
            } else if lookup.answer.is_none() {
                lookup.answer = Some(response);
            }
            return Some(answer);
        }
        let mut lookup = Self::lookup(who, question, message.id, Sightings::default());
        if cut {
            lookup.truncated = Some(seen);
        } else {
            lookup.answer = Some(response);
        }
        self.add(lookup, wanted);
        Some(answer)
    }

    /// Takes an ICMP error that quotes a datagram from `client` to `resolver`; says whether a question was meant.
    pub fn refused(&mut self, client: (IpAddr, u16), resolver: IpAddr, error: Unreachable) -> bool {
        let meant = self
            .lookups
            .iter_mut()
            .rev()
            .take(MAX_SEARCHED)
            .find(|lookup| {
                lookup.client == client.0
                    && lookup.client_port == client.1
                    && lookup.resolver == resolver
                    && lookup.answer.is_none()
            });
        meant.is_some_and(|lookup| {
            lookup.unreachable.get_or_insert(error);
            true
        })
    }

    fn hash(&self, client: IpAddr, resolver: IpAddr, name: &Hostname, kind: RecordType) -> u64 {
        self.hasher.hash_one((client, resolver, name, kind.0))
    }

    /// The latest lookup of this question that `fits`.
    fn find(
        &mut self,
        who: &Parties,
        name: &Hostname,
        kind: RecordType,
        fits: impl Fn(&Lookup) -> bool,
    ) -> Option<&mut Lookup> {
        let hash = self.hash(who.client.0, who.resolver, name, kind);
        let lookups = &self.lookups;
        let at = *self.index.find(hash, |&at| {
            lookups
                .get(at as usize)
                .is_some_and(|lookup| lookup.is_question(who, name, kind) && fits(lookup))
        })?;
        self.lookups.get_mut(at as usize)
    }

    fn add(&mut self, lookup: Lookup, wanted: impl Fn(&Hostname) -> bool) {
        if self.lookups.len() >= self.bound {
            self.make_room(wanted);
        }
        let at = u32::try_from(self.lookups.len()).unwrap_or(u32::MAX);
        let hash = self.hash(lookup.client, lookup.resolver, &lookup.name, lookup.kind);
        self.lookups.push(lookup);
        self.index_insert(hash, at);
    }

    fn index_insert(&mut self, hash: u64, at: u32) {
        let (lookups, hasher) = (&self.lookups, &self.hasher);
        self.index.insert_unique(hash, at, |&at| {
            lookups.get(at as usize).map_or(0, |lookup| {
                hasher.hash_one((lookup.client, lookup.resolver, &lookup.name, lookup.kind.0))
            })
        });
    }

    /// Gives up a quarter of the book: unwanted names first, the oldest first.
    fn make_room(&mut self, wanted: impl Fn(&Hostname) -> bool) {
        let mut excess = self.bound / 4 + 1;
        let before = self.lookups.len();
        self.lookups.retain(|lookup| {
            let goes = excess > 0 && !wanted(&lookup.name);
            excess -= usize::from(goes);
            !goes
        });
        let oldest = excess.min(self.lookups.len());
        self.lookups.drain(..oldest);
        self.evicted += (before - self.lookups.len()) as u64;
        self.index.clear();
        for at in 0..self.lookups.len() {
            if let Some(lookup) = self.lookups.get(at) {
                let hash = self.hash(lookup.client, lookup.resolver, &lookup.name, lookup.kind);
                self.index_insert(hash, u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }
}
