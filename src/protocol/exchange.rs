//! Requests over datagrams, and which of them were answered.
//!
//! Input: what tells one request from another (its key), answers already matched to a key, and the frames of both.
//! Output: the requests that wait since the last answer, the last answer, and the longest that one had to be waited for.
//! Bound: [`MAX_WAITING`] requests are told apart; of a client that sends more without an answer the oldest are only
//! counted. Used by NTP and NAT-PMP/PCP, whose clients ask again on the same ports.

use std::time::Duration;

use crate::capture::frame::{Seen, Sightings};

/// Requests told apart while they wait. NTP clients start with four to eight in a row.
pub const MAX_WAITING: usize = 8;

/// A request that comes again so soon after its answer crossed it, or is a copy that the network made: a client that
/// has its answer does not ask the same again at once.
const CROSSED: Duration = Duration::from_secs(1);

/// Answered requests remembered for that.
const MAX_ANSWERED: usize = 4;

/// An answer with the request that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<A> {
    /// The request, as first sent.
    pub asked: Seen,
    /// The answer.
    pub seen: Seen,
    /// What it said.
    pub answer: A,
}

/// The requests of one conversation.
#[derive(Clone, Debug)]
pub struct Exchange<K, A> {
    /// Oldest first.
    waiting: [Option<(K, Seen)>; MAX_WAITING],
    unanswered: Sightings,
    last: Option<Answered<A>>,
    /// The requests answered last, the newest first, and when.
    answered: [Option<(K, Seen)>; MAX_ANSWERED],
    longest: Duration,
    stray: Option<Seen>,
    forgotten: bool,
}

impl<K: Copy + PartialEq, A: Copy> Exchange<K, A> {
    /// A conversation in which nothing was asked yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            waiting: [None; MAX_WAITING],
            unanswered: Sightings::NONE,
            last: None,
            answered: [None; MAX_ANSWERED],
            longest: Duration::ZERO,
            stray: None,
            forgotten: false,
        }
    }

    /// A request was sent, for the first time or again.
    pub fn asked(&mut self, key: K, seen: Seen) {
        let crosses = |(known, at): &(K, Seen)| *known == key && seen.at.since(at.at) <= CROSSED;
        if self.answered.iter().flatten().any(crosses) {
            return;
        }
        self.unanswered.add(seen);
        if self
            .waiting
            .iter()
            .flatten()
            .any(|(known, _)| *known == key)
        {
            return;
        }
        if let Some(free) = self.waiting.iter_mut().find(|slot| slot.is_none()) {
            *free = Some((key, seen));
        } else {
            self.waiting.rotate_left(1);
            if let Some(last) = self.waiting.last_mut() {
                *last = Some((key, seen));
            }
            self.forgotten = true;
        }
    }

    /// Whether a request that `is_for` picks waits for its answer.
    pub fn is_waiting(&self, is_for: impl Fn(&K) -> bool) -> bool {
        self.waiting.iter().flatten().any(|(key, _)| is_for(key))
    }

    /// An answer came to the oldest request that `is_for` picks: those before it are not waited for any more. Gives
    /// the key; none if it answers no request.
    pub fn answered(&mut self, is_for: impl Fn(&K) -> bool, answer: A, seen: Seen) -> Option<K> {
        let found = self
            .waiting
            .iter()
            .position(|slot| slot.as_ref().is_some_and(|(key, _)| is_for(key)));
        let Some((at, (key, asked))) = found.and_then(|at| Some((at, (*self.waiting.get(at)?)?)))
        else {
            self.stray.get_or_insert(seen);
            return None;
        };
        self.longest = self.longest.max(seen.at.since(self.unanswered.first().at));
        self.last = Some(Answered {
            asked,
            seen,
            answer,
        });
        self.answered.rotate_right(1);
        if let Some(newest) = self.answered.first_mut() {
            *newest = Some((key, seen));
        }
        self.waiting.rotate_left(at + 1);
        for slot in self.waiting.iter_mut().rev().take(at + 1) {
            *slot = None;
        }
        self.unanswered = Sightings::NONE;
        for (_, seen) in self.waiting.iter().flatten() {
            self.unanswered.add(*seen);
        }
        (self.stray, self.forgotten) = (None, false);
        Some(key)
    }

    /// The requests since the last answer, each time they were sent.
    #[must_use]
    pub const fn unanswered(&self) -> &Sightings {
        &self.unanswered
    }

    /// The last answer.
    #[must_use]
    pub const fn last(&self) -> Option<&Answered<A>> {
        self.last.as_ref()
    }

    /// The longest time from a request, the first of those that nothing had answered, to an answer.
    #[must_use]
    pub const fn longest_wait(&self) -> Duration {
        self.longest
    }

    /// The first answer, since the last good one, that belongs to no request.
    #[must_use]
    pub const fn stray(&self) -> Option<Seen> {
        self.stray
    }

    /// More requests waited than are told apart: a stray answer may belong to one of them.
    #[must_use]
    pub const fn has_forgotten(&self) -> bool {
        self.forgotten
    }

    /// Somebody asked something.
    #[must_use]
    pub const fn was_used(&self) -> bool {
        self.last.is_some() || self.unanswered.count > 0
    }
}

