//! The two hellos.
//!
//! Input: the body of a handshake message. Output: the fields that verdicts and reports need. The `tls-parser` crate
//! reads bodies and extensions; extensions are framed here one by one, so that a malformed one costs only itself and a
//! cut hello still yields its name. GREASE values (RFC 8701) are dropped. RFC 8446 sections 4.1 and 4.2, RFC 6066
//! section 3, RFC 7301, RFC 9849.

use tls_parser::{
    TlsExtension, TlsExtensionType, parse_tls_client_hello_extension,
    parse_tls_handshake_client_hello, parse_tls_handshake_server_hello,
    parse_tls_server_hello_extension,
};

use crate::capture::frame::Seen;
use crate::hostname::Hostname;

use super::facts::{ClientHello, Protocols, ServerHello};

/// Longest server name kept: no DNS name is longer.
const MAX_NAME: usize = 255;

/// Entries kept of a list of versions or protocols; clients offer two or three.
const MAX_LIST: usize = 16;

/// Extension type of Encrypted Client Hello.
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// First byte of that extension in an outer hello.
const ECH_OUTER: u8 = 0;

/// The random value that makes a `ServerHello` a `HelloRetryRequest` (RFC 8446 section 4.1.3).
const HELLO_RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a `ClientHello`'s body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ClientFields {
    pub(super) sni: Option<Hostname>,
    pub(super) alpn: Protocols,
    /// The newest version of the list; `None` where there is none.
    pub(super) newest: Option<u16>,
    pub(super) ech: bool,
    pub(super) early_data: bool,
    pub(super) resumption: bool,
}

/// How a `ClientHello` came.
#[derive(Clone, Copy, Debug)]
pub(in crate::protocol) struct Arrival {
    /// The frame of its first byte.
    pub(in crate::protocol) first: Seen,
    /// The frame that made it whole.
    pub(in crate::protocol) complete: Seen,
    /// Pieces (segments or datagrams) that it came in.
    pub(in crate::protocol) pieces: u32,
}

/// Reads the body of a whole `ClientHello`; `None` when it is malformed before its extensions.
pub(in crate::protocol) fn client_hello(body: &[u8], came: Arrival) -> Option<ClientHello> {
    let fields = client(body)?;
    Some(ClientHello {
        sni: fields.sni,
        alpn: fields.alpn,
        newest: fields.newest.unwrap_or_default(),
        ech: fields.ech,
        early_data: fields.early_data,
        resumption: fields.resumption,
        length: u32::try_from(body.len())
            .unwrap_or(u32::MAX)
            .saturating_add(4),
        first: came.first,
        complete: came.complete,
        segments: came.pieces,
    })
}

/// The fields of a whole `ClientHello`'s body.
pub(super) fn client(body: &[u8]) -> Option<ClientFields> {
    let (_, hello) = parse_tls_handshake_client_hello(body).ok()?;
    let mut fields = ClientFields::default();
    for extension in extensions(hello.ext.unwrap_or_default()) {
        fields.take(extension);
    }
    let newest = *fields.newest.get_or_insert(hello.version.0);
    // From TLS 1.3 on, session identifiers mean nothing (RFC 8446 section 4.1.2).
    if newest < super::TLS13 {
        fields.resumption |= hello.session_id.is_some();
    }
    Some(fields)
}

/// The server name in the start of a `ClientHello`'s body, if the extension that holds it is whole.
pub(in crate::protocol) fn sni_of_cut(body: &[u8]) -> Option<Hostname> {
    // Version and random, session identifier, cipher suites, compression methods, length of the extensions.
    let rest = body.get(34..)?;
    let (&length, rest) = rest.split_first()?;
    let rest = rest.get(usize::from(length)..)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let rest = rest.get(usize::from(u16::from_be_bytes(*length))..)?;
    let (&length, rest) = rest.split_first()?;
    let rest = rest.get(usize::from(length)..)?;
    let mut fields = ClientFields::default();
    for extension in extensions(rest.get(2..)?) {
        fields.take(extension);
    }
    fields.sni
}

