//! Which rows a bounded summary lists.

use crate::capture::frame::Timestamp;
use crate::verdict::assemble::JudgedLookup;
use crate::verdict::rows::is_faulty;
use crate::verdict::subject::Subject;

/// What may be listed.
pub trait Listed {
    /// It is an attempt at a required host.
    fn is_required(&self) -> bool;
    /// It stalled, was reset or failed.
    fn is_faulty(&self) -> bool;
    /// Its latest packet.
    fn last(&self) -> Timestamp;
}

impl Listed for Subject<'_> {
    fn is_required(&self) -> bool {
        self.requirement.is_some()
    }
    fn is_faulty(&self) -> bool {
        is_faulty(self.ruling.outcome)
    }
    fn last(&self) -> Timestamp {
        self.conversation.flow.last.at
    }
}

impl Listed for JudgedLookup<'_> {
    fn is_required(&self) -> bool {
        self.requirement.is_some()
    }
    fn is_faulty(&self) -> bool {
        is_faulty(self.ruling.outcome)
    }
    fn last(&self) -> Timestamp {
        self.lookup.last().at
    }
}

/// Those to list, in the order given. With a bound, so many of each of four kinds, the latest: required or not, faulty or
/// not; a flood of one kind takes no room from another.
pub fn latest<T: Listed>(all: &[T], most: Option<usize>) -> impl Iterator<Item = &T> {
    let bounds = most.map(|most| Bounds::of(all, most.max(1)));
    all.iter()
        .filter(move |one| bounds.as_ref().is_none_or(|bounds| bounds.admit(*one)))
}

/// For each kind, the earliest time that is listed.
struct Bounds([Timestamp; 4]);

impl Bounds {
    fn of<T: Listed>(all: &[T], most: usize) -> Self {
        let mut times: [Vec<Timestamp>; 4] = Default::default();
        for one in all {
            if let Some(times) = times.get_mut(kind(one)) {
                times.push(one.last());
            }
        }
        Self(times.map(|mut times| {
            if times.len() <= most {
                return Timestamp::MIN;
            }
            let place = times.len() - most;
            *times.select_nth_unstable(place).1
        }))
    }

    fn admit(&self, one: &impl Listed) -> bool {
        let Self(earliest) = self;
        earliest
            .get(kind(one))
            .is_some_and(|earliest| one.last() >= *earliest)
    }
}

fn kind(one: &impl Listed) -> usize {
    usize::from(one.is_required()) * 2 + usize::from(one.is_faulty())
}
