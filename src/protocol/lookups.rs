//! DNS questions and what became of them.
//!
//! Input: DNS messages with who sent them to whom, in capture order. Output: one [`Lookup`] a question, retransmissions
//! and the TCP retry after a truncated answer (RFC 7766) included. No rule is applied here. Bound: a book holds at most
//! its capacity; when full it gives up those of unwanted names first.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Duration;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::dns::{Answer, Message, Question, RecordType};
use super::wanted::{Wanted, to_give_up};
use crate::capture::frame::{Seen, Sightings, Timestamp};
use crate::growth;
use crate::hostname::Hostname;
use crate::place::Place;

/// Lookups a book holds unless told otherwise: hours of a busy gateway in some tens of megabytes.
pub const MAX_LOOKUPS: usize = 128 * 1024;

/// The same id, name and type after this long is a new question: identifiers are 16 bits and come again.
const SAME_QUESTION: Duration = Duration::from_secs(30);

/// After an answer the same id comes again only if the answer was lost on its last hops.
const ANSWER_LOST: Duration = Duration::from_secs(5);

/// The same datagram, captured again behind the gateway, comes this soon; no client asks again before that.
const SAME_DATAGRAM: Duration = Duration::from_millis(50);

/// Lookups looked through for the one that an ICMP error quotes, or a response without question means.
const MAX_SEARCHED: usize = 1024;

/// Lookups of one question looked through: no client has more of one question under way.
const MAX_REPEATED: usize = 64;

/// Opcode of a standard query (RFC 1035 section 4.1.1); updates and notifications ask for nothing.
const QUERY: u8 = 0;

/// Addresses kept of one answer, to judge and to list; the name book takes them all.
const MAX_ADDRESSES: usize = 64;

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
    /// Where the first packet of it was captured.
    pub place: Place,
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
    pub unreachable: Option<Box<Unreachable>>,
    /// Where in the book the lookup of the same question before this one is.
    earlier: Option<u32>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The response.
    pub seen: Seen,
    /// Response code, EDNS bits included.
    pub rcode: u16,
    /// The addresses it gives for the name asked for, those of service bindings apart; at most 64.
    pub addresses: Box<[IpAddr]>,
    /// The last name of the chain, if the name asked for is an alias.
    pub cname: Option<Hostname>,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// Records are missing from it: that there is no address proves nothing.
    pub cut: bool,
}

impl Response {
    fn new(message: &Message, answer: &Answer, seen: Seen) -> Self {
        let kept = answer.addresses.len().min(MAX_ADDRESSES);
        Self {
            seen,
            rcode: message.rcode,
            addresses: answer.addresses.get(..kept).unwrap_or_default().into(),
            cname: answer.cname.clone(),
            ttl: answer.ttl,
            cut: answer.cut,
        }
    }
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

    /// The latest packet of it.
    #[must_use]
    pub fn last(&self) -> Seen {
        let answer = self.answer.as_ref().map(|response| response.seen);
        let latest = self.first().max(self.sent.last());
        answer.map_or(latest, |seen| seen.max(latest))
    }

    /// It asks for an address (A or AAAA).
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.kind == RecordType::A || self.kind == RecordType::AAAA
    }

    /// It asks for an address, and was given one.
    #[must_use]
    pub fn has_address(&self) -> bool {
        self.is_address()
            && self
                .answer
                .as_ref()
                .is_some_and(|response| response.rcode == 0 && !response.addresses.is_empty())
    }

    /// By its TTL, the answer was still in the client's cache at this time.
    #[must_use]
    pub fn is_cached(&self, at: Timestamp) -> bool {
        self.answer.as_ref().is_some_and(|response| {
            let lifetime = Duration::from_secs(u64::from(response.ttl));
            response.seen.at <= at && at <= response.seen.at.after(lifetime)
        })
    }

    /// Client, resolver, name and type: lookups that differ in none of these may be one.
    fn key(&self) -> Key<'_> {
        (self.client, self.resolver, &self.name, self.kind.0)
    }
}

/// What all transmissions of a question share.
type Key<'a> = (IpAddr, IpAddr, &'a Hostname, u16);

/// Who asks whom, and how.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    /// Client address and port.
    pub client: (IpAddr, u16),
    /// Resolver address.
    pub resolver: IpAddr,
    /// Over TCP.
    pub over_tcp: bool,
    /// Where the message was captured.
    pub place: Place,
}

/// All lookups that one monitor has seen.
#[derive(Debug)]
pub struct LookupBook {
    lookups: Vec<Lookup>,
    /// The latest lookup of each question.
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

