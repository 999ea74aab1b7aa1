//! Traps that real traffic sets: verdicts.md 3.6, as far as they rest on TCP, TLS and DNS.

mod escaped;
mod lossy_captures;
mod names;
mod openings;
mod resets;
