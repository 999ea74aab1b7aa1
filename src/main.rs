//! The `windfall` program.
fn main() {}
