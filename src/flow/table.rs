//! The flow table: found by key, bounded, in order of arrival.
//!
//! A slot holds one conversation for the report; the index points at the latest one of a key. When the table is full
//! a clock hand looks at a few slots and gives up the one the caller values least, so that a flood pushes out its own
//! kind and not a required host. The hash is keyed (foldhash, random state): a sender cannot aim for one bucket.

use std::hash::BuildHasher;

use super::index::Index;
use super::key::FlowKey;
use crate::growth;

/// Slots looked at for one eviction: enough that one of a flood's own is nearly always among them, few enough that
/// an eviction costs less than a microsecond.
const EVICTION_WINDOW: usize = 64;

/// Index of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(u32);

/// What a flow table keeps.
pub trait Keyed {
    /// The key that it is found by, always the same.
    fn key(&self) -> &FlowKey;
}

/// A bounded table of conversations.
#[derive(Debug)]
pub struct FlowTable<T> {
    slots: Vec<T>,
    index: Index,
    hasher: foldhash::fast::RandomState,
    capacity: usize,
    hand: usize,
    evicted: u64,
}

impl<T: Keyed> FlowTable<T> {
    /// A table of at most `capacity` flows (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            index: Index::default(),
            hasher: foldhash::fast::RandomState::default(),
            capacity: capacity.clamp(1, u32::MAX as usize),
            hand: 0,
            evicted: 0,
        }
    }

    /// The latest flow with this key.
    #[must_use]
    pub fn find(&self, key: &FlowKey) -> Option<FlowId> {
        self.find_hashed(key, self.hash(key))
    }

    /// As [`Self::find`], where the key's [hash](Self::hash) is known.
    #[must_use]
    #[inline]
    pub fn find_hashed(&self, key: &FlowKey, hash: u64) -> Option<FlowId> {
        self.index.find(hash, is_at(&self.slots, key)).map(FlowId)
    }

    /// What the table knows a key by; nobody outside can foretell it.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Which flow has a key of this hash, most likely: nothing of the flow is read.
    #[must_use]
    #[inline]
    pub fn likely(&self, hash: u64) -> Option<FlowId> {
        self.index.likely(hash).map(FlowId)
    }

    /// A flow by number.
    #[must_use]
    #[inline]
    pub fn get(&self, id: FlowId) -> Option<&T> {
        self.slots.get(id.0 as usize)
    }

    /// As [`Self::get`], to be changed.
    #[must_use]
    #[inline]
    pub fn get_mut(&mut self, id: FlowId) -> Option<&mut T> {
        self.slots.get_mut(id.0 as usize)
    }

    /// All flows kept, in slot order (not an order for reports).
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter()
    }

    /// Flows kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// No flow is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Flows given up because the table was full.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Adds a flow; it becomes the one that `find` gives for its key. A full table gives up the flow with the lowest
    /// `value` among a few and returns it.
    pub fn insert(&mut self, value: T, worth: impl Fn(&T) -> u64) -> (FlowId, Option<T>) {
        let key = *value.key();
        if self.slots.len() < self.capacity {
            let id = FlowId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
            growth::push(&mut self.slots, value);
            self.point(key, id);
            return (id, None);
        }
        let victim = self.victim(worth);
        self.evicted += 1;
        self.forget(victim);
        let old = self
            .slots
            .get_mut(victim.0 as usize)
            .map(|slot| std::mem::replace(slot, value));
        self.point(key, victim);
        (victim, old)
    }

    /// The least valued slot of the next few.
    fn victim(&mut self, worth: impl Fn(&T) -> u64) -> FlowId {
        let mut best = (u64::MAX, self.hand);
        for step in 0..EVICTION_WINDOW.min(self.slots.len()) {
            let at = (self.hand + step) % self.slots.len();
            if let Some(slot) = self.slots.get(at) {
                let value = worth(slot);
                if value < best.0 {
                    best = (value, at);
                }
            }
        }
        self.hand = (best.1 + 1) % self.slots.len();
        FlowId(u32::try_from(best.1).unwrap_or(u32::MAX))
    }

    /// Makes the index point at `id` for `key`.
    fn point(&mut self, key: FlowKey, id: FlowId) {
        let hash = self.hash(&key);
        self.index.set(hash, id.0, is_at(&self.slots, &key));
    }

    /// Removes a slot from the index, unless a later flow took its key.
    fn forget(&mut self, id: FlowId) {
        if let Some(slot) = self.slots.get(id.0 as usize) {
            let hash = self.hash(slot.key());
            self.index.remove(hash, id.0);
        }
    }
}

