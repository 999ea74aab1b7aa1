//! Which slots of a table a hash may be in: one cache line a look-up.
//!
//! Open addressing with linear probing over entries of eight bytes, a piece of the hash beside the slot's number, so that a
//! look-up reads nothing but its own line of the index before it reads the slot that it is for, and growing reads no slot at
//! all. Entries after one that is removed move up, so that no probe passes over dead ones. Three eighths to three
//! quarters of the entries are in use once it has grown: 11 to 22 bytes a slot.

/// Entries of an index that holds something.
const LEAST: usize = 64;

/// Stands for no slot.
const NONE: u32 = u32::MAX;

/// A slot, and the lower half of its hash, which also says where the entry would be if it were alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    tag: u32,
    slot: u32,
}

const EMPTY: Entry = Entry { tag: 0, slot: NONE };

/// Slots by hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// A power of two, or none.
    entries: Vec<Entry>,
    used: usize,
}

impl Index {
    /// The first slot that a hash may be in, most likely the only one.
    #[inline]
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// The slot with this hash that `is` the one looked for.
    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.place(hash, is)?;
        self.entries.get(at).map(|entry| entry.slot)
    }

    /// Makes `slot` the one that is found for a hash, instead of the one that it is `same` as.
    pub(super) fn set(&mut self, hash: u64, slot: u32, same: impl Fn(u32) -> bool) {
        if let Some(at) = self.place(hash, same) {
            if let Some(entry) = self.entries.get_mut(at) {
                entry.slot = slot;
            }
            return;
        }
        if (self.used + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        let tag = tag(hash);
        self.put(Entry { tag, slot });
        self.used += 1;
    }

    /// Removes a slot, if it is found for this hash.
    pub(super) fn remove(&mut self, hash: u64, slot: u32) {
        let Some(mut hole) = self.place(hash, |other| other == slot) else {
            return;
        };
        self.used -= 1;
        let mask = self.mask();
        let mut at = hole;
        // The next entry of the run that may stand at the hole moves there, and leaves another.
        loop {
            at = (at + 1) & mask;
            let Some(entry) = self
                .entries
                .get(at)
                .copied()
                .filter(|entry| entry.slot != NONE)
            else {
                break;
            };
            let displaced = at.wrapping_sub(entry.tag as usize) & mask;
            let moves = at.wrapping_sub(hole) & mask;
            if displaced >= moves {
                self.write(hole, entry);
                hole = at;
            }
        }
        self.write(hole, EMPTY);
    }

    /// Where the entry for a hash is whose slot `is` the one looked for.
    #[inline]
    fn place(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<usize> {
        let (tag, mask) = (tag(hash), self.mask());
        let mut at = tag as usize & mask;
        // Some entry is always empty, so this ends; without entries at once.
        loop {
            let entry = self.entries.get(at)?;
            if entry.slot == NONE {
                return None;
            }
            if entry.tag == tag && is(entry.slot) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    fn mask(&self) -> usize {
        self.entries.len().wrapping_sub(1)
    }

    /// Puts an entry into the first empty place; there is one.
    fn put(&mut self, entry: Entry) {
        let mask = self.mask();
        let mut at = entry.tag as usize & mask;
        while self.entries.get(at).is_some_and(|other| other.slot != NONE) {
            at = (at + 1) & mask;
        }
        self.write(at, entry);
    }

    fn write(&mut self, at: usize, entry: Entry) {
        if let Some(place) = self.entries.get_mut(at) {
            *place = entry;
        }
    }

    fn grow(&mut self) {
        let size = (self.entries.len() * 2).max(LEAST);
        let old = std::mem::replace(&mut self.entries, vec![EMPTY; size]);
        for entry in old.into_iter().filter(|entry| entry.slot != NONE) {
            self.put(entry);
        }
    }
}

/// What an entry keeps of a hash.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
const fn tag(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_index_finds_nothing() {
        let mut index = Index::default();
        assert_eq!(index.find(7, |_| true), None);
        index.remove(7, 1);
        assert_eq!(index.likely(0), None);
    }

    #[test]
    fn slots_with_one_hash_are_told_apart_by_what_they_are() {
        let mut index = Index::default();
        for slot in 0..500 {
            index.set(u64::from(slot % 3), slot, |_| false);
        }
        for slot in 0..500 {
            let found = index.find(u64::from(slot % 3), |other| other == slot);
            assert_eq!(found, Some(slot));
        }
        assert_eq!(index.find(3, |_| true), None);
    }

    proptest! {
        /// Against a map: few hashes that share runs, tags that wrap round the end, removals in any order.
        #[test]
        fn finds_what_a_map_finds(steps in prop::collection::vec((any::<bool>(), 0u64..40, any::<bool>()), 0..400)) {
            let mut index = Index::default();
            let mut map: HashMap<u64, u32> = HashMap::new();
            for (number, (adds, hash, high)) in (0u32..).zip(steps) {
                let hash = if high { u64::from(u32::MAX) - hash % 5 } else { hash };
                if adds {
                    index.set(hash, number, |_| true);
                    map.insert(hash, number);
                } else if let Some(slot) = map.remove(&hash) {
                    index.remove(hash, slot);
                }
                for (hash, slot) in &map {
                    prop_assert_eq!(index.likely(*hash), Some(*slot));
                }
                prop_assert_eq!(index.used, map.len());
                let held = index.entries.iter().filter(|entry| entry.slot != NONE).count();
                prop_assert_eq!(held, map.len());
            }
        }
    }
}
