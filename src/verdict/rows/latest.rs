//! Which flows and questions have rows in a summary.

use crate::capture::frame::Timestamp;
use crate::verdict::assemble::JudgedLookup;
use crate::verdict::outcome::Outcome;
use crate::verdict::rows::is_faulty;
use crate::verdict::subject::{Standing, Subject};
use crate::verdict::summary::listed::Listed;

/// What may have a row.
pub trait Entry {
    /// It is an attempt at a required host.
    fn is_required(&self) -> bool;
    /// How it ended.
    fn outcome(&self) -> Outcome;
    /// Its latest packet.
    fn last(&self) -> Timestamp;
}

impl Entry for Subject<'_> {
    fn is_required(&self) -> bool {
        self.requirement.is_some() && self.standing == Standing::Own
    }
    fn outcome(&self) -> Outcome {
        self.ruling.outcome
    }
    fn last(&self) -> Timestamp {
        self.conversation.flow.last.at
    }
}

impl Entry for JudgedLookup<'_> {
    fn is_required(&self) -> bool {
        self.requirement.is_some()
    }
    fn outcome(&self) -> Outcome {
        self.ruling.outcome
    }
    fn last(&self) -> Timestamp {
        self.lookup.last().at
    }
}

/// Which flows and questions a summary has rows of; its counts are of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Those that a report lists.
    Listed(Listed),
    /// So many of each of four kinds, the latest: required or not, faulty or not; a flood of one kind takes no room from
    /// another.
    Latest(usize),
}

impl Default for Rows {
    fn default() -> Self {
        Self::Listed(Listed::All)
    }
}

/// Those that have a row, in the order given.
pub fn chosen<T: Entry>(all: &[T], rows: Rows) -> impl Iterator<Item = &T> {
    let (listed, bounds) = match rows {
        Rows::Listed(listed) => (listed, None),
        Rows::Latest(most) => (Listed::All, Some(Bounds::of(all, most.max(1)))),
    };
    all.iter().filter(move |one| {
        listed.row(one.is_required(), one.outcome())
            && bounds.as_ref().is_none_or(|bounds| bounds.admit(*one))
    })
}

/// For each kind, the earliest time that is listed.
struct Bounds([Timestamp; 4]);

impl Bounds {
    fn of<T: Entry>(all: &[T], most: usize) -> Self {
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

    fn admit(&self, one: &impl Entry) -> bool {
        let Self(earliest) = self;
        earliest
            .get(kind(one))
            .is_some_and(|earliest| one.last() >= *earliest)
    }
}

fn kind(one: &impl Entry) -> usize {
    usize::from(one.is_required()) * 2 + usize::from(is_faulty(one.outcome()))
}
