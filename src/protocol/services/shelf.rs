//! A map that never holds more than its bound, and knows what to give up first.
//!
//! When a new key finds the shelf full, the least worthy quarter goes, counted; equals go by their key, so that what
//! stays does not depend on the map's order.

use std::collections::HashMap;
use std::hash::Hash;

/// A bounded map.
#[derive(Clone, Debug)]
pub(super) struct Shelf<K, V> {
    map: HashMap<K, V, foldhash::fast::RandomState>,
    bound: usize,
    evicted: u64,
}

impl<K: Clone + Eq + Hash + Ord, V: Default> Shelf<K, V> {
    /// A shelf of at most `bound` entries, at least one.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            map: HashMap::default(),
            bound: bound.max(1),
            evicted: 0,
        }
    }

    /// The entry of this key, made if there is none; `worth` says of each entry how late it goes.
    pub(super) fn entry<W: Ord>(&mut self, key: &K, worth: impl Fn(&V) -> W) -> &mut V {
        if self.map.len() >= self.bound && !self.map.contains_key(key) {
            self.make_room(worth);
        }
        self.map.entry(key.clone()).or_default()
    }

    fn make_room<W: Ord>(&mut self, worth: impl Fn(&V) -> W) {
        let mut order: Vec<(W, &K)> = self
            .map
            .iter()
            .map(|(key, value)| (worth(value), key))
            .collect();
        order.sort_unstable();
        let excess = (self.bound / 4).max(1);
        let gone: Vec<K> = order
            .into_iter()
            .take(excess)
            .map(|(_, key)| key.clone())
            .collect();
        self.evicted += gone.len() as u64;
        for key in gone {
            self.map.remove(&key);
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.map.get_mut(key)
    }

    /// All entries, in no promised order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.map.iter()
    }

    /// Entries given up for want of room.
    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }
}
