//! What the programs at both ends say to each other, in turns.

use std::fmt;

use crate::support::tcp::From;
use crate::support::{HOST, opening, tls};

/// A host that is required over plain HTTP.
const OCSP_HOST: &str = "ocsp.digicert.com";

/// A conversation: each side speaks its turn once it has all that the other said before.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) port: u16,
    pub(crate) turns: Vec<(From, Vec<u8>)>,
    /// The turn of the server that shows that the conversation works.
    pub(crate) proof: usize,
    /// The requirement it is an attempt at.
    pub(crate) host: &'static str,
}

/// Who says how much in which turn: all that a failure need show.
impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turns = self.turns.iter().map(|(side, bytes)| (side, bytes.len()));
        f.debug_list().entry(&self.port).entries(turns).finish()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    Tls13,
    Tls13Retry,
    Tls12,
    Http,
}

impl Script {
    /// A conversation in which the server's last answer has so many bytes.
    pub(crate) fn new(protocol: Protocol, hello: usize, answer: usize) -> Self {
        use From::{Client, Server};
        let hello = || match hello {
            0 => tls::client_hello(HOST),
            padding => tls::large_client_hello(HOST, padding),
        };
        let records = |mut bytes: usize| {
            let mut wire = Vec::new();
            while bytes > 0 {
                let part = bytes.min(16_000);
                wire.extend(tls::application(part));
                bytes -= part;
            }
            wire
        };
        let request_13 = [opening::finished_13(), tls::application(300)].concat();
        let (port, proof, turns) = match protocol {
            Protocol::Tls13 => (
                443,
                3,
                vec![
                    (Client, hello()),
                    (Server, opening::flight_13()),
                    (Client, request_13),
                    (Server, records(answer)),
                ],
            ),
            Protocol::Tls13Retry => (
                443,
                5,
                vec![
                    (Client, hello()),
                    (Server, tls::hello_retry_request()),
                    (Client, [tls::change_cipher_spec(), hello()].concat()),
                    (Server, opening::flight_13()),
                    (
                        Client,
                        [tls::application(53), tls::application(300)].concat(),
                    ),
                    (Server, records(answer)),
                ],
            ),
            Protocol::Tls12 => (
                443,
                3,
                vec![
                    (Client, hello()),
                    (Server, opening::flight_12(&tls::GENUINE)),
                    (
                        Client,
                        [
                            tls::client_key_exchange(),
                            tls::change_cipher_spec(),
                            tls::encrypted_handshake(),
                        ]
                        .concat(),
                    ),
                    (
                        Server,
                        [tls::change_cipher_spec(), tls::encrypted_handshake()].concat(),
                    ),
                    (Client, tls::application(300)),
                    (Server, records(answer)),
                ],
            ),
            Protocol::Http => (80, 1, vec![(Client, request()), (Server, response(answer))]),
        };
        let host = if port == 80 { OCSP_HOST } else { HOST };
        Self {
            port,
            turns,
            proof,
            host,
        }
    }

    /// Bytes that `side` says in the turns before this one.
    pub(crate) fn said_before(&self, turn: usize, side: From) -> usize {
        let turns = self.turns.iter().take(turn);
        turns
            .filter(|(by, _)| *by == side)
            .map(|(_, bytes)| bytes.len())
            .sum()
    }
}

fn request() -> Vec<u8> {
    format!("GET /status HTTP/1.1\r\nHost: {OCSP_HOST}\r\nAccept: */*\r\n\r\n").into_bytes()
}

fn response(body: usize) -> Vec<u8> {
    let mut wire = format!("HTTP/1.1 200 OK\r\nContent-Length: {body}\r\n\r\n").into_bytes();
    wire.resize(wire.len() + body, b'x');
    wire
}
