//! What real traffic does that looks like a failure.
