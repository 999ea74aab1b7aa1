//! Rows judged side by side, where there are so many that it pays.
//!
//! Input: rows, and work that looks at one of them alone. Output: what the work made of each, in the rows' order, whether one
//! thread did it or several. Rules stay functions of what they are given.

use std::num::NonZero;
use std::sync::OnceLock;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Rows below which one thread is done before others have begun.
const FEW: usize = 2048;

/// Most threads: more would only wait for memory.
const MOST_THREADS: usize = 8;

/// Whether there are threads to judge in, which are made once. Where there may be no more of them, one does everything.
fn are_threads() -> bool {
    static MADE: OnceLock<bool> = OnceLock::new();
    *MADE.get_or_init(|| {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let pool = ThreadPoolBuilder::new()
            .num_threads(processors.min(MOST_THREADS))
            .thread_name(|number| format!("judge-{number}"));
        processors > 1 && pool.build_global().is_ok()
    })
}

/// Whether the rows of a summary may be judged in several threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// The caller's own thread does everything.
    #[default]
    Alone,
    /// Every processor takes a part of many rows.
    SideBySide,
}

impl Spread {
    fn pays(self, rows: usize) -> bool {
        self == Self::SideBySide && rows >= FEW && are_threads()
    }

    /// What `work` makes of each row.
    pub(super) fn map<T: Sync, R: Send>(
        self,
        rows: &[T],
        work: impl Fn(&T) -> R + Sync + Send,
    ) -> Vec<R> {
        if self.pays(rows.len()) {
            let mut made = Vec::new();
            rows.par_iter().map(work).collect_into_vec(&mut made);
            made
        } else {
            rows.iter().map(work).collect()
        }
    }

    /// Sorts rows of which no two have the same key.
    pub(super) fn sort<T: Send>(
        self,
        rows: &mut [T],
        order: impl Fn(&T, &T) -> std::cmp::Ordering + Sync,
    ) {
        if self.pays(rows.len()) {
            rows.par_sort_unstable_by(order);
        } else {
            rows.sort_unstable_by(order);
        }
    }

    /// Two things that do not depend on each other, about so many rows.
    pub(super) fn both<A: Send, B: Send>(
        self,
        rows: usize,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        if self.pays(rows) {
            rayon::join(one, other)
        } else {
            (one(), other())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_comes_to_the_same_as_alone() {
        for count in [0, 1, FEW - 1, FEW, 5 * FEW] {
            let rows: Vec<usize> = (0..count)
                .map(|row| row.wrapping_mul(7919) % 10_007)
                .collect();
            let twice = |spread: Spread| spread.map(&rows, |row| row * 2);
            assert_eq!(twice(Spread::SideBySide), twice(Spread::Alone));
            let sorted = |spread: Spread| {
                let mut rows: Vec<(usize, usize)> = rows.iter().copied().zip(0..).collect();
                spread.sort(&mut rows, Ord::cmp);
                rows
            };
            assert_eq!(sorted(Spread::SideBySide), sorted(Spread::Alone));
            let both = Spread::SideBySide.both(count, || rows.len(), || rows.first());
            assert_eq!(both, (count, rows.first()));
        }
    }
}
