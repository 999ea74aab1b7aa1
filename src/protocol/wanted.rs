//! Which names are given up first when a book of them is full.
//!
//! Input: names in order of age, each with how much it is wanted. Output: which of them go. A flood of names that nobody
//! requires gives up its own. One of random names below a required domain (`*.push.apple.com`) cannot be told from real
//! ones by the name, but by use: what is real is asked for again and again, also by other devices. One pass over the book,
//! a quarter of which goes at once.

use foldhash::{HashMap, HashMapExt as _};

use crate::hostname::Hostname;

/// How much a name matters, least first: what is kept of it when not all can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Nobody requires it.
    No,
    /// It is one of all those below a required domain: anybody can make such names up.
    Below,
    /// It is required itself.
    Itself,
}

/// A name that was asked for more than this often, its A and AAAA records, is used and not made up for a flood.
const ASKED_ONCE: u32 = 2;

/// Says of each of these, in order of age, whether it is one of so many to be given up: what nobody wants first, then what
/// is below a required domain and was hardly asked for, the oldest of these first.
pub(super) fn to_give_up<'n>(
    names: impl Iterator<Item = (&'n Hostname, Wanted)> + Clone,
    mut count: usize,
) -> Vec<bool> {
    let mut below: HashMap<&Hostname, u32> = HashMap::new();
    for (name, _) in names.clone().filter(|(_, wanted)| *wanted == Wanted::Below) {
        *below.entry(name).or_default() += 1;
    }
    let rank = |(name, wanted): (&Hostname, Wanted)| {
        let used = below.get(name).is_none_or(|asked| *asked > ASKED_ONCE);
        (wanted != Wanted::No, used)
    };
    let ranks: Vec<(bool, bool)> = names.map(rank).collect();
    let mut gone = vec![false; ranks.len()];
    for rank in [(false, true), (true, false), (true, true)] {
        for (slot, _) in gone.iter_mut().zip(&ranks).filter(|(_, own)| **own == rank) {
            if count == 0 {
                return gone;
            }
            *slot = true;
            count -= 1;
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_go_before_those_in_use_and_those_before_required_ones() {
        let names: Vec<(Hostname, Wanted)> = [
            ("gs.apple.com", Wanted::Itself),
            ("courier.push.apple.com", Wanted::Below),
            ("x1.push.apple.com", Wanted::Below),
            ("www.example.org", Wanted::No),
            ("courier.push.apple.com", Wanted::Below),
            ("x2.push.apple.com", Wanted::Below),
            ("courier.push.apple.com", Wanted::Below),
        ]
        .map(|(name, wanted)| (name.into(), wanted))
        .to_vec();
        let gone = |count| -> Vec<usize> {
            let gone = to_give_up(names.iter().map(|(name, wanted)| (name, *wanted)), count);
            (0..names.len()).filter(|at| gone[*at]).collect()
        };
        assert_eq!(gone(1), [3]);
        assert_eq!(gone(2), [2, 3]);
        assert_eq!(gone(3), [2, 3, 5]);
        // What is left goes by age.
        assert_eq!(gone(4), [0, 2, 3, 5]);
        assert_eq!(gone(100).len(), names.len());
    }
}
