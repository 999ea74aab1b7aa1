//! A set of numbers that is mostly without holes.
//!
//! Bound: [`MAX_RANGES`]; beyond it the lowest hole is given up, and counted: it is not known any more which of its
//! numbers were in the set.

use std::collections::BTreeMap;

/// Ranges that are kept apart. A gateway whose events come with more holes than this has other troubles.
pub const MAX_RANGES: usize = 1024;

/// A set of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// First to last of each range; ranges neither touch nor overlap.
    ranges: BTreeMap<u64, u64>,
    given_up: u64,
}

impl Numbers {
    /// Puts in one number; false if it was in.
    pub fn insert(&mut self, number: u64) -> bool {
        let is_new = !self.contains(number);
        if is_new {
            self.insert_range(number, number);
        }
        is_new
    }

    /// Puts in all numbers from `first` to `last`.
    pub fn insert_range(&mut self, first: u64, last: u64) {
        if first > last {
            return;
        }
        let (mut first, mut last) = (first, last);
        let touching =
            |(from, to): (&u64, &u64)| (*to >= first.saturating_sub(1)).then_some((*from, *to));
        let joined: Vec<(u64, u64)> = self
            .ranges
            .range(..=last.saturating_add(1))
            .rev()
            .map_while(touching)
            .collect();
        for (from, to) in joined {
            self.ranges.remove(&from);
            first = first.min(from);
            last = last.max(to);
        }
        self.ranges.insert(first, last);
        if self.ranges.len() > MAX_RANGES {
            self.give_up_lowest_hole();
        }
    }

    fn give_up_lowest_hole(&mut self) {
        let (lowest, next) = (self.ranges.pop_first(), self.ranges.pop_first());
        if let (Some((first, end)), Some((begin, last))) = (lowest, next) {
            self.given_up += begin - end - 1;
            self.ranges.insert(first, last);
        }
    }

    /// Whether a number is in.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let below = self.ranges.range(..=number).next_back();
        below.is_some_and(|(_, last)| *last >= number)
    }

    /// The lowest and the highest number.
    #[must_use]
    pub fn bounds(&self) -> Option<(u64, u64)> {
        let (first, _) = self.ranges.first_key_value()?;
        let (_, last) = self.ranges.last_key_value()?;
        Some((*first, *last))
    }

    /// How many numbers are in.
    #[must_use]
    pub fn count(&self) -> u64 {
        let sizes = self.ranges.iter().map(|(first, last)| last - first + 1);
        sizes.sum::<u64>() - self.given_up
    }

    /// The holes between the lowest number and the highest, first to last of each; those given up are not among them.
    pub fn holes(&self) -> impl Iterator<Item = (u64, u64)> {
        let following = self.ranges.keys().skip(1);
        self.ranges
            .values()
            .zip(following)
            .map(|(last, next)| (last + 1, next - 1))
    }

    /// Numbers of the holes that are not in another set, and those that are.
    #[must_use]
    pub fn missing(&self, announced: &Self) -> (u64, u64) {
        let (mut missing, mut known) = (self.given_up, 0);
        for (first, last) in self.holes() {
            let within = announced.ranges.iter().map(|(from, to)| {
                let (from, to) = ((*from).max(first), (*to).min(last));
                if from > to { 0 } else { to - from + 1 }
            });
            let within: u64 = within.sum();
            known += within;
            missing += last - first + 1 - within;
        }
        (missing, known)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_set_holds(numbers in prop::collection::vec((1u64..60, 0u64..5), 0..40)) {
            let (mut ranges, mut set) = (Numbers::default(), BTreeSet::new());
            for (first, more) in numbers {
                if more == 0 {
                    prop_assert_eq!(ranges.insert(first), set.insert(first));
                } else {
                    ranges.insert_range(first, first + more);
                    set.extend(first..=first + more);
                }
            }
            for number in 0..70 {
                prop_assert_eq!(ranges.contains(number), set.contains(&number));
            }
            prop_assert_eq!(ranges.count(), set.len() as u64);
            let bounds = set.first().copied().zip(set.last().copied());
            prop_assert_eq!(ranges.bounds(), bounds);
            let missing = bounds.map_or(0, |(first, last)| last - first + 1 - set.len() as u64);
            prop_assert_eq!(ranges.missing(&Numbers::default()), (missing, 0));
        }
    }

    #[test]
    fn too_many_holes_are_counted_and_not_kept() {
        let mut numbers = Numbers::default();
        for number in 0..5_000 {
            numbers.insert(number * 2 + 1);
        }
        assert!(numbers.ranges.len() <= MAX_RANGES);
        assert_eq!(numbers.count(), 5_000);
        assert_eq!(numbers.missing(&Numbers::default()), (4_999, 0));
    }

    #[test]
    fn what_was_announced_is_not_missing() {
        let (mut came, mut lost) = (Numbers::default(), Numbers::default());
        came.insert_range(1, 10);
        came.insert_range(21, 30);
        came.insert(40);
        lost.insert_range(5, 15);
        assert_eq!(came.missing(&lost), (5 + 9, 5));
    }
}
