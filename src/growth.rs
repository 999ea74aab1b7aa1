//! How long-lived tables grow.
//!
//! A vector doubles, so that up to half of a large one is empty, and touched by the copy. What grows for hours and is
//! counted in hundreds of thousands grows by an eighth instead: the system moves large blocks without copying them.

/// Rows that the first growth makes room for.
const FIRST: usize = 64;

/// Appends a row.
pub(crate) fn push<T>(rows: &mut Vec<T>, row: T) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact((rows.len() / 8).max(FIRST));
    }
    rows.push(row);
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_more_than_an_eighth_is_empty() {
        let mut rows = Vec::new();
        for row in 0..100_000u32 {
            super::push(&mut rows, row);
            let spare = rows.capacity() - rows.len();
            assert!(
                spare <= (rows.len() / 8).max(super::FIRST),
                "{row}: {spare}"
            );
        }
    }
}
