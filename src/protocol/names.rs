//! The name book: who asked for which address, to name a connection that never says its name.
//!
//! Input: [`Binding`]s from DNS answers, in capture order. Output: [`NameIndex`], which answers "what had this client
//! asked for when it was given this address". A book holds at most its bound of bindings: when full it drops a quarter,
//! those of unwanted names first and of names used again and again last, of equal ones those whose TTL has passed, then
//! the oldest, and counts them. Books of
//! several monitors make one index, and the index does not depend on their order: every choice is by capture time,
//! then by frame, then by name.

use std::cmp::Reverse;
use std::hash::Hash;
use std::net::IpAddr;
use std::ops::Range;
use std::time::Duration;

use foldhash::{HashMap, HashSet};

use super::wanted::{Wanted, to_give_up};
use crate::capture::frame::{Seen, Timestamp};
use crate::growth;
use crate::hostname::Hostname;

/// Bindings a book holds unless told otherwise: a day of lookups of a busy gateway, in some tens of megabytes.
pub const MAX_BINDINGS: usize = 256 * 1024;

/// Other candidates listed with a hit: what a reader still looks at.
const MAX_OTHERS: usize = 8;

/// Bindings looked at for other candidates: an address of a CDN may have tens of thousands.
const MAX_SCANNED: usize = 256;

/// A client asked for a name and was given an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Who asked.
    pub client: IpAddr,
    /// What it was given.
    pub address: IpAddr,
    /// The name it asked for.
    pub name: Hostname,
    /// The name that the asked one is an alias of, at the end of the chain.
    pub cname: Option<Hostname>,
    /// Seconds the answer may be kept.
    pub ttl: u32,
    /// The response.
    pub seen: Seen,
}

impl Binding {
    fn expires(&self) -> Timestamp {
        self.seen.at.after(Duration::from_secs(u64::from(self.ttl)))
    }

    /// The total order of bindings; the greatest of several is the latest.
    fn age(&self) -> (Timestamp, Seen, Reverse<&Hostname>) {
        (self.seen.at, self.seen, Reverse(&self.name))
    }
}

/// A binding, and how late a flood of others pushes it out.
#[derive(Clone, Debug)]
struct Kept {
    wanted: Wanted,
    binding: Binding,
}

/// Where wanted names were said to be.
#[derive(Clone, Debug, Default)]
struct Given {
    /// Client and address.
    pairs: HashSet<(IpAddr, IpAddr)>,
    /// Address, whoever asked.
    addresses: HashSet<IpAddr>,
}

impl Given {
    fn add(&mut self, binding: &Binding) {
        self.pairs.insert((binding.client, binding.address));
        self.addresses.insert(binding.address);
    }
}

/// The bindings that one monitor has seen.
#[derive(Clone, Debug)]
pub struct NameBook {
    bindings: Vec<Kept>,
    given: Given,
    bound: usize,
    evicted: u64,
    latest: Timestamp,
}

impl Default for NameBook {
    fn default() -> Self {
        Self::new()
    }
}

impl NameBook {
    /// An empty book of [`MAX_BINDINGS`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_bound(MAX_BINDINGS)
    }

    /// An empty book that holds at most `bound` bindings, at least one.
    #[must_use]
    pub fn with_bound(bound: usize) -> Self {
        Self {
            bindings: Vec::new(),
            given: Given::default(),
            bound: if bound == 0 { 1 } else { bound },
            evicted: 0,
            latest: Timestamp::MIN,
        }
    }

    /// Adds a binding of a name that is so much wanted; makes room first when the book is full.
    pub fn insert(&mut self, binding: Binding, wanted: Wanted) {
        if wanted != Wanted::No {
            self.given.add(&binding);
        }
        self.latest = self.latest.max(binding.seen.at);
        if self.bindings.len() >= self.bound {
            self.make_room();
        }
        growth::push(&mut self.bindings, Kept { wanted, binding });
    }

    /// This client was given this address for a wanted name.
    #[must_use]
    pub fn gave_wanted(&self, client: IpAddr, address: IpAddr) -> bool {
        self.given.pairs.contains(&(client, address))
    }

    /// Somebody was given this address for a wanted name.
    #[must_use]
    pub fn is_wanted(&self, address: IpAddr) -> bool {
        self.given.addresses.contains(&address)
    }

    /// Drops a quarter.
    fn make_room(&mut self) {
        let latest = self.latest;
        let excess = (self.bound / 4).max(1).min(self.bindings.len());
        self.bindings.sort_by(|a, b| {
            let order = |kept: &Kept| kept.binding.expires() > latest;
            (order(a), a.binding.age()).cmp(&(order(b), b.binding.age()))
        });
        let kept = self.bindings.iter();
        let ranked = kept.map(|kept| (&kept.binding.name, kept.wanted));
        let mut gone = to_give_up(ranked, excess).into_iter();
        let mut lost_wanted = false;
        self.bindings.retain(|kept| {
            let goes = gone.next() == Some(true);
            lost_wanted |= goes && kept.wanted != Wanted::No;
            !goes
        });
        self.evicted = self.evicted.saturating_add(excess as u64);
        if lost_wanted {
            self.given = Given::default();
            for kept in self
                .bindings
                .iter()
                .filter(|kept| kept.wanted != Wanted::No)
            {
                self.given.add(&kept.binding);
            }
        }
    }

    /// The bindings held, in no promised order.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().map(|kept| &kept.binding)
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }

    /// How many were dropped to make room.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }
}

