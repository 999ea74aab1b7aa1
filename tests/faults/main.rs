//! What goes wrong around a capture: clocks, disks, files. What was seen is reported, and nothing that was not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests assert by panicking, read and write files, and say why they skip"
)]

#[path = "../support/captures.rs"]
mod captures;

mod clocks;
mod disks;
mod made;
mod reading;
