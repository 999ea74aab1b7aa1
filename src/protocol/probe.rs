//! Which parser a TCP stream or a UDP conversation belongs to, from its first bytes.
//!
//! Input: who sent them, the server's port, and the first bytes of one direction; or the first datagram. Output: [`Probe`],
//! [`Protocol`]. The parsers are
//! asked in a fixed order, so that the answer never depends on anything but the bytes; after [`PROBE_BYTES`] without
//! a match the stream is nobody's. RFC 8446 section 5.1, RFC 9112 section 3, RFC 7766 section 8, RFC 1928 section 3.

use crate::side::Side;

use super::quic;
use super::socks::{VERSION_4, VERSION_5};
use super::tls::record;

/// A stream that no parser claims within so many bytes is left alone: the longest sign looked for is a method token
/// with the start of its target.
pub const PROBE_BYTES: usize = 16;

/// The port on which DNS answers; without it, a length and a header are too little to tell DNS by.
const DNS_PORT: u16 = 53;

/// The application protocol that a stream speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TLS records.
    Tls,
    /// HTTP/1, and RTSP, which begins like it.
    Http,
    /// DNS messages with length prefixes.
    DnsTcp,
    /// SOCKS, if the server's first words agree.
    Socks,
    /// QUIC, over UDP.
    Quic,
    /// None that is known here.
    #[default]
    Unknown,
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It is this protocol. [`probe`] says [`Protocol::Unknown`] once no parser can claim the stream any more.
    Certain(Protocol),
    /// The bytes so far fit, but are too few to be sure.
    NeedMore,
    /// Not this protocol: one parser's answer, never that of [`probe`].
    NotMine,
}

/// Decides what a stream speaks from the first bytes that `side` sent.
///
/// `first_bytes` starts at the first byte of that direction and may grow from call to call. No more than
/// [`PROBE_BYTES`] are looked at, so that how the bytes were cut into segments does not matter.
#[must_use]
pub fn probe(side: Side, port_of_server: u16, first_bytes: &[u8]) -> Probe {
    let first_bytes = first_bytes.get(..PROBE_BYTES).unwrap_or(first_bytes);
    let answers = [
        tls(side, first_bytes),
        http(side, first_bytes),
        dns(side, port_of_server, first_bytes),
        socks(side, first_bytes),
    ];
    let is_last_word = first_bytes.len() >= PROBE_BYTES;
    for answer in answers {
        match answer {
            Probe::Certain(protocol) => return Probe::Certain(protocol),
            // A parser that still waits goes first, unless its time is over.
            Probe::NeedMore if !is_last_word => return Probe::NeedMore,
            Probe::NeedMore | Probe::NotMine => {}
        }
    }
    Probe::Certain(Protocol::Unknown)
}

/// Decides what a UDP conversation speaks from its first datagram, whatever its ports.
#[must_use]
pub fn probe_datagram(datagram: &[u8]) -> Protocol {
    if quic::is_quic(datagram) {
        Protocol::Quic
    } else {
        Protocol::Unknown
    }
}

/// A record header, and for a handshake record the message that this side may send first.
fn tls(side: Side, bytes: &[u8]) -> Probe {
    if !record::may_be_header(bytes) {
        return Probe::NotMine;
    }
    let hello = match side {
        Side::Client => 1,
        Side::Server => 2,
    };
    match (bytes.first(), bytes.get(5)) {
        (Some(&record::HANDSHAKE), Some(&message)) if message == hello => {
            Probe::Certain(Protocol::Tls)
        }
        (Some(&record::HANDSHAKE), Some(_)) => Probe::NotMine,
        // Joined midstream, or a server that answers with an alert: the header is all the plaintext there is.
        (Some(&kind), Some(_)) if kind != record::HANDSHAKE => Probe::Certain(Protocol::Tls),
        _ => Probe::NeedMore,
    }
}

/// A method token, a space and the start of a target; or the start of a status line.
fn http(side: Side, bytes: &[u8]) -> Probe {
    match side {
        Side::Client => request(bytes),
        Side::Server => starts_with(bytes, b"HTTP/1."),
    }
}