impl<K: Copy + PartialEq, A: Copy> Default for Exchange<K, A> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameId, Timestamp};

    fn seen(seconds: i64) -> Seen {
        Seen {
            at: Timestamp::from_nanos(seconds * 1_000_000_000),
            frame: FrameId::new(0, 1),
        }
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_answer_ends_the_wait_of_its_request_and_of_those_before() {
        let mut requests: Exchange<u8, char> = Exchange::new();
        for (key, at) in [(1, 0), (2, 2), (3, 4)] {
            requests.asked(key, seen(at));
        }
        assert_eq!(requests.answered(|key| *key == 2, 'a', seen(5)), Some(2));
        assert_eq!(requests.last().unwrap().asked, seen(2));
        assert_eq!(requests.longest_wait(), secs(5));
        assert_eq!(
            (requests.unanswered().count, requests.unanswered().first()),
            (1, seen(4))
        );
        assert_eq!(requests.answered(|key| *key == 1, 'b', seen(6)), None);
        assert_eq!(requests.stray(), Some(seen(6)));
        assert_eq!(requests.answered(|key| *key == 3, 'c', seen(7)), Some(3));
        assert_eq!((requests.unanswered().count, requests.stray()), (0, None));
        assert_eq!(requests.longest_wait(), secs(5));
    }

    #[test]
    fn a_request_sent_again_is_one_request_that_waits_since_the_first_time() {
        let mut requests: Exchange<u8, char> = Exchange::new();
        for at in 0..20 {
            requests.asked(7, seen(at));
        }
        assert_eq!(
            (requests.unanswered().count, requests.has_forgotten()),
            (20, false)
        );
        assert_eq!(requests.answered(|key| *key == 7, 'a', seen(20)), Some(7));
        assert_eq!(
            (requests.last().unwrap().asked, requests.unanswered().count),
            (seen(0), 0)
        );
    }

    #[test]
    fn a_request_that_crosses_its_answer_does_not_wait_for_another() {
        let mut requests: Exchange<u8, char> = Exchange::new();
        requests.asked(7, seen(0));
        requests.answered(|key| *key == 7, 'a', seen(2));
        requests.asked(7, seen(3));
        assert_eq!(requests.unanswered().count, 0);
        requests.asked(8, seen(3));
        requests.asked(7, seen(4));
        assert_eq!(requests.unanswered().count, 2);
    }

    #[test]
    fn the_oldest_of_too_many_is_only_counted() {
        let mut requests: Exchange<u8, char> = Exchange::new();
        for key in 0..9 {
            requests.asked(key, seen(i64::from(key)));
        }
        assert_eq!(
            (requests.unanswered().count, requests.has_forgotten()),
            (9, true)
        );
        assert_eq!(requests.answered(|key| *key == 0, 'a', seen(9)), None);
        assert_eq!(requests.answered(|key| *key == 8, 'a', seen(10)), Some(8));
        assert_eq!(
            (requests.longest_wait(), requests.has_forgotten()),
            (secs(10), false)
        );
    }
}
