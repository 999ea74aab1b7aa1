//! From inputs to a summary: reading, monitors, merging.
//!
//! Input: what to read and how to judge it. Output: a [`Summary`](crate::verdict::summary::Summary) and whether everything could be read. One worker and
//! files: no thread hop at all.

pub mod replay;
