//! Which of the events that are not delivered yet are kept: as many as fit, the latest.
//!
//! Input: events by session and number, and which were delivered. Output: which to drop, and what was lost by that. The
//! events themselves lie where the caller keeps them.

use std::collections::BTreeMap;

use crate::capture::frame::Timestamp;

/// An event of the gateway: its session and its number.
pub type Place = (Timestamp, u64);

/// Events that were dropped before they were delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Their session.
    pub session: Timestamp,
    /// Number of the first.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
    /// How many of these numbers.
    pub count: u64,
    /// Why.
    pub reason: String,
}

/// The events that are not delivered yet.
#[derive(Debug)]
pub struct Spool {
    sizes: BTreeMap<Place, u64>,
    bytes: u64,
    most: u64,
    dropped: BTreeMap<Timestamp, Dropped>,
}

impl Spool {
    /// Keeps at most so many bytes; the latest event is kept however long it is.
    #[must_use]
    pub fn of(most: u64) -> Self {
        Self {
            sizes: BTreeMap::new(),
            bytes: 0,
            most,
            dropped: BTreeMap::new(),
        }
    }

    /// Keeps an event; gives back those that must go for it, the oldest.
    pub fn push(&mut self, place: Place, bytes: u64) -> Vec<Place> {
        self.remove(place);
        self.sizes.insert(place, bytes);
        self.bytes += bytes;
        let mut gone = Vec::new();
        while self.bytes > self.most
            && self.sizes.len() > 1
            && let Some((place, bytes)) = self.sizes.pop_first()
        {
            self.bytes -= bytes;
            self.lose(place, "the spool was full");
            gone.push(place);
        }
        gone
    }

    /// An event is not to be had any more.
    pub fn lose(&mut self, place: Place, reason: &str) {
        self.remove(place);
        let (session, number) = place;
        let dropped = self.dropped.entry(session).or_insert_with(|| Dropped {
            session,
            first: number,
            last: number,
            count: 0,
            reason: reason.to_owned(),
        });
        dropped.first = dropped.first.min(number);
        dropped.last = dropped.last.max(number);
        dropped.count += 1;
    }

    /// An event was delivered.
    pub fn remove(&mut self, place: Place) {
        if let Some(bytes) = self.sizes.remove(&place) {
            self.bytes -= bytes;
        }
    }

    /// Events after this place, oldest first.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = Place> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = place.map_or(Unbounded, Excluded);
        self.sizes.range((from, Unbounded)).map(|(place, _)| *place)
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// All were delivered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Events were dropped, and that was not told yet.
    #[must_use]
    pub fn is_dropping(&self) -> bool {
        !self.dropped.is_empty()
    }

    /// Bytes that wait.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What was lost, to be told; once, and not before there is room: telling it takes some.
    pub fn take_dropped(&mut self) -> Vec<Dropped> {
        if self.bytes > self.most / 2 {
            return Vec::new();
        }
        std::mem::take(&mut self.dropped).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Timestamp = Timestamp::from_nanos(1);
    const SECOND: Timestamp = Timestamp::from_nanos(2);

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let mut spool = Spool::of(100);
        for number in 1..=10 {
            assert_eq!(spool.push((FIRST, number), 10), []);
        }
        assert_eq!(
            spool.push((SECOND, 1), 25),
            [(FIRST, 1), (FIRST, 2), (FIRST, 3)]
        );
        assert_eq!((spool.len(), spool.bytes()), (8, 95));
        assert_eq!(spool.take_dropped(), [], "there is no room to tell it");
        for place in spool.after(None).take(5).collect::<Vec<_>>() {
            spool.remove(place);
        }
        let lost = Dropped {
            session: FIRST,
            first: 1,
            last: 3,
            count: 3,
            reason: "the spool was full".to_owned(),
        };
        assert_eq!(spool.take_dropped(), [lost]);
        assert_eq!(spool.take_dropped(), [], "it is told once");
    }

    #[test]
    fn one_event_is_kept_however_long() {
        let mut spool = Spool::of(10);
        spool.push((FIRST, 1), 500);
        assert_eq!(spool.len(), 1);
        assert_eq!(spool.push((FIRST, 2), 4), [(FIRST, 1)]);
        assert_eq!(spool.after(None).collect::<Vec<_>>(), [(FIRST, 2)]);
        assert_eq!(spool.after(Some((FIRST, 2))).count(), 0);
    }
}