/// Whether a slot has this key.
#[inline]
fn is_at<T: Keyed>(slots: &[T], key: &FlowKey) -> impl Fn(u32) -> bool {
    move |slot| {
        let kept = slots.get(slot as usize);
        kept.is_some_and(|value| value.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::super::key::Place;
    use super::*;

    impl<T> Keyed for (FlowKey, T) {
        fn key(&self) -> &FlowKey {
            &self.0
        }
    }

    fn key(n: u16) -> FlowKey {
        let at = |last, port| (IpAddr::from([10, 0, 0, last]), port);
        FlowKey::new(6, at(1, n), at(2, 443), Place::default()).0
    }

    #[test]
    fn a_full_table_gives_up_the_least_valued() {
        let mut table = FlowTable::new(3);
        for n in [1, 2, 3] {
            table.insert((key(n), n), |(_, n)| u64::from(*n));
        }
        let (_, gone) = table.insert((key(9), 9), |(_, n)| if *n == 2 { 0 } else { 5 });
        assert_eq!(gone, Some((key(2), 2)));
        assert_eq!(table.find(&key(2)), None);
        assert!([1, 3, 9].iter().all(|&n| table.find(&key(n)).is_some()));
        assert_eq!((table.len(), table.evicted()), (3, 1));
    }

    #[test]
    fn a_flood_pushes_out_its_own_kind() {
        // Worth as the monitor counts it: required, then answered and named, then the rest.
        let worth = |(_, class): &(FlowKey, u64)| *class;
        let mut table = FlowTable::new(400);
        for n in 0..400u16 {
            table.insert((key(n), u64::from(n % 4)), worth);
        }
        let mut gone = Vec::new();
        for n in 1000..2000 {
            gone.extend(table.insert((key(n), 0), worth).1);
        }
        assert_eq!((gone.len(), table.evicted()), (1000, 1000));
        assert!(gone.iter().all(|(_, class)| *class == 0));
        assert_eq!(table.iter().filter(|(_, class)| *class > 0).count(), 300);
    }

    #[test]
    fn the_latest_flow_of_a_key_is_found_and_the_earlier_stays_listed() {
        let mut table = FlowTable::new(8);
        table.insert((key(1), 'a'), |_| 0);
        let (second, _) = table.insert((key(1), 'b'), |_| 0);
        assert_eq!(table.find(&key(1)), Some(second));
        assert_eq!(table.iter().map(|(_, c)| c).collect::<String>(), "ab");
    }

    #[test]
    fn evicting_an_earlier_flow_leaves_its_successor_findable() {
        let mut table = FlowTable::new(2);
        table.insert((key(1), 'a'), |_| 0);
        let (second, _) = table.insert((key(1), 'b'), |_| 0);
        let (_, gone) = table.insert((key(2), 'c'), |(_, c)| u64::from(*c));
        assert_eq!(gone, Some((key(1), 'a')));
        assert_eq!(table.find(&key(1)), Some(second));
    }

    #[test]
    fn many_flows_stay_findable_while_the_index_grows() {
        let mut table = FlowTable::new(50_000);
        for n in 0..50_000 {
            table.insert((key(n), n), |_| 0);
        }
        for n in 0..50_000 {
            let id = table.find(&key(n)).unwrap();
            assert_eq!(table.get_mut(id).copied(), Some((key(n), n)));
        }
    }
}