fn request(bytes: &[u8]) -> Probe {
    let token = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase() || **byte == b'-')
        .count();
    let method = bytes.get(..token).unwrap_or_default();
    match bytes.get(token..) {
        None | Some([]) => Probe::NeedMore,
        Some([b' ']) if token >= 3 => Probe::NeedMore,
        Some([b' ', target @ ..]) if token >= 3 => match target {
            _ if method == b"CONNECT" && target.first().is_some_and(u8::is_ascii_graphic) => {
                Probe::Certain(Protocol::Http)
            }
            [b'/' | b'*', ..] => Probe::Certain(Protocol::Http),
            [b'r' | b'R', ..] => starts_with(&target.to_ascii_lowercase(), b"rtsp"),
            [b'd' | b'D', ..] => starts_with(&target.to_ascii_lowercase(), b"daap"),
            _ => starts_with(&target.to_ascii_lowercase(), b"http"),
        },
        Some(_) => Probe::NotMine,
    }
}

fn starts_with(bytes: &[u8], sign: &[u8]) -> Probe {
    if bytes.starts_with(sign) {
        Probe::Certain(Protocol::Http)
    } else if sign.starts_with(bytes) {
        Probe::NeedMore
    } else {
        Probe::NotMine
    }
}

/// A length prefix and flags that a query, or a response, may have.
fn dns(side: Side, port: u16, bytes: &[u8]) -> Probe {
    if port != DNS_PORT {
        return Probe::NotMine;
    }
    match *bytes {
        [high, low, _, _, flags, ..] => {
            let length = u16::from_be_bytes([high, low]);
            let response = flags & 0x80 != 0;
            if length >= 12 && response == (side == Side::Server) {
                Probe::Certain(Protocol::DnsTcp)
            } else {
                Probe::NotMine
            }
        }
        _ => Probe::NeedMore,
    }
}

