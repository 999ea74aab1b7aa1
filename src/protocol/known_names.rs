//! One copy of a name for all who hold it.
//!
//! Input: names as parsers bring them, each in memory of its own. Output: the same names, sharing the memory of one met
//! before. Clients ask for the same few names over and over: shared, they take no room, and to compare two of them reads
//! none of their bytes; and how much one matters is asked of the catalogue once. Bound: some thousand names are
//! remembered; one pushes out another whose place it takes, which costs whoever meets that again memory of its own and
//! nothing else.

use std::hash::BuildHasher;

use super::wanted::Wanted;
use crate::hostname::Hostname;

/// Names remembered, in 128 KiB. An estimate of what the devices of a network ask for again and again.
const PLACES: usize = 4096;

/// A name, and how much it matters once that was asked.
#[derive(Clone, Debug)]
struct Known {
    name: Hostname,
    wanted: Option<Wanted>,
}

/// Names met lately.
#[derive(Debug)]
pub struct KnownNames {
    places: Vec<Option<Known>>,
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
        match self.place(name) {
            Some(Some(known)) if known.name == *name => name.clone_from(&known.name),
            Some(place) => {
                *place = Some(Known {
                    name: name.clone(),
                    wanted: None,
                });
            }
            None => {}
        }
    }

    /// How much a name matters, by what `judge` said when it was asked last: it must always say the same.
    pub fn wanted(&mut self, name: &Hostname, judge: impl FnOnce(&Hostname) -> Wanted) -> Wanted {
        match self.place(name) {
            Some(Some(known)) if known.name == *name => {
                *known.wanted.get_or_insert_with(|| judge(name))
            }
            _ => judge(name),
        }
    }

    fn place(&mut self, name: &Hostname) -> Option<&mut Option<Known>> {
        let hash = self.hasher.hash_one(name.as_bytes());
        let place = usize::try_from(hash % PLACES as u64).unwrap_or(0);
        self.places.get_mut(place)
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
    fn how_much_a_name_matters_is_asked_once() {
        let mut known = KnownNames::default();
        let mut name = Hostname::from("itunes.apple.com");
        known.share(&mut name);
        assert_eq!(known.wanted(&name, |_| Wanted::Itself), Wanted::Itself);
        assert_eq!(known.wanted(&name, |_| unreachable!()), Wanted::Itself);
        let stranger = Hostname::from("stranger.example");
        assert_eq!(known.wanted(&stranger, |_| Wanted::No), Wanted::No);
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
