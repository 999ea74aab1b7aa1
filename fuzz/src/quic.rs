//! QUIC Initials around frames that the fuzzer chooses: changed ciphertext would never be opened.

use windfall::side::Side;

use crate::support::HOST;
use crate::support::quic::{Quic, client_hello, close, crypto, server_hello};
use crate::support::tcp::From;

/// A connection's keys and packet numbers.
pub struct Sealer(Quic);

impl Default for Sealer {
    fn default() -> Self {
        Self(Quic::new(50_000))
    }
}

impl Sealer {
    /// An Initial of `side` with these frames.
    pub fn initial(&mut self, side: Side, frames: &[u8]) -> Vec<u8> {
        let from = match side {
            Side::Client => From::Client,
            Side::Server => From::Server,
        };
        self.0
            .initial_of(from, &frames[..frames.len().min(8192)], 0)
    }
}

/// Frames to start from: hellos, whole and in pieces, and a close.
pub fn frames() -> Vec<(Side, Vec<u8>)> {
    let hello = client_hello(HOST);
    let (first, second) = hello.split_at(50);
    vec![
        (Side::Client, crypto(0, &hello)),
        (
            Side::Client,
            [crypto(50, second), crypto(0, first)].concat(),
        ),
        (Side::Server, crypto(0, &server_hello())),
        (Side::Server, close(0x128, "no")),
    ]
}
