//! Rows judged side by side, where there are so many that it pays.
//!
//! Input: rows, and work that looks at one of them alone. Output: what the work made of each, in the rows' order, whether one
//! thread did it or several. No thread is made here: whoever asks for a summary lends his, or does everything himself.

use rayon::ThreadPool;
use rayon::prelude::*;

/// Rows below which one thread does everything. An estimate, not measured.
const FEW: usize = 2048;

/// Who judges the rows of a summary.
#[derive(Clone, Copy, Debug, Default)]
pub enum Spread {
    /// The caller's own thread.
    #[default]
    Alone,
    /// Threads, each a part of the rows where there are many. They are asked for then, and there may be none.
    SideBySide(fn() -> Option<&'static ThreadPool>),
}

impl Spread {
    /// The threads, if they pay.
    fn threads(self, rows: usize) -> Option<&'static ThreadPool> {
        match self {
            Self::SideBySide(threads) if rows >= FEW => threads(),
            Self::SideBySide(_) | Self::Alone => None,
        }
    }

    /// What `work` makes of each row.
    pub(super) fn map<T: Sync, R: Send>(
        self,
        rows: &[T],
        work: impl Fn(&T) -> R + Sync + Send,
    ) -> Vec<R> {
        let Some(threads) = self.threads(rows.len()) else {
            return rows.iter().map(work).collect();
        };
        let mut made = Vec::new();
        threads.install(|| rows.par_iter().map(work).collect_into_vec(&mut made));
        made
    }

    /// Sorts rows of which no two have the same key.
    pub(super) fn sort<T: Send>(
        self,
        rows: &mut [T],
        order: impl Fn(&T, &T) -> std::cmp::Ordering + Sync + Send,
    ) {
        match self.threads(rows.len()) {
            Some(threads) => threads.install(|| rows.par_sort_unstable_by(order)),
            None => rows.sort_unstable_by(order),
        }
    }

    /// Two things that do not depend on each other, about so many rows.
    pub(super) fn both<A: Send, B: Send>(
        self,
        rows: usize,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match self.threads(rows) {
            Some(threads) => threads.join(one, other),
            None => (one(), other()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> &'static ThreadPool {
        static THREE: std::sync::OnceLock<ThreadPool> = std::sync::OnceLock::new();
        let three = rayon::ThreadPoolBuilder::new().num_threads(3);
        THREE.get_or_init(|| three.build().unwrap())
    }

    #[test]
    fn side_by_side_comes_to_the_same_as_alone() {
        let side_by_side = Spread::SideBySide(|| Some(three()));
        for count in [0, 1, FEW - 1, FEW, 5 * FEW] {
            let rows: Vec<usize> = (0..count)
                .map(|row| row.wrapping_mul(7919) % 10_007)
                .collect();
            let twice = |spread: Spread| spread.map(&rows, |row| row * 2);
            assert_eq!(twice(side_by_side), twice(Spread::Alone));
            let sorted = |spread: Spread| {
                let mut rows: Vec<(usize, usize)> = rows.iter().copied().zip(0..).collect();
                spread.sort(&mut rows, Ord::cmp);
                rows
            };
            assert_eq!(sorted(side_by_side), sorted(Spread::Alone));
            let both = side_by_side.both(count, || rows.len(), || rows.first());
            assert_eq!(both, (count, rows.first()));
        }
    }
}
