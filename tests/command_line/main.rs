//! The program as people run it: arguments, streams and exit statuses.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests assert by panicking, and read and write files"
)]

mod apple_captures;
mod bench;
mod both_sides;
mod catalogue;
mod choices;
mod exits;
mod explains;
mod follow;
mod hostile;
mod private;
mod processes;
mod run;
mod screen;
mod streams;
#[path = "../watch_live/terminal.rs"]
mod terminal;
mod twins;