    /// Takes a query. `wants` says how late a name is given up when the book is full.
    pub fn asked(
        &mut self,
        who: Parties,
        message: &Message,
        seen: Seen,
        wants: impl Fn(&Hostname) -> Wanted,
    ) {
        let Some(question) = message
            .question
            .as_ref()
            .filter(|_| message.opcode == QUERY)
        else {
            return;
        };
        let known = self.find(&who, question, seen.at, |lookup| {
            let recent = seen.at.since(lookup.sent.last().at) <= SAME_QUESTION;
            match &lookup.answer {
                Some(answer) => {
                    lookup.id == message.id && seen.at.since(answer.seen.at) <= ANSWER_LOST
                }
                None if lookup.truncated.is_some() && who.over_tcp => recent,
                None => lookup.id == message.id && recent,
            }
        });
        if let Some(lookup) = known {
            let again = lookup.over_tcp == who.over_tcp
                && lookup.client_port == who.client.1
                && seen.at.since(lookup.sent.last().at) <= SAME_DATAGRAM;
            if again {
                return;
            }
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
        self.add(Self::lookup(who, question, message.id, sent), wants);
    }

    fn lookup(who: Parties, question: &Question, id: u16, sent: Sightings) -> Lookup {
        Lookup {
            client: who.client.0,
            client_port: who.client.1,
            resolver: who.resolver,
            over_tcp: who.over_tcp,
            place: who.place,
            name: question.name.clone(),
            kind: question.kind,
            id,
            sent,
            answer: None,
            truncated: None,
            unreachable: None,
            earlier: None,
        }
    }

    /// Takes a response, and gives what it says about the name.
    pub fn answered(
        &mut self,
        who: Parties,
        message: &Message,
        seen: Seen,
        wants: impl Fn(&Hostname) -> Wanted,
    ) -> Option<Answer> {
        if message.opcode != QUERY {
            return None;
        }
        let Some(question) = &message.question else {
            self.answered_bare(who, message, seen);
            return None;
        };
        let answer = message.answer();
        let response = Response::new(message, &answer, seen);
        let known = self.find(&who, question, seen.at, |lookup| {
            lookup.id == message.id && seen.at.since(lookup.sent.last().at) <= SAME_QUESTION
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
        self.add(lookup, wants);
        Some(answer)
    }

    /// Takes a response without question, as some resolvers send with an error, or as a short snap length leaves it:
    /// it is about the latest open question of this client and port with its identifier.
    fn answered_bare(&mut self, who: Parties, message: &Message, seen: Seen) {
        let meant = self
            .lookups
            .iter_mut()
            .rev()
            .take(MAX_SEARCHED)
            .find(|lookup| {
                (lookup.client, lookup.client_port) == who.client
                    && lookup.resolver == who.resolver
                    && lookup.id == message.id
                    && lookup.answer.is_none()
                    && seen.at.since(lookup.sent.last().at) <= SAME_QUESTION
            });
        let Some(lookup) = meant else { return };
        if message.truncated && !who.over_tcp {
            lookup.truncated.get_or_insert(seen);
        } else if message.rcode != 0 || message.cut {
            lookup.answer = Some(Response::new(message, &message.answer(), seen));
        }
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
            lookup.unreachable.get_or_insert_with(|| Box::new(error));
            true
        })
    }

    /// The latest lookup of this question that `fits`, of those that were still under way a moment before `now`.
    fn find(
        &mut self,
        who: &Parties,
        question: &Question,
        now: Timestamp,
        fits: impl Fn(&Lookup) -> bool,
    ) -> Option<&mut Lookup> {
        let key: Key<'_> = (who.client.0, who.resolver, &question.name, question.kind.0);
        let lookups = &self.lookups;
        let is_key = |&at: &u32| {
            lookups
                .get(at as usize)
                .is_some_and(|other| other.key() == key)
        };
        let latest = self.index.find(self.hasher.hash_one(key), is_key).copied();
        let chain = std::iter::successors(latest, |&at| lookups.get(at as usize)?.earlier);
        // Before a lookup that has been over for long there are none that are not.
        let is_recent = |&at: &u32| {
            let lookup = lookups.get(at as usize);
            lookup.is_some_and(|lookup| now.since(lookup.last().at) <= SAME_QUESTION)
        };
        let at = chain
            .take(MAX_REPEATED)
            .take_while(is_recent)
            .find(|&at| lookups.get(at as usize).is_some_and(&fits))?;
        self.lookups.get_mut(at as usize)
    }

    fn add(&mut self, lookup: Lookup, wants: impl Fn(&Hostname) -> Wanted) {
        if self.lookups.len() >= self.bound {
            self.make_room(wants);
        }
        growth::push(&mut self.lookups, lookup);
        self.link(self.lookups.len() - 1);
    }

    /// Makes the lookup at `at` the latest of its question.
    fn link(&mut self, at: usize) {
        let (lookups, hasher) = (&self.lookups, &self.hasher);
        let (Some(lookup), Ok(number)) = (lookups.get(at), u32::try_from(at)) else {
            return;
        };
        let key_of = |&at: &u32| lookups.get(at as usize).map(Lookup::key);
        let slot = self.index.entry(
            hasher.hash_one(lookup.key()),
            |at| key_of(at) == Some(lookup.key()),
            |at| key_of(at).map_or(0, |key| hasher.hash_one(key)),
        );
        let earlier = match slot {
            Entry::Occupied(mut latest) => Some(std::mem::replace(latest.get_mut(), number)),
            Entry::Vacant(slot) => {
                slot.insert(number);
                None
            }
        };
        if let Some(lookup) = self.lookups.get_mut(at) {
            lookup.earlier = earlier;
        }
    }

    /// Gives up a quarter of the book: of unwanted names first, of names asked for over and over last, of equal ones the
    /// oldest.
    fn make_room(&mut self, wants: impl Fn(&Hostname) -> Wanted) {
        let ranked = self
            .lookups
            .iter()
            .map(|lookup| (&lookup.name, wants(&lookup.name)));
        let mut gone = to_give_up(ranked, self.bound / 4 + 1).into_iter();
        let before = self.lookups.len();
        self.lookups.retain(|_| gone.next() != Some(true));
        self.evicted += (before - self.lookups.len()) as u64;
        self.index.clear();
        for at in 0..self.lookups.len() {
            self.link(at);
        }
    }
}

#[cfg(test)]
mod tests;