/// A greeting of version 5 and nothing after it, for the server speaks next; or the start of a CONNECT of version 4.
fn socks(side: Side, bytes: &[u8]) -> Probe {
    let missing = match (side, bytes) {
        (Side::Client, [VERSION_5, 1..=255, methods @ ..]) => {
            let offered = bytes.get(1).copied().map_or(0, usize::from);
            offered.checked_sub(methods.len())
        }
        (Side::Client, [VERSION_4, 1, rest @ ..]) => Some(6usize.saturating_sub(rest.len())),
        (Side::Client, [] | [VERSION_5 | VERSION_4]) => Some(1),
        _ => None,
    };
    match missing {
        Some(0) => Probe::Certain(Protocol::Socks),
        Some(_) => Probe::NeedMore,
        None => Probe::NotMine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(bytes: &[u8]) -> Probe {
        probe(Side::Client, 443, bytes)
    }

    #[test]
    fn a_client_hello_is_tls_at_its_sixth_byte() {
        let hello = [0x16, 3, 1, 0x02, 0x00, 1, 0, 1, 0xfc, 3, 3];
        for end in 0..6 {
            assert_eq!(client(&hello[..end]), Probe::NeedMore, "{end} bytes");
        }
        assert_eq!(client(&hello[..6]), Probe::Certain(Protocol::Tls));
        assert_eq!(client(&hello), Probe::Certain(Protocol::Tls));
    }

    #[test]
    fn near_misses_of_tls_are_unknown() {
        for bytes in [
            &[0x16, 3, 1, 2, 0, 2][..], // a ServerHello from the client
            &[0x16, 2, 1, 2, 0, 1],     // a wrong major version
            &[0x16, 3, 9, 2, 0, 1],     // a minor version that never was
            &[0x16, 3, 1, 0xff, 0, 1],  // longer than any record
            &[0x13, 3, 1, 2, 0, 1],     // no content type
        ] {
            assert_eq!(
                client(bytes),
                Probe::Certain(Protocol::Unknown),
                "{bytes:x?}"
            );
        }
    }

    #[test]
    fn servers_speak_first_with_an_alert_or_data_too() {
        assert_eq!(
            probe(Side::Server, 443, &[0x15, 3, 3, 0, 2, 2, 40]),
            Probe::Certain(Protocol::Tls)
        );
        assert_eq!(
            probe(Side::Server, 443, &[0x17, 3, 3, 0x12, 0, 9]),
            Probe::Certain(Protocol::Tls)
        );
        assert_eq!(
            probe(Side::Server, 80, b"HTTP/1.1 200 OK"),
            Probe::Certain(Protocol::Http)
        );
        assert_eq!(probe(Side::Server, 80, b"HTT"), Probe::NeedMore);
        assert_eq!(
            probe(Side::Server, 22, b"SSH-2.0-OpenSSH_9"),
            Probe::Certain(Protocol::Unknown)
        );
    }

    #[test]
    fn requests_are_http() {
        for request in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"POST /a",
            b"CONNECT gs.apple.com:443",
            b"GET http://ocsp.apple.com/",
            b"OPTIONS * HTTP/1.1",
            b"M-SEARCH * HTTP/",
        ] {
            assert_eq!(
                client(request),
                Probe::Certain(Protocol::Http),
                "{request:?}"
            );
        }
        for other in [
            &b"EHLO mail.example"[..],
            b"OPTIONS sip:a@b",
            b"get / HTTP/1.1",
            b"AUTH\r\n",
            b"GE /",
            b"ABCDEFGHIJKLMNOPQRSTUV",
        ] {
            assert_eq!(
                client(other),
                Probe::Certain(Protocol::Unknown),
                "{other:?}"
            );
        }
        assert_eq!(client(b"GET"), Probe::NeedMore);
        assert_eq!(client(b"GET "), Probe::NeedMore);
        assert_eq!(client(b"GET ht"), Probe::NeedMore);
    }

    #[test]
    fn dns_is_told_by_its_port_and_its_direction() {
        let query = [0, 29, 0xab, 0xcd, 1, 0, 0, 1];
        assert_eq!(
            probe(Side::Client, 53, &query),
            Probe::Certain(Protocol::DnsTcp)
        );
        assert_eq!(probe(Side::Client, 53, &query[..3]), Probe::NeedMore);
        assert_eq!(
            probe(Side::Client, 5353, &query),
            Probe::Certain(Protocol::Unknown)
        );
        assert_eq!(
            probe(Side::Server, 53, &query),
            Probe::Certain(Protocol::Unknown)
        );
    }

    #[test]
    fn a_message_that_may_be_a_method_is_dns_however_it_is_cut() {
        // A length and an identifier of capital letters, as an HTTP method is.
        let query: Vec<u8> = [b'E'; 66].into_iter().chain(*b"!").collect();
        for end in PROBE_BYTES..=query.len() {
            let answer = probe(Side::Client, 53, &query[..end]);
            assert_eq!(answer, Probe::Certain(Protocol::DnsTcp), "{end} bytes");
        }
        assert_eq!(probe(Side::Client, 53, &query[..15]), Probe::NeedMore);
    }

    #[test]
    fn socks_is_a_whole_greeting_and_nothing_more() {
        for (bytes, probe) in [
            (&[5][..], Probe::NeedMore),
            (&[5, 2, 0], Probe::NeedMore),
            (&[5, 2, 0, 2], Probe::Certain(Protocol::Socks)),
            (&[5, 2, 0, 2, 5], Probe::Certain(Protocol::Unknown)),
            (&[5, 0], Probe::Certain(Protocol::Unknown)),
            // DCE/RPC.
            (
                &[5, 0, 11, 3, 16, 0, 0, 0],
                Probe::Certain(Protocol::Unknown),
            ),
            (&[4, 1, 1, 187, 0, 0, 0], Probe::NeedMore),
            (&[4, 1, 1, 187, 0, 0, 0, 1], Probe::Certain(Protocol::Socks)),
            (&[4, 2], Probe::Certain(Protocol::Unknown)),
        ] {
            assert_eq!(client(bytes), probe, "{bytes:x?}");
        }
        let answer = probe(Side::Server, 1080, &[5, 1, 0]);
        assert_eq!(answer, Probe::Certain(Protocol::Unknown));
    }

    #[test]
    fn nothing_waits_beyond_the_budget() {
        assert_eq!(client(&[]), Probe::NeedMore);
        assert_eq!(client(&[b'A'; 15]), Probe::NeedMore);
        assert_eq!(client(&[b'A'; 16]), Probe::Certain(Protocol::Unknown));
    }
}
