//! The bundled captures: each gives the report that a person judged right, and agrees with Wireshark.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests assert by panicking, read files and say why they skip"
)]

mod judged_right;
mod replayed;
mod services;
mod tshark_agrees;