/// A name found for a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHit<'a> {
    /// The name asked for.
    pub name: &'a Hostname,
    /// The name that it is an alias of.
    pub cname: Option<&'a Hostname>,
    /// This client asked; else only another one did.
    pub own: bool,
    /// The response that gave the address.
    pub seen: Seen,
    /// Other names asked for by whoever counts (this client, or the others) and answered with this address before,
    /// latest first, at most eight.
    pub others: Vec<&'a Hostname>,
}

/// The bindings of several books, ordered for look-ups.
#[derive(Clone, Debug, Default)]
pub struct NameIndex<'a> {
    /// By address and client.
    by_client: Groups<'a, (IpAddr, IpAddr)>,
    by_address: Groups<'a, IpAddr>,
}

/// Bindings with one key lie together, the latest last.
#[derive(Clone, Debug)]
struct Groups<'a, K> {
    places: HashMap<K, Range<usize>>,
    bindings: Vec<&'a Binding>,
}

impl<K> Default for Groups<'_, K> {
    fn default() -> Self {
        Self {
            places: HashMap::default(),
            bindings: Vec::new(),
        }
    }
}

impl<'a, K: Eq + Hash> Groups<'a, K> {
    /// Groups what is in order of age.
    fn build(sorted: &[&'a Binding], key: impl Fn(&Binding) -> K) -> Self {
        let mut places: HashMap<K, Range<usize>> = HashMap::default();
        for binding in sorted {
            places.entry(key(binding)).or_default().end += 1;
        }
        let mut next = 0;
        for place in places.values_mut() {
            let count = place.end;
            *place = next..next;
            next += count;
        }
        let mut bindings = sorted.to_vec();
        for binding in sorted {
            if let Some(place) = places.get_mut(&key(binding))
                && let Some(slot) = bindings.get_mut(place.end)
            {
                *slot = binding;
                place.end += 1;
            }
        }
        Self { places, bindings }
    }

    /// Those with this key at or before a time, latest first, no more than are worth a look.
    fn until(&self, key: &K, before: Timestamp) -> impl Iterator<Item = &'a Binding> {
        let place = self.places.get(key).cloned().unwrap_or_default();
        let group = self.bindings.get(place).unwrap_or_default();
        let end = group.partition_point(|binding| binding.seen.at <= before);
        let earlier = group.get(..end).unwrap_or_default();
        earlier.iter().rev().take(MAX_SCANNED).copied()
    }
}

impl<'a> NameIndex<'a> {
    /// Orders the bindings of all books; their order does not matter.
    #[must_use]
    pub fn build(books: impl IntoIterator<Item = &'a NameBook>) -> Self {
        let mut sorted: Vec<&Binding> = books.into_iter().flat_map(NameBook::bindings).collect();
        sorted.sort_by(|a, b| (a.age(), a.client).cmp(&(b.age(), b.client)));
        Self {
            by_client: Groups::build(&sorted, |binding| (binding.address, binding.client)),
            by_address: Groups::build(&sorted, |binding| binding.address),
        }
    }

    /// The name that `client` had last asked for and been given `server` for, at or before `before`; failing that,
    /// the name that another client had.
    #[must_use]
    pub fn lookup(&self, client: IpAddr, server: IpAddr, before: Timestamp) -> Option<NameHit<'a>> {
        self.lookup_device(&[client], server, before)
    }

    /// As [`lookup`](Self::lookup), for a client of several addresses (an IPv6 connection of a device that asks DNS
    /// over IPv4).
    #[must_use]
    pub fn lookup_device(
        &self,
        clients: &[IpAddr],
        server: IpAddr,
        before: Timestamp,
    ) -> Option<NameHit<'a>> {
        let mut own: Vec<&Binding> = Vec::new();
        for &client in clients {
            own.extend(self.by_client.until(&(server, client), before));
        }
        if clients.len() > 1 {
            own.sort_by(|a, b| b.age().cmp(&a.age()));
            own.dedup();
        }
        if let Some(hit) = hit(own.into_iter(), true) {
            return Some(hit);
        }
        hit(self.by_address.until(&server, before), false)
    }
}

/// The first binding is the hit; different names after it are the others.
fn hit<'a>(mut latest_first: impl Iterator<Item = &'a Binding>, own: bool) -> Option<NameHit<'a>> {
    let best = latest_first.next()?;
    let mut others: Vec<&Hostname> = Vec::new();
    for binding in latest_first {
        if others.len() >= MAX_OTHERS {
            break;
        }
        if binding.name != best.name && !others.contains(&&binding.name) {
            others.push(&binding.name);
        }
    }
    Some(NameHit {
        name: &best.name,
        cname: best.cname.as_ref(),
        own,
        seen: best.seen,
        others,
    })
}

#[cfg(test)]
mod tests;
