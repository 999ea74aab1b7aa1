//! What should work.