impl ClientFields {
    /// Takes one extension, type and length included.
    fn take(&mut self, extension: &[u8]) {
        let is_outer = extension.get(4) == Some(&ECH_OUTER);
        let Ok((_, extension)) = parse_tls_client_hello_extension(extension) else {
            return;
        };
        match extension {
            TlsExtension::SNI(names) => {
                let name = names
                    .iter()
                    .find(|(kind, name)| kind.0 == 0 && name.len() <= MAX_NAME);
                // There must be only one such extension (RFC 8446 section 4.2).
                self.sni = self
                    .sni
                    .take()
                    .or(name.map(|(_, name)| Hostname::new(name)));
            }
            TlsExtension::ALPN(protocols) => {
                let known = protocols
                    .into_iter()
                    .filter(|protocol| !is_grease_protocol(protocol));
                self.alpn = known.take(MAX_LIST).collect();
            }
            TlsExtension::SupportedVersions(versions) => {
                let known = versions
                    .into_iter()
                    .map(|version| version.0)
                    .filter(|version| !is_grease(*version));
                self.newest = known.take(MAX_LIST).max();
            }
            TlsExtension::EarlyData(_) => self.early_data = true,
            TlsExtension::PreSharedKey(_) => self.resumption = true,
            TlsExtension::SessionTicket(ticket) => self.resumption |= !ticket.is_empty(),
            TlsExtension::Unknown(TlsExtensionType(ENCRYPTED_CLIENT_HELLO), _) => {
                self.ech = is_outer;
            }
            _ => {}
        }
    }
}

/// What a server answers a `ClientHello` with.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::protocol) enum Answer {
    /// A `HelloRetryRequest`.
    Retry,
    /// A `ServerHello`.
    Hello(ServerHello),
}

/// Reads the body of a `ServerHello`, whole at `seen`; `None` when it is malformed.
pub(in crate::protocol) fn answer(body: &[u8], seen: Seen) -> Option<Answer> {
    let fields = server(body)?;
    if fields.retry {
        return Some(Answer::Retry);
    }
    Some(Answer::Hello(ServerHello {
        version: fields.version,
        alpn: fields.alpn,
        seen,
    }))
}

/// What a `ServerHello`'s body says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFields {
    /// It is a `HelloRetryRequest`.
    pub(super) retry: bool,
    pub(super) version: u16,
    pub(super) alpn: Option<Box<[u8]>>,
}

/// The fields of a `ServerHello`'s body.
pub(super) fn server(body: &[u8]) -> Option<ServerFields> {
    let (_, hello) = parse_tls_handshake_server_hello(body).ok()?;
    let mut fields = ServerFields {
        retry: hello.random == HELLO_RETRY_RANDOM,
        version: hello.version.0,
        alpn: None,
    };
    for extension in extensions(hello.ext.unwrap_or_default()) {
        match parse_tls_server_hello_extension(extension) {
            Ok((_, TlsExtension::SupportedVersions(versions))) => {
                if let Some(version) = versions.first() {
                    fields.version = version.0;
                }
            }
            Ok((_, TlsExtension::ALPN(protocols))) => {
                fields.alpn = protocols.first().map(|protocol| Box::from(*protocol));
            }
            _ => {}
        }
    }
    Some(fields)
}

/// Splits a list of extensions; a cut one ends it. Each has at least four bytes, which bounds their number.
fn extensions(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = u16::from_be_bytes([*list.get(2)?, *list.get(3)?]);
        let (extension, rest) = list.split_at_checked(usize::from(length) + 4)?;
        list = rest;
        Some(extension)
    })
}

/// Values that clients sprinkle in to keep servers tolerant: 0x0a0a, 0x1a1a, and so on.
fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn is_grease_protocol(protocol: &[u8]) -> bool {
    matches!(*protocol, [high, low] if is_grease(u16::from_be_bytes([high, low])))
}
