//! What a TLS conversation showed.
//!
//! Output of [`TlsSession`](super::TlsSession): every fact with the frame that shows it; no verdicts. Names are raw,
//! as the hello spells them but for case. Lists are bounded by the constants beside them. RFC 8446, RFC 5246.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use crate::capture::frame::Seen;
use crate::hostname::Hostname;
use crate::side::{Both, Side};

use super::certificate::CertificateFacts;

/// What one conversation showed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// The first `ClientHello`, once whole.
    pub client_hello: Option<ClientHello>,
    /// The first byte of a `ClientHello` (of the record that holds it).
    pub hello_started: Option<Seen>,
    /// The `ServerHello`; a `HelloRetryRequest` is none.
    pub server_hello: Option<ServerHello>,
    /// The first handshake message of the server, `HelloRetryRequest` included.
    pub server_handshake: Option<Seen>,
    /// The server's certificates, where TLS shows them: up to 1.2, not on resumption.
    pub certificate: Option<Box<CertificateFacts>>,
    /// The latest bytes of the server's first flight, from the `ServerHello` to before the client's next move.
    pub server_flight: Option<Seen>,
    /// The first `ChangeCipherSpec` of each side.
    pub change_cipher: Both<Option<Seen>>,
    /// The first application data record of each side; early data does not count.
    pub application: Both<Option<Seen>>,
    /// Application data records of the client, early data not counted.
    pub client_application_records: u32,
    /// The handshake is complete and both sides went on: success.
    pub finished: Option<Seen>,
    /// What few conversations show.
    pub seldom: Seldom,
}

/// What few conversations show: kept apart, so that the others do not carry it. Reads as [`SeldomFacts`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seldom(Option<Box<SeldomFacts>>);

/// What few conversations show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeldomFacts {
    /// The server name of a `ClientHello` that the capture cut, when that much of it was there.
    pub partial_sni: Option<Hostname>,
    /// The `ClientHello` lacks bytes in the capture: cut frames, or frames lost.
    pub hello_cut: Option<Seen>,
    /// A `ClientHello` longer than any that is kept, or one that cannot be read.
    pub hello_unreadable: Option<Seen>,
    /// The `HelloRetryRequest` (RFC 8446 section 4.1.4).
    pub hello_retry: Option<Seen>,
    /// The first application data record that the client sent before the `ServerHello` (RFC 8446 section 2.3).
    pub early_application: Option<Seen>,
    /// The first application data record of the client, if its content is at most 40 bytes and none longer came
    /// before: too short for a TLS 1.3 Finished, so an alert. TLS 1.3 only.
    pub client_short_record: Option<Seen>,
    /// The first fatal alert in plaintext.
    pub alert: Option<Alert>,
    /// The first alert of each side that is encrypted (TLS up to 1.2; in 1.3 alerts look like data).
    pub encrypted_alert: Both<Option<Seen>>,
    /// Bytes that are no TLS.
    pub not_tls: Option<Seen>,
    /// Who sent them.
    pub not_tls_from: Option<Side>,
    /// The first of them.
    pub not_tls_start: Option<u8>,
}

impl Deref for Seldom {
    type Target = SeldomFacts;

    fn deref(&self) -> &SeldomFacts {
        static NONE: SeldomFacts = SeldomFacts {
            partial_sni: None,
            hello_cut: None,
            hello_unreadable: None,
            hello_retry: None,
            early_application: None,
            client_short_record: None,
            alert: None,
            encrypted_alert: Both {
                client: None,
                server: None,
            },
            not_tls: None,
            not_tls_from: None,
            not_tls_start: None,
        };
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Seldom {
    /// Makes room, where nothing of it was seen yet.
    fn deref_mut(&mut self) -> &mut SeldomFacts {
        self.0.get_or_insert_default()
    }
}

impl TlsFacts {
    /// The version that the server chose, once known.
    #[must_use]
    pub fn version(&self) -> Option<u16> {
        self.server_hello.as_ref().map(|hello| hello.version)
    }

    /// TLS 1.3, as far as is known: 1.2 and earlier say `Some(false)`.
    pub(super) fn is_tls13(&self) -> Option<bool> {
        self.version().map(|version| version >= super::TLS13)
    }

    /// The name of a whole hello, to be replaced by an equal one.
    pub fn sni_mut(&mut self) -> Option<&mut Hostname> {
        self.client_hello.as_mut()?.sni.as_mut()
    }

    /// The name the client asked for: of a whole hello, else of a cut one.
    #[must_use]
    pub fn sni(&self) -> Option<&Hostname> {
        match &self.client_hello {
            Some(hello) => hello.sni.as_ref(),
            None => self.seldom.partial_sni.as_ref(),
        }
    }
}

/// A whole `ClientHello`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The server name, raw: an address, an empty name or odd bytes are kept as they are. Names above 255 bytes, which
    /// no DNS name has, are dropped.
    pub sni: Option<Hostname>,
    /// Protocols offered, without GREASE (RFC 8701), at most 16.
    pub alpn: Protocols,
    /// The newest version offered, GREASE apart; the hello's own version field where there is no list.
    pub newest: u16,
    /// An outer Encrypted Client Hello: the name may be a public stand-in (or the extension a decoy).
    pub ech: bool,
    /// Early data follows (RFC 8446 section 4.2.10).
    pub early_data: bool,
    /// A pre-shared key, a session ticket or (up to TLS 1.2) a session identifier is offered: no certificate comes if
    /// the server agrees.
    pub resumption: bool,
    /// Bytes of the handshake message, its header included.
    pub length: u32,
    /// The first byte.
    pub first: Seen,
    /// The byte that made it whole.
    pub complete: Seen,
    /// Pieces (TCP segments) that it came in.
    pub segments: u32,
}

/// Names of protocols (ALPN), in one block: a length and the bytes of each, as in RFC 7301 section 3.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocols(Box<[u8]>);

impl Protocols {
    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (&length, tail) = rest.split_first()?;
            let (name, tail) = tail.split_at_checked(usize::from(length))?;
            rest = tail;
            Some(name)
        })
    }
}

impl<'n> FromIterator<&'n [u8]> for Protocols {
    /// Names of more than 255 bytes, which no hello can hold, are left out.
    fn from_iter<I: IntoIterator<Item = &'n [u8]>>(names: I) -> Self {
        let mut block = Vec::new();
        for name in names {
            if let Ok(length) = u8::try_from(name.len()) {
                block.push(length);
                block.extend_from_slice(name);
            }
        }
        Self(block.into())
    }
}

/// A `ServerHello`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen: 0x0304 is TLS 1.3, 0x0303 is 1.2.
    pub version: u16,
    /// The protocol chosen, where that is not encrypted (up to TLS 1.2).
    pub alpn: Option<Box<[u8]>>,
    /// The byte that made it whole.
    pub seen: Seen,
}

/// A fatal alert in plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who sent it.
    pub from: Side,
    /// The description's number.
    pub description: u8,
    /// The frame that completes it.
    pub seen: Seen,
}

impl Alert {
    /// The description's name in the RFCs' spelling ("`unknown_ca`"); `alert_<number>` without one.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            other => return Cow::Owned(format!("alert_{other}")),
        })
    }
}
