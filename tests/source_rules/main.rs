//! Rules about the source itself that the compiler does not know: read from `src/`, so that a new file is covered.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read the source files"
)]

mod import_direction;
mod no_leftovers;
mod pure_below_pipeline;
mod rust_source;
