//! One copy of a name for all who hold it.
//!
//! Input: names as parsers bring them, each in memory of its own. Output: the same names, sharing the memory of one met
//! before. Clients ask for the same few names over and over: shared, they take no room, and to compare two of them reads
//! none of their bytes. Bound: [`PLACES`] names are remembered; one pushes out another whose place it takes, which costs
//! whoever meets that again memory of its own and nothing else.

use std::hash::BuildHasher;

use crate::hostname::Hostname;

/// Names remembered: more than a network asks for in an hour, in 64 KiB.
const PLACES: usize = 4096;

/// Names met lately.
#[derive(Debug)]
pub struct KnownNames {
    places: Vec<Option<Hostname>>,
    hasher: foldhash::fast::RandomState,
}

impl Default for KnownNames {
    fn default() -> Self {
        Self {
            places: vec![None; PLACES],
            hasher: foldhash::fast::RandomState::default(),
        }
    }
}

impl KnownNames {
    /// Makes an equal name that is known take the place of this one, or knows this one from now on.
    pub fn share(&mut self, name: &mut Hostname) {
        let hash = self.hasher.hash_one(name.as_bytes());
        let place = usize::try_from(hash % PLACES as u64).unwrap_or(0);
        match self.places.get_mut(place) {
            Some(Some(known)) if known == name => name.clone_from(known),
            Some(other) => *other = Some(name.clone()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_met_again_shares_the_memory_of_the_first() {
        let mut known = KnownNames::default();
        let mut first = Hostname::from("itunes.apple.com");
        let mut again = Hostname::from("iTunes.Apple.com.");
        known.share(&mut first);
        assert_ne!(again.as_bytes().as_ptr(), first.as_bytes().as_ptr());
        known.share(&mut again);
        assert_eq!(again.as_bytes().as_ptr(), first.as_bytes().as_ptr());
        assert_eq!(again, Hostname::from("itunes.apple.com"));
    }

    #[test]
    fn names_stay_what_they_are_however_many_there_are() {
        let mut known = KnownNames::default();
        for number in 0..3 * PLACES {
            let text = format!("host-{}.example", number % (2 * PLACES));
            let mut name = Hostname::from(text.as_str());
            known.share(&mut name);
            assert_eq!(name.to_text(), text);
        }
    }
}
