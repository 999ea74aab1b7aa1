//! Did it work: rules from facts to words.

pub mod outcome;
pub mod summary;
