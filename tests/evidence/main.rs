//! Evidence files: they hold what proves a verdict, say so to Wireshark, and survive what befalls them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests assert by panicking, read and write files, and say why they skip"
)]

mod command;
mod cut;
mod hostile;
mod kept;
mod refused;
mod ring;
mod same_verdict;
mod wireshark;
